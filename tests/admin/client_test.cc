// Tests of CLIENT and MONITOR.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

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

TEST_F(ClientTest, FlagsAreAccepted) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CLIENT", "NO-EVICT", "ON"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "NO-TOUCH", "ON"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "CAPA", "redirect"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "UNBLOCK", 1), IsInt(0));
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

TEST_F(ClientTest, ListHasEveryFieldOfEveryClient) {
  auto c = Connect(3);
  auto s = Connect();
  const Reply id = s.Command("CLIENT", "ID");
  EXPECT_THAT(s.Command("SUBSCRIBE", "a", "b"), IsArray("subscribe", "a", 1));
  const Reply list = c.Command("CLIENT", "LIST");
  EXPECT_EQ(list.kind, Reply::Kind::kVerbatim);
  EXPECT_EQ(list.format, "txt");
  size_t at = 0;
  for (const char* field : {"id", "addr", "laddr", "fd", "name", "age", "idle", "flags", "db", "sub", "psub", "ssub",
                            "multi", "watch", "qbuf", "qbuf-free", "argv-mem", "multi-mem", "rbs", "rbp", "obl", "oll",
                            "omem", "tot-mem", "events", "cmd", "user", "redir", "resp", "lib-name", "lib-ver",
                            "tot-net-in", "tot-net-out", "tot-cmds"}) {
    at = list.text.find(std::string(field) + "=", at);
    ASSERT_NE(at, std::string::npos) << field;
  }
  EXPECT_THAT(c.Command("CLIENT", "LIST", "ID", id.integer).text,
              testing::AllOf(testing::HasSubstr(" flags=P "), testing::HasSubstr(" sub=2 "),
                             testing::HasSubstr(" cmd=subscribe ")));
  EXPECT_THAT(c.Command("CLIENT", "LIST", "TYPE", "pubsub").text,
              testing::StartsWith("id=" + std::to_string(id.integer) + " "));
  EXPECT_THAT(c.Command("CLIENT", "LIST", "TYPE", "replica"), IsVerbatim(""));
  EXPECT_THAT(c.Command("CLIENT", "LIST", "TYPE", "what"), IsError("ERR Unknown client type 'what'"));
  EXPECT_THAT(c.Command("CLIENT", "LIST", "ID", "x"), IsError("ERR Invalid client ID"));
  EXPECT_THAT(c.Command("CLIENT", "LIST", "ID"), IsError("ERR syntax error"));
}

TEST_F(ClientTest, ListShowsTheCommandThatWaitsAndNoneThatIsUnknown) {
  auto c = Connect();
  auto waits = Connect();
  const auto waiting = std::to_string(waits.Command("CLIENT", "ID").integer);
  waits.Send("BLPOP", "nothing", "0");
  const auto line = [&](const std::string& id) { return c.Command("CLIENT", "LIST", "ID", id).text; };
  for (int i = 0; i < 500 && line(waiting).find(" flags=b ") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_THAT(line(waiting), testing::AllOf(testing::HasSubstr(" argv-mem=13 "), testing::HasSubstr(" cmd=blpop ")));
  auto lost = Connect();
  const auto id = std::to_string(lost.Command("CLIENT", "ID").integer);
  for (const char* unknown : {"NOSUCH", "CONFIG NOSUCH"}) {
    lost.Command("PING");
    ASSERT_TRUE(lost.SendRaw(std::string(unknown) + "\r\n"));
    EXPECT_THAT(lost.ReadReply(), IsErrorStarting("ERR unknown "));
    EXPECT_THAT(line(id), testing::HasSubstr(" cmd=NULL ")) << unknown;
  }
}

TEST_F(ClientTest, FlagsShowWhatAClientIsDoing) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CLIENT", "NO-EVICT", "ON"), IsOk());
  EXPECT_THAT(c.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "INFO"), IsQueued());
  auto other = Connect();
  EXPECT_THAT(other.Command("CLIENT", "LIST").text, testing::HasSubstr(" flags=xde "));
}

TEST_F(ClientTest, KillChoosesByAllItsFilters) {
  auto c = Connect();
  const auto field = [](const std::string& info, const std::string& name) {
    const size_t from = info.find(" " + name + "=") + name.size() + 2;
    return info.substr(from, info.find(' ', from) - from);
  };
  auto victim = Connect();
  const std::string info = victim.Command("CLIENT", "INFO").text;
  EXPECT_THAT(c.Command("CLIENT", "KILL", "ADDR", field(info, "addr"), "TYPE", "pubsub"), IsInt(0));
  EXPECT_THAT(c.Command("CLIENT", "KILL", "ADDR", field(info, "addr"), "MAXAGE", 3600), IsInt(0));
  EXPECT_THAT(c.Command("CLIENT", "KILL", "ADDR", field(info, "addr"), "LADDR", field(info, "laddr"), "USER",
                        "default", "TYPE", "normal"),
              IsInt(1));
  EXPECT_TRUE(victim.WaitForClose());

  auto old_form = Connect();
  EXPECT_THAT(c.Command("CLIENT", "KILL", field(old_form.Command("CLIENT", "INFO").text, "addr")), IsOk());
  EXPECT_TRUE(old_form.WaitForClose());

  auto monitor = Connect();
  EXPECT_THAT(monitor.Command("MONITOR"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "KILL", "SKIPME", "yes"), IsInt(1));
  EXPECT_TRUE(monitor.WaitForClose());
  EXPECT_THAT(c.Command("CLIENT", "KILL", "SKIPME", "no"), IsInt(1)) << "the reply comes before the end";
  EXPECT_TRUE(c.WaitForClose());
}

TEST_F(ClientTest, KillRefusesWhatItCannotRead) {
  auto c = Connect();
  struct Case { std::vector<std::string> options; const char* error; };
  for (const Case& wrong : {
           Case{{"ID", "0"}, "ERR client-id should be greater than 0"},
           Case{{"ID", "x"}, "ERR client-id should be greater than 0"},
           Case{{"MAXAGE", "x"}, "ERR maxage is not an integer or out of range"},
           Case{{"MAXAGE", "0"}, "ERR maxage should be greater than 0"},
           Case{{"TYPE", "what"}, "ERR Unknown client type 'what'"},
           Case{{"USER", "nobody"}, "ERR No such user 'nobody'"},
           Case{{"SKIPME", "perhaps"}, "ERR syntax error"},
           Case{{"WHAT", "x"}, "ERR syntax error"},
           Case{{"ID", "1", "TYPE"}, "ERR syntax error"},
       }) {
    std::vector<std::string> command = {"CLIENT", "KILL"};
    command.insert(command.end(), wrong.options.begin(), wrong.options.end());
    EXPECT_THAT(c.Command(command), IsError(wrong.error));
  }
}

TEST_F(ClientTest, AKilledClientsTransactionAndWatchesAreGone) {
  auto c = Connect();
  auto victim = Connect();
  const Reply id = victim.Command("CLIENT", "ID");
  EXPECT_THAT(victim.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(victim.Command("MULTI"), IsOk());
  EXPECT_THAT(victim.Command("SET", "k", "v"), IsQueued());
  EXPECT_THAT(c.Command("CLIENT", "KILL", "ID", id.integer), IsInt(1));
  EXPECT_THAT(c.Command("INFO", "clients").text, testing::HasSubstr("total_watched_keys:0"));
  EXPECT_TRUE(victim.WaitForClose());
  EXPECT_THAT(c.Command("EXISTS", "k"), IsInt(0));
}

TEST_F(ClientTest, APauseEndsByItself) {
  auto c = Connect();
  auto reader = Connect();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", 150), IsOk());
  EXPECT_THAT(reader.Command("GET", "k"), IsNil());
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(140));
}

TEST_F(ClientTest, APauseIsOnlyMadeLongerAndStricter) {
  auto c = Connect();
  auto writer = Connect();
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", 60000, "WRITE"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", 1, "WRITE"), IsOk());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  writer.Send("SET", "k", "v");
  EXPECT_THAT(writer.ReadReply(std::chrono::milliseconds(50)), IsNothing());
  EXPECT_THAT(c.Command("INFO", "clients").text, testing::HasSubstr("blocked_clients:1"));
  EXPECT_THAT(c.Command("CLIENT", "UNPAUSE"), IsOk());
  EXPECT_THAT(writer.ReadReply(), IsOk());

  const auto began = std::chrono::steady_clock::now();
  c.SendRaw("MULTI\r\nCLIENT PAUSE 200 ALL\r\nCLIENT PAUSE 10 WRITE\r\nEXEC\r\n");
  for (int i = 0; i < 4; ++i) c.ReadReply();
  EXPECT_THAT(writer.Command("GET", "k"), IsBulk("v"));
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(190));
}

TEST_F(ClientTest, DuringAPauseKeysExpireForReadersButStay) {
  auto c = Connect();
  const auto expired = [&] {
    const std::string stats = c.Command("INFO", "stats").text;
    const size_t at = stats.find("expired_keys:") + 13;
    return stats.substr(at, stats.find('\r', at) - at);
  };
  c.SendRaw("MULTI\r\nSET k v PX 10\r\nCLIENT PAUSE 60000 WRITE\r\nEXEC\r\n");
  for (int i = 0; i < 4; ++i) c.ReadReply();
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_THAT(c.Command("GET", "k"), IsNil());
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(1));
  EXPECT_EQ(expired(), "0");
  EXPECT_THAT(c.Command("CLIENT", "UNPAUSE"), IsOk());
  for (int i = 0; i < 100 && expired() != "1"; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(expired(), "1");
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(0));
}

TEST_F(ClientTest, PauseRefusesWhatItCannotRead) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", "x"), IsError("ERR timeout is not an integer or out of range"));
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", -1), IsError("ERR timeout is negative"));
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", "9223372036854775807"), IsError("ERR timeout is out of range"));
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", 1, "SOME"), IsError("ERR CLIENT PAUSE mode must be WRITE or ALL"));
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", 1, "WRITE", "x"),
              IsErrorStarting("ERR unknown subcommand or wrong number of arguments for 'PAUSE'"));
}

TEST_F(ClientTest, SettingsRefuseWhatTheyDoNotKnow) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CLIENT", "REPLY", "PERHAPS"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("CLIENT", "NO-TOUCH", "x"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("CLIENT", "TRACKING", "ON", "x"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("CLIENT", "SETINFO", "AGE", "x"), IsError("ERR Unrecognized option 'AGE'"));
  EXPECT_THAT(c.Command("CLIENT", "SETINFO", "LIB-VER", "a b"),
              IsError("ERR LIB-VER cannot contain spaces, newlines or special characters."));
  EXPECT_THAT(c.Command("CLIENT", "UNBLOCK", 1, "NOW"),
              IsError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"));
  EXPECT_THAT(c.Command("CLIENT", "NOSUCH"), IsError("ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP."));
}

TEST_F(ClientTest, AMonitorSeesNoPasswordsAndLeavesByReset) {
  auto m = Connect();
  auto c = Connect();
  EXPECT_THAT(m.Command("MONITOR"), IsOk());
  EXPECT_THAT(m.Command("GET", "k"), IsError("ERR Replica can't interact with the keyspace"));
  c.Command("AUTH", "default", "secret");
  EXPECT_THAT(m.ReadReply().text, testing::HasSubstr(R"-("AUTH" "(redacted)" "(redacted)")-"));
  c.Command("HELLO", 2, "AUTH", "default", "secret", "SETNAME", "me");
  EXPECT_THAT(m.ReadReply().text, testing::HasSubstr(R"-("HELLO" "2" "AUTH" "(redacted)" "(redacted)" "SETNAME" "me")-"));
  c.Command("CONFIG", "SET", "requirepass", "");
  c.SendRaw("MULTI\r\nSET k v\r\nEXEC\r\n");
  EXPECT_THAT(m.ReadReply().text, testing::HasSubstr(R"("MULTI")"));
  EXPECT_THAT(m.ReadReply().text, testing::HasSubstr(R"("SET" "k" "v")"));
  EXPECT_THAT(m.ReadReply().text, testing::HasSubstr(R"("EXEC")"));
  EXPECT_THAT(m.Command("RESET"), IsStatus("RESET"));
  c.Command("PING");
  EXPECT_THAT(m.Command("GET", "k"), IsBulk("v"));
}

// Loops kill, list and pause each other's clients all at once; the server stays whole.
TEST_F(ClientTest, ClientsOfManyThreadsMayBeSeenAndKilledAtAnyTime) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      while (!stop) {
        auto victim = Connect();
        victim.Command("CLIENT", "SETNAME", "victim");
        victim.Command("SUBSCRIBE", "n");
        victim.Send("PING");
        if (t == 0) victim.SendRaw("*2\r\n$4\r\nECHO\r\n$100000\r\nhalf");
        victim.ReadReply(std::chrono::milliseconds(5));
      }
    });
  }
  auto c = Connect();
  int killed = 0;
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(c.Command("CLIENT", "LIST").kind, Reply::Kind::kBulk);
    c.Command("PUBLISH", "n", std::string(1000, 'x'));
    const Reply n = c.Command("CLIENT", "KILL", "TYPE", "pubsub");
    ASSERT_EQ(n.kind, Reply::Kind::kInteger);
    killed += static_cast<int>(n.integer);
    c.Command("CLIENT", "PAUSE", 1, "WRITE");
  }
  stop = true;
  for (std::thread& t : threads) t.join();
  EXPECT_GT(killed, 0);
  c.Command("CLIENT", "KILL", "TYPE", "pubsub");
  EXPECT_THAT(c.Command("PUBSUB", "NUMSUB", "n"), IsArray("n", 0));
}

}  // namespace
}  // namespace pinion::test
