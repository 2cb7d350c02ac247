// The queues of those who wait for keys.
#include "store/keyspace.h"

namespace pinion::store {
namespace {

// Keys come in the order in which they became ready, mostly once.
void Note(uint32_t db, std::string_view key, Accessor& accessor) {
  std::vector<ReadyKey>& ready = accessor.ready;
  if (!ready.empty() && ready.back().db == db && ready.back().key == key) return;
  ready.push_back({db, std::string(key)});
}

}  // namespace

void Keyspace::NoteIfAwaited(uint32_t shard, uint32_t db, std::string_view key, Accessor& accessor) {
  if (shards_[shard].waiters->contains(ObservedName(db, key))) Note(db, key, accessor);
}

void Keyspace::WaitFor(const Key& key, uint32_t db, std::shared_ptr<Waiter> waiter) {
  Shard& s = shards_[key.shard];
  if (!s.waiters) s.waiters = std::make_unique<std::unordered_map<std::string, WaitQueue>>();
  const bool feeds = waiter->wish.feeds;
  if ((*s.waiters)[ObservedName(db, key.text)].Add(std::move(waiter))) s.feeders += feeds;
  s.waited = static_cast<uint32_t>(s.waiters->size());
}

WaitQueue* Keyspace::FindWaiters(const Key& key, uint32_t db) {
  Shard& s = shards_[key.shard];
  if (s.waited == 0) return nullptr;
  const auto it = s.waiters->find(ObservedName(db, key.text));
  return it == s.waiters->end() ? nullptr : &it->second;
}

WaitQueue::Map::iterator Keyspace::StopWaiting(const Key& key, WaitQueue& queue, WaitQueue::Map::iterator at) {
  shards_[key.shard].feeders -= at->second->wish.feeds;
  return queue.Remove(at);
}

void Keyspace::DropEmptyQueue(const Key& key, uint32_t db) {
  Shard& s = shards_[key.shard];
  const auto it = s.waiters->find(ObservedName(db, key.text));
  if (it != s.waiters->end() && it->second.empty()) s.waiters->erase(it);
  s.waited = static_cast<uint32_t>(s.waiters->size());
}

void Keyspace::StopWaiting(const Key& key, uint32_t db, uint64_t ticket) {
  WaitQueue* const queue = FindWaiters(key, db);
  if (queue == nullptr) return;
  const auto it = queue->waiters().find(ticket);
  if (it == queue->waiters().end()) return;
  StopWaiting(key, *queue, it);
  if (queue->empty()) DropEmptyQueue(key, db);
}

void Keyspace::NoteAllReady(Shard& s, uint32_t db, Accessor& accessor) {
  if (s.waited == 0) return;
  for (const auto& [name, queue] : *s.waiters) {
    if (ObservedDb(name) == db) Note(db, ObservedKey(name), accessor);
  }
}

Keyspace::WaitTotals Keyspace::CountWaitedKeys() const {
  WaitTotals totals;
  for (uint32_t i = 0; i < shard_count_; ++i) {
    if (shards_[i].waited == 0) continue;
    for (const auto& [name, queue] : *shards_[i].waiters) {
      bool any = false, when_gone = false;
      for (const auto& [ticket, waiter] : queue.waiters()) {
        if (waiter->over()) continue;
        any = true;
        when_gone |= waiter->wish.when_gone;
      }
      totals.keys += any;
      totals.when_gone += when_gone;
    }
  }
  return totals;
}

}  // namespace pinion::store
