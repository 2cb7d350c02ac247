// Tests of channels, patterns and sharded channels, across loops and protocols.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using PubSubTest = ServerTest;

TEST_F(PubSubTest, MessagesReachChannelsAndPatterns) {
  auto s = Connect(3);
  auto c = Connect();
  s.Send("SUBSCRIBE", "news");
  EXPECT_THAT(s.ReadPush(), IsPush("subscribe", "news", 1));
  s.Send("PSUBSCRIBE", "n*");
  EXPECT_THAT(s.ReadPush(), IsPush("psubscribe", "n*", 2));
  EXPECT_THAT(c.Command("PUBLISH", "news", "hello"), IsInt(2));
  EXPECT_THAT(s.ReadPush(), IsPush("message", "news", "hello"));
  EXPECT_THAT(s.ReadPush(), IsPush("pmessage", "n*", "news", "hello"));
  EXPECT_THAT(c.Command("PUBSUB", "CHANNELS"), IsArray("news"));
  EXPECT_THAT(c.Command("PUBSUB", "NUMSUB", "news", "none"), IsArray("news", 1, "none", 0));
  EXPECT_THAT(c.Command("PUBSUB", "NUMPAT"), IsInt(1));
  EXPECT_EQ(c.Command("PUBSUB", "HELP").kind, Reply::Kind::kArray);
  s.Send("UNSUBSCRIBE");
  EXPECT_THAT(s.ReadPush(), IsPush("unsubscribe", "news", 1));
  s.Send("PUNSUBSCRIBE", "n*");
  EXPECT_THAT(s.ReadPush(), IsPush("punsubscribe", "n*", 0));
  EXPECT_THAT(c.Command("PUBLISH", "news", "hello"), IsInt(0));
}

TEST_F(PubSubTest, ShardedChannelsAreApart) {
  auto s = Connect();
  auto c = Connect();
  EXPECT_THAT(s.Command("SSUBSCRIBE", "orders"), IsArray("ssubscribe", "orders", 1));
  EXPECT_THAT(c.Command("PUBLISH", "orders", "x"), IsInt(0));
  EXPECT_THAT(c.Command("SPUBLISH", "orders", "y"), IsInt(1));
  EXPECT_THAT(s.ReadReply(), IsArray("smessage", "orders", "y"));
  EXPECT_THAT(c.Command("PUBSUB", "SHARDCHANNELS"), IsArray("orders"));
  EXPECT_THAT(c.Command("PUBSUB", "SHARDNUMSUB", "orders"), IsArray("orders", 1));
  EXPECT_THAT(s.Command("SUNSUBSCRIBE", "orders"), IsArray("sunsubscribe", "orders", 0));
  EXPECT_THAT(s.Command("SET", "k", "v"), IsOk());
}

TEST_F(PubSubTest, ARespTwoSubscriberMayOnlySubscribe) {
  auto s = Connect();
  EXPECT_THAT(s.Command("SUBSCRIBE", "a"), IsArray("subscribe", "a", 1));
  EXPECT_THAT(s.Command("GET", "k"), IsErrorStarting("ERR Can't execute 'get'"));
  EXPECT_THAT(s.Command("PING"), IsArray("pong", ""));
}

TEST_F(PubSubTest, EverySubscriberSeesAllMessagesInOrder) {
  auto c = Connect();
  std::vector<RespClient> subscribers;
  for (int i = 0; i < 8; ++i) {
    subscribers.push_back(Connect());
    EXPECT_THAT(subscribers.back().Command("SUBSCRIBE", "n"), IsArray("subscribe", "n", 1));
  }
  for (int i = 0; i < 200; ++i) c.Send("PUBLISH", "n", i);
  for (RespClient& s : subscribers) {
    for (int i = 0; i < 200; ++i) ASSERT_THAT(s.ReadReply(), IsArray("message", "n", std::to_string(i)));
  }
}

TEST_F(PubSubTest, KeyspaceEventsArePublished) {
  auto s = Connect();
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "notify-keyspace-events", "KEA"), IsOk());
  EXPECT_THAT(s.Command("PSUBSCRIBE", "__key*__:*"), IsArray("psubscribe", "__key*__:*", 1));
  EXPECT_THAT(c.Command("SET", "k", "v", "PX", 20), IsOk());
  EXPECT_THAT(s.ReadReply(), IsArray("pmessage", "__key*__:*", "__keyspace@0__:k", "set"));
  EXPECT_THAT(s.ReadReply(), IsArray("pmessage", "__key*__:*", "__keyevent@0__:set", "k"));
  EXPECT_THAT(s.ReadReply(), IsArray("pmessage", "__key*__:*", "__keyspace@0__:k", "expire"));
  EXPECT_THAT(s.ReadReply(), IsArray("pmessage", "__key*__:*", "__keyevent@0__:expire", "k"));
  EXPECT_THAT(s.ReadReply(), IsArray("pmessage", "__key*__:*", "__keyspace@0__:k", "expired"));
  EXPECT_THAT(s.ReadReply(), IsArray("pmessage", "__key*__:*", "__keyevent@0__:expired", "k"));
}

}  // namespace
}  // namespace pinion::test
