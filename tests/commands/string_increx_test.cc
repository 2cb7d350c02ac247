// INCREX over a connection.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;

constexpr const char* kMost = "9223372036854775807";
constexpr const char* kLeast = "-9223372036854775808";

TEST_F(StringTest, IncrExRepliesTheNewValueAndTheIncrement) {
  EXPECT_THAT(Do("INCREX", "k"), IsArray(1, 1));
  EXPECT_THAT(Do("INCREX", "k", "BYINT", 41), IsArray(42, 41));
  EXPECT_THAT(Do("INCREX", "k", "byint", -50), IsArray(-8, -50));
  EXPECT_THAT(Do("INCREX", "k", "BYFLOAT", "0.25"), IsArray("-7.75", "0.25"));
  EXPECT_THAT(Do("GET", "k"), IsBulk("-7.75"));
}

TEST_F(StringTest, IncrExFloatsAreDoublesInResp3) {
  RespClient c = Connect(3);
  EXPECT_THAT(c.Command("INCREX", "k", "BYFLOAT", "2.5"), IsArray(IsDouble(2.5), IsDouble(2.5)));
  EXPECT_THAT(c.Command("INCREX", "k", "BYFLOAT", "-2.5"), IsArray(IsDouble(0), IsDouble(-2.5)));
  EXPECT_THAT(c.Command("INCREX", "k"), IsArray(1, 1));
}

struct BoundsCase {
  const char* value;
  std::vector<std::string> options;
  const char* sum;
  const char* applied;

  // The name of the case.
  friend void PrintTo(const BoundsCase& c, std::ostream* out) {
    *out << c.value;
    for (const std::string& option : c.options) *out << ' ' << option;
  }
};

class IncrExBounds : public StringTest, public ::testing::WithParamInterface<BoundsCase> {};

TEST_P(IncrExBounds, ResultStaysWithinThem) {
  const auto& [value, options, sum, applied] = GetParam();
  Do("SET", "k", value, "EX", 100);
  std::vector<std::string> command = {"INCREX", "k"};
  command.insert(command.end(), options.begin(), options.end());
  const Reply reply = client().Command(command);
  if (reply.elements.size() == 2 && reply.elements[0].kind == Reply::Kind::kInteger) {
    EXPECT_THAT(reply, IsArray(std::stoll(sum), std::stoll(applied)));
  } else {
    EXPECT_THAT(reply, IsArray(sum, applied));
  }
  EXPECT_THAT(Do("GET", "k"), IsBulk(sum));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
}

INSTANTIATE_TEST_SUITE_P(
    Integers, IncrExBounds,
    ::testing::Values(
        BoundsCase{"10", {"BYINT", "5", "UBOUND", "15"}, "15", "5"},
        BoundsCase{"10", {"BYINT", "5", "UBOUND", "12"}, "10", "0"},
        BoundsCase{"10", {"BYINT", "5", "UBOUND", "12", "SATURATE"}, "12", "2"},
        BoundsCase{"10", {"UBOUND", "5", "saturate", "BYINT", "5"}, "5", "-5"},
        BoundsCase{"10", {"BYINT", "-5", "UBOUND", "5"}, "5", "-5"},
        BoundsCase{"10", {"BYINT", "-5", "LBOUND", "8"}, "10", "0"},
        BoundsCase{"10", {"BYINT", "-5", "LBOUND", "8", "SATURATE"}, "8", "-2"},
        BoundsCase{"10", {"BYINT", "5", "LBOUND", "10", "UBOUND", "10"}, "10", "0"},
        BoundsCase{kMost, {}, kMost, "0"},
        BoundsCase{kMost, {"BYINT", "10", "SATURATE"}, kMost, "0"},
        BoundsCase{"9223372036854775800", {"BYINT", "10", "SATURATE"}, kMost, "7"},
        BoundsCase{kLeast, {"BYINT", "-1"}, kLeast, "0"},
        BoundsCase{"-9223372036854775801", {"BYINT", "-10", "SATURATE"}, kLeast, "-7"},
        BoundsCase{"10", {"BYINT", kMost, "UBOUND", "100", "SATURATE"}, "100", "90"},
        BoundsCase{"10", {"BYINT", kMost, "UBOUND", "100"}, "10", "0"}));

INSTANTIATE_TEST_SUITE_P(
    Floats, IncrExBounds,
    ::testing::Values(
        BoundsCase{"10", {"BYFLOAT", "2.5", "LBOUND", "5.5", "UBOUND", "12.5"}, "12.5", "2.5"},
        BoundsCase{"10", {"BYFLOAT", "2.75", "UBOUND", "12.5"}, "10", "0"},
        BoundsCase{"10", {"BYFLOAT", "2.75", "UBOUND", "12.5", "SATURATE"}, "12.5", "2.5"},
        BoundsCase{"10", {"BYFLOAT", "-6", "LBOUND", "8", "SATURATE"}, "8", "-2"},
        BoundsCase{"10", {"BYFLOAT", "1", "UBOUND", "inf"}, "11", "1"},
        BoundsCase{"10", {"BYFLOAT", "1", "LBOUND", "-inf"}, "11", "1"},
        BoundsCase{"10", {"BYFLOAT", "1", "LBOUND", "-inf", "UBOUND", "-inf"}, "10", "0"},
        BoundsCase{"10", {"BYFLOAT", "1e4932", "UBOUND", "100", "SATURATE"}, "100", "90"}));

TEST_F(StringTest, IncrExOfAnAbsentKeyCreatesItUnlessSkipped) {
  EXPECT_THAT(Do("INCREX", "k", "UBOUND", 0), IsArray(0, 0));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  EXPECT_THAT(Do("INCREX", "k", "UBOUND", 0, "SATURATE"), IsArray(0, 0));
  EXPECT_THAT(Do("GET", "k"), IsBulk("0"));
  EXPECT_THAT(Do("INCREX", "f", "BYFLOAT", "1", "LBOUND", "5.5", "SATURATE"), IsArray("5.5", "5.5"));
}

TEST_F(StringTest, IncrExSetsADeadlineOnlyWithTheIncrement) {
  Do("SET", "k", "10");
  EXPECT_THAT(Do("INCREX", "k", "UBOUND", 5, "EX", 100), IsArray(10, 0));
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
  EXPECT_THAT(Do("INCREX", "k", "EX", 100), IsArray(11, 1));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("INCREX", "k", "PX", 50'000), IsArray(12, 1));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(50));
  EXPECT_THAT(Do("INCREX", "k", "EXAT", UnixSeconds() + 200, "BYFLOAT", "0.5"), IsArray("12.5", "0.5"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(200));
  EXPECT_THAT(Do("INCREX", "k", "PERSIST", "BYFLOAT", "0.5"), IsArray("13", "0.5"));
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
}

TEST_F(StringTest, IncrExEnxSetsADeadlineOnlyWhereThereIsNone) {
  EXPECT_THAT(Do("INCREX", "k", "EX", 100, "ENX"), IsArray(1, 1));
  EXPECT_THAT(Do("INCREX", "k", "ENX", "EX", 500), IsArray(2, 1));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("INCREX", "k", "PXAT", 1, "ENX"), IsArray(3, 1));
  EXPECT_THAT(Do("GET", "k"), IsBulk("3"));
}

TEST_F(StringTest, IncrExWithADeadlineThatHasPassedRemovesTheKey) {
  Do("SET", "k", "10");
  EXPECT_THAT(Do("INCREX", "k", "EXAT", 1), IsArray(11, 1));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  EXPECT_THAT(Do("INCREX", "k", "PXAT", 1), IsArray(1, 1));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
}

TEST_F(StringTest, IncrExNxAndXxLeaveOtherKeysAlone) {
  EXPECT_THAT(Do("INCREX", "k", "XX"), IsArray(0, 0));
  EXPECT_THAT(Do("INCREX", "k", "XX", "BYFLOAT", 1), IsArray("0", "0"));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  EXPECT_THAT(Do("INCREX", "k", "NX", "BYINT", 3), IsArray(3, 3));
  EXPECT_THAT(Do("INCREX", "k", "NX", "EX", 100), IsArray(3, 0));
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
  EXPECT_THAT(Do("INCREX", "k", "XX"), IsArray(4, 1));
}

TEST_F(StringTest, IncrExSaysWhatIsWrong) {
  struct Case { std::vector<std::string> options; const char* error; };
  const Case kCases[] = {
      {{"foo"}, kSyntaxError},
      {{"BYINT"}, kSyntaxError},
      {{"LBOUND"}, kSyntaxError},
      {{"BYINT", "1", "BYFLOAT", "1"}, kSyntaxError},
      {{"BYINT", "1", "BYINT", "1"}, kSyntaxError},
      {{"EX", "1", "PX", "1"}, kSyntaxError},
      {{"EX", "1", "EX", "1"}, kSyntaxError},
      {{"EX", "1", "PERSIST"}, kSyntaxError},
      {{"NX", "XX"}, kSyntaxError},
      {{"ENX", "PERSIST"}, kSyntaxError},
      {{"ENX"}, "ERR ENX flag requires an expiration"},
      {{"BYINT", "1.5"}, "ERR Increment is not an integer or out of range"},
      {{"BYFLOAT", "x"}, "ERR Increment is not a valid float"},
      {{"BYFLOAT", "inf"}, "ERR BYFLOAT increment cannot be Infinity"},
      {{"LBOUND", "x"}, "ERR LBOUND is not an integer or out of range"},
      {{"UBOUND", "1.5"}, "ERR UBOUND is not an integer or out of range"},
      {{"BYFLOAT", "1", "UBOUND", "x"}, "ERR UBOUND is not a valid float"},
      {{"LBOUND", "2", "UBOUND", "1"}, "ERR LBOUND can't be greater than UBOUND"},
      {{"BYFLOAT", "1", "LBOUND", "inf"}, "ERR LBOUND can't be greater than UBOUND"},
      {{"EX", "0"}, "ERR invalid expire time in 'increx' command"},
      {{"EX", "x"}, kNotAnInteger},
      {{"UBOUND", "-9223372036854775808", "SATURATE"}, "ERR applied increment would overflow"},
      {{"BYFLOAT", "1", "LBOUND", "inf", "UBOUND", "inf", "SATURATE"}, "ERR applied increment would be Infinity"},
  };
  Do("SET", "k", "10");
  for (const auto& [options, error] : kCases) {
    std::vector<std::string> command = {"INCREX", "k"};
    command.insert(command.end(), options.begin(), options.end());
    EXPECT_THAT(client().Command(command), IsError(error)) << ::testing::PrintToString(options);
  }
  EXPECT_THAT(Do("GET", "k"), IsBulk("10"));
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
}

TEST_F(StringTest, IncrExRefusesAValueThatIsNoNumberOfItsKind) {
  Do("SET", "k", "1.5");
  EXPECT_THAT(Do("INCREX", "k"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("INCREX", "k", "EXAT", 1), IsError(kNotAnInteger));
  Do("SET", "k", "x");
  EXPECT_THAT(Do("INCREX", "k", "BYFLOAT", 1), IsError(kNotAFloat));
  Do("SET", "k", "inf");
  EXPECT_THAT(Do("INCREX", "k", "BYFLOAT", 1), IsError("ERR value cannot be Infinity"));
  EXPECT_THAT(Do("GET", "k"), IsBulk("inf"));
}

TEST_F(StringTest, IncrExIsAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("INCREX", "k");
                Do("INCREX", "k", "BYFLOAT", 1, "EX", 100);
                Do("INCREX", "k", "UBOUND", 0);
                Do("INCREX", "k", "EX", 100, "ENX");
                Do("INCREX", "k", "PERSIST");
                Do("INCREX", "k", "PERSIST");
                Do("INCREX", "k", "PXAT", 1);
                Do("INCREX", "k", "PXAT", 1);
              }),
              ElementsAre("incrby k", "incrbyfloat k", "expire k", "incrby k", "incrby k", "persist k", "incrby k",
                          "del k"));
}

}  // namespace
}  // namespace pinion::test
