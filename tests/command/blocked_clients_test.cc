// Waiting and being served, step by step: two workers that run when told to.
#include "command/blocked_clients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/command/command_layer.h"

namespace pinion::command {
namespace {

void Put(Context& ctx) {
  auto w = ctx.db().Write(ctx.key());
  w.SetString(ctx.arg(2), store::kNoDeadline);
  ctx.reply().Ok();
}

// Takes the string at the first of the keys that has one, or waits.
bool TryTake(Context& ctx, size_t keys, std::string* taken) {
  for (const store::Key& key : ctx.keys().first(keys)) {
    if (!ctx.MayServe(key)) continue;
    auto w = ctx.db().Write(key);
    if (!w.exists()) continue;
    char scratch[32];
    *taken = w.entry()->StringView(scratch);
    w.Delete();
    return true;
  }
  return false;
}
void Take(Context& ctx) {
  std::string taken;
  if (TryTake(ctx, ctx.keys().size(), &taken)) return ctx.reply().Bulk(taken);
  WaitOptions options;
  options.timeout_ms = 100;
  if (!ctx.Wait(std::move(options))) ctx.reply().Null();
}
void Pass(Context& ctx) {
  std::string taken;
  if (TryTake(ctx, 1, &taken)) {
    auto w = ctx.db().Write(ctx.key(1));
    w.SetString(taken, store::kNoDeadline);
    return ctx.reply().Ok();
  }
  WaitOptions options;
  options.wish.feeds = true;
  options.keys = 1;
  if (!ctx.Wait(std::move(options))) ctx.reply().Null();
}

constexpr uint32_t kTaken = kKeyRW | kKeyAccess | kKeyDelete;
constexpr KeySpec kFromAndTo[] = {Range(1, 0, 1, kTaken), Range(2, 0, 1, kKeyRW | kKeyInsert)};
constexpr KeySpec kManyKeys[] = {Range(1, -1, 1, kTaken)};
constexpr CommandRow kWaitingRows[] = {
    {"PUT", 3, kWrite, kOverwriteKey, Put},
    {"TAKE", -2, kWrite | kBlocking, kManyKeys, Take},
    {"PASS", 3, kWrite | kBlocking, kFromAndTo, Pass},
};
constexpr Family kWaitingFamilies[] = {{"test", 0, kWaitingRows}};

class BlockedClientsTest : public ::testing::Test {
 protected:
  // Runs what other workers posted, as the loops do: inside the gate.
  void RunPosted() {
    layer_.gate.Enter(1);
    layer_.loops.Run();
    layer_.gate.Leave(1);
  }
  UnixMillis FinishOverdue(size_t worker) {
    layer_.gate.Enter(worker);
    const UnixMillis next = layer_.services.blocked->FinishOverdue(*layer_.workers[worker]);
    layer_.gate.Leave(worker);
    return next;
  }
  int64_t WaitedKeys() { return layer_.keyspace.CountWaitedKeys().keys; }

  CommandLayer layer_{kWaitingFamilies};
  Session& writer_ = layer_.Connect(0);
  Session& waiter_ = layer_.Connect(1);
};

TEST_F(BlockedClientsTest, ABatchStopsBehindACommandThatWaits) {
  EXPECT_EQ(layer_.RunBatch(waiter_, "put a 1\r\ntake k\r\nput b 2\r\n"), 2u);
  EXPECT_EQ(layer_.Output(waiter_), "+OK\r\n");
  EXPECT_TRUE(waiter_.blocked());
}

TEST_F(BlockedClientsTest, TheWriterServesAndTheWaitersLoopDelivers) {
  layer_.Run(waiter_, "take k j");
  EXPECT_EQ(layer_.Run(writer_, "put k v"), "+OK\r\n");
  EXPECT_FALSE(waiter_.blocked());
  EXPECT_EQ(WaitedKeys(), 0) << "whose wait is over does not count, wherever it still stands";
  EXPECT_EQ(layer_.Output(waiter_), "");
  EXPECT_EQ(layer_.LinkOf(waiter_).resumed, 0);
  RunPosted();
  EXPECT_EQ(layer_.Output(waiter_), "$1\r\nv\r\n");
  EXPECT_EQ(layer_.LinkOf(waiter_).resumed, 1);
  EXPECT_EQ(waiter_.waiting, nullptr);
  EXPECT_EQ(layer_.keyspace.shard(layer_.keyspace.MakeKey("j").shard).waited, 0u);
}

TEST_F(BlockedClientsTest, WhoWasServedInTimeIsNotTimedOut) {
  layer_.Run(waiter_, "take k");
  layer_.Run(writer_, "put k v");
  layer_.clock.AdvanceMillis(1000);
  EXPECT_EQ(FinishOverdue(1), INT64_MAX);
  EXPECT_EQ(layer_.Output(waiter_), "");
  RunPosted();
  EXPECT_EQ(layer_.Output(waiter_), "$1\r\nv\r\n");
}

TEST_F(BlockedClientsTest, ADeadlineIsNeverEarly) {
  layer_.clock.AdvanceMicros(1);  // a deadline is a whole millisecond
  layer_.Run(waiter_, "take k");
  const UnixMillis due = layer_.loops.wakes.back().second;
  EXPECT_EQ(due, layer_.clock.WallMillis() + 101);
  layer_.clock.AdvanceMillis(100);
  EXPECT_EQ(FinishOverdue(1), due);
  layer_.clock.AdvanceMillis(1);
  EXPECT_EQ(FinishOverdue(1), INT64_MAX);
  EXPECT_EQ(layer_.Output(waiter_), "*-1\r\n");
  layer_.Run(writer_, "put k v");
  EXPECT_EQ(layer_.Run(waiter_, "take k"), "$1\r\nv\r\n");
}

TEST_F(BlockedClientsTest, WhoGoesBeforeBeingServedTakesNothing) {
  layer_.Run(waiter_, "take k");
  layer_.gate.Enter(1);
  layer_.dispatcher.ResetSession(*layer_.workers[1], waiter_);
  layer_.gate.Leave(1);
  layer_.Run(writer_, "put k v");
  EXPECT_EQ(layer_.Run(writer_, "take k"), "$1\r\nv\r\n");
  EXPECT_EQ(WaitedKeys(), 0);
}

TEST_F(BlockedClientsTest, MovesThatWaitAreServedInTheSameBreath) {
  Session& last = layer_.Connect(1);
  for (int i = 0; i < 20; ++i) {  // over shards of all kinds
    const std::string from = "from" + std::to_string(i), to = "to" + std::to_string(i);
    layer_.Run(waiter_, "pass " + from + " " + to);
    layer_.Run(last, "take " + to);
    EXPECT_EQ(layer_.Run(writer_, "put " + from + " v"), "+OK\r\n");
    EXPECT_FALSE(waiter_.blocked());
    EXPECT_FALSE(last.blocked());
    RunPosted();
    EXPECT_EQ(layer_.Output(waiter_), "+OK\r\n");
    EXPECT_EQ(layer_.Output(last), "$1\r\nv\r\n");
  }
}

}  // namespace
}  // namespace pinion::command
