// What the keyspace's parts cost in nanoseconds an operation: table, entries, wheel and the write guard.
#include <ctime>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/hash.h"
#include "base/random.h"
#include "store/database.h"
#include "store/keyspace.h"

namespace pinion::store {
namespace {

constexpr size_t kKeyLength = 16;
constexpr size_t kShards = 256;
constexpr size_t kBatch = 1 << 16;     // operations under one reading of the clock
constexpr size_t kPipeline = 16;       // requests whose memory is asked for together
constexpr UnixMillis kNow = 1'750'000'000'000;

// Time this thread has spent on a processor: what other programs do does not count.
double CpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

using KeyText = std::array<char, kKeyLength>;

KeyText TextOfKey(uint64_t i) {
  KeyText t;
  t.fill('0');
  t[0] = 'k', t[1] = 'e', t[2] = 'y', t[3] = ':';
  for (size_t at = kKeyLength; i != 0; i /= 10) t[--at] = static_cast<char>('0' + i % 10);
  return t;
}
std::string_view View(const KeyText& t) { return {t.data(), t.size()}; }

class QuietListener final : public KeyspaceListener {
 public:
  void OnKeyEvent(EventClass, std::string_view, std::string_view, uint32_t) override {}
  void OnEarlierDue(uint32_t, UnixMillis) override {}
};

// A keyspace of `n` keys of 16 bytes with values of 64, kept for all benchmarks of that size.
struct Store {
  explicit Store(size_t n)
      : size(n), keyspace({.shards = kShards, .databases = 1, .single_thread = true}, SystemClock()), accessor(1, &listener) {
    const std::string value(64, 'v');
    for (size_t i = 0; i < n; ++i) {
      const KeyText t = TextOfKey(i);
      const Key k = keyspace.MakeKey(View(t));
      Database(keyspace, 0, kNow, accessor).Write(k).SetString(value, kNoDeadline);
    }
  }
  Table& TableOf(const Key& k) { return keyspace.shard(k.shard).db0.table; }

  size_t size;
  Keyspace keyspace;
  QuietListener listener;
  Accessor accessor;
};

Store& StoreOf(size_t n) {
  static std::unique_ptr<Store> store;  // one at a time: the big one takes a gigabyte
  if (!store || store->size != n) {
    store.reset();
    store = std::make_unique<Store>(n);
  }
  return *store;
}

// Texts of random keys in [from, from + n).
std::vector<KeyText> RandomTexts(size_t from, size_t n, size_t count = kBatch) {
  Random random(from + n);
  std::vector<KeyText> texts(count);
  for (KeyText& t : texts) t = TextOfKey(from + random.Below(n));
  return texts;
}

// Calls `batch`, which does kBatch operations, and reports the time of one.
template <typename F>
void Measure(benchmark::State& state, F&& batch) {
  double seconds = 0;
  for (auto _ : state) {
    const double begin = CpuSeconds();
    batch();
    const double took = CpuSeconds() - begin;
    state.SetIterationTime(took);
    seconds += took;
  }
  state.counters["ns_each"] = seconds * 1e9 / static_cast<double>(state.iterations() * kBatch);
}

// --- Table ----------------------------------------------------------------------------------------

void Find(benchmark::State& state, bool hit) {
  Store& s = StoreOf(static_cast<size_t>(state.range(0)));
  const auto texts = RandomTexts(hit ? 0 : 2 * s.size, s.size, 1 << 20);
  size_t at = 0;
  Measure(state, [&] {
    for (size_t i = 0; i < kBatch; ++i) {
      const Key k = s.keyspace.MakeKey(View(texts[at++ % texts.size()]));
      benchmark::DoNotOptimize(s.TableOf(k).Find(k.hash, k.text));
    }
  });
}
void FindHit(benchmark::State& state) { Find(state, true); }
void FindMiss(benchmark::State& state) { Find(state, false); }

void FindHitPipelined(benchmark::State& state) {
  Store& s = StoreOf(static_cast<size_t>(state.range(0)));
  const auto texts = RandomTexts(0, s.size, 1 << 20);
  size_t at = 0;
  std::array<Key, kPipeline> keys;
  Measure(state, [&] {
    for (size_t i = 0; i < kBatch; i += kPipeline) {
      for (Key& k : keys) k = s.keyspace.MakeKey(View(texts[at++ % texts.size()]));
      for (const Key& k : keys) s.TableOf(k).PrefetchBucket(k.hash);
      for (const Key& k : keys) s.TableOf(k).PrefetchEntry(k.hash);
      for (const Key& k : keys) benchmark::DoNotOptimize(s.TableOf(k).Find(k.hash, k.text));
    }
  });
}

// Inserts kBatch entries made before, then erases them in another order; times one of the two.
void InsertOrErase(benchmark::State& state, bool insert, size_t pipeline) {
  Store& s = StoreOf(static_cast<size_t>(state.range(0)));
  std::vector<std::pair<Key, Entry*>> items;
  std::vector<KeyText> texts;
  for (size_t i = 0; i < kBatch; ++i) texts.push_back(TextOfKey(s.size + i));
  for (const KeyText& t : texts) {
    items.emplace_back(s.keyspace.MakeKey(View(t)),
                       Entry::New(View(t), Entry::StringValue(std::string(64, 'v')), kNoDeadline));
  }
  Random random(1);
  double seconds = 0;
  const auto shuffle = [&] {
    for (size_t i = items.size() - 1; i > 0; --i) std::swap(items[i], items[random.Below(i + 1)]);
  };
  const auto timed = [&](auto&& one, bool counts) {
    const double begin = CpuSeconds();
    for (size_t i = 0; i < kBatch; i += pipeline) {
      if (pipeline > 1) {
        for (size_t j = i; j < i + pipeline; ++j) s.TableOf(items[j].first).PrefetchBucket(items[j].first.hash);
        for (size_t j = i; j < i + pipeline && !insert; ++j) s.TableOf(items[j].first).PrefetchEntry(items[j].first.hash);
      }
      for (size_t j = i; j < i + pipeline; ++j) one(items[j].first, items[j].second);
    }
    const double took = CpuSeconds() - begin;
    if (counts) {
      state.SetIterationTime(took);
      seconds += took;
    }
  };
  for (auto _ : state) {
    shuffle();
    timed([&](const Key& k, Entry* e) { s.TableOf(k).Insert(k.hash, e); }, insert);
    shuffle();
    timed([&](const Key& k, Entry*) {
      Table& t = s.TableOf(k);
      t.Erase(k.hash, t.Find(k.hash, k.text));
    }, !insert);
  }
  for (const auto& [k, e] : items) Entry::Delete(e);
  state.counters["ns_each"] = seconds * 1e9 / static_cast<double>(state.iterations() * kBatch);
}
void Insert(benchmark::State& state) { InsertOrErase(state, true, 1); }
void InsertPipelined(benchmark::State& state) { InsertOrErase(state, true, kPipeline); }
void FindAndErase(benchmark::State& state) { InsertOrErase(state, false, 1); }
void FindAndErasePipelined(benchmark::State& state) { InsertOrErase(state, false, kPipeline); }

// From nothing to n keys: insertion with every growth and split on the way, and the bytes a key.
void GrowFromNothing(benchmark::State& state) {
  const auto n = static_cast<size_t>(state.range(0));
  std::vector<std::pair<uint64_t, Entry*>> items;
  for (size_t i = 0; i < n; ++i) {
    const KeyText t = TextOfKey(i);
    items.emplace_back(HashKey(View(t)), Entry::New(View(t), Entry::StringValue("1"), kNoDeadline));
  }
  double seconds = 0, worst = 0, bytes = 0;
  for (auto _ : state) {
    std::vector<Table> tables(kShards);
    const double begin = CpuSeconds();
    for (const auto& [hash, e] : items) tables[hash >> 16 & (kShards - 1)].Insert(hash, e);
    const double took = CpuSeconds() - begin;
    state.SetIterationTime(took);
    seconds += took;
    bytes = 0;
    for (const Table& t : tables) bytes += static_cast<double>(t.bytes());
  }
  {
    // Step by step, in one table, for the longest (which reading the clock makes some longer).
    Table table;
    for (const auto& [hash, e] : items) {
      const double begin = CpuSeconds();
      table.Insert(hash, e);
      worst = std::max(worst, (CpuSeconds() - begin) * 1e9);
    }
  }
  for (const auto& item : items) Entry::Delete(item.second);
  state.counters["ns_each"] = seconds * 1e9 / static_cast<double>(state.iterations() * n);
  state.counters["worst_ns"] = worst;
  state.counters["bytes_a_key"] = bytes / static_cast<double>(n);
}

// --- Entries and requests -------------------------------------------------------------------------

void EntryNewAndDelete(benchmark::State& state) {
  const KeyText t = TextOfKey(1);
  const Entry::Value value = Entry::StringValue(std::string_view("0123456789012345678901234567890123456789012345678901234567890xyz"));
  Measure(state, [&] {
    for (size_t i = 0; i < kBatch; ++i) {
      Entry* e = Entry::New(View(t), value, kNoDeadline);
      benchmark::DoNotOptimize(e);
      Entry::Delete(e);
    }
  });
}

void ReadByRequest(benchmark::State& state) {
  Store& s = StoreOf(static_cast<size_t>(state.range(0)));
  const auto texts = RandomTexts(0, s.size, 1 << 20);
  size_t at = 0;
  Measure(state, [&] {
    for (size_t i = 0; i < kBatch; ++i) {
      const Key k = s.keyspace.MakeKey(View(texts[at++ % texts.size()]));
      Database d(s.keyspace, 0, kNow, s.accessor);
      const Entry* e = d.Read(k);
      benchmark::DoNotOptimize(e->inline_bytes().data());
    }
  });
}

void Overwrite(benchmark::State& state, UnixMillis deadline) {
  Store& s = StoreOf(static_cast<size_t>(state.range(0)));
  const auto texts = RandomTexts(0, s.size, 1 << 20);
  const std::string value(64, 'w');
  size_t at = 0;
  Random random(3);
  Measure(state, [&] {
    for (size_t i = 0; i < kBatch; ++i) {
      const Key k = s.keyspace.MakeKey(View(texts[at++ % texts.size()]));
      Database d(s.keyspace, 0, kNow, s.accessor);
      d.Write(k).SetString(value, deadline == kNoDeadline ? deadline : deadline + static_cast<int64_t>(random.Below(3'600'000)));
    }
  });
}
void OverwriteByRequest(benchmark::State& state) { Overwrite(state, kNoDeadline); }
void OverwriteWithDeadlineByRequest(benchmark::State& state) { Overwrite(state, kNow + 1000); }

// --- Wheel ----------------------------------------------------------------------------------------

// kShards wheels with n entries in all, deadlines spread over an hour.
struct Wheels {
  explicit Wheels(size_t n) : entries(n) {
    for (size_t i = 0; i < kShards; ++i) wheels.push_back(std::make_unique<Wheel>(kNow, i << 12));
    Random random(5);
    for (Entry*& e : entries) {
      e = Entry::New("0123456789abcdef", Entry::StringValue("value"), kNow + 1 + static_cast<int64_t>(random.Below(3'600'000)));
    }
  }
  ~Wheels() {
    for (Entry* e : entries) Entry::Delete(e);
  }
  std::vector<Entry*> entries;
  std::vector<std::unique_ptr<Wheel>> wheels;
};

enum class WheelStep { kInsert, kRemove, kExpire };

void TimeWheel(benchmark::State& state, WheelStep timed_step) {
  const auto n = static_cast<size_t>(state.range(0));
  double seconds = 0;
  for (auto _ : state) {
    Wheels w(n);
    const auto timed = [&](WheelStep step, auto&& work) {
      const double begin = CpuSeconds();
      work();
      const double took = CpuSeconds() - begin;
      if (step != timed_step) return;
      state.SetIterationTime(took);
      seconds += took;
    };
    timed(WheelStep::kInsert, [&] {
      for (size_t i = 0; i < n; ++i) w.wheels[i % kShards]->Insert(w.entries[i], kNow);
    });
    if (timed_step == WheelStep::kRemove) {
      timed(WheelStep::kRemove, [&] {
        for (size_t i = 0; i < n; ++i) {
          const size_t j = i * 7919 % n;
          w.wheels[j % kShards]->Remove(w.entries[j]);
        }
      });
    } else {
      timed(WheelStep::kExpire, [&] {
        for (UnixMillis now = kNow; now <= kNow + 3'600'000; now += 1000) {
          for (auto& wheel : w.wheels) {
            if (wheel->NextEvent() <= now) wheel->Advance(now, SIZE_MAX, [](Entry* e) { benchmark::DoNotOptimize(e); });
          }
        }
      });
    }
  }
  state.counters["ns_each"] = seconds * 1e9 / static_cast<double>(state.iterations() * n);
}
void WheelInsert(benchmark::State& state) { TimeWheel(state, WheelStep::kInsert); }
void WheelRemove(benchmark::State& state) { TimeWheel(state, WheelStep::kRemove); }
void WheelExpire(benchmark::State& state) { TimeWheel(state, WheelStep::kExpire); }

// Keys that come due together, taken out of table and wheel and freed.
void ExpireDueKeys(benchmark::State& state) {
  const auto n = static_cast<size_t>(state.range(0));
  double seconds = 0;
  for (auto _ : state) {
    ManualClock clock(kNow * 1000);
    QuietListener listener;
    Accessor accessor(1, &listener);
    Keyspace keyspace({.shards = kShards, .databases = 1, .single_thread = true}, clock);
    const std::string value(64, 'v');
    for (size_t i = 0; i < n; ++i) {
      const KeyText t = TextOfKey(i);
      const Key k = keyspace.MakeKey(View(t));
      Database(keyspace, 0, kNow, accessor).Write(k).SetString(value, kNow + 1000);
    }
    clock.AdvanceMillis(1000);
    const double begin = CpuSeconds();
    keyspace.ExpireDue(0, kShards, clock.WallMillis(), 1'000'000'000, accessor);
    const double took = CpuSeconds() - begin;
    state.SetIterationTime(took);
    seconds += took;
  }
  state.counters["ns_each"] = seconds * 1e9 / static_cast<double>(state.iterations() * n);
}

void Sizes(benchmark::internal::Benchmark* b) {
  b->Arg(1'000'000)->Arg(10'000'000)->UseManualTime()->Unit(benchmark::kMillisecond);
}
// All benchmarks of one size run together, so that its store is filled once.
[[maybe_unused]] const bool kRegistered = [] {
  using Function = void (*)(benchmark::State&);
  const std::pair<const char*, Function> on_store[] = {
      {"FindHit", FindHit},
      {"FindHitPipelined", FindHitPipelined},
      {"FindMiss", FindMiss},
      {"Insert", Insert},
      {"InsertPipelined", InsertPipelined},
      {"FindAndErase", FindAndErase},
      {"FindAndErasePipelined", FindAndErasePipelined},
      {"ReadByRequest", ReadByRequest},
      {"OverwriteByRequest", OverwriteByRequest},
      {"OverwriteWithDeadlineByRequest", OverwriteWithDeadlineByRequest},
  };
  for (const int64_t n : {1'000'000, 10'000'000}) {
    for (const auto& [name, function] : on_store) {
      benchmark::RegisterBenchmark(name, function)->Arg(n)->UseManualTime()->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();
BENCHMARK(EntryNewAndDelete)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(GrowFromNothing)->Apply(Sizes)->Iterations(2);
BENCHMARK(WheelInsert)->Arg(1'000'000)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(WheelRemove)->Arg(1'000'000)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(WheelExpire)->Arg(1'000'000)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(ExpireDueKeys)->Arg(1'000'000)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace pinion::store

BENCHMARK_MAIN();
