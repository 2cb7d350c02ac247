// Tests of the request parser: what it accepts, what it refuses and how, however the bytes arrive.
#include "resp/parser.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::resp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Request = std::vector<std::string>;

constexpr size_t kAll = 1'000'000;

// What came of a stream: its requests, and the error that ended it.
struct Outcome {
  std::vector<Request> requests;
  std::string error;
  size_t consumed = 0;
  bool operator==(const Outcome&) const = default;
};

// Feeds `stream` in chunks whose sizes `next_chunk` gives, as a connection would.
template <typename F>
Outcome Feed(std::string_view stream, F&& next_chunk, const ParserLimits& limits = {},
             size_t max_requests = kAll) {
  Parser parser;
  RequestBatch batch;
  Outcome outcome;
  std::string pending;
  while (!stream.empty() && outcome.error.empty()) {
    const size_t n = std::min<size_t>(next_chunk(), stream.size());
    pending += stream.substr(0, n);
    stream.remove_prefix(n);
    for (;;) {
      // An exact copy, so that a sanitizer sees every read past the end.
      const std::vector<char> buffer(pending.begin(), pending.end());
      const size_t needed = parser.needed();
      const size_t used =
          parser.Parse({buffer.data(), buffer.size()}, limits, max_requests, &batch);
      EXPECT_TRUE(used == 0 || used >= needed) << "needed() asked for too much";
      for (size_t i = 0; i < batch.size(); ++i) {
        outcome.requests.emplace_back(batch[i].begin(), batch[i].end());
        EXPECT_LE(batch.EndOffset(i), used);
      }
      outcome.error = batch.error();
      pending.erase(0, used);
      outcome.consumed += used;
      if (batch.size() < max_requests || !outcome.error.empty()) break;
    }
  }
  return outcome;
}

Outcome Whole(std::string_view stream, const ParserLimits& limits = {}) {
  return Feed(
      stream, [] { return kAll * 1000; }, limits);
}

Outcome ByteByByte(std::string_view stream, const ParserLimits& limits = {}) {
  return Feed(
      stream, [] { return 1; }, limits);
}

std::string Encode(const Request& request) {
  std::string text = "*" + std::to_string(request.size()) + "\r\n";
  for (const std::string& a : request) text += "$" + std::to_string(a.size()) + "\r\n" + a + "\r\n";
  return text;
}

// The error of a stream, the same in one piece and byte by byte.
std::string ErrorOf(std::string_view stream, const ParserLimits& limits = {}) {
  const Outcome whole = Whole(stream, limits);
  EXPECT_EQ(ByteByByte(stream, limits).error, whole.error);
  EXPECT_THAT(whole.requests, IsEmpty());
  return whole.error;
}

TEST(Parser, ParsesAPipelineOfArrays) {
  const std::string stream =
      Encode({"SET", "key", "value"}) + Encode({"GET", "key"}) + Encode({"PING"});
  Parser parser;
  RequestBatch batch;
  EXPECT_EQ(parser.Parse(stream, {}, kAll, &batch), stream.size());
  ASSERT_EQ(batch.size(), 3u);
  EXPECT_THAT(batch[0], ElementsAre("SET", "key", "value"));
  EXPECT_THAT(batch[1], ElementsAre("GET", "key"));
  EXPECT_THAT(batch[2], ElementsAre("PING"));
  EXPECT_EQ(batch.EndOffset(0), 33u);
  EXPECT_EQ(batch.EndOffset(2), stream.size());
  EXPECT_EQ(batch.error(), "");
  EXPECT_EQ(parser.needed(), 0u);
  EXPECT_EQ(parser.allocated(), 0u);
}

TEST(Parser, GivesViewsIntoTheBuffer) {
  const std::string stream = Encode({"ECHO", "binary\r\n$*"}) + "INLINE words\r\n";
  Parser parser;
  RequestBatch batch;
  (void)parser.Parse(stream, {}, kAll, &batch);
  ASSERT_EQ(batch.size(), 2u);
  EXPECT_EQ(batch[0][1].data(), stream.data() + stream.find("binary"));
  EXPECT_EQ(batch[1][1].data(), stream.data() + stream.find("words"));
}

TEST(Parser, TakesArgumentsOfEveryLengthAndByte) {
  Request request;
  for (size_t n : {0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 12345, 100'000}) {
    std::string a(n, ' ');
    for (size_t i = 0; i < n; ++i) a[i] = static_cast<char>(i * 31 + n);
    request.push_back(a);
  }
  EXPECT_THAT(Whole(Encode(request)).requests, ElementsAre(request));
}

TEST(Parser, SkipsEmptyRequests) {
  const std::string stream =
      "*0\r\n\r\n  \t \r\n*-1\r\n\n*-2147483649\r\n" + Encode({"PING"}) + "*0\r\n\r\n";
  const Outcome expected{{{"PING"}}, "", stream.size()};
  EXPECT_EQ(Whole(stream), expected);
  EXPECT_EQ(ByteByByte(stream), expected);
}

TEST(Parser, StopsAtTheMostRequestsAsked) {
  const std::string stream = Encode({"A"}) + "\r\n" + Encode({"B"}) + "C\r\n" + Encode({"D"});
  const std::string_view view = stream;
  Parser parser;
  RequestBatch batch;
  size_t used = parser.Parse(stream, {}, 2, &batch);
  ASSERT_EQ(batch.size(), 2u);
  EXPECT_EQ(used, batch.EndOffset(1));
  EXPECT_EQ(parser.Parse(view.substr(used), {}, 0, &batch), 0u);
  EXPECT_TRUE(batch.empty());
  used += parser.Parse(view.substr(used), {}, 1, &batch);
  ASSERT_EQ(batch.size(), 1u);
  EXPECT_THAT(batch[0], ElementsAre("C"));
  used += parser.Parse(view.substr(used), {}, 5, &batch);
  EXPECT_EQ(used, stream.size());
  EXPECT_THAT(batch[0], ElementsAre("D"));
}

TEST(Parser, LooksAtNothingBehindTheLastRequestAsked) {
  const std::string stream = Encode({"AUTH", "secret"}) + "*11\r\n";
  ParserLimits limits;
  limits.authenticated = false;
  Parser parser;
  RequestBatch batch;
  const size_t used = parser.Parse(stream, limits, 1, &batch);
  EXPECT_EQ(batch.error(), "");
  EXPECT_EQ(used, stream.size() - 5);
}

TEST(Parser, TakesAnyTwoBytesAfterABulkAndAnyByteForTheLineFeed) {
  EXPECT_THAT(Whole("*1\rX$4\rXPINGxx" + Encode({"GET", "k"})).requests,
              ElementsAre(Request{"PING"}, Request{"GET", "k"}));
}

TEST(Parser, WaitsForTheRestOfARequest) {
  const std::string request = Encode({"SET", "key", std::string(300, 'v')});
  for (size_t n = 0; n < request.size(); ++n) {
    Parser parser;
    RequestBatch batch;
    EXPECT_EQ(parser.Parse(request.substr(0, n), {}, kAll, &batch), 0u) << n;
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(batch.error(), "");
    EXPECT_EQ(parser.Parse(request, {}, kAll, &batch), request.size()) << n;
    ASSERT_EQ(batch.size(), 1u);
    EXPECT_EQ(batch[0][2].size(), 300u);
  }
}

TEST(Parser, DeliversWhatStandsBeforeAnIncompleteRequest) {
  const std::string stream = Encode({"GET", "a"}) + "*2\r\n$3\r\nGE";
  Parser parser;
  RequestBatch batch;
  EXPECT_EQ(parser.Parse(stream, {}, kAll, &batch), 20u);
  EXPECT_EQ(batch.size(), 1u);
  EXPECT_EQ(parser.allocated(), 0u) << "a short request is not worth remembering";
}

TEST(Parser, TellsWhatALargeBulkNeeds) {
  Parser parser;
  RequestBatch batch;
  const std::string head = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n";
  EXPECT_EQ(parser.Parse(head.substr(0, 22), {}, kAll, &batch), 0u);
  EXPECT_EQ(parser.needed(), 0u);
  EXPECT_EQ(parser.Parse(head + "abc", {}, kAll, &batch), 0u);
  EXPECT_EQ(parser.needed(), head.size() + 100'002);
  const std::string whole = head + std::string(100'000, 'x') + "\r\n";
  EXPECT_EQ(parser.Parse(whole.substr(0, whole.size() - 1), {}, kAll, &batch), 0u);
  EXPECT_EQ(parser.Parse(whole, {}, kAll, &batch), whole.size());
  EXPECT_EQ(batch.size(), 1u);
  EXPECT_EQ(parser.needed(), 0u);
}

TEST(Parser, AllocatesNothingForWhatIsOnlyClaimed) {
  Parser parser;
  RequestBatch batch;
  EXPECT_EQ(parser.Parse("*2147483647\r\n$536870912\r\nx", {}, kAll, &batch), 0u);
  EXPECT_EQ(batch.error(), "");
  EXPECT_EQ(parser.allocated(), 0u);
  EXPECT_EQ(parser.needed(), 25u + 536'870'914);
}

TEST(Parser, RemembersALongRequestInMemoryProportionalToIt) {
  Request request(1000, "argument");
  const std::string stream = Encode(request);
  Parser parser;
  RequestBatch batch;
  EXPECT_EQ(parser.Parse(stream.substr(0, stream.size() - 1), {}, kAll, &batch), 0u);
  EXPECT_GT(parser.allocated(), 0u);
  EXPECT_LT(parser.allocated(), 4 * stream.size());
  const std::string whole = stream + Encode({"PING"});
  EXPECT_EQ(parser.Parse(whole, {}, kAll, &batch), whole.size());
  ASSERT_EQ(batch.size(), 2u);
  EXPECT_EQ(Request(batch[0].begin(), batch[0].end()), request);
  EXPECT_THAT(batch[1], ElementsAre("PING"));
  EXPECT_EQ(parser.allocated(), 0u);
}

TEST(Parser, RewindForgetsAnIncompleteRequest) {
  const std::string stream = Encode(Request(100, "x"));
  Parser parser;
  RequestBatch batch;
  EXPECT_EQ(parser.Parse(stream.substr(0, 400), {}, kAll, &batch), 0u);
  parser.Rewind();
  EXPECT_EQ(parser.allocated(), 0u);
  EXPECT_EQ(parser.needed(), 0u);
  EXPECT_EQ(parser.Parse(Encode({"PING"}), {}, kAll, &batch), 14u);
  EXPECT_EQ(batch.size(), 1u);
}

TEST(Parser, MovesWithWhatItRemembers) {
  const std::string stream = Encode(Request(100, "x"));
  Parser a;
  RequestBatch batch;
  EXPECT_EQ(a.Parse(stream.substr(0, 400), {}, kAll, &batch), 0u);
  Parser b = std::move(a);
  EXPECT_EQ(b.Parse(stream, {}, kAll, &batch), stream.size());
  EXPECT_EQ(batch.size(), 1u);
}

TEST(Parser, TakesTimeProportionalToTheBytesOfARequestThatComesByteByByte) {
  const std::string stream = Encode(Request(50'000, "x"));
  Parser parser;
  RequestBatch batch;
  const auto start = std::chrono::steady_clock::now();
  for (size_t n = 1; n < stream.size(); ++n) {
    ASSERT_EQ(parser.Parse(std::string_view(stream).substr(0, n), {}, kAll, &batch), 0u);
  }
  EXPECT_EQ(parser.Parse(stream, {}, kAll, &batch), stream.size());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  EXPECT_EQ(batch[0].size(), 50'000u);
}

TEST(Parser, RefusesBadCounts) {
  for (const char* count : {"", "x", "01", "-0", "+1", "1 ", " 1", "1x", "1.0", "2147483648",
                            "99999999999999999999", "-9223372036854775809", "-", "--1"}) {
    EXPECT_EQ(ErrorOf("*" + std::string(count) + "\r\n\r\n"),
              "Protocol error: invalid multibulk length")
        << count;
  }
  EXPECT_EQ(ErrorOf(std::string_view("*1\0\r\n", 5)), "Protocol error: invalid multibulk length");
}

TEST(Parser, RefusesBadLengths) {
  for (const char* size :
       {"", "x", "01", "-0", "-1", "+1", "1 ", " 1", "1x", "536870913", "99999999999999999999"}) {
    EXPECT_EQ(ErrorOf("*1\r\n$" + std::string(size) + "\r\nx\r\n"),
              "Protocol error: invalid bulk length")
        << size;
  }
}

TEST(Parser, KeepsToTheConfiguredBulkLength) {
  ParserLimits limits;
  limits.max_bulk_length = 5;
  EXPECT_THAT(Whole(Encode({"12345"}), limits).requests, ElementsAre(Request{"12345"}));
  EXPECT_EQ(ErrorOf(Encode({"123456"}), limits), "Protocol error: invalid bulk length");
  limits.max_bulk_length = int64_t{1} << 40;
  Parser parser;
  RequestBatch batch;
  EXPECT_EQ(parser.Parse("*1\r\n$1099511627776\r\n", limits, kAll, &batch), 0u);
  EXPECT_EQ(parser.needed(), 20u + 1'099'511'627'778);
  limits.max_bulk_length = INT64_MAX;
  EXPECT_EQ(Parser().Parse("*1\r\n$9223372036854775807\r\nx", limits, kAll, &batch), 0u);
  EXPECT_EQ(batch.error(), "");
}

TEST(Parser, RefusesAnythingButBulksInAnArray) {
  EXPECT_EQ(ErrorOf("*1\r\nx\r\n"), "Protocol error: expected '$', got 'x'");
  EXPECT_EQ(ErrorOf("*1\r\n:1\r\n"), "Protocol error: expected '$', got ':'");
  EXPECT_EQ(ErrorOf("*1\r\n\r\n"), "Protocol error: expected '$', got '\r'");
  EXPECT_EQ(ErrorOf("*1\r\n\xff\r\n"), "Protocol error: expected '$', got '\xff'");
  EXPECT_EQ(ErrorOf(std::string_view("*1\r\n\0\r\n", 7)),
            std::string_view("Protocol error: expected '$', got '\0'", 37));
  EXPECT_EQ(ErrorOf("*2\r\n$1\r\nx\r\n*1\r\n"), "Protocol error: expected '$', got '*'");
}

TEST(Parser, WaitsForTheEndOfTheLineBeforeItJudges) {
  EXPECT_EQ(ErrorOf("*1\r\nxyz"), "");
  EXPECT_EQ(ErrorOf("*xyz"), "");
  EXPECT_EQ(ErrorOf("*xyz\r"), "");
  EXPECT_EQ(ErrorOf("*1\r\n$-1\r"), "");
}

TEST(Parser, RefusesEndlessLines) {
  const std::string digits(64 * 1024, '1');
  EXPECT_EQ(Whole("*" + digits.substr(1)).error, "");
  EXPECT_EQ(Whole("*" + digits).error, "Protocol error: too big mbulk count string");
  EXPECT_EQ(Whole("*1\r\n$" + digits.substr(1)).error, "");
  EXPECT_EQ(Whole("*1\r\n$" + digits).error, "Protocol error: too big bulk count string");
  EXPECT_EQ(Whole("*1\r\nx" + digits).error, "Protocol error: too big bulk count string");
  EXPECT_EQ(Whole(digits).error, "");
  EXPECT_EQ(Whole(digits + "1").error, "Protocol error: too big inline request");
  EXPECT_EQ(Whole(digits + "\n").requests.size(), 1u);
}

TEST(Parser, JudgesALongLineTheSameHoweverItArrives) {
  for (const std::string& line :
       {std::string(65'536, 'x') + "\n", std::string(65'537, 'x') + "\n",
        "*" + std::string(65'535, '1') + "\r\n", "*" + std::string(65'536, '1') + "\r\n"}) {
    EXPECT_EQ(Feed(line, [] { return 997; }), Whole(line)) << line.size() << line[0];
  }
}

TEST(Parser, KeepsClientsThatAreNotAuthenticatedSmall) {
  ParserLimits limits;
  limits.authenticated = false;
  const std::string big(16 * 1024, 'x');
  EXPECT_EQ(Whole(Encode(Request(10, "a")), limits).requests.size(), 1u);
  EXPECT_EQ(ErrorOf("*11\r", limits), "");
  EXPECT_EQ(ErrorOf("*11\r\n", limits), "Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(ErrorOf("*2147483648\r\n", limits), "Protocol error: invalid multibulk length");
  EXPECT_EQ(Whole(Encode({"AUTH", big}), limits).requests.size(), 1u);
  EXPECT_EQ(Whole(Encode({"AUTH", big + "x"}), limits).error,
            "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(ErrorOf("*1\r\n$536870913\r\n", limits), "Protocol error: invalid bulk length");
}

TEST(Parser, DeliversWhatStandsBeforeAnError) {
  const Outcome outcome =
      Whole(Encode({"GET", "a"}) + "PING\r\n" + "*1\r\n!\r\n" + Encode({"GET", "b"}));
  EXPECT_THAT(outcome.requests, ElementsAre(Request{"GET", "a"}, Request{"PING"}));
  EXPECT_EQ(outcome.error, "Protocol error: expected '$', got '!'");
}

TEST(Parser, ReportsAnErrorInALongRequestThatWasRemembered) {
  const std::string stream = "*100\r\n" + Encode(Request(99, "x")).substr(5) + "!1\r\nx\r\n";
  EXPECT_EQ(ErrorOf(stream), "Protocol error: expected '$', got '!'");
}

TEST(Parser, SplitsInlineRequestsAtBlanks) {
  EXPECT_THAT(
      Whole("SET key  value\t x\r\nGET key\n \r\n  PING\r\r\n").requests,
      ElementsAre(Request{"SET", "key", "value", "x"}, Request{"GET", "key"}, Request{"PING"}));
  EXPECT_THAT(Whole("\vECHO \vx\vy\f\r\n").requests, ElementsAre(Request{"ECHO", "x\vy\f"}));
  EXPECT_THAT(Whole("PING\rx\n").requests, ElementsAre(Request{"PING", "x"}));
}

TEST(Parser, UnderstandsQuotesInInlineRequests) {
  EXPECT_THAT(
      Whole("ECHO \"a\\x41\\n\\q\\\"\"\r\nECHO 'a\\'b\\n'\r\nECHO a\"b c\"\r\n").requests,
      ElementsAre(Request{"ECHO", "aA\nq\""}, Request{"ECHO", "a'b\\n"}, Request{"ECHO", "ab c"}));
  EXPECT_THAT(Whole("ECHO \"\" ''\r\n").requests, ElementsAre(Request{"ECHO", "", ""}));
}

TEST(Parser, RefusesUnbalancedQuotes) {
  for (const char* line :
       {"PING \"\r\n", "ECHO \"a\"b\r\n", "ECHO 'a\r\n", "ECHO 'a'b\r\n", "\"\\\r\n"}) {
    EXPECT_EQ(ErrorOf(line), "Protocol error: unbalanced quotes in request") << line;
  }
}

TEST(Parser, EndsAnInlineRequestAtItsFirstNul) {
  EXPECT_THAT(Whole(std::string_view("PI\0NG x\r\nA \"b\"\0'\r\n", 18)).requests,
              ElementsAre(Request{"PI"}, Request{"A", "b"}));
}

TEST(RequestBatch, ForgetsItsRequestsWhenCleared) {
  Parser parser;
  RequestBatch batch;
  (void)parser.Parse("A \"b\"\r\n*1\r\n!\r\n", {}, kAll, &batch);
  EXPECT_EQ(batch.size(), 1u);
  EXPECT_FALSE(batch.error().empty());
  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.error().empty());
}

TEST(RequestBatch, ServesAgainAfterAHugeRequest) {
  const Request huge(200'000, "x");
  Parser parser;
  RequestBatch batch;
  const std::string stream = Encode(huge) + Encode({"PING"});
  const std::string small = Encode({"GET", "k"});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(parser.Parse(stream, {}, kAll, &batch), stream.size());
    ASSERT_EQ(batch.size(), 2u);
    EXPECT_EQ(batch[0].size(), huge.size());
    EXPECT_THAT(batch[1], ElementsAre("PING"));
    EXPECT_EQ(parser.Parse(small, {}, kAll, &batch), small.size());
    EXPECT_THAT(batch[0], ElementsAre("GET", "k"));
  }
}

// Streams of every kind of request, some broken, cut at random.
class RandomStream {
 public:
  explicit RandomStream(uint64_t seed) : random_(seed) {}

  std::string Make() {
    std::string stream;
    for (uint64_t n = 1 + random_.Below(8); n > 0; --n) stream += Piece();
    if (random_.Below(4) == 0)
      stream[random_.Below(stream.size())] = "*$\r\n\"' 0919x-"[random_.Below(13)];
    return stream;
  }
  size_t Below(size_t n) { return random_.Below(n); }

 private:
  std::string Piece() {
    switch (random_.Below(8)) {
      case 0:
        return "*0\r\n";
      case 1:
        return "\r\n";
      case 2:
        return "SET \"a b\" 'c'\r\n";
      case 3:
        return "GET key\n";
      case 4:
        return Encode(Request(1 + random_.Below(100), std::string(random_.Below(12), 'l')));
      default:
        break;
    }
    Request request(1 + random_.Below(5));
    for (std::string& a : request) a.assign(random_.Below(random_.Below(8) == 0 ? 2000 : 30), 'v');
    return Encode(request);
  }
  Random random_;
};

TEST(Parser, GivesTheSameHoweverTheBytesAreCut) {
  RandomStream random(23);
  size_t requests = 0;
  size_t errors = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string stream = random.Make();
    const Outcome whole = Whole(stream);
    requests += whole.requests.size();
    errors += !whole.error.empty();
    const size_t most = 1 + random.Below(200);
    const size_t at_once = 1 + random.Below(4);
    const Outcome cut = Feed(
        stream, [&] { return 1 + random.Below(most); }, {}, at_once);
    ASSERT_EQ(cut.requests, whole.requests);
    ASSERT_EQ(cut.error, whole.error);
    ASSERT_EQ(cut.consumed, whole.consumed);
    if (i % 10 == 0) {
      ASSERT_EQ(ByteByByte(stream), whole);
    }
  }
  EXPECT_GT(requests, 5000u);
  EXPECT_GT(errors, 100u);
}

}  // namespace
}  // namespace pinion::resp
