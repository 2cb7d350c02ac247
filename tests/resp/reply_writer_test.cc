// Tests of the reply writer: the bytes of every reply in both protocols.
#include "resp/reply_writer.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::resp {
namespace {

// The bytes that `write` sends under the protocol.
template <typename F>
std::string Reply(int protocol, F&& write) {
  OutputBuffer out;
  ReplyWriter reply(&out, protocol);
  write(reply);
  std::string bytes;
  out.CopySince({0, 0, 0}, &bytes);
  return bytes;
}

template <typename F>
void ExpectReply(F&& write, std::string_view resp2, std::string_view resp3) {
  EXPECT_EQ(Reply(2, write), resp2);
  EXPECT_EQ(Reply(3, write), resp3);
}

template <typename F>
void ExpectReply(F&& write, std::string_view both) {
  ExpectReply(write, both, both);
}

TEST(ReplyWriter, WritesStatuses) {
  ExpectReply([](ReplyWriter& r) { r.Ok(); }, "+OK\r\n");
  ExpectReply([](ReplyWriter& r) { r.Simple("QUEUED"); }, "+QUEUED\r\n");
  ExpectReply([](ReplyWriter& r) { r.Simple(""); }, "+\r\n");
}

TEST(ReplyWriter, WritesIntegers) {
  ExpectReply([](ReplyWriter& r) { r.Integer(0); }, ":0\r\n");
  ExpectReply([](ReplyWriter& r) { r.Integer(-1); }, ":-1\r\n");
  ExpectReply([](ReplyWriter& r) { r.Integer(12345); }, ":12345\r\n");
  ExpectReply([](ReplyWriter& r) { r.Integer(INT64_MIN); }, ":-9223372036854775808\r\n");
  ExpectReply([](ReplyWriter& r) { r.Integer(INT64_MAX); }, ":9223372036854775807\r\n");
}

TEST(ReplyWriter, WritesBulks) {
  ExpectReply([](ReplyWriter& r) { r.Bulk("hello"); }, "$5\r\nhello\r\n");
  ExpectReply([](ReplyWriter& r) { r.Bulk(""); }, "$0\r\n\r\n");
  ExpectReply([](ReplyWriter& r) { r.Bulk(std::string_view()); }, "$0\r\n\r\n");
  ExpectReply([](ReplyWriter& r) { r.Bulk(std::string_view("\r\n\0", 3)); },
              std::string_view("$3\r\n\r\n\0\r\n", 9));
  ExpectReply([](ReplyWriter& r) { r.BulkInteger(-42); }, "$3\r\n-42\r\n");
  ExpectReply([](ReplyWriter& r) { r.BulkInteger(1234567890123); }, "$13\r\n1234567890123\r\n");
}

TEST(ReplyWriter, WritesBulksOfAnySize) {
  OutputBuffer out;
  ReplyWriter reply(&out, 2);
  std::string model;
  for (size_t n = 0; n < 300; ++n) {
    const std::string bytes(n * n % 5000, static_cast<char>('a' + n % 26));
    reply.Bulk(bytes);
    model += "$" + std::to_string(bytes.size()) + "\r\n" + bytes + "\r\n";
  }
  std::string bytes;
  out.CopySince({0, 0, 0}, &bytes);
  EXPECT_EQ(bytes, model);
}

TEST(ReplyWriter, ReferencesOnlyLargeBlobs) {
  const Blob small = Blob::CopyOf(std::string(kScatterThreshold - 1, 's'));
  const Blob large = Blob::CopyOf(std::string(kScatterThreshold, 'l'));
  OutputBuffer out;
  ReplyWriter reply(&out, 2);
  reply.BulkBlob(small);
  reply.BulkBlob(large);
  reply.BulkBlob(Blob());
  EXPECT_TRUE(small.unique());
  EXPECT_FALSE(large.unique());
  std::string bytes;
  out.CopySince({0, 0, 0}, &bytes);
  EXPECT_EQ(bytes, "$16383\r\n" + std::string(small.view()) + "\r\n$16384\r\n" +
                       std::string(large.view()) + "\r\n$0\r\n\r\n");
}

TEST(ReplyWriter, WritesNulls) {
  ExpectReply([](ReplyWriter& r) { r.Null(); }, "$-1\r\n", "_\r\n");
  ExpectReply([](ReplyWriter& r) { r.NullArray(); }, "*-1\r\n", "_\r\n");
}

TEST(ReplyWriter, WritesAggregateHeaders) {
  ExpectReply([](ReplyWriter& r) { r.Array(3); }, "*3\r\n");
  ExpectReply([](ReplyWriter& r) { r.EmptyArray(); }, "*0\r\n");
  ExpectReply([](ReplyWriter& r) { r.Map(3); }, "*6\r\n", "%3\r\n");
  ExpectReply([](ReplyWriter& r) { r.Set(12); }, "*12\r\n", "~12\r\n");
  ExpectReply([](ReplyWriter& r) { r.Push(2); }, "*2\r\n", ">2\r\n");
  EXPECT_EQ(Reply(3, [](ReplyWriter& r) { r.Attribute(1); }), "|1\r\n");
}

TEST(ReplyWriter, WritesDoubles) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ExpectReply([](ReplyWriter& r) { r.Double(3); }, "$1\r\n3\r\n", ",3\r\n");
  ExpectReply([](ReplyWriter& r) { r.Double(0.1); }, "$3\r\n0.1\r\n", ",0.1\r\n");
  ExpectReply([](ReplyWriter& r) { r.Double(1e21); }, "$5\r\n1e+21\r\n", ",1e+21\r\n");
  ExpectReply([](ReplyWriter& r) { r.Double(kInfinity); }, "$3\r\ninf\r\n", ",inf\r\n");
  ExpectReply([](ReplyWriter& r) { r.Double(-kInfinity); }, "$4\r\n-inf\r\n", ",-inf\r\n");
  ExpectReply([](ReplyWriter& r) { r.Double(std::nan("")); }, "$3\r\nnan\r\n", ",nan\r\n");
}

TEST(ReplyWriter, WritesTheOtherTypesOfResp3) {
  ExpectReply([](ReplyWriter& r) { r.Bool(true); }, ":1\r\n", "#t\r\n");
  ExpectReply([](ReplyWriter& r) { r.Bool(false); }, ":0\r\n", "#f\r\n");
  ExpectReply([](ReplyWriter& r) { r.BigNumber("12345678901234567890"); },
              "$20\r\n12345678901234567890\r\n", "(12345678901234567890\r\n");
  ExpectReply([](ReplyWriter& r) { r.Verbatim("txt", "some text"); }, "$9\r\nsome text\r\n",
              "=13\r\ntxt:some text\r\n");
  ExpectReply([](ReplyWriter& r) { r.Raw("*1\r\n:1\r\n"); }, "*1\r\n:1\r\n");
}

TEST(ReplyWriter, KeepsErrorsOnOneLine) {
  ExpectReply([](ReplyWriter& r) { r.Error(error::kSyntax); }, "-ERR syntax error\r\n");
  ExpectReply([](ReplyWriter& r) { r.Error("ERR a\r\nb\nc\r\n"); }, "-ERR a  b c\r\n");
}

TEST(ReplyWriter, CountsErrorsAndRemembersTheLast) {
  OutputBuffer out;
  ReplyWriter reply(&out, 2);
  reply.Ok();
  EXPECT_EQ(reply.error_count(), 0u);
  EXPECT_EQ(reply.last_error(), "");
  reply.Error(error::kWrongType);
  reply.Error("OOM x\ny");
  EXPECT_EQ(reply.error_count(), 2u);
  EXPECT_EQ(reply.last_error(), "OOM x y");
}

TEST(ReplyWriter, FollowsAChangeOfProtocol) {
  EXPECT_EQ(Reply(2,
                  [](ReplyWriter& r) {
                    r.Null();
                    r.set_protocol(3);
                    r.Null();
                    EXPECT_EQ(r.protocol(), 3);
                  }),
            "$-1\r\n_\r\n");
}

TEST(ReplyWriter, PutsLateHeadersBeforeTheirElements) {
  const auto write = [](ReplyWriter& r) {
    r.Integer(7);
    const auto outer = r.Begin();
    r.Bulk("a");
    const auto map = r.Begin();
    r.Bulk("k");
    r.Bulk("v");
    r.EndMap(map, 1);
    const auto set = r.Begin();
    r.EndSet(set, 0);
    r.EndArray(outer, 3);
    r.Ok();
  };
  ExpectReply(write, ":7\r\n*3\r\n$1\r\na\r\n*2\r\n$1\r\nk\r\n$1\r\nv\r\n*0\r\n+OK\r\n",
              ":7\r\n*3\r\n$1\r\na\r\n%1\r\n$1\r\nk\r\n$1\r\nv\r\n~0\r\n+OK\r\n");
}

TEST(ReplyWriter, PutsLateHeadersBeforeReferencedValues) {
  const Blob large = Blob::CopyOf(std::string(kScatterThreshold, 'l'));
  const std::string bulk = "$16384\r\n" + std::string(large.view()) + "\r\n";
  const std::string bytes = Reply(2, [&large](ReplyWriter& r) {
    r.BulkBlob(large);
    const auto m = r.Begin();
    r.BulkBlob(large);
    r.Bulk("x");
    r.BulkBlob(large);
    r.EndArray(m, 3);
  });
  EXPECT_EQ(bytes, bulk + "*3\r\n" + bulk + "$1\r\nx\r\n" + bulk);
}

}  // namespace
}  // namespace pinion::resp
