// XADD, XDEL, XDELEX, XLEN, XRANGE, XREVRANGE, XSETID and XTRIM over a connection.
#include "tests/commands/stream_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

TEST_F(StreamTest, XAddAppendsEntries) {
  Expect("XADD s 1-1 f v", "1-1");
  Expect("XADD s 1-* f 12 g -5", "1-2");
  Expect("XADD s 2 f v", "2-0");
  Expect("XADD s 2-5 other v", "2-5");
  EXPECT_THAT(Run("XADD s * f v"), MatchesRegex("1[0-9]+-0"));
  Expect("XLEN s", "5");
  Expect("XRANGE s - 3", "[[1-1 [f v]] [1-2 [f 12 g -5]] [2-0 [f v]] [2-5 [other v]]]");
  Expect("TYPE s", "stream");
  Expect("OBJECT ENCODING s", "stream");
}

TEST_F(StreamTest, XAddKeepsBytesAsTheyAre) {
  const std::string binary("\0\r\n\xff", 4), number = "0012", large(100'000, 'x');
  EXPECT_THAT(client().Command("XADD", "s", "1-1", binary, number, "", large), IsBulk("1-1"));
  EXPECT_THAT(client().Command("XRANGE", "s", "-", "+"),
              IsArray(IsArray("1-1", IsArray(binary, number, "", large))));
}

TEST_F(StreamTest, XAddRefusesIdsThatDoNotGrow) {
  const std::string small = "-ERR The ID specified in XADD is equal or smaller than the target stream top item";
  Expect("XADD s 0-0 f v", "-ERR The ID specified in XADD must be greater than 0-0");
  Expect("XADD s 0-* f v", "0-1");
  Expect("XADD s 5-3 f v", "5-3");
  for (const char* id : {"5-3", "5-2", "4", "4-*", "0-1"}) Expect(std::string("XADD s ") + id + " f v", small);
  Expect("XADD s 5-18446744073709551615 f v", "5-18446744073709551615");
  Expect("XADD s 5-* f v", small);
  Expect("XADD s 18446744073709551615-18446744073709551615 f v", "18446744073709551615-18446744073709551615");
  Expect("XADD s * f v", "-ERR The stream has exhausted the last possible ID, unable to add more items");
  Expect("XLEN s", "4");
}

TEST_F(StreamTest, XAddChecksItsArguments) {
  const std::string arity = "-ERR wrong number of arguments for 'xadd' command";
  Expect("XADD s 1-1 f", arity);
  Expect("XADD s 1-1 f v g", arity);
  Expect("XADD s NOMKSTREAM MAXLEN 1", arity);
  for (const char* id : {"-", "+", "x", "1-x", "1-1-1", "1-**", "MINID"}) {
    Expect(std::string("XADD s ") + id + " f v", kInvalidId);
  }
  Expect("XADD s LIMIT f v g", kNotAnIntegerLine);
  Expect("XADD s MAXLEN x 1-1 f v", kNotAnIntegerLine);
  Expect("XADD s MAXLEN -1 1-1 f v", "-ERR The MAXLEN argument must be >= 0.");
  Expect("XADD s MAXLEN ~ 1 LIMIT -1 1-1 f v", "-ERR The LIMIT argument must be >= 0.");
  Expect("XADD s MAXLEN 1 LIMIT 1 1-1 f v", "-ERR syntax error, LIMIT cannot be used without the special ~ option");
  Expect("XADD s LIMIT 1 1-1 f v",
         "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
  Expect("XADD s MAXLEN 1 MINID 1 1-1 f v",
         "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
  Expect("XADD s KEEPREF ACKED 1-1 f v", kInvalidId);
  Expect("SET str x", "OK");
  Expect("XADD str 1-1 f v", kWrongTypeError);
  Expect("EXISTS s", "0");
}

TEST_F(StreamTest, XAddCreatesNothingWithNoMkStream) {
  Expect("XADD s NOMKSTREAM 1-1 f v", "(nil)");
  Expect("EXISTS s", "0");
  Expect("XADD s 1-1 f v", "1-1");
  Expect("XADD s NOMKSTREAM 1-2 f v", "1-2");
}

TEST_F(StreamTest, XAddTrims) {
  for (int i = 1; i <= 5; ++i) Run("XADD s " + std::to_string(i) + " f v");
  Expect("XADD s MAXLEN 3 6 f v", "6-0");
  Expect("XRANGE s - + COUNT 1", "[[4-0 [f v]]]");
  Expect("XADD s MINID = 6 7 f v", "7-0");
  Expect("XLEN s", "2");
  Expect("XADD s MAXLEN 0 8 f v", "8-0");
  Expect("XLEN s", "0");
  Expect("EXISTS s", "1");
  Expect("XADD fresh MAXLEN 0 1-1 f v", "1-1");
  Expect("EXISTS fresh", "1");
}

TEST_F(StreamTest, XTrimDropsWholeNodesWithTilde) {
  Expect("CONFIG SET stream-node-max-entries 10", "OK");
  for (int i = 1; i <= 45; ++i) Run("XADD s " + std::to_string(i) + " f v");
  Expect("XTRIM s MAXLEN ~ 46", "0");
  Expect("XTRIM s MAXLEN ~ 27", "10");
  Expect("XTRIM s MINID ~ 25 LIMIT 9", "0");
  Expect("XTRIM s MINID ~ 25 LIMIT 0", "10");
  Expect("XTRIM s MINID 25", "4");
  Expect("XTRIM s MAXLEN = 1", "20");
  Expect("XRANGE s - +", "[[45-0 [f v]]]");
  Expect("XTRIM none MAXLEN 0", "0");
  Expect("XTRIM s MAXLEN 0", "1");
  Expect("XINFO STREAM s",
         "[length 0 radix-tree-keys 0 radix-tree-nodes 1 last-generated-id 45-0 max-deleted-entry-id 0-0 "
         "entries-added 45 recorded-first-entry-id 0-0 groups 0 first-entry (nil) last-entry (nil)]");
}

TEST_F(StreamTest, XTrimChecksItsArguments) {
  Expect("XTRIM s x y", kSyntaxErrorLine);
  Expect("XTRIM s MAXLEN 1 LIMIT", kSyntaxErrorLine);
  Expect("XTRIM s KEEPREF KEEPREF", kSyntaxErrorLine);
  Expect("XTRIM s LIMIT 0", "-ERR syntax error, XTRIM must be called with a trimming strategy");
  Expect("XTRIM s MINID x", kInvalidId);
  Expect("SET str x", "OK");
  Expect("XTRIM str MAXLEN 1", kWrongTypeError);
}

TEST_F(StreamTest, XRangeReadsBetweenBounds) {
  for (const char* id : {"1-1", "1-2", "2-0", "3-5"}) Run(std::string("XADD s ") + id + " f v");
  const auto ids = [&](const std::string& line) {
    std::string all;
    for (const Reply& entry : client().Command(Words(line)).elements) all += Show(entry.elements[0]) + " ";
    return all;
  };
  EXPECT_EQ(ids("XRANGE s - +"), "1-1 1-2 2-0 3-5 ");
  EXPECT_EQ(ids("XRANGE s 1 1"), "1-1 1-2 ");
  EXPECT_EQ(ids("XRANGE s (1-1 (3-5"), "1-2 2-0 ");
  EXPECT_EQ(ids("XRANGE s (1 (2"), "1-1 1-2 2-0 ");  // a missing sequence number: 1-0 and 2-max
  EXPECT_EQ(ids("XRANGE s - + COUNT 2"), "1-1 1-2 ");
  EXPECT_EQ(ids("XRANGE s - + COUNT 1 count 3"), "1-1 1-2 2-0 ");
  EXPECT_EQ(ids("XREVRANGE s + -"), "3-5 2-0 1-2 1-1 ");
  EXPECT_EQ(ids("XREVRANGE s (3-5 1-2 COUNT 1"), "2-0 ");
  EXPECT_EQ(ids("XREVRANGE s 1 1"), "1-2 1-1 ");
  EXPECT_EQ(ids("XRANGE s 3 1"), "");
  Expect("XRANGE none - +", "[]");
  Expect("XRANGE s - + COUNT 0", "(nil)");
  Expect("XRANGE s - + COUNT -5", "(nil)");
}

TEST_F(StreamTest, XRangeChecksItsArguments) {
  Run("XADD s 1-1 f v");
  Expect("XRANGE s (- +", kInvalidId);
  Expect("XRANGE s ( +", kInvalidId);
  Expect("XRANGE s - + COUNT x", kNotAnIntegerLine);
  Expect("XRANGE s - + COUNT", kSyntaxErrorLine);
  Expect("XRANGE s - + LIMIT 1", kSyntaxErrorLine);
  Expect("XRANGE s (18446744073709551615-18446744073709551615 +", "-ERR invalid start ID for the interval");
  Expect("XRANGE s - (0-0", "-ERR invalid end ID for the interval");
  Expect("XREVRANGE s (0-0 (18446744073709551615-18446744073709551615", "-ERR invalid start ID for the interval");
  Expect("SET str x", "OK");
  Expect("XRANGE str - +", kWrongTypeError);
  Expect("XLEN str", kWrongTypeError);
  Expect("XLEN none", "0");
}

TEST_F(StreamTest, XDelDeletesEntries) {
  for (const char* id : {"1-1", "1-2", "2-0", "3-0"}) Run(std::string("XADD s ") + id + " f v");
  Expect("XDEL s 1-1 2 9-9", "2");
  Expect("XDEL s 1-1", "0");
  Expect("XRANGE s - +", "[[1-2 [f v]] [3-0 [f v]]]");
  Expect("XREVRANGE s + -", "[[3-0 [f v]] [1-2 [f v]]]");
  Expect("XDEL s 1-2 x", kInvalidId);
  Expect("XLEN s", "2");
  Expect("XDEL none x", "0");
  Expect("XDEL s 1-2 3-0", "2");
  Expect("EXISTS s", "1");
  Expect("XADD s 3-0 f v", "-ERR The ID specified in XADD is equal or smaller than the target stream top item");
  Expect("SET str x", "OK");
  Expect("XDEL str 1-1", kWrongTypeError);
}

TEST_F(StreamTest, XDelExMindsReferences) {
  for (const char* id : {"1-1", "1-2", "1-3", "1-4"}) Run(std::string("XADD s ") + id + " f v");
  Expect("XGROUP CREATE s g 0", "OK");
  Expect("XREADGROUP GROUP g c COUNT 2 STREAMS s >", "[[s [[1-1 [f v]] [1-2 [f v]]]]]");
  Expect("XDELEX s ACKED IDS 4 1-1 1-2 1-3 9-9", "[2 2 2 -1]");
  Expect("XDELEX s IDS 2 1-1 1-1", "[1 -1]");
  Expect("XPENDING s g", "[2 1-1 1-2 [[c 2]]]");
  Expect("XDELEX s DELREF IDS 2 1-1 1-2", "[-1 1]");
  Expect("XPENDING s g", "[0 (nil) (nil) (nil)]");
  Expect("XREADGROUP GROUP g c COUNT 1 NOACK STREAMS s >", "[[s [[1-3 [f v]]]]]");
  Expect("XDELEX s IDS 2 1-3 1-4 ACKED", "[1 2]");
  Expect("XDELEX none IDS 2 1-1 1-2", "[-1 -1]");
  Expect("EXISTS none", "0");
}

TEST_F(StreamTest, XDelExChecksItsArguments) {
  Expect("XDELEX s KEEPREF DELREF x", kSyntaxErrorLine);
  Expect("XDELEX s KEEPREF IDS 0 1-1", "-ERR Number of IDs must be a positive integer");
  Expect("XDELEX s IDS x 1-1", "-ERR Number of IDs must be a positive integer");
  Expect("XDELEX s IDS 2 1-1", "-ERR The `numids` parameter must match the number of arguments");
  Expect("XDELEX s IDS 1 1-1 1-2", kSyntaxErrorLine);
  Expect("XDELEX s IDS 1 x", kInvalidId);
  Expect("SET str x", "OK");
  Expect("XDELEX str IDS 1 1-1", kWrongTypeError);
}

TEST_F(StreamTest, TrimmingMindsReferences) {
  for (int i = 1; i <= 5; ++i) Run("XADD s " + std::to_string(i) + " f v");
  Expect("XGROUP CREATE s g 0", "OK");
  Expect("XADD s MAXLEN = 1 ACKED 6 f v", "6-0");
  Expect("XLEN s", "6");
  Run("XREADGROUP GROUP g c COUNT 1 STREAMS s >");
  Expect("XACK s g 1", "1");
  Expect("XADD s MAXLEN = 1 ACKED 7 f v", "7-0");
  Expect("XLEN s", "6");
  Run("XREADGROUP GROUP g c COUNT 2 STREAMS s >");
  Expect("XTRIM s DELREF MINID 3", "1");
  Expect("XPENDING s g", "[1 3-0 3-0 [[c 1]]]");
  Expect("XTRIM s MAXLEN 0 KEEPREF", "5");
  Expect("XPENDING s g", "[1 3-0 3-0 [[c 1]]]");
}

TEST_F(StreamTest, XSetIdMovesTheLastId) {
  Expect("XSETID s 5-0", "-ERR no such key");
  Run("XADD s 1-1 f v");
  Run("XADD s 2-1 f v");
  Expect("XSETID s 5-0 ENTRIESADDED 100 MAXDELETEDID 4-0", "OK");
  const Reply info = client().Command("XINFO", "STREAM", "s");
  EXPECT_EQ(Field(info, "last-generated-id"), "5-0");
  EXPECT_EQ(Field(info, "entries-added"), "100");
  EXPECT_EQ(Field(info, "max-deleted-entry-id"), "4-0");
  Expect("XADD s 4-9 f v", "-ERR The ID specified in XADD is equal or smaller than the target stream top item");
  Expect("XSETID s 3-0", "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
  Expect("XSETID s 3-0 MAXDELETEDID 4-0",
         "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
  Expect("XADD s 6-0 f v", "6-0");
  Expect("XSETID s 5-1", "-ERR The ID specified in XSETID is smaller than the target stream top item");
  Expect("XSETID s 7-1 ENTRIESADDED 2",
         "-ERR The entries_added specified in XSETID is smaller than the target stream length");
  Expect("XSETID s 7-1 ENTRIESADDED -1", "-ERR entries_added must be positive");
  Expect("XSETID s 7-1 ENTRIESADDED", kSyntaxErrorLine);
  Expect("XSETID s -", kInvalidId);
}

TEST_F(StreamTest, ChangesCauseEvents) {
  EXPECT_THAT(EventsOf([&] {
                Run("XADD s 1-1 f v");
                Run("XADD s MAXLEN 1 1-2 f v");
                Run("XADD s NOMKSTREAM 1-2 f v");
                Run("XDEL s 9-9");
                Run("XDEL s 1-2");
                Run("XTRIM s MAXLEN 0");
                Run("XADD s 1-3 f v");
                Run("XTRIM s MAXLEN 0");
                Run("XSETID s 9-9");
                Run("XADD s 9-10 f v");
                Run("XDELEX s IDS 1 9-10");
              }),
              ElementsAre("xadd s", "xadd s", "xtrim s", "xdel s", "xadd s", "xtrim s", "xsetid s", "xadd s",
                          "xdel s"));
  EXPECT_THAT(EventsOf([&] { Run("XRANGE s - +"); }), IsEmpty());
}

TEST_F(StreamTest, CopiesAreIndependent) {
  Run("XADD s 1-1 f v");
  Run("XADD s 2-3 g 12");
  Expect("XGROUP CREATE s g 0", "OK");
  Expect("COPY s t", "1");
  Expect("XREADGROUP GROUP g c STREAMS s >", "[[s [[1-1 [f v]] [2-3 [g 12]]]]]");
  Expect("XDEL s 1-1", "1");
  Expect("XRANGE t - +", "[[1-1 [f v]] [2-3 [g 12]]]");
  Expect("XPENDING t g", "[0 (nil) (nil) (nil)]");
  Expect("XADD t 2-3 f v", "-ERR The ID specified in XADD is equal or smaller than the target stream top item");
}

class StreamDigestTest : public StreamTest {
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }
};

TEST_F(StreamDigestTest, IsThatOfRedis) {
  Run("XADD s 1-1 f v");
  Run("XADD s 2-3 g 12");
  Expect("DEBUG DIGEST-VALUE s", "[84dea98ca64285b1bc5672bc9f155d9be6df2938]");
  Run("XADD s 2-4 g 12");
  Expect("XDEL s 2-4", "1");
  Expect("DEBUG DIGEST-VALUE s", "[84dea98ca64285b1bc5672bc9f155d9be6df2938]");
}

}  // namespace
}  // namespace pinion::test
