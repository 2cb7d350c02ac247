// Tests of CLIENT and MONITOR.
#include <algorithm>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ClientTest = ServerTest;

TEST_F(ClientTest, NamesAndLibrariesShowInInfoAndList) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CLIENT", "GETNAME"), IsNil());
  EXPECT_THAT(c.Command("CLIENT", "SETNAME", "alice"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "GETNAME"), IsBulk("alice"));
  EXPECT_THAT(c.Command("CLIENT", "SETNAME", "two words"), IsErrorStarting("ERR Client names cannot contain spaces"));
  EXPECT_THAT(c.Command("CLIENT", "SETINFO", "LIB-NAME", "mine"), IsOk());
  const Reply id = c.Command("CLIENT", "ID");
  EXPECT_EQ(id.kind, Reply::Kind::kInteger);
  const std::string info = c.Command("CLIENT", "INFO").text;
  EXPECT_NE(info.find("name=alice"), std::string::npos) << info;
  EXPECT_NE(info.find("lib-name=mine"), std::string::npos) << info;
  auto other = Connect();
  const std::string list = other.Command("CLIENT", "LIST").text;
  EXPECT_NE(list.find("name=alice"), std::string::npos) << list;
  EXPECT_EQ(std::count(list.begin(), list.end(), '\n'), 2);
}

TEST_F(ClientTest, KillClosesClientsOfOtherLoops) {
  auto c = Connect();
  std::vector<RespClient> victims;
  for (int i = 0; i < 4; ++i) victims.push_back(Connect());
  for (RespClient& v : victims) {
    const Reply id = v.Command("CLIENT", "ID");
    EXPECT_THAT(c.Command("CLIENT", "KILL", "ID", id.integer), IsInt(1));
    EXPECT_TRUE(v.WaitForClose());
  }
  EXPECT_THAT(c.Command("CLIENT", "KILL", "ID", 999999), IsInt(0));
  EXPECT_THAT(c.Command("CLIENT", "KILL", "1.2.3.4:5"), IsError("ERR No such client"));
}

TEST_F(ClientTest, PauseHoldsWritesBackUntilUnpause) {
  auto c = Connect();
  auto writer = Connect();
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", 60000, "WRITE"), IsOk());
  writer.Send("SET", "k", "v");
  EXPECT_THAT(writer.ReadReply(std::chrono::milliseconds(100)), IsNothing());
  EXPECT_THAT(c.Command("GET", "k"), IsNil());
  EXPECT_THAT(c.Command("CLIENT", "UNPAUSE"), IsOk());
  EXPECT_THAT(writer.ReadReply(), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("v"));
}

TEST_F(ClientTest, ReplyOffAndSkipSilenceReplies) {
  auto c = Connect();
  c.Send("CLIENT", "REPLY", "OFF");
  c.Send("SET", "a", "1");
  EXPECT_THAT(c.Command("CLIENT", "REPLY", "ON"), IsOk());
  c.Send("CLIENT", "REPLY", "SKIP");
  c.Send("SET", "a", "2");
  EXPECT_THAT(c.Command("GET", "a"), IsBulk("2"));
}

TEST_F(ClientTest, FlagsAreAcceptedAndTrackingIsRefused) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CLIENT", "NO-EVICT", "ON"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "NO-TOUCH", "ON"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "CAPA", "redirect"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "UNBLOCK", 1), IsInt(0));
  EXPECT_THAT(c.Command("CLIENT", "TRACKING", "ON"), IsErrorStarting("ERR"));
  EXPECT_THAT(c.Command("CLIENT", "TRACKING", "OFF"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "CACHING", "YES"), IsErrorStarting("ERR"));
  EXPECT_THAT(c.Command("CLIENT", "GETREDIR"), IsInt(-1));
  EXPECT_NE(c.Command("CLIENT", "TRACKINGINFO").kind, Reply::Kind::kError);
  EXPECT_EQ(c.Command("CLIENT", "HELP").kind, Reply::Kind::kArray);
}

TEST_F(ClientTest, AMonitorSeesWhatOthersSend) {
  auto m = Connect();
  EXPECT_THAT(m.Command("MONITOR"), IsOk());
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "k", "a \"b\""), IsOk());
  const Reply line = m.ReadReply();
  EXPECT_EQ(line.kind, Reply::Kind::kStatus);
  EXPECT_NE(line.text.find(R"("SET" "k" "a \"b\"")"), std::string::npos) << line.text;
}

}  // namespace
}  // namespace pinion::test
