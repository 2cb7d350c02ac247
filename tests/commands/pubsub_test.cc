// Tests of channels, patterns and sharded channels, across loops and protocols.
#include <algorithm>
#include <atomic>
#include <cctype>
#include <string>
#include <thread>
#include <vector>

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

TEST_F(PubSubTest, UnsubscribingFromNothingIsConfirmedWithoutAName) {
  auto two = Connect();
  auto three = Connect(3);
  for (const char* command : {"UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"}) {
    std::string word = command;
    std::transform(word.begin(), word.end(), word.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_THAT(two.Command(command), IsArray(word, IsNil(), 0));
    three.Send(command);
    EXPECT_THAT(three.ReadPush(), IsPush(word, IsNil(), 0));
    EXPECT_THAT(two.Command(command, "none"), IsArray(word, "none", 0));
  }
}

TEST_F(PubSubTest, CountsAreOfChannelsAndPatternsButNotOfShardChannels) {
  auto s = Connect();
  s.Send("SUBSCRIBE", "a", "b", "a");
  EXPECT_THAT(s.ReadReply(), IsArray("subscribe", "a", 1));
  EXPECT_THAT(s.ReadReply(), IsArray("subscribe", "b", 2));
  EXPECT_THAT(s.ReadReply(), IsArray("subscribe", "a", 2));
  EXPECT_THAT(s.Command("SSUBSCRIBE", "a"), IsArray("ssubscribe", "a", 1));
  EXPECT_THAT(s.Command("PSUBSCRIBE", "p*"), IsArray("psubscribe", "p*", 3));
  EXPECT_THAT(s.Command("UNSUBSCRIBE", "b"), IsArray("unsubscribe", "b", 2));
  EXPECT_THAT(s.Command("SUNSUBSCRIBE"), IsArray("sunsubscribe", "a", 0));
  EXPECT_THAT(s.Command("GET", "k"), IsErrorStarting("ERR Can't execute"));
}

TEST_F(PubSubTest, SubscribingMayBeQueued) {
  auto s = Connect();
  EXPECT_THAT(s.Command("MULTI"), IsOk());
  EXPECT_THAT(s.Command("SUBSCRIBE", "n"), IsQueued());
  EXPECT_THAT(s.Command("SET", "k", "v"), IsQueued());
  EXPECT_THAT(s.Command("EXEC"), IsArray(IsArray("subscribe", "n", 1), IsOk()));
  EXPECT_THAT(s.Command("PING", "x"), IsArray("pong", "x"));
}

TEST_F(PubSubTest, MessagesToOneselfComeBehindTheTransaction) {
  auto s = Connect(3);
  s.Send("SUBSCRIBE", "n");
  EXPECT_THAT(s.ReadPush(), IsPush("subscribe", "n", 1));
  s.SendRaw("MULTI\r\nPUBLISH n hi\r\nPING\r\nEXEC\r\n");
  const std::string expected = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n+PONG\r\n>3\r\n$7\r\nmessage\r\n$1\r\nn\r\n$2\r\nhi\r\n";
  EXPECT_EQ(s.ReadBytes(expected.size()), expected);
}

TEST_F(PubSubTest, SilenceDoesNotReachMessages) {
  auto s = Connect();
  s.Send("CLIENT", "REPLY", "OFF");
  EXPECT_THAT(s.Command("SUBSCRIBE", "n"), IsArray("subscribe", "n", 1));
  auto c = Connect();
  EXPECT_THAT(c.Command("PUBLISH", "n", "hi"), IsInt(1));
  EXPECT_THAT(s.ReadReply(), IsArray("message", "n", "hi"));
  s.Send("PING");
  EXPECT_THAT(s.Command("UNSUBSCRIBE", "n"), IsArray("unsubscribe", "n", 0));
}

TEST_F(PubSubTest, ASubscriberThatIsGoneIsNotCounted) {
  auto c = Connect();
  auto gone = Connect();
  auto killed = Connect();
  EXPECT_THAT(gone.Command("SUBSCRIBE", "n"), IsArray("subscribe", "n", 1));
  const Reply id = killed.Command("CLIENT", "ID");
  EXPECT_THAT(killed.Command("SUBSCRIBE", "n"), IsArray("subscribe", "n", 1));
  EXPECT_THAT(gone.Command("QUIT"), IsOk());
  EXPECT_TRUE(gone.WaitForClose());
  EXPECT_THAT(c.Command("PUBSUB", "NUMSUB", "n"), IsArray("n", 1));
  EXPECT_THAT(c.Command("CLIENT", "KILL", "ID", id.integer), IsInt(1));
  EXPECT_THAT(c.Command("PUBLISH", "n", "x"), IsInt(0));
}

TEST_F(PubSubTest, LooksRefuseWhatTheyDoNotKnow) {
  auto c = Connect();
  EXPECT_THAT(c.Command("PUBSUB", "CHANNELS", "a", "b"),
              IsError("ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP."));
  EXPECT_THAT(c.Command("PUBSUB", "NOSUCH"), IsError("ERR unknown subcommand 'NOSUCH'. Try PUBSUB HELP."));
  EXPECT_THAT(c.Command("PUBSUB", "NUMSUB"), IsArray());
  EXPECT_THAT(c.Command("PUBSUB", "CHANNELS", "x*"), IsArray());
}

// While others publish, a RESP2 client that unsubscribes must never read a message where it expects a reply.
TEST_F(PubSubTest, NoMessageComesBehindTheEndOfItsSubscription) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> publishers;
  for (int t = 0; t < 2; ++t) {
    publishers.emplace_back([&, c = Connect()]() mutable {
      while (!stop) c.Command("PUBLISH", "n", "x");
    });
  }
  for (int client = 0; client < 2; ++client) {
    auto s = Connect();
    for (int round = 0; round < 300; ++round) {
      ASSERT_THAT(s.Command("SUBSCRIBE", "n"), IsArray("subscribe", "n", 1)) << "the confirmation comes first";
      s.Send(round % 2 == 0 ? "UNSUBSCRIBE" : "RESET");
      Reply reply = s.ReadReply();
      while (reply.kind == Reply::Kind::kArray && reply.elements[0].text == "message") reply = s.ReadReply();
      if (round % 2 == 0) {
        ASSERT_THAT(reply, IsArray("unsubscribe", "n", 0));
      } else {
        ASSERT_THAT(reply, IsStatus("RESET"));
      }
      ASSERT_THAT(s.Command("PING"), IsStatus("PONG"));
    }
  }
  stop = true;
  for (std::thread& t : publishers) t.join();
}

}  // namespace
}  // namespace pinion::test
