// Holding the locks of several shards at once, without ever waiting for one while holding another.
#pragma once

#include <cstdint>
#include <span>

#include "store/keyspace.h"

namespace pinion::command {

// Locks every shard of the list for its lifetime: waits for one, tries the rest, and when one is taken lets all go and
// begins anew with that one. So no order is needed and no deadlock is possible.
class ShardLocks {
 public:
  // `shards` is sorted, without duplicates, and outlives this.
  ShardLocks(store::Keyspace& keyspace, std::span<const uint32_t> shards);
  ~ShardLocks();
  ShardLocks(const ShardLocks&) = delete;
  ShardLocks& operator=(const ShardLocks&) = delete;

 private:
  store::Keyspace& keyspace_;
  std::span<const uint32_t> shards_;
};

}  // namespace pinion::command
