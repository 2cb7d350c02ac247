// Tests of what happens to every request around its handler: admission, queueing, locking, silence, accounting.
#include "command/dispatcher.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/command/command_layer.h"

namespace pinion::command {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

void Ok(Context& ctx) { ctx.reply().Ok(); }
void Fail(Context& ctx) { ctx.reply().Error("OOPS it failed"); }
void SayAlone(Context& ctx) { ctx.reply().Integer(ctx.alone()); }
void PutKey(Context& ctx) {
  auto w = ctx.db().Write(ctx.key());
  w.SetString(ctx.arg(2), store::kNoDeadline);
  ctx.reply().Ok();
}
void HasKey(Context& ctx) { ctx.reply().Integer(ctx.db().Read(ctx.key()) != nullptr); }
void Secret(Context& ctx) {
  ctx.HideArgument(1);
  ctx.reply().Ok();
}
void Silence(Context& ctx) {
  ctx.session().reply_mode = ctx.arg(1) == "off"    ? ReplyMode::kOff
                             : ctx.arg(1) == "skip" ? ReplyMode::kSkipNext
                                                    : ReplyMode::kOn;
  ctx.reply().Ok();
}
void Open(Context& ctx) {
  ctx.session().Transaction().open = true;
  ctx.reply().Ok();
}
void RunAll(Context& ctx) {
  const TransactionState& t = *ctx.session().transaction;
  if (t.failed) {
    ctx.session().transaction.reset();
    return ctx.reply().Error(resp::error::kExecAbort);
  }
  ctx.reply().Array(t.queue.size());
  for (const QueuedCommand& q : t.queue) ctx.services().dispatcher->RunQueued(ctx, q);
  ctx.session().transaction.reset();
}
void Push(Context& ctx) { ctx.reply().Raw(">0\r\n"); }
void Say(Context& ctx) {
  ctx.services().pubsub.Publish(ctx.arg(1), ctx.arg(2), false, &ctx.worker());
  ctx.reply().Ok();
}

constexpr CommandRow kDispatchedSubcommands[] = {{"SUB", 3, kRead, {}, Ok}};
constexpr CommandRow kDispatchedRows[] = {
    {"OK", -1, kFast, {}, Ok},
    {"FAIL", -1, kFast, {}, Fail},
    {"PUT", 3, kWrite, kOverwriteKey, PutKey},
    {"HAS", 2, kRead, kReadKey, HasKey},
    {"ALONE", 1, kAlone, {}, SayAlone},
    {"SECRET", 2, 0, {}, Secret},
    {"ADMIN", 1, kAdmin, {}, Ok},
    {"SILENCE", 2, 0, {}, Silence},
    {"PUSH", 1, kPushes | kInSubscribed, {}, Push},
    {"SAY", 3, kMayReplicate, {}, Say},
    {"LOGIN", 1, kNoAuth, {}, Ok},
    {"NOTNOW", 1, kNoMulti, {}, Ok},
    {"OPEN", 1, kNotQueued, {}, Open},
    {"RUNALL", 1, kNotQueued | kLocksQueued, {}, RunAll},
    {"BOX", -2, 0, {}, nullptr, 0, kDispatchedSubcommands},
};
constexpr Family kDispatchedFamilies[] = {{"test", 0, kDispatchedRows}};

class DispatcherTest : public ::testing::Test {
 protected:
  const CommandStats& StatsOf(std::string_view name) {
    return layer_.workers[0]->stats.by_command[layer_.registry.FindFull(name)->id];
  }

  CommandLayer layer_{kDispatchedFamilies};
  Session& session_ = layer_.Connect();
};

TEST_F(DispatcherTest, RepliesComeInTheOrderOfTheRequests) {
  EXPECT_EQ(layer_.RunBatch(session_, "put k v\r\nhas k\r\nhas other\r\nalone\r\n"), 4u);
  EXPECT_EQ(layer_.Output(session_), "+OK\r\n:1\r\n:0\r\n:1\r\n");
}

TEST_F(DispatcherTest, BatchesLargerThanTheWindowAreExecutedWhole) {
  std::string lines, replies;
  for (int i = 0; i < 100; ++i) {
    lines += "put k" + std::to_string(i) + " v\r\nhas k" + std::to_string(i) + "\r\n";
    replies += "+OK\r\n:1\r\n";
  }
  EXPECT_EQ(layer_.RunBatch(session_, lines), 200u);
  EXPECT_EQ(layer_.Output(session_), replies);
}

TEST_F(DispatcherTest, UnknownAndMisshapenRequestsAreRefused) {
  EXPECT_EQ(layer_.Run(session_, "nosuch a"),
            "-ERR unknown command 'nosuch', with args beginning with: 'a' \r\n");
  EXPECT_EQ(layer_.Run(session_, "put k"), "-ERR wrong number of arguments for 'put' command\r\n");
  EXPECT_EQ(layer_.Run(session_, "box"), "-ERR wrong number of arguments for 'box' command\r\n");
  EXPECT_EQ(layer_.Run(session_, "box nosuch"), "-ERR unknown subcommand 'nosuch'. Try BOX HELP.\r\n");
  EXPECT_EQ(layer_.Run(session_, "box sub"), "-ERR wrong number of arguments for 'box|sub' command\r\n");
  EXPECT_EQ(layer_.Run(session_, "box sub x"), "+OK\r\n");
}

TEST_F(DispatcherTest, WhatIsRefusedIsNotExecuted) {
  layer_.acl.SetDefaultPassword("secret");
  session_.authenticated = false;
  RefreshSessions(layer_.services);
  EXPECT_EQ(layer_.Run(session_, "put k v"), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(layer_.Run(session_, "login"), "+OK\r\n");
  session_.authenticated = true;
  RefreshSessions(layer_.services);
  EXPECT_EQ(layer_.Run(session_, "has k"), ":0\r\n");
  EXPECT_EQ(StatsOf("put").rejected.Get(), 1);
  EXPECT_EQ(StatsOf("put").calls.Get(), 0);
}

TEST_F(DispatcherTest, QueuedCommandsRunTogetherAndKeepTheirOwnAccounts) {
  EXPECT_EQ(layer_.Run(session_, "open"), "+OK\r\n");
  EXPECT_EQ(layer_.Run(session_, "put k v"), "+QUEUED\r\n");
  EXPECT_EQ(layer_.Run(session_, "fail"), "+QUEUED\r\n");
  EXPECT_EQ(layer_.Run(session_, "has k"), "+QUEUED\r\n");
  EXPECT_EQ(StatsOf("put").calls.Get(), 0);
  EXPECT_EQ(layer_.Run(session_, "runall"), "*3\r\n+OK\r\n-OOPS it failed\r\n:1\r\n");
  EXPECT_EQ(StatsOf("put").calls.Get(), 1);
  EXPECT_EQ(StatsOf("fail").failed.Get(), 1);
  EXPECT_EQ(StatsOf("runall").failed.Get(), 0) << "the error is the queued command's";
  EXPECT_EQ(layer_.workers[0]->stats.errors.Get(), 1);
}

TEST_F(DispatcherTest, ACommandThatNeedsToBeAloneHasTheWholeTransactionAlone) {
  layer_.Run(session_, "open");
  layer_.Run(session_, "put k v");
  layer_.Run(session_, "alone");
  EXPECT_EQ(layer_.Run(session_, "runall"), "*2\r\n+OK\r\n:1\r\n");
}

TEST_F(DispatcherTest, ARefusalDoomsTheTransaction) {
  layer_.Run(session_, "open");
  layer_.Run(session_, "put k v");
  EXPECT_EQ(layer_.Run(session_, "notnow"), "-ERR Command not allowed inside a transaction\r\n");
  EXPECT_EQ(layer_.Run(session_, "put k v"), "+QUEUED\r\n");
  EXPECT_TRUE(session_.transaction->queue.empty()) << "what cannot run is not kept";
  EXPECT_EQ(layer_.Run(session_, "runall"), "-EXECABORT Transaction discarded because of previous errors.\r\n");
  EXPECT_EQ(layer_.Run(session_, "has k"), ":0\r\n");
}

TEST_F(DispatcherTest, ARefusedExecEndsTheTransaction) {
  layer_.Run(session_, "open");
  EXPECT_EQ(layer_.Run(session_, "runall x"),
            "-EXECABORT Transaction discarded because of: wrong number of arguments for 'runall' command\r\n");
  EXPECT_FALSE(session_.in_transaction());
}

TEST_F(DispatcherTest, SilenceTakesRepliesBackButNotPushes) {
  EXPECT_EQ(layer_.Run(session_, "silence skip"), "");
  EXPECT_EQ(layer_.Run(session_, "fail"), "");
  EXPECT_EQ(layer_.Run(session_, "ok"), "+OK\r\n");
  EXPECT_EQ(layer_.Run(session_, "silence off"), "");
  EXPECT_EQ(layer_.Run(session_, "nosuch"), "");
  EXPECT_EQ(layer_.Run(session_, "push"), ">0\r\n");
  EXPECT_EQ(layer_.Run(session_, "ok"), "");
  EXPECT_EQ(layer_.Run(session_, "silence on"), "+OK\r\n");
}

TEST_F(DispatcherTest, ARespTwoSubscriberMayOnlyDoWhatItsRowsAllow) {
  session_.Subscriptions().channels.insert("n");
  EXPECT_THAT(layer_.Run(session_, "box sub x"), HasSubstr("Can't execute 'box|sub'"));
  EXPECT_EQ(layer_.Run(session_, "push"), ">0\r\n");
  session_.protocol = 3;
  EXPECT_EQ(layer_.Run(session_, "ok"), "+OK\r\n");
}

TEST_F(DispatcherTest, AMessageToOneselfComesBehindTheReply) {
  session_.protocol = 3;
  layer_.pubsub.Subscribe(PubSub::Kind::kChannel, "n", session_);
  layer_.RunBatch(session_, "say n hi\r\nok\r\n");
  EXPECT_EQ(layer_.Output(session_), "+OK\r\n>3\r\n$7\r\nmessage\r\n$1\r\nn\r\n$2\r\nhi\r\n+OK\r\n");
  layer_.pubsub.Unsubscribe(PubSub::Kind::kChannel, "n", session_);
}

TEST_F(DispatcherTest, APauseHoldsTheRestOfTheBatchBack) {
  layer_.pause.until = layer_.clock.WallMillis() + 100;
  layer_.pause.writes_only = true;
  EXPECT_EQ(layer_.RunBatch(session_, "has k\r\nput k\r\nput k v\r\nok\r\n"), 2u);
  EXPECT_EQ(layer_.Output(session_), ":0\r\n-ERR wrong number of arguments for 'put' command\r\n");
  EXPECT_TRUE(session_.paused);
  EXPECT_EQ(layer_.loops.wakes.back(), std::make_pair(size_t{0}, layer_.pause.until.load()));

  Worker& worker = *layer_.workers[0];
  EXPECT_EQ(layer_.dispatcher.ResumePaused(worker), layer_.pause.until.load());
  EXPECT_EQ(layer_.LinkOf(session_).resumed, 0);
  layer_.clock.AdvanceMillis(100);
  EXPECT_EQ(layer_.dispatcher.ResumePaused(worker), INT64_MAX);
  EXPECT_EQ(layer_.LinkOf(session_).resumed, 1);
  EXPECT_FALSE(session_.paused);
  EXPECT_EQ(layer_.Run(session_, "put k v"), "+OK\r\n");
}

TEST_F(DispatcherTest, APauseOfWritesHoldsMessagesAndTransactionsThatWriteBack) {
  layer_.Run(session_, "open");
  layer_.Run(session_, "put k v");
  Session& reader = layer_.Connect();
  layer_.Run(reader, "open");
  layer_.Run(reader, "has k");
  layer_.pause.until = layer_.clock.WallMillis() + 100;
  layer_.pause.writes_only = true;
  EXPECT_EQ(layer_.RunBatch(session_, "runall\r\n"), 0u);
  EXPECT_EQ(layer_.RunBatch(reader, "runall\r\n"), 1u);
  EXPECT_EQ(layer_.RunBatch(reader, "say n x\r\n"), 0u);
}

TEST_F(DispatcherTest, KilledAndClosingSessionsExecuteNothing) {
  session_.killed = true;
  EXPECT_EQ(layer_.RunBatch(session_, "put k v\r\n"), 1u);
  EXPECT_EQ(layer_.Output(session_), "");
  Session& other = layer_.Connect();
  other.closing = true;
  EXPECT_EQ(layer_.Run(other, "put k v"), "");
  EXPECT_EQ(layer_.Run(layer_.Connect(), "has k"), ":0\r\n");
}

TEST_F(DispatcherTest, MonitorsSeeWhatIsExecutedWithoutSecretsAndAdministration) {
  Session& monitor = layer_.Connect();
  monitor.monitor = true;
  layer_.pubsub.AddMonitor(monitor);
  session_.db = 2;
  layer_.RunBatch(session_, "put k \"a b\"\r\nadmin\r\nsecret word\r\nnosuch\r\n");
  EXPECT_THAT(layer_.Output(monitor),
              MatchesRegex("\\+1700000000\\.000000 \\[2 peer:1\\] \"put\" \"k\" \"a b\"\r\n"
                           "\\+1700000000\\.000000 \\[2 peer:1\\] \"secret\" \"\\(redacted\\)\"\r\n"));
  EXPECT_EQ(layer_.Run(monitor, "has k"), "-ERR Replica can't interact with the keyspace\r\n");
  EXPECT_THAT(layer_.Run(monitor, "ok"), HasSubstr("+OK\r\n"));
}

TEST_F(DispatcherTest, TheSlowLogKeepsSecretsOut) {
  ASSERT_TRUE(layer_.config.Set({{"slowlog-log-slower-than", "0"}}));
  layer_.Run(session_, "secret word");
  const auto newest = layer_.slowlog.Newest(1);
  ASSERT_EQ(newest.size(), 1u);
  EXPECT_THAT(newest[0].args, ::testing::ElementsAre("secret", "(redacted)"));
  EXPECT_EQ(newest[0].peer, "peer:1");
}

TEST_F(DispatcherTest, AResetSessionTakesPartInNothing) {
  Session& s = layer_.Connect();
  s.monitor = true;
  layer_.pubsub.AddMonitor(s);
  s.Subscriptions().channels.insert("n");
  layer_.pubsub.Subscribe(PubSub::Kind::kChannel, "n", s);
  s.Transaction().flag = std::make_shared<store::WatchFlag>();
  const store::Key key = layer_.keyspace.MakeKey("k");
  layer_.keyspace.Watch(key, 0, s.transaction->flag, layer_.clock.WallMillis());
  s.transaction->watched.push_back({0, "k"});
  layer_.pubsub.Publish("n", "under way", false, nullptr);

  layer_.dispatcher.ResetSession(s.worker, s);
  EXPECT_FALSE(layer_.pubsub.HasMonitors());
  EXPECT_EQ(layer_.pubsub.Subscribers(PubSub::Kind::kChannel, "n"), 0u);
  EXPECT_EQ(layer_.keyspace.shard(key.shard).watched, 0u);
  EXPECT_EQ(s.transaction, nullptr);
  layer_.pubsub.Deliver(s.worker);
  EXPECT_EQ(layer_.Output(s), "");
}

// Two workers move amounts between keys in transactions; whoever looks at all keys at once sees the sum unchanged.
void Move(Context& ctx) {
  const auto amount = [&](size_t i) {
    const store::Entry* e = ctx.db().Read(ctx.key(i));
    return e == nullptr ? 0 : e->integer();
  };
  const int64_t from = amount(0), to = amount(1);
  ctx.db().Write(ctx.key(0)).SetInteger(from - 1);
  ctx.db().Write(ctx.key(1)).SetInteger(to + 1);
  ctx.reply().Ok();
}
void Sum(Context& ctx) {
  int64_t sum = 0;
  for (const store::Key& key : ctx.keys()) {
    const store::Entry* e = ctx.db().Read(key);
    if (e != nullptr) sum += e->integer();
  }
  ctx.reply().Integer(sum);
}
constexpr KeySpec kTwoKeys[] = {Range(1, 1, 1, kKeyRW)};
constexpr CommandRow kMoveRows[] = {
    {"MOVE", 3, kWrite, kTwoKeys, Move},
    {"SUM", -2, kRead, kReadAllKeys, Sum},
    {"ALONE", 1, kAlone, {}, SayAlone},
};
constexpr Family kMoveFamilies[] = {{"test", 0, kMoveRows}};

TEST(DispatcherThreads, CommandsOfSeveralKeysAreAtomicAcrossWorkers) {
  constexpr int kRounds = 2000;
  CommandLayer layer(kMoveFamilies, 3);
  std::vector<Session*> sessions;
  for (size_t i = 0; i < 3; ++i) sessions.push_back(&layer.Connect(i));
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        layer.Run(*sessions[t], t == 0 ? "move a b" : "move b c");
        if (i % 100 == 0) layer.Run(*sessions[t], "alone");
      }
    });
  }
  int wrong = 0;
  for (int i = 0; i < kRounds; ++i) wrong += layer.Run(*sessions[2], "sum a b c") != ":0\r\n";
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(layer.Run(*sessions[2], "sum a"), ":-2000\r\n");
  EXPECT_EQ(layer.Run(*sessions[2], "sum c"), ":2000\r\n");
}

}  // namespace
}  // namespace pinion::command
