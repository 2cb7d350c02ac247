// The dispatcher's look ahead: finding a batch's commands and keys, and asking the cache for what they will touch.
#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "base/hash.h"
#include "base/prefetch.h"
#include "command/dispatcher.h"
#include "store/keyspace.h"

namespace pinion::command {
namespace {

// Whether `a` is the key `b`, which may be none. Keys in a row that differ mostly do so at their end.
bool SameKey(std::string_view a, std::string_view b) {
  constexpr size_t kTail = sizeof(uint64_t);
  if (a.size() != b.size() || b.data() == nullptr) return false;
  if (a.size() >= kTail) {
    uint64_t tail_a, tail_b;
    std::memcpy(&tail_a, a.data() + a.size() - kTail, kTail);
    std::memcpy(&tail_b, b.data() + b.size() - kTail, kTail);
    if (tail_a != tail_b) return false;
  }
  return a == b;
}

}  // namespace

// Looks up commands and hashes first keys; with several requests, asks the cache for what they will touch in the
// order in which the addresses become known: shards, then buckets, then entries.
void Dispatcher::Prepare(Worker& worker, const Session& session, const resp::RequestBatch& batch, size_t first,
                         size_t count) {
  worker.plans.resize(std::max(worker.plans.size(), count));
  store::Keyspace& keyspace = services_.keyspace;
  for (size_t i = 0; i < count; ++i) {
    Plan& plan = worker.plans[i];
    const auto args = batch[first + i];
    plan.command = services_.registry.Find(args[0]);
    plan.key.text = {};
    plan.repeats = false;
    if (plan.command == nullptr || plan.command->first_key == 0) continue;
    const auto at = static_cast<size_t>(plan.command->first_key);
    if (at >= args.size()) continue;
    if (i > 0 && SameKey(args[at], worker.plans[i - 1].key.text)) {
      plan.key = worker.plans[i - 1].key;
      plan.key.text = args[at];
      plan.repeats = true;
      continue;
    }
    plan.key = keyspace.MakeKey(args[at]);
    if (count > 1) PrefetchForWrite(&keyspace.shard(plan.key.shard));
  }
  if (count <= 2) return;
  const auto each_key = [&](auto&& f) {
    for (size_t i = 0; i < count; ++i) {
      const Plan& plan = worker.plans[i];
      if (plan.key.text.data() == nullptr || plan.repeats) continue;
      store::Shard& shard = keyspace.shard(plan.key.shard);
      if (!shard.mutex.try_lock()) continue;  // somebody works there: no prefetch, no wait
      f(shard.db(session.db).table, plan.key.hash);
      shard.mutex.unlock();
    }
  };
  each_key([](const store::Table& t, uint64_t hash) { t.PrefetchBucket(hash); });
  each_key([](const store::Table& t, uint64_t hash) { t.PrefetchEntry(hash); });
  PrefetchMembers(worker, session, batch, first, count);
}

// The same one level deeper, for requests in a row that look up members of one large value: all their buckets are
// asked for, then all items.
void Dispatcher::PrefetchMembers(Worker& worker, const Session& session, const resp::RequestBatch& batch,
                                 size_t first, size_t count) {
  constexpr size_t kWorthwhile = 4;
  const auto& plans = worker.plans;
  const auto wants = [&plans](size_t i) {
    return plans[i].key.text.data() != nullptr && plans[i].command->Has(kMemberIsArg2 | kMemberIsArg3);
  };
  for (size_t begin = 0, end; begin < count; begin = end) {
    const store::Key& key = plans[begin].key;
    for (end = begin; end < count && wants(end) && plans[end].key.hash == key.hash; ++end) {}
    if (end - begin < kWorthwhile) {
      end += end == begin;
      continue;
    }
    store::Shard& shard = services_.keyspace.shard(key.shard);
    if (!shard.mutex.try_lock()) continue;
    const store::Table::Word* w = shard.db(session.db).table.Find(key.hash, key.text);
    if (w != nullptr && store::Table::At(w)->holding() == store::Holding::kObject) {
      const store::Entry& e = *store::Table::At(w);
      std::array<uint64_t, kWindow> hashes;
      for (size_t i = begin; i < end; ++i) {
        const auto args = batch[first + i];
        const size_t member = plans[i].command->Has(kMemberIsArg2) ? 2 : 3;
        hashes[i] = member < args.size() ? HashKey(args[member]) : 0;
        types::PrefetchMemberBucket(e.type(), e.pointer(), hashes[i]);
      }
      for (size_t i = begin; i < end; ++i) types::PrefetchMemberItem(e.type(), e.pointer(), hashes[i]);
    }
    shard.mutex.unlock();
  }
}

}  // namespace pinion::command
