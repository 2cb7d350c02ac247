// The packed record: every shape of key, value and deadline, and every change of shape.
#include "store/entry.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tests/store/store_test_util.h"
#include "types/hash.h"

namespace pinion::store {
namespace {

constexpr UnixMillis kNearDeadline = 1'800'000'000'000;            // 2027
constexpr UnixMillis kFirstNear = 1'577'836'800'000;       // 2020-01-01
constexpr UnixMillis kLastNear = kFirstNear + (int64_t{1} << 40) - 1;
constexpr UnixMillis kFarDeadline = std::numeric_limits<int64_t>::max();

const std::vector<size_t> kKeyLengths = {0, 1, 2, 16, 254, 255, 256, 257, 65'535, 65'536, 70'000};
const std::vector<size_t> kInlineLengths = {0, 1, 7, 64, 254, 255, 256, 257, 4095, 4096};
const std::vector<UnixMillis> kEveryDeadline = {kNoDeadline, kNearDeadline,         kFirstNear, kLastNear,
                                            kLastNear + 1, kFirstNear - 1, 0, 1, -2, kFarDeadline,
                                            std::numeric_limits<int64_t>::min()};

// One value of each holding a string can have, and of each length class.
struct Sample {
  std::string text;
  Holding holding;
  bool raw = false;

  [[nodiscard]] Entry::Value value() const {
    Entry::Value v = Entry::StringValue(text);
    v.raw = raw;
    return v;
  }
};

std::vector<Sample> Samples() {
  std::vector<Sample> samples;
  for (const size_t n : kInlineLengths) samples.push_back({Pattern(n), Holding::kInline});
  samples.push_back({Pattern(44), Holding::kInline, true});
  for (const char* number : {"0", "-1", "42", "9223372036854775807", "-9223372036854775808"}) {
    samples.push_back({number, Holding::kInteger});
  }
  for (const size_t n : {4097u, 100'000u}) samples.push_back({Pattern(n), Holding::kBlob});
  samples.push_back({Pattern(5000, 3), Holding::kBlob, true});
  return samples;
}

void ExpectIs(const Entry& e, std::string_view key, const Sample& s, UnixMillis deadline) {
  EXPECT_EQ(e.key(), key);
  EXPECT_EQ(e.type(), ValueType::kString);
  EXPECT_TRUE(e.is_string());
  EXPECT_EQ(e.holding(), s.holding);
  EXPECT_EQ(e.raw(), s.raw);
  EXPECT_EQ(TextOf(e), s.text);
  EXPECT_EQ(e.StringLength(), s.text.size());
  EXPECT_EQ(e.has_deadline(), deadline != kNoDeadline);
  EXPECT_EQ(e.deadline(), deadline);
  if (e.has_deadline()) {
    EXPECT_EQ(e.wheel_position(), Entry::kNotInWheel);
  }
  size_t total = e.AllocatedBytes();
  if (s.holding == Holding::kBlob) total += e.blob().allocated();
  EXPECT_EQ(e.TotalBytes(), total);
}

TEST(EntryTest, EveryShapeReadsBackAsItWasMade) {
  for (const size_t key_length : kKeyLengths) {
    const std::string key = Pattern(key_length, 11);
    for (const Sample& s : Samples()) {
      for (const UnixMillis deadline : kEveryDeadline) {
        SCOPED_TRACE(testing::Message() << "key " << key_length << " value " << s.text.size()
                                        << " deadline " << deadline);
        const EntryPtr e(Entry::New(key, s.value(), deadline));
        ExpectIs(*e, key, s, deadline);
        EXPECT_EQ(e->access_clock(), 0u);
      }
    }
  }
}

// Bytes asked of the allocator are its alone to round; the layout is what this test fixes.
size_t LayoutBytes(size_t key, size_t value, UnixMillis deadline) {
  return 6 + (key < 256 ? 0 : 7) +
         (deadline == kNoDeadline ? 0 : deadline >= kFirstNear && deadline <= kLastNear ? 9 : 12) +
         key + (value < 256 ? 1 : 2) + value;
}

TEST(EntryTest, ASmallStringCostsSevenBytesAndADeadlineNine) {
  ASSERT_EQ(LayoutBytes(16, 64, kNoDeadline), 87u);
  ASSERT_EQ(LayoutBytes(16, 64, kNearDeadline), 96u);
  for (const size_t key : {1u, 16u, 40u, 300u}) {
    for (const size_t value : {0u, 5u, 64u, 71u, 72u, 73u, 500u}) {
      for (const UnixMillis deadline : {kNoDeadline, kNearDeadline, kFarDeadline}) {
        const EntryPtr e = MakeEntry(Pattern(key), Pattern(value), deadline);
        EXPECT_EQ(e->AllocatedBytes(), Slab::PackedSize(LayoutBytes(key, value, deadline)));
      }
    }
  }
  EXPECT_EQ(MakeEntry(Pattern(16), Pattern(64), kNearDeadline)->AllocatedBytes(), Slab::PackedSize(96));
  EXPECT_EQ(MakeEntry(Pattern(16), "1234567890123")->AllocatedBytes(), Slab::PackedSize(6 + 16 + 8));
}

TEST(EntryTest, StringValuePicksTheHoldingByTheText) {
  EXPECT_EQ(Entry::StringValue("12").holding, Holding::kInteger);
  EXPECT_EQ(Entry::StringValue("-9223372036854775808").integer,
            std::numeric_limits<int64_t>::min());
  for (const char* text : {"", "012", "+1", " 1", "1 ", "-0", "9223372036854775808", "1.0", "a"}) {
    EXPECT_EQ(Entry::StringValue(text).holding, Holding::kInline) << text;
  }
  EXPECT_EQ(Entry::StringValue(Pattern(kMaxInline)).holding, Holding::kInline);
  const Entry::Value big = Entry::StringValue(Pattern(kMaxInline + 1));
  EXPECT_EQ(big.holding, Holding::kBlob);
  Blob::Adopt(big.pointer);
}

TEST(EntryTest, BytesOfAnyValueAreKept) {
  std::string all(256, '\0');
  for (int i = 0; i < 256; ++i) all[static_cast<size_t>(i)] = static_cast<char>(i);
  const EntryPtr e = MakeEntry(all, all);
  EXPECT_EQ(e->key(), all);
  EXPECT_EQ(e->inline_bytes(), all);
}

TEST(EntryTest, RecreateKeepsKeyAndClockWhateverTheShapes) {
  const std::vector<Sample> samples = Samples();
  const std::vector<UnixMillis> deadlines = {kNoDeadline, kNearDeadline, kFarDeadline};
  size_t in_place = 0;
  for (const size_t key_length : {0u, 16u, 255u, 256u, 70'000u}) {
    const std::string key = Pattern(key_length, 5);
    for (const Sample& from : samples) {
      for (const Sample& to : samples) {
        for (const UnixMillis before : deadlines) {
          for (const UnixMillis after : deadlines) {
            Entry* made = Entry::New(key, from.value(), before);
            made->set_access_clock(0xABCDEF);
            const size_t old_bytes = made->AllocatedBytes();
            const EntryPtr e(Entry::Recreate(made, to.value(), after));
            in_place += e.get() == made && e->AllocatedBytes() == old_bytes;
            SCOPED_TRACE(testing::Message() << key_length << ": " << from.text.size() << " -> "
                                            << to.text.size() << ", " << before << " -> " << after);
            ExpectIs(*e, key, to, after);
            EXPECT_EQ(e->access_clock(), 0xABCDEFu);
          }
        }
      }
    }
  }
  EXPECT_GT(in_place, 0u);
}

TEST(EntryTest, RecreateReusesTheMemoryForAValueOfTheSameSize) {
  Entry* made = Entry::New("key", Entry::StringValue(Pattern(40)), kNearDeadline);
  const EntryPtr e(Entry::Recreate(made, Entry::StringValue(Pattern(40, 9)), kNearDeadline + 5));
  EXPECT_EQ(e.get(), made);
  EXPECT_EQ(TextOf(*e), Pattern(40, 9));
  EXPECT_EQ(e->deadline(), kNearDeadline + 5);
}

TEST(EntryTest, RecreateTakesAValueThatStandsInTheEntryItself) {
  for (const size_t length : {1u, 30u, 300u, 4096u}) {
    for (const UnixMillis deadline : {kNoDeadline, kNearDeadline, kFarDeadline}) {
      Entry* e = Entry::New("key", Entry::StringValue(Pattern(length)), kNoDeadline);
      Entry::Value same;
      same.bytes = e->inline_bytes();
      e = Entry::Recreate(e, same, deadline);
      EXPECT_EQ(TextOf(*e), Pattern(length));
      same.bytes = e->inline_bytes().substr(length / 2);
      e = Entry::Recreate(e, same, deadline);
      EXPECT_EQ(TextOf(*e), Pattern(length).substr(length / 2));
      same.bytes = e->key();
      e = Entry::Recreate(e, same, deadline);
      EXPECT_EQ(TextOf(*e), "key");
      Entry::Delete(e);
    }
  }
}

TEST(EntryTest, RecreateTakesBytesOfTheBlobItDrops) {
  const std::string text = Pattern(9000);
  Entry* e = Entry::New("key", Entry::StringValue(text), kNoDeadline);
  Entry::Value part;
  char scratch[32];
  part.bytes = e->StringView(scratch).substr(100, 4000);
  e = Entry::Recreate(e, part, kNoDeadline);
  EXPECT_EQ(TextOf(*e), text.substr(100, 4000));
  Entry::Delete(e);
}

TEST(EntryTest, RecreateKeepsTheBlobItIsGivenBack) {
  const std::string text = Pattern(9000);
  Entry* e = Entry::New("key", Entry::StringValue(text), kNoDeadline);
  for (const UnixMillis deadline : {kNearDeadline, kFarDeadline, kNoDeadline, kNoDeadline}) {
    Entry::Value same;
    same.holding = Holding::kBlob;
    same.pointer = e->pointer();
    e = Entry::Recreate(e, same, deadline);
    EXPECT_EQ(TextOf(*e), text);
    Blob held = e->blob();
    EXPECT_FALSE(held.unique());
    held = Blob();
    EXPECT_EQ(e->deadline(), deadline);
  }
  Entry::Delete(e);
}

TEST(EntryTest, ABlobIsSharedWithWhoeverHoldsIt) {
  Blob kept;
  {
    const EntryPtr e = MakeEntry("key", Pattern(5000));
    kept = e->blob();
    EXPECT_EQ(kept.view(), Pattern(5000));
    EXPECT_FALSE(kept.unique());
    EXPECT_EQ(e->StringLength(), 5000u);
    EXPECT_EQ(e->TotalBytes(), e->AllocatedBytes() + kept.allocated());
  }
  EXPECT_TRUE(kept.unique());
  EXPECT_EQ(kept.view(), Pattern(5000));
}

TEST(EntryTest, ADeadlineMovesInPlaceWithinItsForm) {
  const EntryPtr near = MakeEntry("key", "v", kNearDeadline);
  EXPECT_TRUE(near->TrySetDeadline(kLastNear));
  EXPECT_EQ(near->deadline(), kLastNear);
  EXPECT_TRUE(near->TrySetDeadline(kFirstNear));
  EXPECT_EQ(near->deadline(), kFirstNear);
  EXPECT_FALSE(near->TrySetDeadline(kFarDeadline));
  EXPECT_FALSE(near->TrySetDeadline(kNoDeadline));
  EXPECT_EQ(near->deadline(), kFirstNear);

  const EntryPtr far = MakeEntry("key", "v", kFarDeadline);
  EXPECT_TRUE(far->TrySetDeadline(0));
  EXPECT_EQ(far->deadline(), 0);
  EXPECT_FALSE(far->TrySetDeadline(kNearDeadline));
  EXPECT_FALSE(far->TrySetDeadline(kNoDeadline));

  const EntryPtr none = MakeEntry("key", "v");
  EXPECT_TRUE(none->TrySetDeadline(kNoDeadline));
  EXPECT_FALSE(none->TrySetDeadline(kNearDeadline));
  EXPECT_FALSE(none->has_deadline());
  EXPECT_EQ(TextOf(*near) + TextOf(*far) + TextOf(*none), "vvv");
}

TEST(EntryTest, SettersTouchNothingButTheirField) {
  for (const UnixMillis deadline : {kNearDeadline, kFarDeadline}) {
    const EntryPtr e = MakeEntry("the key", "the value", deadline);
    e->set_access_clock(0xFFFFFF);
    e->set_wheel_position(123'456'789);
    e->set_raw();
    EXPECT_EQ(e->access_clock(), 0xFFFFFFu);
    EXPECT_EQ(e->wheel_position(), 123'456'789u);
    EXPECT_TRUE(e->raw());
    EXPECT_EQ(e->deadline(), deadline);
    EXPECT_EQ(e->key(), "the key");
    e->OverwriteInline("new bytes");
    EXPECT_EQ(TextOf(*e), "new bytes");
    e->set_access_clock(0x010203);
    EXPECT_EQ(e->access_clock(), 0x010203u);
    EXPECT_EQ(e->wheel_position(), 123'456'789u);
  }
  const EntryPtr number = MakeEntry("n", "5");
  number->set_integer(-7);
  EXPECT_EQ(number->integer(), -7);
  EXPECT_EQ(TextOf(*number), "-7");
  EXPECT_EQ(number->StringLength(), 2u);
}

// A hash of one field as an entry's value.
Entry::Value HashValue() {
  types::Hash hash;
  hash.Set("field", "value", {.max_listpack_entries = 8, .max_listpack_value = 64});
  Entry::Value v;
  v.type = ValueType::kHash;
  v.holding = Holding::kObject;
  v.pointer = hash.Release();
  return v;
}

TEST(EntryTest, AnObjectCostsItsAddressInSixBytes) {
  for (const size_t key : {1u, 15u, 16u, 17u, 300u}) {
    const Entry::Value value = HashValue();
    const EntryPtr e(Entry::New(Pattern(key), value, kNoDeadline));
    EXPECT_EQ(e->pointer(), value.pointer);
    EXPECT_EQ(e->AllocatedBytes(), Slab::PackedSize(LayoutBytes(key, 0, kNoDeadline) - 1 + 6));
  }
}

TEST(EntryTest, AnObjectIsCarriedByItsWordAndFreedWithTheEntry) {
  Entry::Value v = HashValue();
  Entry* e = Entry::New("key", v, kNoDeadline);
  EXPECT_EQ(e->type(), ValueType::kHash);
  EXPECT_FALSE(e->is_string());
  EXPECT_EQ(e->pointer(), v.pointer);
  EXPECT_EQ(e->TotalBytes(), e->AllocatedBytes() + types::ObjectBytes(v.type, v.pointer));
  e = Entry::Recreate(e, v, kNearDeadline);
  EXPECT_EQ(e->pointer(), v.pointer);
  EXPECT_EQ(e->deadline(), kNearDeadline);
  e = Entry::Recreate(e, HashValue(), kNearDeadline);
  EXPECT_NE(e->pointer(), v.pointer);
  e = Entry::Recreate(e, Entry::StringValue("text"), kNoDeadline);
  EXPECT_EQ(TextOf(*e), "text");
  Entry::Delete(e);
}

TEST(EntryTest, AnObjectCanBeTakenOutOfAnEntry) {
  Entry* e = Entry::New("key", HashValue(), kNoDeadline);
  void* word = e->TakePointer();
  EXPECT_EQ(e->TotalBytes(), e->AllocatedBytes());
  Entry::Delete(e);
  EXPECT_EQ(types::ObjectSize(ValueType::kHash, word), 1u);
  types::FreeObject(ValueType::kHash, word);
}

}  // namespace
}  // namespace pinion::store
