// Remembering which clients read which keys, and telling of changes.
#include "store/tracked_keys.h"

#include <algorithm>
#include <memory>

#include "base/alloc.h"
#include "base/hash_table_impl.h"
#include "store/keyspace.h"

namespace pinion {
template class HashTable<store::TrackedKey>;
}

namespace pinion::store {
namespace {

size_t BytesOf(const TrackedKey& k) {
  static const size_t kInlineName = std::string().capacity();
  size_t bytes = GoodSize(sizeof k) + GoodSize(k.clients.capacity() * sizeof(ClientId));
  if (k.name.capacity() > kInlineName) bytes += GoodSize(k.name.capacity() + 1);
  return bytes;
}

}  // namespace

TrackedKeys::~TrackedKeys() {
  table_.ForEach([](TrackedKey* k) { delete k; });
}

TrackedKeys::News TrackedKeys::Add(uint64_t hash, std::string_view key, ClientId client) {
  if (const auto* w = table_.Find(hash, key)) {
    TrackedKey& known = *HashTable<TrackedKey>::At(w);
    // Ids ascend with time, so a new one mostly belongs at the end.
    const auto at = std::lower_bound(known.clients.begin(), known.clients.end(), client);
    if (at != known.clients.end() && *at == client) return {};
    key_bytes_ -= BytesOf(known);
    known.clients.insert(at, client);
    key_bytes_ += BytesOf(known);
    return {false, true};
  }
  auto fresh = std::make_unique<TrackedKey>(TrackedKey{std::string(key), {client}});
  key_bytes_ += BytesOf(*fresh);
  table_.Insert(hash, fresh.release());
  return {true, true};
}

std::vector<ClientId> TrackedKeys::Take(uint64_t hash, std::string_view key) {
  auto* w = table_.Find(hash, key);
  if (w == nullptr) return {};
  const std::unique_ptr<TrackedKey> known(HashTable<TrackedKey>::At(w));
  key_bytes_ -= BytesOf(*known);
  table_.Erase(hash, w);
  return std::move(known->clients);
}

void Keyspace::Track(const Key& key, ClientId client) {
  Shard& s = shards_[key.shard];
  if (!s.tracked_keys) s.tracked_keys = std::make_unique<TrackedKeys>();
  const TrackedKeys::News news = s.tracked_keys->Add(key.hash, key.text, client);
  s.tracked = static_cast<uint32_t>(s.tracked_keys->size());
  if (news.key) tracked_keys_.fetch_add(1, std::memory_order_relaxed);
  if (news.client) tracked_items_.fetch_add(1, std::memory_order_relaxed);
}

std::vector<ClientId> Keyspace::Untrack(Shard& s, uint64_t hash, std::string_view key) {
  std::vector<ClientId> clients = s.tracked_keys->Take(hash, key);
  if (clients.empty()) return clients;
  s.tracked = static_cast<uint32_t>(s.tracked_keys->size());
  tracked_keys_.fetch_sub(1, std::memory_order_relaxed);
  tracked_items_.fetch_sub(clients.size(), std::memory_order_relaxed);
  return clients;
}

void Keyspace::TellObservers(uint32_t shard, uint32_t db, std::string_view key, Change change, Accessor& accessor) {
  Shard& s = shards_[shard];
  if (s.watched != 0) TouchWatchers(shard, db, key, change == Change::kExpiry);
  std::vector<ClientId> clients;
  if (s.tracked != 0) clients = Untrack(s, HashKey(key), key);
  if (!clients.empty() || settings_.tell_all_changes.load(std::memory_order_relaxed)) {
    accessor.listener->OnChange(key, clients, change);
  }
}

void Keyspace::ForgetTracked(size_t keep, size_t most, bool alone, Accessor& accessor) {
  const std::unique_lock one_at_a_time(forgetting_, std::try_to_lock);
  if (!one_at_a_time) return;
  for (; most > 0 && tracked_keys() > keep; --most) {
    const auto start = static_cast<uint32_t>(accessor.random.Below(shard_count_));
    for (uint32_t i = 0; i < shard_count_; ++i) {
      Shard& s = shards_[(start + i) & (shard_count_ - 1)];
      MaybeLock lock(s.mutex, alone);
      if (s.tracked == 0) continue;
      const std::string key(s.tracked_keys->Sample(accessor.random));
      accessor.listener->OnChange(key, Untrack(s, HashKey(key), key), Change::kForgotten);
      break;
    }
  }
}

void Keyspace::ForgetAllTracked() {
  for (uint32_t i = 0; i < shard_count_; ++i) {
    shards_[i].tracked_keys.reset();
    shards_[i].tracked = 0;
  }
  tracked_keys_.store(0, std::memory_order_relaxed);
  tracked_items_.store(0, std::memory_order_relaxed);
}

}  // namespace pinion::store
