// Try-and-back-off locking.
#include "command/shard_locks.h"

namespace pinion::command {

ShardLocks::ShardLocks(store::Keyspace& keyspace, std::span<const uint32_t> shards)
    : keyspace_(keyspace), shards_(shards) {
  size_t first = 0;  // the one to wait for
  for (;;) {
    if (shards_.empty()) return;
    keyspace_.shard(shards_[first]).mutex.lock();
    size_t busy = shards_.size();
    size_t i = 0;
    for (; i < shards_.size(); ++i) {
      if (i == first) continue;
      if (!keyspace_.shard(shards_[i]).mutex.try_lock()) {
        busy = i;
        break;
      }
    }
    if (busy == shards_.size()) return;
    for (size_t j = 0; j < i; ++j) {
      if (j != first) keyspace_.shard(shards_[j]).mutex.unlock();
    }
    keyspace_.shard(shards_[first]).mutex.unlock();
    first = busy;
  }
}

ShardLocks::~ShardLocks() {
  for (uint32_t s : shards_) keyspace_.shard(s).mutex.unlock();
}

}  // namespace pinion::command
