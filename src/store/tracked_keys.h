// The keys of one shard that clients may have cached, and which clients those are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash_table.h"
#include "base/random.h"

namespace pinion::store {

using ClientId = uint64_t;

struct TrackedKey {
  std::string name;
  std::vector<ClientId> clients;  // ascending, none twice
  [[nodiscard]] std::string_view key() const { return name; }
};

}  // namespace pinion::store

namespace pinion {
extern template class HashTable<store::TrackedKey>;
}

namespace pinion::store {

// Names stand for keys of all databases, as in Redis. The shard's lock guards it.
class TrackedKeys {
 public:
  TrackedKeys() = default;
  ~TrackedKeys();
  TrackedKeys(const TrackedKeys&) = delete;
  TrackedKeys& operator=(const TrackedKeys&) = delete;

  // What of it was not known before.
  struct News {
    bool key = false, client = false;
  };
  News Add(uint64_t hash, std::string_view key, ClientId client);
  // Forgets the key and returns its clients; none when it is not tracked.
  std::vector<ClientId> Take(uint64_t hash, std::string_view key);
  // A tracked key, every one equally likely. REQUIRES: size() != 0.
  [[nodiscard]] std::string_view Sample(Random& random) const { return table_.Sample(random)->key(); }

  [[nodiscard]] size_t size() const { return table_.size(); }
  // Heap bytes.
  [[nodiscard]] size_t bytes() const { return sizeof *this + table_.bytes() + key_bytes_; }

 private:
  HashTable<TrackedKey> table_;
  size_t key_bytes_ = 0;
};

}  // namespace pinion::store
