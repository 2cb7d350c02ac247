// Reads and the write guard: values in every holding, deadlines, events, clocks and memory counts.
#include "store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/gate.h"
#include "tests/store/store_test_util.h"

namespace pinion::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Event = RecordingListener::Event;
constexpr UnixMillis kNear = kStart + 100'000;
constexpr UnixMillis kFar = INT64_MAX - 5;
constexpr uint32_t kAll = ~0u;

// A text for each way of holding a string.
const std::vector<std::string> kTexts = {"",           "short",       "17",          "-9223372036854775808",
                                         Pattern(255), Pattern(256),  Pattern(4096), Pattern(4097),
                                         Pattern(9000)};
const std::vector<UnixMillis> kDeadlines = {kNoDeadline, kNear, kFar};

class DatabaseTest : public testing::Test {
 protected:
  ~DatabaseTest() override { EXPECT_TRUE(s.Consistent()); }
  const Entry* Peek(std::string_view key, uint32_t db = 0) { return s.Db(db).Peek(s.keyspace.MakeKey(key)); }
  TestStore s;
};

// --- Reads ----------------------------------------------------------------------------------------

TEST_F(DatabaseTest, ReadsCountHitsAndMissesAndTellOfMisses) {
  s.keyspace.settings().notify_mask = kEventKeyMiss | kEventKeyevent;
  s.Set("k", "v");
  EXPECT_EQ(s.Get("k"), "v");
  EXPECT_EQ(s.Get("x", 2), "(nil)");
  EXPECT_EQ(s.accessor.stats.hits.Get(), 1);
  EXPECT_EQ(s.accessor.stats.misses.Get(), 1);
  EXPECT_THAT(s.listener.TakeEvents(), ElementsAre(Event{kEventKeyMiss, "keymiss", "x", 2}));
}

TEST_F(DatabaseTest, PeeksAndGuardsLeaveNoTrace) {
  s.keyspace.settings().notify_mask = kAll;
  s.Set("k", "v");
  s.listener.TakeEvents();
  const int64_t dirty = s.accessor.stats.dirty.Get();
  EXPECT_NE(Peek("k"), nullptr);
  EXPECT_EQ(Peek("x"), nullptr);
  const Key k = s.keyspace.MakeKey("k"), x = s.keyspace.MakeKey("x");
  Database d = s.Db();
  EXPECT_TRUE(d.Write(k).exists());
  EXPECT_FALSE(d.Write(x).exists());
  d.Write(x).Notify(kEventString, "set");
  EXPECT_EQ(s.accessor.stats.hits.Get() + s.accessor.stats.misses.Get(), 0);
  EXPECT_EQ(s.accessor.stats.dirty.Get(), dirty);
  EXPECT_THAT(s.listener.TakeEvents(), IsEmpty());
}

TEST_F(DatabaseTest, AGuardsLookMayCountAsARead) {
  s.keyspace.settings().notify_mask = kEventKeyMiss | kEventKeyevent;
  s.Set("k", "v");
  const Key k = s.keyspace.MakeKey("k"), x = s.keyspace.MakeKey("x");
  Database d = s.Db();
  d.Write(k).CountLook();
  d.Write(x).CountLook();
  EXPECT_EQ(s.accessor.stats.hits.Get(), 1);
  EXPECT_EQ(s.accessor.stats.misses.Get(), 1);
  EXPECT_THAT(s.listener.TakeEvents(), ElementsAre(Event{kEventKeyMiss, "keymiss", "x", 0}));
}

TEST_F(DatabaseTest, AnExpiredKeyIsGoneForEverybodyWhoLooks) {
  s.keyspace.settings().notify_mask = kEventKeyevent | kEventExpired | kEventKeyMiss | kEventNew | kEventString;
  for (const char* how : {"read", "peek", "write"}) {
    s.Set("k", "v", s.now() + 1);
    s.listener.TakeEvents();
    EXPECT_EQ(s.Get("k"), "v");
    s.clock.AdvanceMicros(1500);
    const Key k = s.keyspace.MakeKey("k");
    Database d = s.Db();
    std::vector<Event> expected = {{kEventExpired, "expired", "k", 0}};
    if (std::string(how) == "read") {
      EXPECT_EQ(d.Read(k), nullptr);
      expected.push_back({kEventKeyMiss, "keymiss", "k", 0});
    } else if (std::string(how) == "peek") {
      EXPECT_EQ(d.Peek(k), nullptr);
    } else {
      WriteGuard w = d.Write(k);
      EXPECT_FALSE(w.exists());
      EXPECT_EQ(w.deadline(), kNoDeadline);
    }
    EXPECT_EQ(s.listener.TakeEvents(), expected) << how;
    EXPECT_EQ(s.keyspace.CountKeys(0).keys, 0u);
    EXPECT_EQ(s.keyspace.CountKeys(0).volatile_keys, 0u);
    s.clock.AdvanceMicros(500);
  }
  EXPECT_EQ(s.accessor.stats.expired.Get(), 3);
  EXPECT_EQ(s.accessor.stats.expire_lag_us.count(), 3u);
  EXPECT_EQ(s.accessor.stats.expire_lag_us.max(), 500u);
}

TEST_F(DatabaseTest, AccessMovesTheLruClockUnlessTold) {
  s.Set("k", "v");
  EXPECT_EQ(Peek("k")->access_clock(), LruClock(kStart));
  s.clock.AdvanceMillis(10'000);
  EXPECT_EQ(IdleSeconds(Peek("k")->access_clock(), s.now()), 10);
  s.accessor.touch = false;
  EXPECT_EQ(s.Get("k"), "v");
  EXPECT_EQ(IdleSeconds(Peek("k")->access_clock(), s.now()), 10);
  s.accessor.touch = true;
  EXPECT_EQ(s.Get("k"), "v");
  EXPECT_EQ(IdleSeconds(Peek("k")->access_clock(), s.now()), 0);
  s.clock.AdvanceMillis(5000);
  const Key k = s.keyspace.MakeKey("k");
  Database d = s.Db();
  (void)d.Write(k).exists();
  EXPECT_EQ(IdleSeconds(Peek("k")->access_clock(), s.now()), 0);
}

TEST_F(DatabaseTest, TheLruClockWrapsAround) {
  const UnixMillis wrap = (int64_t{1} << 24) * 1000;
  EXPECT_EQ(IdleSeconds(LruClock(wrap - 5000), wrap + 3000), 8);
}

TEST_F(DatabaseTest, FrequenciesGrowSlowlyAndDecay) {
  s.keyspace.settings().lfu = true;
  s.Set("k", "v");
  EXPECT_EQ(Peek("k")->access_clock() & 0xFF, 5u);
  for (int i = 0; i < 100'000; ++i) (void)s.Get("k");
  const uint32_t often = Peek("k")->access_clock();
  EXPECT_GT(often & 0xFF, 80u);  // about 140 of 255 with a factor of ten
  EXPECT_LT(often & 0xFF, 220u);
  s.clock.AdvanceMillis(30 * 60'000);
  EXPECT_EQ(LfuDecayed(often, s.now(), 1), (often & 0xFF) - 30);
  EXPECT_EQ(LfuDecayed(often, s.now(), 10), (often & 0xFF) - 3);
  EXPECT_EQ(LfuDecayed(often, s.now(), 0), often & 0xFF);
  EXPECT_EQ(LfuDecayed(often, s.now() + 1'000'000'000, 1), 0u);
  Random random(1);
  EXPECT_EQ(LfuTouched(LfuInitial(s.now()) | 0xFF, s.now(), 1, 0, random) & 0xFF, 255u);
  EXPECT_EQ(LfuTouched(LfuInitial(s.now()), s.now(), 1, 0, random) & 0xFF, 6u);
}

// --- Values ---------------------------------------------------------------------------------------

TEST_F(DatabaseTest, SetStringReplacesAnythingByAnything) {
  for (const std::string& from : kTexts) {
    for (const std::string& to : kTexts) {
      for (const UnixMillis before : kDeadlines) {
        for (const UnixMillis after : kDeadlines) {
          s.Set("k", from, before);
          s.Set("k", to, after);
          ASSERT_EQ(s.Get("k"), to);
          ASSERT_EQ(s.DeadlineOf("k"), after);
          ASSERT_TRUE(s.Consistent());
        }
        s.Set("k", from, before);
        const Key k = s.keyspace.MakeKey("k");
        Database d = s.Db();
        d.Write(k).SetStringKeepingDeadline(to);
        ASSERT_EQ(s.Get("k"), to);
        ASSERT_EQ(s.DeadlineOf("k"), before);
        ASSERT_TRUE(s.Consistent());
      }
    }
  }
}

TEST_F(DatabaseTest, SetStringForgetsThatTheValueWasEdited) {
  s.Set("k", "abc");
  const Key k = s.keyspace.MakeKey("k");
  Database d = s.Db();
  d.Write(k).EditString(3)[0] = 'x';
  EXPECT_TRUE(Peek("k")->raw());
  d.Write(k).SetString("def", kNoDeadline);
  EXPECT_FALSE(Peek("k")->raw());
  EXPECT_EQ(s.Get("k"), "def");
}

TEST_F(DatabaseTest, SetRawTakesTheBytesAsTheyAre) {
  const Key k = s.keyspace.MakeKey("k");
  for (const std::string& from : kTexts) {
    for (const std::string& to : kTexts) {
      for (const UnixMillis before : kDeadlines) {
        s.Set("k", from, before);
        {
          Database d = s.Db();
          d.Write(k).SetRaw(Blob::CopyOf(to), kNoDeadline);
        }
        ASSERT_EQ(s.Get("k"), to);
        ASSERT_TRUE(Peek("k")->raw());
        ASSERT_EQ(s.DeadlineOf("k"), kNoDeadline);
        ASSERT_TRUE(s.Consistent());
      }
    }
  }
  (void)s.Del("k");
  Database d = s.Db();
  d.Write(k).SetRaw(Blob::CopyOf("12"), kNear);
  EXPECT_EQ(s.Get("k"), "12");
  EXPECT_EQ(s.DeadlineOf("k"), kNear);
}

TEST_F(DatabaseTest, MakeRawIsNoChange) {
  const Key k = s.keyspace.MakeKey("k");
  for (const std::string& text : kTexts) {
    for (const UnixMillis deadline : kDeadlines) {
      s.Set("k", text, deadline);
      Database d = s.Db();
      const int64_t dirty = d.accessor().stats.dirty.Get();
      d.Write(k).MakeRaw();
      ASSERT_EQ(s.Get("k"), text);
      ASSERT_TRUE(Peek("k")->raw());
      ASSERT_EQ(s.DeadlineOf("k"), deadline);
      ASSERT_EQ(d.accessor().stats.dirty.Get(), dirty);
      ASSERT_TRUE(s.Consistent());
    }
  }
}

TEST_F(DatabaseTest, SetIntegerKeepsTheDeadlineInEveryHolding) {
  const Key k = s.keyspace.MakeKey("k");
  Database d = s.Db();
  d.Write(k).SetInteger(5);
  EXPECT_EQ(s.Get("k"), "5");
  EXPECT_EQ(s.DeadlineOf("k"), kNoDeadline);
  for (const std::string& from : kTexts) {
    for (const UnixMillis deadline : kDeadlines) {
      s.Set("k", from, deadline);
      for (const int64_t v : {int64_t{-1}, INT64_MAX, INT64_MIN}) {
        d.Write(k).SetInteger(v);
        ASSERT_EQ(s.Get("k"), std::to_string(v));
        ASSERT_EQ(Peek("k")->holding(), Holding::kInteger);
        ASSERT_EQ(s.DeadlineOf("k"), deadline);
        ASSERT_TRUE(s.Consistent());
      }
    }
  }
}

TEST_F(DatabaseTest, EditStringGivesWhatWasThereAndZerosInEveryHolding) {
  const Key k = s.keyspace.MakeKey("k");
  std::vector<std::optional<std::string>> before(kTexts.begin(), kTexts.end());
  before.emplace_back(std::nullopt);
  for (const auto& from : before) {
    for (const size_t size : {0u, 1u, 5u, 20u, 255u, 256u, 4095u, 4096u, 4097u, 9000u, 50'000u}) {
      for (const UnixMillis deadline : kDeadlines) {
        (void)s.Del("k");
        if (from) s.Set("k", *from, deadline);
        Blob reply = from && Peek("k")->holding() == Holding::kBlob ? Peek("k")->blob() : Blob();
        std::string expected = from.value_or("");
        expected.resize(size, '\0');
        {
          Database d = s.Db();
          WriteGuard w = d.Write(k);
          char* bytes = w.EditString(size);
          ASSERT_EQ(std::string_view(bytes, size), expected);
          if (size != 0) bytes[size - 1] = expected[size - 1] = '!';
        }
        ASSERT_EQ(s.Get("k"), expected);
        ASSERT_TRUE(Peek("k")->raw());
        ASSERT_EQ(s.DeadlineOf("k"), from ? deadline : kNoDeadline);
        ASSERT_TRUE(s.Consistent());
        // What a reply still sends does not change under it.
        if (reply) {
          ASSERT_EQ(reply.view(), *from);
        }
      }
    }
  }
}

TEST_F(DatabaseTest, RepeatedAppendsStayCheapAndCounted) {
  const Key k = s.keyspace.MakeKey("k");
  std::string expected;
  int moves = 0;
  const char* last = nullptr;
  for (int i = 0; i < 20'000; ++i) {
    Database d = s.Db();
    WriteGuard w = d.Write(k);
    char* bytes = w.EditString(expected.size() + 7);
    moves += bytes != last;
    last = bytes;
    std::memcpy(bytes + expected.size(), "1234567", 7);
    expected += "1234567";
  }
  EXPECT_EQ(s.Get("k"), expected);
  EXPECT_LT(moves, 700);
}

TEST_F(DatabaseTest, SetDeadlineKeepsTheValueInEveryHolding) {
  const Key k = s.keyspace.MakeKey("k");
  for (const std::string& text : kTexts) {
    for (const bool raw : {false, true}) {
      for (const UnixMillis before : kDeadlines) {
        for (const UnixMillis after : {kNoDeadline, kNear, kNear + 1, kFar, kFar + 1}) {
          s.Set("k", text, before);
          Database d = s.Db();
          if (raw) (void)d.Write(k).EditString(text.size());
          d.Write(k).SetDeadline(after);
          ASSERT_EQ(s.Get("k"), text);
          ASSERT_EQ(Peek("k")->raw(), raw);
          ASSERT_EQ(s.DeadlineOf("k"), after);
          ASSERT_EQ(s.keyspace.CountKeys(0).volatile_keys, after == kNoDeadline ? 0u : 1u);
          ASSERT_TRUE(s.Consistent());
        }
      }
    }
  }
}

TEST_F(DatabaseTest, TakeFromMovesValueDeadlineAndClock) {
  for (const std::string& text : kTexts) {
    for (const UnixMillis deadline : kDeadlines) {
      for (const bool overwrite : {false, true}) {
        for (const char* to_name : {"{t}to", "elsewhere"}) {
          const Key from = s.keyspace.MakeKey("{t}from"), to = s.keyspace.MakeKey(to_name);
          s.Set("{t}from", text, deadline);
          s.clock.AdvanceMillis(5000);
          (void)s.Del(to_name, 1);
          if (overwrite) s.Set(to_name, "old", kNear, 1);
          {
            s.accessor.touch = false;
            Database d = s.Db(), other = d.Other(1);
            WriteGuard source = d.Write(from), target = other.Write(to);
            target.TakeFrom(source);
            EXPECT_FALSE(source.exists());
            EXPECT_TRUE(target.exists());
            s.accessor.touch = true;
          }
          ASSERT_EQ(s.Get("{t}from"), "(nil)");
          ASSERT_EQ(IdleSeconds(Peek(to_name, 1)->access_clock(), s.now()), 5);
          ASSERT_EQ(s.Get(to_name, 1), text);
          ASSERT_EQ(s.DeadlineOf(to_name, 1), deadline);
          ASSERT_TRUE(s.Consistent());
          s.clock.AdvanceMillis(-5000);
        }
      }
    }
  }
}

TEST_F(DatabaseTest, CopyFromMakesAnIndependentCopy) {
  for (const std::string& text : kTexts) {
    for (const UnixMillis deadline : kDeadlines) {
      s.Set("{t}from", text, deadline);
      (void)s.Del("{t}to");
      const Key from = s.keyspace.MakeKey("{t}from"), to = s.keyspace.MakeKey("{t}to");
      Database d = s.Db();
      d.Write(to).CopyFrom(*d.Peek(from));
      ASSERT_EQ(s.Get("{t}to"), text);
      ASSERT_EQ(s.DeadlineOf("{t}to"), deadline);
      d.Write(from).EditString(3)[0] = '#';
      ASSERT_EQ(s.Get("{t}to"), text);
      ASSERT_TRUE(s.Consistent());
    }
  }
}

// Several guards in one shard: what one inserts or removes moves what another had found.
TEST_F(DatabaseTest, GuardsOfOneShardDoNotDisturbEachOther) {
  Random random(3);
  std::map<std::string, std::string> model;
  for (int round = 0; round < 4000; ++round) {
    const std::string a = "{t}" + std::to_string(random.Below(300));
    std::string b = "{t}" + std::to_string(random.Below(300));
    if (a == b) b += "x";
    const Key ka = s.keyspace.MakeKey(a), kb = s.keyspace.MakeKey(b);
    Database d = s.Db();
    WriteGuard wa = d.Write(ka), wb = d.Write(kb);
    ASSERT_EQ(wa.exists(), model.contains(a));
    ASSERT_EQ(wb.exists(), model.contains(b));
    switch (random.Below(4)) {
      case 0:
        wb.SetString("b" + std::to_string(round), kNear);
        wa.SetString("a" + std::to_string(round), kNoDeadline);
        model[a] = "a" + std::to_string(round);
        model[b] = "b" + std::to_string(round);
        break;
      case 1:
        if (!wa.exists()) break;
        wb.TakeFrom(wa);
        model[b] = model[a];
        model.erase(a);
        break;
      case 2:
        if (wb.exists()) wb.Delete();
        if (wa.exists()) wa.SetDeadline(random.Below(2) ? kNear : kNoDeadline);
        model.erase(b);
        break;
      default:
        if (wa.exists()) wa.Delete();
        model.erase(a);
        wb.SetInteger(round);
        model[b] = std::to_string(round);
    }
  }
  for (const auto& [key, value] : model) EXPECT_EQ(s.Get(key), value);
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, model.size());
}

// --- Commit ---------------------------------------------------------------------------------------

TEST_F(DatabaseTest, EventsComeAfterTheChangeInTheOrderNamedWithNewFirst) {
  s.keyspace.settings().notify_mask = kAll;
  const Key k = s.keyspace.MakeKey("k");
  Database d = s.Db(2);
  {
    WriteGuard w = d.Write(k);
    w.Notify(kEventString, "set");
    w.SetString("v", kNear);
    w.Notify(kEventGeneric, "expire");
    EXPECT_THAT(s.listener.TakeEvents(), IsEmpty());
  }
  EXPECT_THAT(s.listener.TakeEvents(),
              ElementsAre(Event{kEventNew, "new", "k", 2}, Event{kEventString, "set", "k", 2},
                          Event{kEventGeneric, "expire", "k", 2}));
  d.Write(k).SetString("w", kNoDeadline);
  EXPECT_THAT(s.listener.TakeEvents(), IsEmpty());  // neither new nor named
  {
    WriteGuard w = d.Write(k);
    w.Delete();
    w.Notify(kEventGeneric, "del");
  }
  EXPECT_THAT(s.listener.TakeEvents(), ElementsAre(Event{kEventGeneric, "del", "k", 2}));
  EXPECT_EQ(s.accessor.stats.dirty.Get(), 3);
}

TEST_F(DatabaseTest, TheNotifyMaskChoosesTheClasses) {
  s.keyspace.settings().notify_mask = kEventKeyspace | kEventString;
  const Key k = s.keyspace.MakeKey("k");
  Database d = s.Db();
  {
    WriteGuard w = d.Write(k);
    w.SetString("v", kNear);
    w.Notify(kEventGeneric, "expire");
    w.Notify(kEventString, "set");
  }
  EXPECT_THAT(s.listener.TakeEvents(), ElementsAre(Event{kEventString, "set", "k", 0}));
  s.keyspace.settings().notify_mask = 0;
  {
    WriteGuard w = d.Write(k);
    w.SetString("v", kNoDeadline);
    w.Notify(kEventString, "set");
  }
  EXPECT_THAT(s.listener.TakeEvents(), IsEmpty());
}

TEST_F(DatabaseTest, AKeyMadeAndDeletedByOneGuardIsNotNew) {
  s.keyspace.settings().notify_mask = kAll;
  const Key k = s.keyspace.MakeKey("k");
  Database d = s.Db();
  {
    WriteGuard w = d.Write(k);
    w.SetString("v", kNear);
    w.Delete();
    EXPECT_FALSE(w.exists());
  }
  EXPECT_THAT(s.listener.TakeEvents(), IsEmpty());
  EXPECT_EQ(s.Get("k"), "(nil)");
}

TEST_F(DatabaseTest, RenamingTellsOfBothKeys) {
  s.Set("{t}a", "v");
  s.keyspace.settings().notify_mask = kAll;
  const Key a = s.keyspace.MakeKey("{t}a"), b = s.keyspace.MakeKey("{t}b");
  Database d = s.Db();
  {
    WriteGuard to = d.Write(b), from = d.Write(a);
    to.TakeFrom(from);
    from.Notify(kEventGeneric, "rename_from");
    to.Notify(kEventGeneric, "rename_to");
  }
  EXPECT_THAT(s.listener.TakeEvents(),
              ElementsAre(Event{kEventGeneric, "rename_from", "{t}a", 0}, Event{kEventNew, "new", "{t}b", 0},
                          Event{kEventGeneric, "rename_to", "{t}b", 0}));
}

// --- Everything at once ---------------------------------------------------------------------------

TEST_F(DatabaseTest, AgreesWithAModelThroughRandomWritesAndTime) {
  struct Expected {
    std::string text;
    UnixMillis deadline;
  };
  Random random(77);
  std::map<std::string, Expected> model;
  for (int step = 0; step < 60'000; ++step) {
    if (random.Below(20) == 0) s.clock.AdvanceMillis(static_cast<int64_t>(random.Below(50)));
    if (random.Below(50) == 0) s.ExpireAll();
    std::erase_if(model, [&](const auto& m) {
      return m.second.deadline != kNoDeadline && m.second.deadline <= s.now();
    });
    const std::string name = "key:" + std::to_string(random.Below(200));
    const Key k = s.keyspace.MakeKey(name);
    const UnixMillis deadline =
        random.Below(2) ? kNoDeadline : s.now() + 1 + static_cast<int64_t>(random.Below(random.Below(2) ? 100 : 10'000));
    const auto it = model.find(name);
    Database d = s.Db();
    WriteGuard w = d.Write(k);
    ASSERT_EQ(w.exists(), it != model.end()) << step;
    if (w.exists()) {
      ASSERT_EQ(TextOf(*w.entry()), it->second.text);
      ASSERT_EQ(w.deadline(), it->second.deadline);
    }
    switch (random.Below(7)) {
      case 0:
        if (w.exists()) w.Delete();
        model.erase(name);
        break;
      case 1: {
        const auto v = static_cast<int64_t>(random.Next());
        w.SetInteger(v);
        model[name] = {std::to_string(v), it == model.end() ? kNoDeadline : it->second.deadline};
        break;
      }
      case 2:
        if (!w.exists()) break;
        w.SetDeadline(deadline);
        it->second.deadline = deadline;
        break;
      case 3: {
        const size_t size = random.Below(random.Below(2) ? 50 : 6000);
        (void)w.EditString(size);
        Expected& e = model.try_emplace(name, Expected{"", kNoDeadline}).first->second;
        e.text.resize(size, '\0');
        break;
      }
      default: {
        const std::string text = Pattern(random.Below(random.Below(10) ? 100 : 6000), static_cast<unsigned>(step));
        w.SetString(text, deadline);
        model[name] = {text, deadline};
      }
    }
    if (step % 5000 == 0) {
      ASSERT_TRUE(s.Consistent());
    }
  }
  for (const auto& [name, e] : model) {
    const bool expired = e.deadline != kNoDeadline && e.deadline <= s.now();
    EXPECT_EQ(s.Get(name), expired ? "(nil)" : e.text);
  }
  s.clock.AdvanceMillis(1'000'000);
  EXPECT_EQ(s.ExpireAll(), INT64_MAX);
  for (int i = 0; i < 200; ++i) s.Del("key:" + std::to_string(i));
  EXPECT_EQ(s.keyspace.UsedBytes(), s.keyspace.TableBytes());
}

// Threads that count under the shards' locks, one that expires, one that is alone now and then.
TEST(DatabaseThreadsTest, WritersOnManyThreadsLoseNothing) {
  constexpr int kThreads = 4, kRounds = 6000, kCounters = 40;
  TestStore s;
  Gate gate(kThreads + 1);
  std::atomic<int> working{kThreads};
  std::atomic<int64_t> flushed{0};
  std::vector<std::unique_ptr<Accessor>> accessors;
  for (int t = 0; t <= kThreads; ++t) accessors.push_back(std::make_unique<Accessor>(t, &s.listener));
  s.keyspace.settings().notify_mask = kEventKeyevent | kEventExpired;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto me = static_cast<size_t>(t);
      Random random(me);
      for (int i = 0; i < kRounds; ++i) {
        gate.Enter(me);
        const std::string counter = "counter:" + std::to_string(random.Below(kCounters));
        const std::string passing = "passing:" + std::to_string(random.Next());
        const std::string kept = "kept:" + std::to_string(random.Next());
        for (const std::string& name : {counter, passing, kept}) {
          const Key k = s.keyspace.MakeKey(name);
          const std::lock_guard lock(s.keyspace.shard(k.shard).mutex);
          Database d(s.keyspace, name[0] == 'p' ? 1 : name[0] == 'k' ? 2 : 0, s.now(), *accessors[me]);
          WriteGuard w = d.Write(k);
          if (name[0] == 'p') {
            w.SetString(Pattern(i % 300), s.now() + 1 + static_cast<int64_t>(random.Below(20)));
          } else if (name[0] == 'k') {
            w.SetString("v", kNoDeadline);
          } else {
            w.SetInteger(w.exists() ? w.entry()->integer() + 1 : 1);
          }
        }
        if (i % 500 == 0) {
          gate.BeginExclusive(me);
          flushed += static_cast<int64_t>(s.keyspace.Flush(2, *accessors[me]));
          s.keyspace.Swap(2, 3, *accessors[me]);
          (void)s.keyspace.CountKeys(1, true);
          gate.EndExclusive(me);
        }
        gate.Leave(me);
        if (i % 20 == 0) s.clock.AdvanceMillis(1);
      }
      --working;
    });
  }
  std::thread expirer([&] {
    while (working != 0) {
      gate.Enter(kThreads);
      s.keyspace.ExpireDue(0, s.keyspace.shard_count(), s.now(), 100, *accessors[kThreads]);
      (void)s.keyspace.UsedBytes();
      gate.Leave(kThreads);
      std::this_thread::yield();
    }
  });
  for (std::thread& t : threads) t.join();
  expirer.join();
  int64_t sum = 0;
  for (int i = 0; i < kCounters; ++i) sum += std::stoll(s.Get("counter:" + std::to_string(i)));
  EXPECT_EQ(sum, kThreads * kRounds);
  const auto kept = static_cast<int64_t>(s.keyspace.CountKeys(2).keys + s.keyspace.CountKeys(3).keys);
  EXPECT_EQ(flushed + kept, kThreads * kRounds);
  s.clock.AdvanceMillis(1000);
  s.ExpireAll();
  int64_t expired = s.accessor.stats.expired.Get();
  for (const auto& a : accessors) expired += a->stats.expired.Get();
  EXPECT_EQ(expired, kThreads * kRounds);
  EXPECT_EQ(s.listener.TakeEvents().size(), static_cast<size_t>(expired));
  EXPECT_EQ(s.keyspace.CountKeys(1).keys, 0u);
  EXPECT_TRUE(s.Consistent());
}

}  // namespace
}  // namespace pinion::store
