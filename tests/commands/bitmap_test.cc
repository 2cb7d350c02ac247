// SETBIT, GETBIT, BITCOUNT, BITPOS and BITOP over a connection.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kBadOffset = "ERR bit offset is not an integer or out of range";
constexpr const char* kBadBit = "ERR bit is not an integer or out of range";
using BitmapTest = StringTest;

TEST_F(BitmapTest, SetBitRepliesTheBitBeforeAndGrowsTheString) {
  EXPECT_THAT(Do("SETBIT", "k", 1, 1), IsInt(0));
  EXPECT_THAT(Do("SETBIT", "k", 1, 1), IsInt(1));
  EXPECT_THAT(Do("SETBIT", "k", 17, 1), IsInt(0));
  EXPECT_THAT(Do("GET", "k"), IsBulk(std::string("\x40\0\x40", 3)));
  EXPECT_THAT(Do("SETBIT", "k", 1, 0), IsInt(1));
  EXPECT_THAT(Do("GET", "k"), IsBulk(std::string("\0\0\x40", 3)));
  EXPECT_THAT(Do("SETBIT", "new", 8, 0), IsInt(0));
  EXPECT_THAT(Do("STRLEN", "new"), IsInt(2));
}

TEST_F(BitmapTest, BitsOfIntegersAreThoseOfTheirDigits) {
  Do("SET", "k", 1);
  EXPECT_THAT(Do("GETBIT", "k", 2), IsInt(1));
  EXPECT_THAT(Do("GETBIT", "k", 4), IsInt(0));
  EXPECT_THAT(Do("GETBIT", "k", 7), IsInt(1));
  EXPECT_THAT(Do("SETBIT", "k", 6, 1), IsInt(0));
  EXPECT_THAT(Do("GET", "k"), IsBulk("3"));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("raw"));
}

TEST_F(BitmapTest, GetBitIsZeroWhereThereIsNothing) {
  EXPECT_THAT(Do("GETBIT", "none", 0), IsInt(0));
  Do("SET", "k", "\xFF");
  EXPECT_THAT(Do("GETBIT", "k", 7), IsInt(1));
  EXPECT_THAT(Do("GETBIT", "k", 8), IsInt(0));
  EXPECT_THAT(Do("GETBIT", "k", 4'294'967'295), IsInt(0));
}

TEST_F(BitmapTest, SetBitKeepsTheDeadline) {
  Do("SET", "k", "x", "EX", 100);
  Do("SETBIT", "k", 100, 1);
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
}

TEST_F(BitmapTest, OffsetsEndWithTheLongestString) {
  for (const char* offset : {"-1", "4294967296", "9223372036854775807", "x", "#1", "1.0", ""}) {
    EXPECT_THAT(Do("SETBIT", "k", offset, 1), IsError(kBadOffset)) << offset;
    EXPECT_THAT(Do("GETBIT", "k", offset), IsError(kBadOffset)) << offset;
  }
  EXPECT_THAT(Do("CONFIG", "SET", "proto-max-bulk-len", 1'048'576), IsOk());
  EXPECT_THAT(Do("SETBIT", "k", 8'388'607, 1), IsInt(0));
  EXPECT_THAT(Do("SETBIT", "k", 8'388'608, 1), IsError(kBadOffset));
  EXPECT_THAT(Do("STRLEN", "k"), IsInt(1'048'576));
}

TEST_F(BitmapTest, ABitIsZeroOrOne) {
  for (const char* bit : {"2", "-1", "x", ""}) EXPECT_THAT(Do("SETBIT", "k", 0, bit), IsError(kBadBit)) << bit;
  EXPECT_THAT(Do("SETBIT", "k", "x", "x"), IsError(kBadOffset));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
}

TEST_F(BitmapTest, OnlyWhatChangesTheStringIsAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("SETBIT", "k", 0, 0);
                Do("SETBIT", "k", 0, 0);
                Do("SETBIT", "k", 0, 1);
                Do("SETBIT", "k", 0, 1);
                Do("SETBIT", "k", 8, 0);
              }),
              ElementsAre("setbit k", "setbit k", "setbit k"));
}

TEST_F(BitmapTest, AStringIsRawOnceABitWasSetThoughNothingChanged) {
  for (const char* value : {"text", "12345"}) {
    Do("SET", "k", value, "EX", 100);
    EXPECT_THAT(EventsOf([&] { EXPECT_THAT(Do("SETBIT", "k", 0, 0), IsInt(0)); }), IsEmpty());
    EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("raw"));
    EXPECT_THAT(Do("GET", "k"), IsBulk(value));
    EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
    Do("SET", "k", value);
    EXPECT_THAT(EventsOf([&] { Do("BITFIELD", "k", "INCRBY", "u8", 0, 0); }), IsEmpty());
    EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("raw"));
  }
}

TEST_F(BitmapTest, BitCountCountsRangesOfBytesAndBits) {
  struct Case { const char* start; const char* end; const char* unit; int count; };
  constexpr Case kCases[] = {
      {"0", "-1", "BYTE", 26}, {"0", "0", "byte", 4},   {"1", "1", "BYTE", 6},  {"-2", "-1", "BYTE", 7},
      {"0", "100", "BYTE", 26}, {"-100", "0", "BYTE", 4}, {"6", "9", "BYTE", 0}, {"3", "1", "BYTE", 0},
      {"-1", "-3", "BYTE", 0}, {"-10", "-20", "BYTE", 0}, {"-20", "-10", "BYTE", 4}, {"5", "30", "BIT", 17},
      {"0", "0", "bit", 0},    {"1", "1", "BIT", 1},    {"-3", "-1", "BIT", 1}, {"-8", "-8", "BIT", 0},
  };
  Do("SET", "k", "foobar");
  EXPECT_THAT(Do("BITCOUNT", "k"), IsInt(26));
  EXPECT_THAT(Do("BITCOUNT", "k", 4), IsInt(7));
  for (const auto& [start, end, unit, count] : kCases) {
    EXPECT_THAT(Do("BITCOUNT", "k", start, end, unit), IsInt(count)) << start << " " << end << " " << unit;
  }
  EXPECT_THAT(Do("BITCOUNT", "none"), IsInt(0));
  EXPECT_THAT(Do("BITCOUNT", "none", 0, 1000), IsInt(0));
}

TEST_F(BitmapTest, RangesAreReadBeforeTheKey) {
  for (const char* key : {"none", "k"}) {
    EXPECT_THAT(Do("BITCOUNT", key, 0, 1, "HELLO"), IsError(kSyntaxError));
    EXPECT_THAT(Do("BITCOUNT", key, 0, 1, "BIT", "x"), IsError(kSyntaxError));
    EXPECT_THAT(Do("BITCOUNT", key, "x", 1, "HELLO"), IsError(kNotAnInteger));
    EXPECT_THAT(Do("BITCOUNT", key, 0, "x", "HELLO"), IsError(kNotAnInteger));
    EXPECT_THAT(Do("BITPOS", key, 0, 0, "x", "HELLO"), IsError(kSyntaxError));
    EXPECT_THAT(Do("BITCOUNT", key, 0, "x", "BIT"), IsError(kNotAnInteger));
    EXPECT_THAT(Do("BITPOS", key, 2), IsError("ERR The bit argument must be 1 or 0."));
    EXPECT_THAT(Do("BITPOS", key, "x"), IsError(kNotAnInteger));
    EXPECT_THAT(Do("BITPOS", key, 0, 1, 2, "HELLO"), IsError(kSyntaxError));
    EXPECT_THAT(Do("BITPOS", key, 0, "x", 2, "BIT", "x"), IsError(kSyntaxError));
    EXPECT_THAT(Do("BITPOS", key, 0, "x"), IsError(kNotAnInteger));
    Do("SET", "k", "x");
  }
}

TEST_F(BitmapTest, BitPosFindsTheFirstBitOfARange) {
  Do("SET", "k", std::string("\xFF\xF0\x00", 3));
  EXPECT_THAT(Do("BITPOS", "k", 0), IsInt(12));
  EXPECT_THAT(Do("BITPOS", "k", 1), IsInt(0));
  EXPECT_THAT(Do("BITPOS", "k", 1, 2), IsInt(-1));
  EXPECT_THAT(Do("BITPOS", "k", 0, 0, 0), IsInt(-1));
  EXPECT_THAT(Do("BITPOS", "k", 0, 1, 1), IsInt(12));
  EXPECT_THAT(Do("BITPOS", "k", 0, -1), IsInt(16));
  EXPECT_THAT(Do("BITPOS", "k", 1, 3, 8, "BIT"), IsInt(3));
  EXPECT_THAT(Do("BITPOS", "k", 0, 3, 11, "BIT"), IsInt(-1));
  EXPECT_THAT(Do("BITPOS", "k", 0, 3, 12, "BIT"), IsInt(12));
  EXPECT_THAT(Do("BITPOS", "k", 1, 5, 2), IsInt(-1));
  EXPECT_THAT(Do("BITPOS", "k", 1, -5, -9), IsInt(0));
}

TEST_F(BitmapTest, ZerosFollowAStringWhoseEndWasNotNamed) {
  Do("SET", "k", "\xFF\xFF");
  EXPECT_THAT(Do("BITPOS", "k", 0), IsInt(16));
  EXPECT_THAT(Do("BITPOS", "k", 0, 1), IsInt(16));
  EXPECT_THAT(Do("BITPOS", "k", 0, 2), IsInt(-1));
  EXPECT_THAT(Do("BITPOS", "k", 0, 0, -1), IsInt(-1));
  EXPECT_THAT(Do("BITPOS", "none", 0), IsInt(0));
  EXPECT_THAT(Do("BITPOS", "none", 0, 0, -1), IsInt(0));
  EXPECT_THAT(Do("BITPOS", "none", 1), IsInt(-1));
  Do("SET", "k", "");
  EXPECT_THAT(Do("BITPOS", "k", 0), IsInt(-1));
}

TEST_F(BitmapTest, BitOpCombinesStringsOfDifferentLengths) {
  struct Case { const char* operation; std::string result; };
  const Case kCases[] = {
      {"AND", std::string("\x0F\0", 2)}, {"or", "\xFF\x3C"},
      {"XOR", "\xF0\x3C"},               {"DIFF", "\xF0\x3C"},
      {"DIFF1", std::string(2, '\0')},   {"andor", std::string("\x0F\0", 2)},
      {"ONE", "\xF0\x3C"},
  };
  Do("SET", "a", "\xFF\x3C");
  Do("SET", "b", "\x0F");
  for (const auto& [operation, result] : kCases) {
    EXPECT_THAT(Do("BITOP", operation, "to", "a", "b"), IsInt(2)) << operation;
    EXPECT_THAT(Do("GET", "to"), IsBulk(result)) << operation;
  }
  EXPECT_THAT(Do("BITOP", "DIFF1", "to", "b", "a", "none"), IsInt(2));
  EXPECT_THAT(Do("GET", "to"), IsBulk("\xF0\x3C"));
  EXPECT_THAT(Do("BITOP", "NOT", "a", "a"), IsInt(2));
  EXPECT_THAT(Do("GET", "a"), IsBulk(std::string("\0\xC3", 2)));
}

TEST_F(BitmapTest, BitOpReplacesOrDeletesItsDestination) {
  Do("SET", "to", "x", "EX", 100);
  Do("SET", "n", 12);
  EXPECT_THAT(Do("BITOP", "OR", "to", "n", "none"), IsInt(2));
  EXPECT_THAT(Do("GET", "to"), IsBulk("12"));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "to"), IsBulk("raw"));
  EXPECT_THAT(Do("TTL", "to"), IsInt(-1));
  EXPECT_THAT(Do("BITOP", "AND", "to", "none", "none"), IsInt(0));
  EXPECT_THAT(Do("EXISTS", "to"), IsInt(0));
  const std::string large(100'000, '\x55');
  Do("SET", "l", large);
  EXPECT_THAT(Do("BITOP", "NOT", "to", "l"), IsInt(100'000));
  EXPECT_THAT(Do("GET", "to"), IsBulk(std::string(100'000, '\xAA')));
}

TEST_F(BitmapTest, BitOpAnnouncesWhatItStoredOrDeleted) {
  Do("SET", "a", "x");
  EXPECT_THAT(EventsOf([&] {
                Do("BITOP", "OR", "to", "a");
                Do("BITOP", "OR", "to", "none");
                Do("BITOP", "OR", "to", "none");
              }),
              ElementsAre("set to", "del to"));
}

TEST_F(BitmapTest, BitOpRefusesWrongNumbersOfSources) {
  EXPECT_THAT(Do("BITOP", "NOT", "to", "a", "b"),
              IsError("ERR BITOP NOT must be called with a single source key."));
  for (const std::string op : {"DIFF", "DIFF1", "ANDOR"}) {
    EXPECT_THAT(Do("BITOP", op, "to", "a"),
                IsError("ERR BITOP " + op + " must be called with at least two source keys."));
  }
  EXPECT_THAT(Do("BITOP", "NAND", "to", "a"), IsError(kSyntaxError));
  EXPECT_THAT(Do("BITOP", "ONE", "to", "a"), IsInt(0));
}

TEST_F(BitmapTest, BitsAreOnlyInStrings) {
  Do("HSET", "hash", "f", "v");
  for (const auto& reply :
       {Do("SETBIT", "hash", 0, 1), Do("GETBIT", "hash", 0), Do("BITCOUNT", "hash"), Do("BITPOS", "hash", 1),
        Do("BITOP", "OR", "to", "hash"), Do("BITFIELD", "hash", "GET", "u8", 0),
        Do("BITFIELD", "hash", "SET", "u8", 0, 1), Do("BITFIELD_RO", "hash", "GET", "u8", 0)}) {
    EXPECT_THAT(reply, IsError(kWrongKind));
  }
  EXPECT_THAT(Do("HGETALL", "hash"), IsArray("f", "v"));
}

// --- BITFIELD

TEST_F(BitmapTest, FieldsAreReadWrittenAndAddedTo) {
  EXPECT_THAT(Do("BITFIELD", "k", "SET", "i8", 0, -100, "SET", "i8", 8, 101, "GET", "i8", 0, "GET", "i8", 8),
              IsArray(0, 0, -100, 101));
  EXPECT_THAT(Do("BITFIELD", "k", "GET", "u8", 0, "GET", "u4", 4, "get", "i16", 0), IsArray(156, 12, -25499));
  EXPECT_THAT(Do("BITFIELD", "k", "INCRBY", "u2", 100, 1, "OVERFLOW", "SAT", "INCRBY", "u2", 102, 5),
              IsArray(1, 3));
  EXPECT_THAT(Do("STRLEN", "k"), IsInt(13));
  EXPECT_THAT(Do("BITFIELD", "k"), IsArray());
  EXPECT_THAT(Do("BITFIELD", "none", "GET", "i64", 7), IsArray(0));
  EXPECT_THAT(Do("EXISTS", "none"), IsInt(0));
}

TEST_F(BitmapTest, OffsetsMayCountFields) {
  EXPECT_THAT(Do("BITFIELD", "k", "SET", "u8", "#0", 65, "SET", "u8", "#1", 66, "SET", "u8", "#2", 67),
              IsArray(0, 0, 0));
  EXPECT_THAT(Do("GET", "k"), IsBulk("ABC"));
  EXPECT_THAT(Do("BITFIELD_RO", "k", "GET", "u4", "#3"), IsArray(2));
  for (const char* offset : {"#", "#-1", "-1", "x", "#9223372036854775807", "4294967296"}) {
    EXPECT_THAT(Do("BITFIELD", "k", "GET", "u8", offset), IsError(kBadOffset)) << offset;
  }
}

TEST_F(BitmapTest, OverflowingFieldsWrapSaturateOrFail) {
  const auto add = [this](const char* overflow, const char* type, const char* increment) {
    Do("SET", "k", "\x7F");
    return Do("BITFIELD", "k", "OVERFLOW", overflow, "INCRBY", type, 0, increment);
  };
  EXPECT_THAT(add("WRAP", "i8", "1"), IsArray(-128));
  EXPECT_THAT(add("sat", "i8", "1"), IsArray(127));
  EXPECT_THAT(add("FAIL", "i8", "1"), IsArray(IsNil()));
  EXPECT_THAT(Do("GET", "k"), IsBulk("\x7F"));
  EXPECT_THAT(add("WRAP", "u8", "-128"), IsArray(255));
  EXPECT_THAT(add("SAT", "u8", "-128"), IsArray(0));
  EXPECT_THAT(add("SAT", "u8", "9223372036854775807"), IsArray(255));
  EXPECT_THAT(Do("BITFIELD", "k", "OVERFLOW", "FAIL", "SET", "u8", 0, 256, "SET", "u8", 0, -1),
              IsArray(IsNil(), IsNil()));
  EXPECT_THAT(Do("BITFIELD", "k", "OVERFLOW", "SAT", "SET", "u4", 0, -1, "OVERFLOW", "WRAP", "SET", "u4", 0, 17,
                 "GET", "u4", 0),
              IsArray(15, 15, 1));
  auto resp3 = Connect(3);
  EXPECT_THAT(resp3.Command("BITFIELD", "k", "OVERFLOW", "FAIL", "INCRBY", "u1", 0, 9), IsArray(IsNil()));
}

TEST_F(BitmapTest, FieldsKeepTheDeadlineAndGrowIntegers) {
  Do("SET", "k", 1, "EX", 100);
  EXPECT_THAT(Do("BITFIELD", "k", "GET", "u8", 0, "SET", "u8", 8, 50, "GET", "u16", 0), IsArray(49, 0, 12594));
  EXPECT_THAT(Do("GET", "k"), IsBulk("12"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
}

TEST_F(BitmapTest, FieldsThatDoNotChangeAreNotAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("BITFIELD", "k", "SET", "u8", 0, 0);
                Do("BITFIELD", "k", "SET", "u8", 0, 0);
                Do("BITFIELD", "k", "INCRBY", "u8", 0, 5, "INCRBY", "u8", 0, 5);
                Do("BITFIELD", "k", "INCRBY", "u8", 0, 0);
                Do("BITFIELD", "k", "GET", "u8", 0);
                Do("BITFIELD", "k", "OVERFLOW", "FAIL", "SET", "u8", 0, 1000);
              }),
              ElementsAre("setbit k", "setbit k"));
}

TEST_F(BitmapTest, FieldOperationsAreReadBeforeTheKey) {
  constexpr const char* kBadType =
      "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.";
  for (const char* type : {"u64", "i65", "u0", "i0", "x8", "8", "", "u", "u08", "i-1"}) {
    EXPECT_THAT(Do("BITFIELD", "k", "GET", type, 0), IsError(kBadType)) << type;
  }
  EXPECT_THAT(Do("BITFIELD", "k", "GET", "u8"), IsError(kSyntaxError));
  EXPECT_THAT(Do("BITFIELD", "k", "SET", "u8", 0), IsError(kSyntaxError));
  EXPECT_THAT(Do("BITFIELD", "k", "OVERFLOW"), IsError(kSyntaxError));
  EXPECT_THAT(Do("BITFIELD", "k", "PUT", "u8", 0, 1), IsError(kSyntaxError));
  EXPECT_THAT(Do("BITFIELD", "k", "OVERFLOW", "BREAK"), IsError("ERR Invalid OVERFLOW type specified"));
  EXPECT_THAT(Do("BITFIELD", "k", "SET", "u8", 0, "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("BITFIELD", "k", "SET", "u8", 0, 1, "GET", "u8", "x"), IsError(kBadOffset));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
}

TEST_F(BitmapTest, TheReadingFormOnlyReads) {
  constexpr const char* kOnlyGet = "ERR BITFIELD_RO only supports the GET subcommand";
  EXPECT_THAT(Do("BITFIELD_RO", "k", "SET", "u8", 0, 1), IsError(kOnlyGet));
  EXPECT_THAT(Do("BITFIELD_RO", "k", "GET", "u8", 0, "INCRBY", "u8", 0, 0), IsError(kOnlyGet));
  EXPECT_THAT(Do("BITFIELD_RO", "k", "OVERFLOW", "SAT", "GET", "u8", 0), IsArray(0));
  EXPECT_THAT(Do("BITFIELD_RO", "k"), IsArray());
}

}  // namespace
}  // namespace pinion::test
