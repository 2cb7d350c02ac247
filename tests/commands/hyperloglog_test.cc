// The HyperLogLog commands over a connection; the stored bytes are compared with what redis-server stores.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;

constexpr const char* kNotASketch = "WRONGTYPE Key is not a valid HyperLogLog string value.";
constexpr const char* kCorrupt = "INVALIDOBJ Corrupted HLL object detected";

class HyperLogLogTest : public StringTest {
 protected:
  // Adds `n` numbers from `first` on, some at a time.
  void AddNumbers(const std::string& key, int first, int n) {
    for (int i = first; i < first + n; i += 4) Do("PFADD", key, i, i + 1, i + 2, i + 3);
  }
};

TEST_F(HyperLogLogTest, AddingSaysWhetherTheEstimateMayHaveChanged) {
  EXPECT_THAT(Do("PFADD", "k"), IsInt(1));
  EXPECT_THAT(Do("PFADD", "k"), IsInt(0));
  EXPECT_THAT(Do("PFADD", "k", "a", "b", "c"), IsInt(1));
  EXPECT_THAT(Do("PFADD", "k", "a", "c"), IsInt(0));
  EXPECT_THAT(Do("PFADD", "k", ""), IsInt(1));
  EXPECT_THAT(Do("PFCOUNT", "k"), IsInt(4));
  EXPECT_THAT(Do("PFCOUNT", "none"), IsInt(0));
}

TEST_F(HyperLogLogTest, StoresWhatRedisStores) {
  const std::string header("HYLL\x01\0\0\0\0\0\0\0\0\0\0", 15);
  Do("PFADD", "k");
  EXPECT_THAT(Do("GET", "k"), IsBulk(header + "\x80\x7f\xff"));
  Do("PFADD", "k", "a", "b", "c");
  EXPECT_THAT(Do("PFDEBUG", "DECODE", "k"), IsBulk("Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603"));
  EXPECT_THAT(Do("PFCOUNT", "k"), IsInt(3));
  EXPECT_THAT(Do("GET", "k"), IsBulk(::testing::StartsWith(std::string("HYLL\x01\0\0\0\x03\0\0\0\0\0\0\0", 16))));
}

TEST_F(HyperLogLogTest, ASketchBecomesDenseBeyondItsLimit) {
  EXPECT_THAT(Do("CONFIG", "SET", "hll-sparse-max-bytes", 50), IsOk());
  Do("PFADD", "k", 1, 2);
  EXPECT_THAT(Do("PFDEBUG", "ENCODING", "k"), IsStatus("sparse"));
  AddNumbers("k", 0, 100);
  EXPECT_THAT(Do("PFDEBUG", "ENCODING", "k"), IsStatus("dense"));
  EXPECT_THAT(Do("STRLEN", "k"), IsInt(12304));
  EXPECT_THAT(Do("PFCOUNT", "k"), IsInt(100));
  EXPECT_THAT(Do("PFADD", "k", 5, 6), IsInt(0));
  EXPECT_THAT(Do("PFDEBUG", "DECODE", "k"), IsError("ERR HLL encoding is not sparse"));
}

TEST_F(HyperLogLogTest, TheCountIsKeptUntilAnElementIsAdded) {
  AddNumbers("k", 0, 40);
  EXPECT_THAT(Do("PFCOUNT", "k"), IsInt(40));
  Do("SETRANGE", "k", 8, "\x01");
  EXPECT_THAT(Do("PFCOUNT", "k"), IsInt(1));
  Do("PFADD", "k", 1);
  EXPECT_THAT(Do("PFCOUNT", "k"), IsInt(1));
  Do("PFADD", "k", "new");
  EXPECT_THAT(Do("PFCOUNT", "k"), IsInt(41));
}

TEST_F(HyperLogLogTest, ManyKeysAreCountedAsTheirUnion) {
  AddNumbers("a", 0, 80);
  AddNumbers("b", 40, 80);
  EXPECT_THAT(Do("PFDEBUG", "TODENSE", "b"), IsInt(1));
  EXPECT_THAT(Do("PFDEBUG", "TODENSE", "b"), IsInt(0));
  EXPECT_THAT(Do("PFCOUNT", "a", "none", "b"), IsInt(AllOf(Ge(118), Le(122))));
}

TEST_F(HyperLogLogTest, MergingKeepsWhatTheDestinationHas) {
  AddNumbers("a", 0, 40);
  AddNumbers("b", 40, 40);
  AddNumbers("to", 80, 40);
  EXPECT_THAT(Do("PFMERGE", "to", "a", "none", "b"), IsOk());
  EXPECT_THAT(Do("PFCOUNT", "to"), IsInt(AllOf(Ge(118), Le(122))));
  EXPECT_THAT(Do("PFDEBUG", "ENCODING", "to"), IsStatus("sparse"));
  Do("PFDEBUG", "TODENSE", "a");
  EXPECT_THAT(Do("PFMERGE", "to", "a"), IsOk());
  EXPECT_THAT(Do("PFDEBUG", "ENCODING", "to"), IsStatus("dense"));
  EXPECT_THAT(Do("PFMERGE", "new"), IsOk());
  EXPECT_THAT(Do("PFCOUNT", "new"), IsInt(0));
  EXPECT_THAT(Do("STRLEN", "new"), IsInt(18));
}

TEST_F(HyperLogLogTest, ChangesKeepTheDeadline) {
  Do("PFADD", "k", "a");
  Do("EXPIRE", "k", 100);
  Do("PFADD", "k", "b");
  Do("PFMERGE", "k");
  Do("PFCOUNT", "k");
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
}

TEST_F(HyperLogLogTest, ChangesAreAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("PFADD", "k", "a");
                Do("PFADD", "k", "a");
                Do("PFCOUNT", "k");
                Do("PFMERGE", "k");
              }),
              ElementsAre("pfadd k", "pfadd k"));
}

TEST_F(HyperLogLogTest, OtherStringsAreRefused) {
  Do("PFADD", "good", "a");
  for (const std::string& value : {std::string("foo"), std::string("1"), std::string("HYLL"),
                                  "HYLL" + std::string(12, '\2') + "\x7f\xff", "HYLL" + std::string(100, '\0')}) {
    Do("SET", "k", value);
    EXPECT_THAT(Do("PFADD", "k", "a"), IsError(kNotASketch));
    EXPECT_THAT(Do("PFCOUNT", "k"), IsError(kNotASketch));
    EXPECT_THAT(Do("PFCOUNT", "good", "k"), IsError(kNotASketch));
    EXPECT_THAT(Do("PFMERGE", "k", "good"), IsError(kNotASketch));
    EXPECT_THAT(Do("PFMERGE", "good", "k"), IsError(kNotASketch));
    EXPECT_THAT(Do("PFDEBUG", "DECODE", "k"), IsError(kNotASketch));
    EXPECT_THAT(Do("GET", "k"), IsBulk(value));
  }
}

TEST_F(HyperLogLogTest, CorruptSketchesAreFoundAndLeftAlone) {
  Do("PFADD", "good", "a");
  const std::string header("HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80", 16);
  for (const std::string& runs : {std::string("\x40\x63"), std::string("\x7f"), std::string("")}) {
    Do("SET", "k", header + runs);
    EXPECT_THAT(Do("PFADD", "k", "a"), IsError(kCorrupt));
    EXPECT_THAT(Do("PFCOUNT", "k"), IsError(kCorrupt));
    EXPECT_THAT(Do("PFCOUNT", "good", "k"), IsError(kCorrupt));
    EXPECT_THAT(Do("PFMERGE", "good", "k"), IsError(kCorrupt));
    EXPECT_THAT(Do("PFDEBUG", "GETREG", "k"), IsError(kCorrupt));
    EXPECT_THAT(Do("PFDEBUG", "TODENSE", "k"), IsError(kCorrupt));
    EXPECT_THAT(Do("GET", "k"), IsBulk(header + runs));
  }
  Do("SET", "k", header + std::string(40'000, '\0'));
  EXPECT_THAT(Do("PFADD", "k", "a"), IsError(kCorrupt));
}

TEST_F(HyperLogLogTest, AFailedAdditionLeavesNothingBehind) {
  // "hello" goes to register 9216 and "a" to 12711: the runs hold only the first.
  const std::string half = std::string("HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80", 16) + "\x67\xff";
  Do("SET", "k", half);
  EXPECT_THAT(Do("PFADD", "k", "hello", "a"), IsError(kCorrupt));
  EXPECT_THAT(Do("GET", "k"), IsBulk(half));
}

TEST_F(HyperLogLogTest, RegistersCanBeLookedAt) {
  Do("PFADD", "k", "a");
  const Reply registers = Do("PFDEBUG", "GETREG", "k");
  ASSERT_THAT(registers, HasElements(SizeIs(16384)));
  EXPECT_THAT(registers.elements[12711], IsInt(2));
  EXPECT_THAT(registers.elements[12712], IsInt(0));
  EXPECT_THAT(Do("PFDEBUG", "ENCODING", "k"), IsStatus("dense"));
  EXPECT_THAT(Do("PFDEBUG", "GETREG", "none"), IsError("ERR The specified key does not exist"));
  EXPECT_THAT(Do("PFDEBUG", "FOO", "k"), IsError("ERR Unknown PFDEBUG subcommand 'FOO'"));
}

TEST_F(HyperLogLogTest, TheSelfTestPasses) { EXPECT_THAT(Do("PFSELFTEST"), IsOk()); }

TEST_F(HyperLogLogTest, SketchesAreOnlyInStrings) {
  Do("HSET", "hash", "f", "v");
  for (const auto& reply : {Do("PFADD", "hash", "a"), Do("PFCOUNT", "hash"), Do("PFCOUNT", "hash", "x"),
                            Do("PFMERGE", "hash"), Do("PFMERGE", "x", "hash"), Do("PFDEBUG", "ENCODING", "hash")}) {
    EXPECT_THAT(reply, IsError(kWrongKind));
  }
}

}  // namespace
}  // namespace pinion::test
