// Tests of the tests' own client, so that a failure elsewhere is the server's.
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/resp_client.h"

namespace pinion::test {
namespace {

using std::chrono::milliseconds;

// A client whose server is the test: what is passed to Answer is what the client reads.
class RespClientTest : public ::testing::Test {
 protected:
  RespClientTest() : client_(-1) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    client_ = RespClient(ends[0]);
    server_ = RespClient(ends[1]);
  }
  Reply Answer(std::string_view bytes) {
    server_.SendRaw(bytes);
    return client_.ReadReply(milliseconds(200));
  }
  RespClient client_;
  RespClient server_{-1};
};

TEST_F(RespClientTest, EncodesCommandsAsArraysOfBulkStrings) {
  EXPECT_EQ(RespClient::Encode({"SET", "k", ""}), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
  client_.Send("GETRANGE", "k", 0, -1);
  EXPECT_EQ(server_.ReadBytes(40), "*4\r\n$8\r\nGETRANGE\r\n$1\r\nk\r\n$1\r\n0\r\n$2\r\n-1\r\n");
}

TEST_F(RespClientTest, ReadsEveryRespKind) {
  EXPECT_THAT(Answer("+OK\r\n"), IsOk());
  EXPECT_THAT(Answer("-ERR no\r\n"), IsError("ERR no"));
  EXPECT_THAT(Answer("!6\r\nERR\r\nx\r\n"), IsErrorStarting("ERR"));
  EXPECT_THAT(Answer(":-7\r\n"), IsInt(-7));
  EXPECT_THAT(Answer("$4\r\na\r\nb\r\n"), IsBulk("a\r\nb"));
  EXPECT_THAT(Answer("$0\r\n\r\n"), IsBulk(""));
  EXPECT_THAT(Answer("$-1\r\n"), IsNil());
  EXPECT_THAT(Answer("*-1\r\n"), IsNil());
  EXPECT_THAT(Answer("_\r\n"), IsNil());
  EXPECT_THAT(Answer("*0\r\n"), IsArray());
  EXPECT_THAT(Answer("*2\r\n$1\r\na\r\n*1\r\n:1\r\n"), IsArray("a", IsArray(1)));
  EXPECT_THAT(Answer("%1\r\n+k\r\n:1\r\n"), IsMap(IsStatus("k"), 1));
  EXPECT_THAT(Answer("~2\r\n$1\r\na\r\n$1\r\nb\r\n"), IsSet("b", "a"));
  EXPECT_THAT(Answer(",1.5\r\n"), IsDouble(1.5));
  EXPECT_THAT(Answer(",-inf\r\n"), IsDouble(-INFINITY));
  EXPECT_THAT(Answer("#t\r\n"), IsBool(true));
  EXPECT_THAT(Answer("(123456789012345678901234567890\r\n"),
              IsBigNumber("123456789012345678901234567890"));
  EXPECT_THAT(Answer("=7\r\ntxt:abc\r\n"), IsVerbatim("abc"));
}

TEST_F(RespClientTest, AttachesAttributesToTheReplyTheyPrecede) {
  const Reply reply = Answer("|1\r\n+ttl\r\n:9\r\n$1\r\nv\r\n");
  EXPECT_THAT(reply, IsBulk("v"));
  EXPECT_THAT(reply.attributes, ::testing::ElementsAre(IsStatus("ttl"), IsInt(9)));
}

TEST_F(RespClientTest, KeepsPushesApartFromReplies) {
  EXPECT_THAT(Answer(">2\r\n$1\r\na\r\n:1\r\n+OK\r\n"), IsOk());
  EXPECT_THAT(client_.ReadPush(), IsPush("a", 1));
  server_.SendRaw(":5\r\n>1\r\n$1\r\nb\r\n");
  EXPECT_THAT(client_.ReadPush(), IsPush("b"));
  EXPECT_THAT(client_.ReadReply(), IsInt(5));
}

TEST_F(RespClientTest, ReturnsNothingInTimeWhenThereIsNoReply) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(client_.ReadReply(milliseconds(30)), IsNothing());
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(30));
}

TEST_F(RespClientTest, ResumesAReplyOfWhichAPartCameLate) {
  EXPECT_THAT(Answer("*2\r\n$3\r\nab"), IsNothing());
  EXPECT_THAT(Answer("c\r\n:1\r\n"), IsArray("abc", 1));
}

TEST_F(RespClientTest, SaysWhenTheConnectionWasClosedAndWhenAReplyIsMalformed) {
  EXPECT_EQ(Answer("?x\r\n").text.substr(0, 15), "malformed reply");
  server_.Close();
  EXPECT_TRUE(client_.WaitForClose());
  EXPECT_EQ(client_.ReadReply().text, "connection closed");
}

TEST(Reply, PrintsAsOneLine) {
  Reply reply{.kind = Reply::Kind::kArray};
  reply.elements = {Reply{.kind = Reply::Kind::kBulk, .text = "a\n\""},
                    Reply{.kind = Reply::Kind::kInteger, .integer = 3},
                    Reply{.kind = Reply::Kind::kNil}};
  std::ostringstream out;
  out << reply;
  EXPECT_EQ(out.str(), R"(["a\x0a\"", (integer) 3, (nil)])");
}

TEST(Reply, FindsValuesByName) {
  Reply map{.kind = Reply::Kind::kMap};
  map.elements = {Reply{.kind = Reply::Kind::kBulk, .text = "proto"},
                  Reply{.kind = Reply::Kind::kInteger, .integer = 3}};
  ASSERT_NE(map.Find("proto"), nullptr);
  EXPECT_THAT(*map.Find("proto"), IsInt(3));
  EXPECT_EQ(map.Find("absent"), nullptr);
}

TEST(Matchers, TellKindsApart) {
  const Reply bulk{.kind = Reply::Kind::kBulk, .text = "OK"};
  const Reply integer{.kind = Reply::Kind::kInteger, .integer = 1};
  EXPECT_THAT(bulk, ::testing::Not(IsOk()));
  EXPECT_THAT(bulk, ::testing::Not(IsError("OK")));
  EXPECT_THAT(integer, ::testing::Not(IsInt(2)));
  EXPECT_THAT(integer, ::testing::Not(IsBool(true)));
  EXPECT_THAT(integer, IsInt(::testing::Gt(0)));
}

}  // namespace
}  // namespace pinion::test
