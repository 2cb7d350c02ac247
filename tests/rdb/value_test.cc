// Values of every type and form, written and read again; and bytes that are no values.
#include "rdb/value.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rdb/format.h"

namespace pinion::rdb {
namespace {

using types::Hash;
using types::List;
using types::ListEnd;
using types::Set;
using types::SortedSet;
using types::Stream;

const ValueLimits kLimits;

// The value's type and bytes.
std::string Written(const ValueView& view, bool compress = true) {
  std::string bytes(1, static_cast<char>(TypeOf(view)));
  Writer out(&bytes, compress);
  WriteValue(view, TypeOf(view), out);
  return bytes;
}
template <typename T>
std::string Written(T* value) {
  void* const word = value->Release();
  std::string bytes = Written({T::kType, {}, word});
  *value = T::Adopt(word);
  return bytes;
}
uint8_t TypeByte(const std::string& bytes) { return static_cast<uint8_t>(bytes[0]); }

std::optional<Value> Read(std::string_view bytes, const ValueLimits& limits = kLimits) {
  Reader in(bytes.substr(1));
  std::optional<Value> value = ReadValue(static_cast<uint8_t>(bytes[0]), in, limits);
  if (in.remaining() != 0) return std::nullopt;
  return value;
}

// What is read is written the same, and no beginning of it can be read.
void ExpectReadsTheSame(const std::string& bytes) {
  std::optional<Value> value = Read(bytes);
  ASSERT_TRUE(value);
  void* const word = value->Release();
  EXPECT_EQ(Written({value->type(), value->text(), word}), bytes);
  if (word != nullptr) types::FreeObject(value->type(), word);
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    const size_t cut = 1 + random() % (bytes.size() - 1);
    EXPECT_FALSE(Read(std::string_view(bytes).substr(0, cut))) << cut << " of " << bytes.size();
  }
}

TEST(Rdb, LengthsTakeTheShortestForm) {
  const std::pair<uint64_t, size_t> cases[] = {{0, 1}, {63, 1}, {64, 2}, {16383, 2}, {16384, 5}, {UINT32_MAX, 5},
                                               {uint64_t{UINT32_MAX} + 1, 9}, {UINT64_MAX, 9}};
  for (const auto& [n, size] : cases) {
    std::string bytes;
    Writer(&bytes, false).Length(n);
    EXPECT_EQ(bytes.size(), size) << n;
    Reader in(bytes);
    EXPECT_EQ(in.Length(), n);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.remaining(), 0u);
  }
}

TEST(Rdb, StringsTakeTheShortestForm) {
  const std::pair<std::string, size_t> cases[] = {
      {"", 1}, {"a", 2}, {"0", 2}, {"-128", 2}, {"128", 3}, {"-32768", 3}, {"32768", 5}, {"-2147483648", 5},
      {"2147483648", 11}, {"01", 3}, {"-0", 3}, {std::string(64, 'x') + "y", 13}, {std::string(20, 'x'), 21}};
  for (const auto& [text, size] : cases) {
    std::string bytes, scratch;
    Writer(&bytes, true).String(text);
    EXPECT_EQ(bytes.size(), size) << text;
    Reader in(bytes);
    EXPECT_EQ(in.String(&scratch), text);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.remaining(), 0u);
  }
}

TEST(Rdb, HoldsStrings) {
  for (const std::string& text : {std::string(), std::string("12345"), std::string("bin\0\xFF", 5), std::string(5000, 'a')}) {
    const std::string bytes = Written({types::ValueType::kString, text, nullptr});
    EXPECT_EQ(TypeByte(bytes), kString);
    const std::optional<Value> value = Read(bytes);
    ASSERT_TRUE(value);
    EXPECT_EQ(value->text(), text);
  }
  EXPECT_LT(Written({types::ValueType::kString, std::string(5000, 'a'), nullptr}).size(), 200u);
  EXPECT_GT(Written({types::ValueType::kString, std::string(5000, 'a'), nullptr}, false).size(), 5000u);
}

TEST(Rdb, HoldsLists) {
  for (int n : {1, 10, 5000}) {
    List list;
    for (int i = 0; i < n; ++i) list.Push(ListEnd::kTail, i % 2 ? std::to_string(i) : "item " + std::to_string(i), kLimits.list);
    if (n == 5000) list.Push(ListEnd::kTail, std::string(20'000, 'x'), kLimits.list);
    const std::string bytes = Written(&list);
    EXPECT_EQ(TypeByte(bytes), kListQuicklist2);
    ExpectReadsTheSame(bytes);
  }
}

TEST(Rdb, HoldsSets) {
  const auto set_of = [](int n, const std::string& prefix) {
    Set set;
    for (int i = 0; i < n; ++i) set.Add(prefix + std::to_string(i), kLimits.set);
    return set;
  };
  Set integers = set_of(500, ""), small = set_of(20, "m"), large = set_of(3000, "m");
  EXPECT_EQ(TypeByte(Written(&integers)), kSetIntSet);
  EXPECT_EQ(TypeByte(Written(&small)), kSetListpack);
  EXPECT_EQ(TypeByte(Written(&large)), kSet);
  ExpectReadsTheSame(Written(&integers));
  ExpectReadsTheSame(Written(&small));
  const std::optional<Value> read = Read(Written(&large));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->empty());
}

TEST(Rdb, HoldsSortedSets) {
  for (int n : {5, 2000}) {
    SortedSet set;
    for (int i = 0; i < n; ++i) set.Set("m" + std::to_string(i), i * 0.3, kLimits.sorted_set);
    set.Set("low", -std::numeric_limits<double>::infinity(), kLimits.sorted_set);
    set.Set("high", 1e300, kLimits.sorted_set);
    const std::string bytes = Written(&set);
    EXPECT_EQ(TypeByte(bytes), n == 5 ? kSortedSetListpack : kSortedSet);
    ExpectReadsTheSame(bytes);
  }
}

TEST(Rdb, HoldsHashesWithAndWithoutDeadlines) {
  for (int n : {5, 1000}) {
    for (bool timed : {false, true}) {
      Hash hash;
      for (int i = 0; i < n; ++i) hash.Set("f" + std::to_string(i), "v" + std::to_string(i), kLimits.hash);
      if (timed) {
        for (int i = 0; i < n; i += 2) hash.SetDeadline("f" + std::to_string(i), 2'000'000'000'000 + i);
      }
      const std::string bytes = Written(&hash);
      EXPECT_EQ(TypeByte(bytes), timed ? (n == 5 ? kHashListpackWithDeadlines : kHashWithDeadlines)
                                       : (n == 5 ? kHashListpack : kHash));
      std::optional<Value> value = Read(bytes);
      ASSERT_TRUE(value);
      const Hash read = Hash::Adopt(value->Release());
      ASSERT_EQ(read.size(), static_cast<size_t>(n));
      for (int i = 0; i < n; ++i) {
        const std::string field = "f" + std::to_string(i);
        char scratch[kMaxInt64Text];
        EXPECT_EQ(read.Get(field)->View(scratch), "v" + std::to_string(i));
        EXPECT_EQ(read.Deadline(field), timed && i % 2 == 0 ? 2'000'000'000'000 + i : -1);
      }
    }
  }
}

TEST(Rdb, HoldsStreamsWithGroups) {
  Stream stream;
  for (uint64_t i = 1; i <= 300; ++i) {
    const std::string value = std::to_string(i);
    const std::string_view pairs[] = {i % 7 ? "f" : "other", value, "g", "same"};
    stream.Append({i, i % 3}, pairs, kLimits.stream);
  }
  stream.Erase({5, 2});
  stream.Erase({150, 0});
  stream.SetIds({400, 1}, 500, types::StreamId{150, 0});
  ASSERT_TRUE(stream.CreateGroup("g", {20, 2}, 20));
  ASSERT_TRUE(stream.CreateGroup("empty", {0, 0}, types::StreamGroup::kUnknownEntriesRead));
  types::StreamGroup& group = *stream.FindGroup("g");
  types::StreamConsumer& alice = group.CreateConsumer("alice", 1000);
  group.CreateConsumer("bob", 2000);
  alice.active_at = 1500;
  for (uint64_t i = 10; i < 20; ++i) group.SetPending({i, i % 3}, alice, 1200, 3);
  const std::string bytes = Written(&stream);
  EXPECT_EQ(TypeByte(bytes), kStream3);
  ExpectReadsTheSame(bytes);
}

TEST(Rdb, RefusesWhatNoValueIs) {
  const auto refused = [](uint8_t type, const std::string& body) { return !Read(std::string(1, static_cast<char>(type)) + body); };
  EXPECT_TRUE(refused(kSet, std::string("\x02\x01") + "a" + "\x01" + "a"));         // twice
  EXPECT_TRUE(refused(kHash, std::string("\x02\x01") + "a\x01" "1\x01" "a\x01" "2"));
  EXPECT_TRUE(refused(kSortedSetText, std::string("\x01\x01") + "a" + "\xFD"));     // NaN
  EXPECT_TRUE(refused(kList, "\x81\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));            // more than there can be
  EXPECT_TRUE(refused(kString, "\xC3\x01\x81\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFx"));  // expands beyond all measure
  EXPECT_TRUE(refused(kListQuicklist2, std::string("\x01\x03\x01") + "x"));          // a node of no kind
  EXPECT_TRUE(refused(kHashListpack, std::string("\x07", 1) + std::string("\x07\0\0\0\0\0", 6)));  // no end
  EXPECT_TRUE(refused(kModule, "x"));
  EXPECT_TRUE(refused(8, ""));
  EXPECT_TRUE(refused(200, ""));
  std::optional<Value> nothing = Read(std::string("\x01\x00", 2));  // well-formed, but no key may hold it
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->empty());
}

TEST(Rdb, ReadsOlderForms) {
  std::optional<Value> list = Read(std::string("\x01\x02\x01") + "a" + "\xC0\x05");
  ASSERT_TRUE(list);
  EXPECT_EQ(List::Adopt(list->Release()).size(), 2u);
  std::optional<Value> scores = Read(std::string("\x03\x02\x01") + "a" + "\x03" "1.5" + "\x01" "b" + "\xFE");
  ASSERT_TRUE(scores);
  const SortedSet set = SortedSet::Adopt(scores->Release());
  EXPECT_EQ(set.Score("a"), 1.5);
  EXPECT_TRUE(std::isinf(*set.Score("b")));
}

}  // namespace
}  // namespace pinion::rdb
