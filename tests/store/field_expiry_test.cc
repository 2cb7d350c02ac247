// Deadlines of hash fields in the store: in time, by the wheel or by the reader, wherever the hash goes meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"
#include "tests/store/store_test_util.h"
#include "types/hash.h"

namespace pinion::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using types::Hash;
using Event = RecordingListener::Event;
constexpr types::HashLimits kLimits{.max_listpack_entries = 8, .max_listpack_value = 64};

class FieldExpiryTest : public testing::Test {
 protected:
  FieldExpiryTest() { s.keyspace.settings().notify_mask = kEventKeyevent | kEventHash | kEventGeneric; }
  ~FieldExpiryTest() override { EXPECT_TRUE(s.Consistent()); }

  // Changes the hash as handlers do.
  template <typename F>
  void Edit(std::string_view key, F&& f) {
    const Key k = s.keyspace.MakeKey(key);
    Database db = s.Db();
    WriteGuard w(db, k);
    if (!w.exists()) {
      Hash fresh;
      f(fresh);
      w.SetObject(ValueType::kHash, fresh.Release(), kNoDeadline);
      return;
    }
    Hash hash = Hash::Adopt(w.TakeOutObject());
    const size_t before = hash.AllocatedBytes();
    f(hash);
    const auto more = static_cast<int64_t>(hash.AllocatedBytes() - before);
    w.PutBackObject(hash.Release(), more);
  }
  void Set(std::string_view key, std::string_view field, UnixMillis deadline) {
    Edit(key, [&](Hash& h) {
      h.Set(field, "value", kLimits);
      if (deadline != kNoDeadline) h.SetDeadline(field, deadline);
    });
  }
  // How many fields a reader sees; 0 when the key is gone.
  size_t Size(std::string_view key) {
    const Entry* e = s.Db().Read(s.keyspace.MakeKey(key));
    return e == nullptr ? 0 : types::Borrowed<Hash>(e->pointer())->size();
  }
  void Rename(std::string_view from, std::string_view to) {
    const Key a = s.keyspace.MakeKey(from), b = s.keyspace.MakeKey(to);
    Database db = s.Db();
    WriteGuard source(db, a), target(db, b);
    target.TakeFrom(source);
  }

  TestStore s;
};

TEST_F(FieldExpiryTest, TheWheelRemovesAFieldInItsMillisecond) {
  Set("h", "f", kStart + 50);
  Set("h", "g", kNoDeadline);
  EXPECT_EQ(s.ExpireAll(), kStart + 50);
  s.clock.AdvanceMillis(50);
  s.ExpireAll();
  EXPECT_THAT(s.listener.TakeEvents(), ElementsAre(Event{kEventHash, "hexpired", "h", 0}));
  EXPECT_EQ(Size("h"), 1u);
  EXPECT_EQ(s.accessor.stats.expired_fields.Get(), 1);
}

TEST_F(FieldExpiryTest, AReaderBeforeTheWheelSeesNoDeadField) {
  Set("h", "f", kStart + 50);
  Set("h", "g", kNoDeadline);
  s.clock.AdvanceMillis(50);
  EXPECT_EQ(Size("h"), 1u);
}

TEST_F(FieldExpiryTest, WithItsLastFieldTheKeyGoes) {
  Set("h", "f", kStart + 50);
  Set("h", "g", kStart + 60);
  s.clock.AdvanceMillis(60);
  EXPECT_EQ(Size("h"), 0u);
  EXPECT_THAT(s.listener.TakeEvents(), ElementsAre(Event{kEventHash, "hexpired", "h", 0},
                                                   Event{kEventGeneric, "del", "h", 0}));
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, 0u);
}

TEST_F(FieldExpiryTest, DeadlinesFollowTheHash) {
  Set("a", "f", kStart + 50);
  Set("a", "g", kNoDeadline);
  Rename("a", "b");
  {
    const Key k = s.keyspace.MakeKey("b"), copy = s.keyspace.MakeKey("c");
    Database db = s.Db();
    WriteGuard w(db, copy);
    w.CopyFrom(*db.Peek(k));
    WriteGuard(db, k).SetDeadline(kStart + 1000);  // the entry moves
  }
  s.clock.AdvanceMillis(50);
  s.ExpireAll();
  EXPECT_EQ(Size("b"), 1u);
  EXPECT_EQ(Size("c"), 1u);
  s.clock.AdvanceMillis(950);
  s.ExpireAll();
  EXPECT_EQ(Size("b"), 0u);
  EXPECT_EQ(Size("c"), 1u);
}

TEST_F(FieldExpiryTest, AForgottenHashIsForgottenByTheWheel) {
  for (const char* key : {"deleted", "overwritten"}) Set(key, "f", kStart + 50);
  s.Del("deleted");
  s.Set("overwritten", "a string");
  s.listener.TakeEvents();
  s.clock.AdvanceMillis(100);
  s.ExpireAll();
  EXPECT_THAT(s.listener.TakeEvents(), IsEmpty());
  EXPECT_EQ(s.Get("overwritten"), "a string");
}

TEST_F(FieldExpiryTest, AThousandFieldsOfOneHashGoTogether) {
  for (int i = 0; i < 1000; ++i) Set("h", "f" + std::to_string(i), kStart + 7);
  Set("h", "stays", kStart + 8);
  s.clock.AdvanceMillis(7);
  s.ExpireAll();
  EXPECT_EQ(s.accessor.stats.expired_fields.Get(), 1000);
  EXPECT_EQ(Size("h"), 1u);
}

TEST_F(FieldExpiryTest, AgreesWithAModelWhateverHappens) {
  Random random(7);
  std::map<std::string, std::map<std::string, UnixMillis>> model;
  const auto drop_due = [&] {
    for (auto& [key, fields] : model) std::erase_if(fields, [&](const auto& f) { return f.second >= 0 && f.second <= s.now(); });
    std::erase_if(model, [](const auto& k) { return k.second.empty(); });
  };
  for (int step = 0; step < 4000; ++step) {
    const std::string key = "h" + std::to_string(random.Below(12));
    const std::string field = "f" + std::to_string(random.Below(30));
    switch (random.Below(8)) {
      case 0:
        s.Del(key);
        model.erase(key);
        break;
      case 1:
        if (const std::string to = "r" + key; model.contains(key)) {
          Rename(key, to);
          model[to] = std::exchange(model[key], {});
          model.erase(key);
        }
        break;
      case 2:
        s.clock.AdvanceMillis(static_cast<int64_t>(random.Below(40)));
        if (random.Below(2) == 0) s.ExpireAll();
        drop_due();
        break;
      default: {
        const UnixMillis deadline = random.Below(3) == 0 ? kNoDeadline : s.now() + 1 + static_cast<UnixMillis>(random.Below(300));
        Set(key, field, deadline);
        model[key][field] = deadline;
      }
    }
    for (const auto& [k, fields] : model) ASSERT_EQ(Size(k), fields.size()) << k << " at step " << step;
  }
  s.clock.AdvanceMillis(1000);
  s.ExpireAll();
  drop_due();
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, model.size());
}

}  // namespace
}  // namespace pinion::store
