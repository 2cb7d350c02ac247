// Streams against a plain map, their counters, and their groups.
#include "types/stream.h"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::types {
namespace {

using Pairs = std::vector<std::string>;
using StreamModel = std::map<StreamId, Pairs>;
using ::testing::ElementsAre;

void Append(Stream& stream, StreamId id, const Pairs& pairs, const StreamNodeLimits& limits = {}) {
  const std::vector<std::string_view> views(pairs.begin(), pairs.end());
  stream.Append(id, views, limits);
}

Pairs PairsOf(StreamNodeCursor& entry) {
  Pairs pairs;
  entry.ForEachField([&](const ListpackItem& field, const ListpackItem& value) {
    char scratch[kMaxInt64Text];
    pairs.emplace_back(field.View(scratch));
    pairs.emplace_back(value.View(scratch));
  });
  return pairs;
}

StreamModel Read(const Stream& stream, StreamId first, StreamId last, StreamReader::Order order) {
  StreamModel read;
  StreamReader reader(stream, first, last, order);
  std::optional<StreamId> previous;
  while (reader.Next()) {
    const StreamId id = reader.entry().id();
    if (previous) {
      EXPECT_TRUE(order == StreamReader::Order::kForward ? *previous < id : id < *previous);
    }
    previous = id;
    // Half of the entries are left without a look at their fields, so the reader finds their ends itself.
    if (id.seq % 2 == 0) {
      read[id] = PairsOf(reader.entry());
    } else {
      read[id] = {};
    }
  }
  return read;
}

void ExpectSame(const Stream& stream, const StreamModel& model, StreamId first = kMinStreamId,
                StreamId last = kMaxStreamId) {
  StreamModel expected;
  for (auto it = model.lower_bound(first); it != model.end() && it->first <= last; ++it) {
    expected[it->first] = it->first.seq % 2 == 0 ? it->second : Pairs{};
  }
  ASSERT_EQ(Read(stream, first, last, StreamReader::Order::kForward), expected);
  ASSERT_EQ(Read(stream, first, last, StreamReader::Order::kReverse), expected);
}

void ExpectSameCounts(const Stream& stream, const StreamModel& model) {
  ASSERT_EQ(stream.size(), model.size());
  ASSERT_EQ(stream.first_id(), model.empty() ? kMinStreamId : model.begin()->first);
}

Pairs RandomPairs(Random& random) {
  static const std::vector<std::string> kTexts = {"a",  "field", "12", "-5", "9223372036854775807",
                                                  "",   std::string(70, 'x'), std::string(5000, 'y')};
  if (random.Below(3) != 0) return {"a", kTexts[random.Below(7)], "field", "1"};
  Pairs pairs;
  for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
    pairs.push_back(kTexts[random.Below(kTexts.size())]);
    pairs.push_back(kTexts[random.Below(kTexts.size())]);
  }
  return pairs;
}

StreamTrim RandomTrim(Random& random, const Stream& stream, const StreamModel& model) {
  StreamTrim trim;
  trim.whole_nodes = random.Below(2) == 0;
  if (random.Below(2) == 0) {
    trim.by = StreamTrim::By::kLength;
    trim.length = random.Below(stream.size() + 2);
  } else {
    trim.by = StreamTrim::By::kId;
    trim.first = model.empty() ? kMinStreamId : std::next(model.begin(), random.Below(model.size()))->first;
  }
  if (trim.whole_nodes && random.Below(3) == 0) trim.limit = static_cast<int64_t>(1 + random.Below(50));
  return trim;
}

// Trims the model by as many as the stream says, and checks that it might say so.
void TrimBoth(Stream& stream, StreamModel& model, const StreamTrim& trim) {
  size_t wanted = 0;
  if (trim.by == StreamTrim::By::kLength) {
    wanted = model.size() - std::min<size_t>(model.size(), trim.length);
  } else {
    while (wanted < model.size() && std::next(model.begin(), wanted)->first < trim.first) ++wanted;
  }
  const size_t trimmed = stream.Trim(trim);
  if (trim.whole_nodes) {
    ASSERT_LE(trimmed, wanted);
    if (trim.limit != 0) {
      ASSERT_LE(trimmed, static_cast<size_t>(trim.limit));
    }
  } else {
    ASSERT_EQ(trimmed, wanted);
  }
  model.erase(model.begin(), std::next(model.begin(), trimmed));
}

TEST(Stream, HoldsWhatAMapHoldsUnderRandomChanges) {
  const std::vector<StreamNodeLimits> kLimits = {{4096, 100}, {200, 0}, {0, 3}, {0, 0}};
  for (const StreamNodeLimits& limits : kLimits) {
    Random random(limits.bytes + static_cast<size_t>(limits.entries));
    Stream stream;
    StreamModel model;
    StreamId last;
    for (int i = 0; i < 3000; ++i) {
      const uint64_t roll = random.Below(100);
      if (roll < 70) {
        last = {last.ms + (random.Below(4) == 0 ? random.Below(1000) : 0), last.seq + 1};
        const Pairs pairs = RandomPairs(random);
        Append(stream, last, pairs, limits);
        model[last] = pairs;
      } else if (roll < 95) {
        const StreamId id = model.empty() ? last : std::next(model.begin(), random.Below(model.size()))->first;
        ASSERT_EQ(stream.Contains(id), model.contains(id));
        ASSERT_EQ(stream.Erase(id) == Stream::Erased::kErased, model.erase(id) == 1);
        ASSERT_EQ(stream.Erase(id), Stream::Erased::kAbsent);
      } else if (roll < 96) {
        ASSERT_NO_FATAL_FAILURE(TrimBoth(stream, model, RandomTrim(random, stream, model)));
      }
      ExpectSameCounts(stream, model);
      if (i % 100 == 0) {
        ASSERT_NO_FATAL_FAILURE(ExpectSame(stream, model));
        const StreamId from{random.Below(last.ms + 2), random.Below(last.seq + 2)};
        ASSERT_NO_FATAL_FAILURE(ExpectSame(stream, model, from));
        ASSERT_NO_FATAL_FAILURE(ExpectSame(stream, model, from, {from.ms + 500, from.seq}));
      }
    }
    ASSERT_NO_FATAL_FAILURE(ExpectSame(stream.Clone(), model));
    EXPECT_EQ(stream.last_id(), last);
  }
}

TEST(Stream, CountsItsBytes) {
  Stream stream;
  EXPECT_EQ(stream.AllocatedBytes(), 0u);
  for (uint64_t i = 1; i <= 1000; ++i) Append(stream, {i, 0}, {"field", std::to_string(i)});
  const size_t filled = stream.AllocatedBytes();
  EXPECT_GT(filled, 1000u * 8);
  EXPECT_LT(filled, 1000u * 14);
  EXPECT_EQ(stream.Clone().AllocatedBytes(), filled);
  stream.CreateGroup("a group whose name is too long for a short string", {}, 0);
  StreamGroup& group = *stream.FindGroup("a group whose name is too long for a short string");
  StreamConsumer& consumer = group.CreateConsumer("c", 1);
  for (uint64_t i = 1; i <= 1000; ++i) group.SetPending({i, 0}, consumer, 1, 1);
  EXPECT_GT(stream.AllocatedBytes(), filled + 1000u * 56);
  stream.DeleteGroup("a group whose name is too long for a short string");
  EXPECT_NEAR(static_cast<double>(stream.AllocatedBytes()), static_cast<double>(filled), 64);
  StreamTrim all;
  all.by = StreamTrim::By::kLength;
  stream.Trim(all);
  EXPECT_LT(stream.AllocatedBytes(), 300u);
  EXPECT_TRUE(stream.empty());
}

TEST(Stream, BeginsANodeWhenTheLastIsFull) {
  Stream by_count;
  for (uint64_t i = 1; i <= 10; ++i) Append(by_count, {i, 0}, {"f", "v"}, {0, 4});
  EXPECT_EQ(by_count.node_count(), 3u);
  Stream by_bytes;
  for (uint64_t i = 1; i <= 10; ++i) Append(by_bytes, {i, 0}, {"f", std::string(60, 'v')}, {200, 0});
  EXPECT_EQ(by_bytes.node_count(), 5u);
  Stream without_limits;
  for (uint64_t i = 1; i <= 500; ++i) Append(without_limits, {i, 0}, {"f", "v"}, {0, 0});
  EXPECT_EQ(without_limits.node_count(), 1u);
}

TEST(Stream, IdsSpanTheirWholeRange) {
  Stream stream;
  Append(stream, {0, 1}, {"f", "1"});
  Append(stream, {1, kMaxStreamId.seq}, {"f", "2"});
  Append(stream, {kMaxStreamId.ms, 0}, {"f", "3"});
  Append(stream, kMaxStreamId, {"f", "4"});
  EXPECT_EQ(Read(stream, kMinStreamId, kMaxStreamId, StreamReader::Order::kForward).size(), 4u);
  EXPECT_TRUE(stream.Contains({1, kMaxStreamId.seq}));
  EXPECT_FALSE(stream.Contains({1, 0}));
  EXPECT_TRUE(stream.Contains(kMaxStreamId));
  EXPECT_FALSE(stream.NextId(5).has_value());
}

TEST(Stream, NextIdsGoOnFromTheLast) {
  Stream stream;
  EXPECT_EQ(stream.NextId(5), (StreamId{5, 0}));
  EXPECT_EQ(stream.NextIdIn(0), (StreamId{0, 1}));
  Append(stream, {10, 3}, {"f", "v"});
  EXPECT_EQ(stream.NextId(5), (StreamId{10, 4}));
  EXPECT_EQ(stream.NextId(11), (StreamId{11, 0}));
  EXPECT_EQ(stream.NextIdIn(9), std::nullopt);
  EXPECT_EQ(stream.NextIdIn(10), (StreamId{10, 4}));
  Append(stream, {10, kMaxStreamId.seq}, {"f", "v"});
  EXPECT_EQ(stream.NextId(5), (StreamId{11, 0}));
  EXPECT_EQ(stream.NextIdIn(10), std::nullopt);
}

// --- what trimming leaves to groups -------------------------------------------------------------------------

class StreamGroupTest : public ::testing::Test {
 protected:
  StreamGroupTest() {
    for (uint64_t i = 1; i <= 6; ++i) Append(stream_, {i, 0}, {"f", "v"}, {0, 2});
    stream_.CreateGroup("g", {}, 0);
    stream_.CreateGroup("h", {3, 0}, 3);
  }
  StreamGroup& group(std::string_view name) { return *stream_.FindGroup(name); }
  StreamConsumer& consumer(std::string_view name) {
    StreamConsumer* c = group("g").FindConsumer(name);
    return c != nullptr ? *c : group("g").CreateConsumer(name, 1);
  }
  // Gives entries to a consumer of g, up to an ID.
  void Deliver(uint64_t up_to) {
    for (uint64_t i = group("g").last_delivered.ms + 1; i <= up_to; ++i) {
      stream_.AdvanceGroup(group("g"), {i, 0});
      group("g").SetPending({i, 0}, consumer("c"), static_cast<UnixMillis>(i), 1);
    }
  }
  std::vector<uint64_t> Ids() const {
    std::vector<uint64_t> ids;
    StreamReader reader(stream_, kMinStreamId, kMaxStreamId);
    while (reader.Next()) ids.push_back(reader.entry().id().ms);
    return ids;
  }
  size_t Trim(uint64_t length, References references, bool whole_nodes = false) {
    return stream_.Trim({.by = StreamTrim::By::kLength, .whole_nodes = whole_nodes, .length = length, .first = {},
                         .references = references});
  }
  Stream stream_;
};

TEST_F(StreamGroupTest, TrimmingLeavesUnsettledEntries) {
  Deliver(3);
  EXPECT_EQ(Trim(0, References::kMustBeSettled), 0u);
  EXPECT_TRUE(group("g").RemovePending({2, 0}));
  EXPECT_TRUE(group("g").RemovePending({3, 0}));
  // 2 and 3 were given to both groups and acknowledged; 4 and above neither has seen.
  EXPECT_EQ(Trim(0, References::kMustBeSettled), 2u);
  EXPECT_THAT(Ids(), ElementsAre(1, 4, 5, 6));
  EXPECT_EQ(stream_.Erase({1, 0}, References::kMustBeSettled), Stream::Erased::kReferenced);
  EXPECT_TRUE(group("g").RemovePending({1, 0}));
  EXPECT_EQ(stream_.Erase({1, 0}, References::kMustBeSettled), Stream::Erased::kErased);
  EXPECT_EQ(stream_.Erase({1, 0}, References::kMustBeSettled), Stream::Erased::kAbsent);
}

TEST_F(StreamGroupTest, TrimmingSettledEntriesOnlyGoesNoFurtherThanAsked) {
  stream_.DeleteGroup("h");
  Deliver(6);
  for (uint64_t i = 3; i <= 6; ++i) group("g").RemovePending({i, 0});
  EXPECT_EQ(Trim(3, References::kMustBeSettled), 3u);
  EXPECT_THAT(Ids(), ElementsAre(1, 2, 6));
}

TEST_F(StreamGroupTest, TrimmingDropsReferences) {
  Deliver(6);
  EXPECT_EQ(Trim(1, References::kDrop, true), 4u);
  EXPECT_EQ(group("g").pending().size(), 2u);
  EXPECT_EQ(Trim(1, References::kDrop), 1u);
  EXPECT_EQ(group("g").pending().size(), 1u);
  EXPECT_EQ(consumer("c").pending.size(), 1u);
  EXPECT_EQ(Trim(0, References::kKeep), 1u);
  EXPECT_EQ(group("g").pending().size(), 1u);
  EXPECT_TRUE(stream_.DropReferences({6, 0}));
  EXPECT_FALSE(stream_.DropReferences({6, 0}));
}

TEST_F(StreamGroupTest, PendingEntriesMoveBetweenConsumers) {
  Deliver(4);
  group("g").SetPending({2, 0}, consumer("d"), 100, 7);
  EXPECT_EQ(consumer("c").pending.size(), 3u);
  EXPECT_EQ(consumer("d").pending.size(), 1u);
  const PendingEntry& moved = *group("g").FindPending({2, 0});
  EXPECT_EQ(moved.consumer, &consumer("d"));
  EXPECT_EQ(moved.delivered_at, 100);
  EXPECT_EQ(moved.deliveries, 7);
  EXPECT_EQ(group("g").DeleteConsumer(consumer("c")), 3u);
  EXPECT_EQ(group("g").pending().size(), 1u);
  EXPECT_EQ(group("g").FindConsumer("c"), nullptr);
}

TEST_F(StreamGroupTest, PendingEntriesAreFoundByTheirTimeOfDelivery) {
  const auto since = [&](UnixMillis latest) {
    std::vector<uint64_t> ids;
    group("g").ForEachPendingSince(latest, [&](StreamId id) {
      ids.push_back(id.ms);
      return ids.size() < 3;
    });
    return ids;
  };
  Deliver(4);
  EXPECT_THAT(since(3), ElementsAre(1, 2, 3));
  group("g").SetPending({1, 0}, consumer("d"), 50, 2);
  group("g").RemovePending({3, 0});
  EXPECT_THAT(since(49), ElementsAre(2, 4));
  EXPECT_THAT(since(50), ElementsAre(2, 4, 1));
  Deliver(5);
  EXPECT_THAT(since(1000), ElementsAre(2, 4, 5));
  group("g").DeleteConsumer(consumer("c"));
  EXPECT_THAT(since(1000), ElementsAre(1));
}

TEST_F(StreamGroupTest, ACopyHasConsumersAndPendingEntriesOfItsOwn) {
  Deliver(4);
  group("g").SetPending({2, 0}, consumer("d"), 100, 7);
  consumer("d").active_at = 99;
  Stream copy = stream_.Clone();
  EXPECT_EQ(copy.groups().size(), 2u);
  group("g").DeleteConsumer(consumer("d"));
  StreamGroup& copied = *copy.FindGroup("g");
  EXPECT_EQ(copied.last_delivered, (StreamId{4, 0}));
  EXPECT_EQ(copied.entries_read, 4);
  EXPECT_EQ(copied.pending().size(), 4u);
  ASSERT_NE(copied.FindConsumer("d"), nullptr);
  EXPECT_EQ(copied.FindConsumer("d")->active_at, 99);
  EXPECT_EQ(copied.FindPending({2, 0})->consumer, copied.FindConsumer("d"));
  EXPECT_EQ(copied.FindPending({2, 0})->deliveries, 7);
  EXPECT_FALSE(copy.CreateGroup("g", {}, 0));
}

TEST_F(StreamGroupTest, LagIsKnownUntilWhatIsToComeHasGaps) {
  EXPECT_EQ(stream_.Lag(group("g")), 6);
  EXPECT_EQ(stream_.Lag(group("h")), 3);
  Deliver(2);
  EXPECT_EQ(group("g").entries_read, 2);
  EXPECT_EQ(stream_.Lag(group("g")), 4);
  stream_.Erase({5, 0});
  EXPECT_EQ(stream_.Lag(group("g")), std::nullopt);
  Deliver(3);
  EXPECT_EQ(group("g").entries_read, StreamGroup::kUnknownEntriesRead);
  group("g").last_delivered = {4, 0};
  Deliver(6);
  EXPECT_EQ(group("g").entries_read, 6);
  EXPECT_EQ(stream_.Lag(group("g")), 0);
}

TEST_F(StreamGroupTest, LagOfAnEmptyStreamIsNothing) {
  Stream stream;
  stream.CreateGroup("g", {}, StreamGroup::kUnknownEntriesRead);
  EXPECT_EQ(stream.Lag(*stream.FindGroup("g")), 0);
  EXPECT_EQ(Trim(0, References::kKeep), 6u);
  EXPECT_EQ(stream_.Lag(group("g")), 6);  // the group's own count says so
  group("g").entries_read = StreamGroup::kUnknownEntriesRead;
  EXPECT_EQ(stream_.Lag(group("g")), 0);
}

}  // namespace
}  // namespace pinion::types
