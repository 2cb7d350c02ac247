// Tests of subscriptions and of messages on their way through the workers' inboxes.
#include "command/pubsub.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/command/command_layer.h"

namespace pinion::command {
namespace {

using Kind = PubSub::Kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class PubSubTest : public ::testing::Test {
 protected:
  std::string Received(Session& s) {
    layer_.pubsub.Deliver(s.worker);
    return layer_.Output(s);
  }

  CommandLayer layer_{{}};
};

TEST_F(PubSubTest, EachProtocolGetsItsOwnForm) {
  Session& two = layer_.Connect(0);
  Session& three = layer_.Connect(1);
  three.protocol = 3;
  layer_.pubsub.Subscribe(Kind::kChannel, "news", two);
  layer_.pubsub.Subscribe(Kind::kChannel, "news", three);
  EXPECT_EQ(layer_.pubsub.Publish("news", "hi", false, layer_.workers[0].get()), 2u);
  EXPECT_EQ(Received(two), "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
  EXPECT_EQ(Received(three), ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
}

TEST_F(PubSubTest, PatternsSeeChannelsButNotShardChannels) {
  Session& s = layer_.Connect();
  layer_.pubsub.Subscribe(Kind::kPattern, "n*", s);
  EXPECT_EQ(layer_.pubsub.Publish("news", "a", true, nullptr), 0u);
  EXPECT_EQ(layer_.pubsub.Publish("other", "b", false, nullptr), 0u);
  EXPECT_EQ(layer_.pubsub.Publish("news", "c", false, nullptr), 1u);
  EXPECT_EQ(Received(s), "*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$1\r\nc\r\n");
}

TEST_F(PubSubTest, AWorkerIsWokenOnceForManyMessages) {
  Session& s = layer_.Connect(1);
  layer_.pubsub.Subscribe(Kind::kChannel, "n", s);
  for (int i = 0; i < 10; ++i) layer_.pubsub.Publish("n", "x", false, layer_.workers[0].get());
  EXPECT_EQ(layer_.loops.Run(), 1u);
  EXPECT_FALSE(layer_.Output(s).empty());
}

TEST_F(PubSubTest, AWorkerNeedsNoWakingForItsOwnMessages) {
  Session& s = layer_.Connect(0);
  layer_.pubsub.Subscribe(Kind::kChannel, "n", s);
  layer_.pubsub.Publish("n", "x", false, layer_.workers[0].get());
  EXPECT_TRUE(layer_.workers[0]->inbox_touched);
  EXPECT_EQ(layer_.loops.Run(), 0u);
}

TEST_F(PubSubTest, ForgottenSessionsGetNothingThatIsUnderWay) {
  Session& a = layer_.Connect();
  Session& b = layer_.Connect();
  for (Session* s : {&a, &b}) layer_.pubsub.Subscribe(Kind::kChannel, "n", *s);
  layer_.pubsub.Publish("n", "x", false, nullptr);
  a.worker.inbox.Forget(a.id);
  EXPECT_EQ(Received(a), "");
  EXPECT_NE(layer_.Output(b), "");
}

TEST_F(PubSubTest, KilledSessionsGetNothing) {
  Session& s = layer_.Connect();
  layer_.pubsub.Subscribe(Kind::kChannel, "n", s);
  layer_.pubsub.Publish("n", "x", false, nullptr);
  s.killed = true;
  EXPECT_EQ(Received(s), "");
}

TEST_F(PubSubTest, LargeMessagesComeWhole) {
  Session& s = layer_.Connect();
  const std::string large(100'000, 'x');
  layer_.pubsub.Subscribe(Kind::kChannel, "n", s);
  layer_.pubsub.Publish("n", large, false, nullptr);
  EXPECT_EQ(Received(s), "*3\r\n$7\r\nmessage\r\n$1\r\nn\r\n$100000\r\n" + large + "\r\n");
}

TEST_F(PubSubTest, BooksAreKept) {
  Session& a = layer_.Connect();
  Session& b = layer_.Connect();
  PubSub& p = layer_.pubsub;
  p.Subscribe(Kind::kChannel, "one", a);
  p.Subscribe(Kind::kChannel, "one", b);
  p.Subscribe(Kind::kChannel, "", a);
  p.Subscribe(Kind::kShardChannel, "shard", a);
  p.Subscribe(Kind::kPattern, "*", a);
  p.Subscribe(Kind::kPattern, "*", b);
  EXPECT_THAT(p.Channels(Kind::kChannel, {}), UnorderedElementsAre("one", ""));
  EXPECT_THAT(p.Channels(Kind::kChannel, "o*"), ElementsAre("one"));
  EXPECT_THAT(p.Channels(Kind::kShardChannel, {}), ElementsAre("shard"));
  EXPECT_EQ(p.Subscribers(Kind::kChannel, "one"), 2u);
  EXPECT_EQ(p.Subscribers(Kind::kShardChannel, "one"), 0u);
  EXPECT_EQ(p.PatternCount(), 1u);
  EXPECT_EQ(p.ChannelCount(Kind::kChannel), 2u);
  p.Unsubscribe(Kind::kPattern, "*", a);
  EXPECT_EQ(p.PatternCount(), 1u);
  p.Unsubscribe(Kind::kPattern, "*", b);
  EXPECT_EQ(p.PatternCount(), 0u);
  for (Session* s : {&a, &b}) p.Unsubscribe(Kind::kChannel, "one", *s);
  EXPECT_THAT(p.Channels(Kind::kChannel, "?*"), IsEmpty());
}

TEST_F(PubSubTest, MessagesOfManyThreadsAllArriveEachThreadsInOrder) {
  constexpr int kMessages = 2000;
  Session& s = layer_.Connect(0);
  layer_.pubsub.Subscribe(Kind::kChannel, "n", s);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kMessages; ++i) {
        layer_.pubsub.Publish("n", std::to_string(t) + ":" + std::to_string(i), false, nullptr);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  const std::string received = Received(s);
  for (int t = 0; t < 3; ++t) {
    size_t at = 0;
    for (int i = 0; i < kMessages; ++i) {
      at = received.find("\n" + std::to_string(t) + ":" + std::to_string(i) + "\r", at);
      ASSERT_NE(at, std::string::npos) << "thread " << t << ", message " << i;
    }
  }
}

}  // namespace
}  // namespace pinion::command
