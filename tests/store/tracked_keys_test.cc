// Tests of remembering which clients may have cached which keys.
#include "store/tracked_keys.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "tests/store/store_test_util.h"

namespace pinion::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TrackedKeys::News Add(TrackedKeys& keys, std::string_view key, ClientId client) {
  return keys.Add(HashKey(key), key, client);
}
std::vector<ClientId> Take(TrackedKeys& keys, std::string_view key) { return keys.Take(HashKey(key), key); }

TEST(TrackedKeysTest, KeepsEachClientOnceAKey) {
  TrackedKeys keys;
  EXPECT_TRUE(Add(keys, "k", 7).key);
  EXPECT_FALSE(Add(keys, "k", 7).client);
  const TrackedKeys::News second = Add(keys, "k", 3);
  EXPECT_FALSE(second.key);
  EXPECT_TRUE(second.client);
  Add(keys, "k", 9);
  EXPECT_EQ(keys.size(), 1u);
  EXPECT_THAT(Take(keys, "k"), ElementsAre(3, 7, 9));
  EXPECT_THAT(Take(keys, "k"), IsEmpty());
  EXPECT_EQ(keys.size(), 0u);
}

TEST(TrackedKeysTest, CountsItsMemoryBackToWhereItWas) {
  TrackedKeys keys;
  const size_t empty = keys.bytes();
  for (int i = 0; i < 1000; ++i) {
    for (ClientId c = 0; c < 5; ++c) Add(keys, "a key with a name too long to stand inside " + std::to_string(i), c);
  }
  EXPECT_GT(keys.bytes(), empty + 1000 * (60 + 5 * sizeof(ClientId)));
  for (int i = 0; i < 1000; ++i) Take(keys, "a key with a name too long to stand inside " + std::to_string(i));
  EXPECT_LT(keys.bytes(), empty + 4096);
}

// What the listener was told of tracked keys.
class ChangeListener final : public KeyspaceListener {
 public:
  struct Told {
    std::string key;
    std::vector<ClientId> clients;
    Change change;
    bool operator==(const Told&) const = default;
  };
  void OnKeyEvent(EventClass, std::string_view, std::string_view, uint32_t) override {}
  void OnEarlierDue(uint32_t, UnixMillis) override {}
  void OnChange(std::string_view key, std::span<const ClientId> clients, Change change) override {
    told.push_back({std::string(key), {clients.begin(), clients.end()}, change});
  }
  std::vector<Told> Take() { return std::exchange(told, {}); }
  std::vector<Told> told;
};

class TrackingKeyspaceTest : public ::testing::Test {
 protected:
  using Told = ChangeListener::Told;
  void Track(std::string_view key, ClientId client) { store_.keyspace.Track(store_.keyspace.MakeKey(key), client); }
  void Set(std::string_view key, UnixMillis deadline = kNoDeadline) {
    const Key k = store_.keyspace.MakeKey(key);
    Database(store_.keyspace, 0, store_.now(), accessor_).Write(k).SetString("v", deadline);
  }

  TestStore store_;
  ChangeListener listener_;
  Accessor accessor_{1, &listener_};
};

TEST_F(TrackingKeyspaceTest, AChangeIsToldOnce) {
  Track("k", 5);
  Track("k", 4);
  Track("other", 5);
  EXPECT_EQ(store_.keyspace.tracked_keys(), 2u);
  EXPECT_EQ(store_.keyspace.tracked_items(), 3u);
  Set("k");
  Set("k");
  EXPECT_THAT(listener_.Take(), ElementsAre(Told{"k", {4, 5}, Change::kCommand}));
  EXPECT_EQ(store_.keyspace.tracked_keys(), 1u);
  EXPECT_EQ(store_.keyspace.tracked_items(), 1u);
}

TEST_F(TrackingKeyspaceTest, ExpiryIsAChangeByNobody) {
  Set("k", store_.now() + 10);
  Track("k", 1);
  store_.clock.AdvanceMillis(20);
  store_.keyspace.ExpireDue(0, store_.keyspace.shard_count(), store_.now(), 1'000'000, accessor_);
  EXPECT_THAT(listener_.Take(), ElementsAre(Told{"k", {1}, Change::kExpiry}));
}

TEST_F(TrackingKeyspaceTest, AllChangesAreToldWhenAskedFor) {
  store_.keyspace.settings().tell_all_changes = true;
  Track("b", 2);
  Set("a");
  Set("b");
  EXPECT_THAT(listener_.Take(), ElementsAre(Told{"a", {}, Change::kCommand}, Told{"b", {2}, Change::kCommand}));
}

TEST_F(TrackingKeyspaceTest, ForgettingStopsAtWhatMayStayOrAtItsStep) {
  for (int i = 0; i < 100; ++i) Track(std::to_string(i), 1);
  store_.keyspace.ForgetTracked(10, 30, true, accessor_);
  EXPECT_EQ(store_.keyspace.tracked_keys(), 70u);
  store_.keyspace.ForgetTracked(10, 1000, true, accessor_);
  EXPECT_EQ(store_.keyspace.tracked_keys(), 10u);
  EXPECT_EQ(listener_.told.size(), 90u);
  EXPECT_EQ(listener_.told[0].change, Change::kForgotten);
  store_.keyspace.ForgetAllTracked();
  EXPECT_EQ(store_.keyspace.tracked_items(), 0u);
  EXPECT_EQ(listener_.told.size(), 90u);
}

}  // namespace
}  // namespace pinion::store
