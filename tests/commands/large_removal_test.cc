// Large removals: what they cut out of a value, or replace, is freed in the background, and what stays is intact.
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using Command = std::vector<std::string>;

class LargeRemovalTest : public StringTest {
 protected:
  static constexpr int kElements = 20'000;

  void Configure(Options& options) override { options.Set("list-max-listpack-size", "16"); }

  Reply Send(const Command& command) { return client().Command(command); }

  // Sends `command` followed by the arguments of every element, some hundred at a time.
  void Fill(const Command& command, const std::function<void(int, Command&)>& element) {
    for (int i = 0; i < kElements;) {
      Command request = command;
      for (int k = 0; k < 500; ++k) element(i++, request);
      ASSERT_NE(Send(request).kind, Reply::Kind::kError);
    }
  }
  void MakeList(const std::string& key) {
    Fill({"RPUSH", key}, [](int i, Command& c) { c.push_back("element:" + std::to_string(i)); });
  }
  void MakeSet(const std::string& key) {
    Fill({"SADD", key}, [](int i, Command& c) { c.push_back("member:" + std::to_string(i)); });
  }
  void MakeSortedSet(const std::string& key) {
    Fill({"ZADD", key}, [](int i, Command& c) {
      c.push_back(std::to_string(i));
      c.push_back("member:" + std::to_string(i));
    });
  }
  void MakeStream(const std::string& key) {
    for (int i = 1; i <= kElements; ++i) client().Send("XADD", key, i, "field", "value");
    for (int i = 1; i <= kElements; ++i) ASSERT_NE(client().ReadReply().kind, Reply::Kind::kError);
  }

  long Info(const std::string& name) {
    const std::string text = Do("INFO", "memory").text;
    const size_t at = text.find("\r\n" + name + ":");
    return at == std::string::npos ? -1 : std::stol(text.substr(at + name.size() + 3));
  }
  // Sends a command and expects that it has something freed in the background.
  Reply ExpectHandsOver(const Command& command) {
    const long before = Info("lazyfreed_objects");
    Reply reply = Send(command);
    EXPECT_NE(reply.kind, Reply::Kind::kError) << command[0] << ": " << reply.text;
    for (int i = 0; i < 1000 && Info("lazyfree_pending_objects") != 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(Info("lazyfree_pending_objects"), 0);
    EXPECT_GT(Info("lazyfreed_objects"), before) << command[0];
    return reply;
  }
};

TEST_F(LargeRemovalTest, ListsAreCutFromBothEnds) {
  MakeList("l");
  EXPECT_THAT(ExpectHandsOver({"LTRIM", "l", "5000", "-5001"}), IsStatus("OK"));
  EXPECT_THAT(Do("LLEN", "l"), IsInt(kElements - 10'000));
  EXPECT_THAT(Do("LINDEX", "l", 0), IsBulk("element:5000"));
  EXPECT_THAT(Do("LINDEX", "l", -1), IsBulk("element:" + std::to_string(kElements - 5001)));
  EXPECT_EQ(ExpectHandsOver({"LPOP", "l", "4000"}).elements.size(), 4000u);
  EXPECT_EQ(ExpectHandsOver({"LMPOP", "1", "l", "RIGHT", "COUNT", "4000"}).elements.size(), 2u);
  EXPECT_THAT(Do("LINDEX", "l", 0), IsBulk("element:9000"));
  EXPECT_THAT(Do("LINDEX", "l", -1), IsBulk("element:" + std::to_string(kElements - 9001)));
  EXPECT_THAT(Do("LTRIM", "l", 1, 0), IsStatus("OK"));
  EXPECT_THAT(Do("EXISTS", "l"), IsInt(0));
  MakeList("l");
  EXPECT_EQ(ExpectHandsOver({"RPOP", "l", "1000000"}).elements.size(), size_t{kElements});
  EXPECT_THAT(Do("EXISTS", "l"), IsInt(0));
}

TEST_F(LargeRemovalTest, AStreamLosesItsOldNodes) {
  MakeStream("x");
  EXPECT_THAT(ExpectHandsOver({"XTRIM", "x", "MAXLEN", "50"}), IsInt(kElements - 50));
  EXPECT_THAT(Do("XLEN", "x"), IsInt(50));
  EXPECT_EQ(Do("XRANGE", "x", "-", "+", "COUNT", 1).elements.at(0).elements.at(0).text,
            std::to_string(kElements - 49) + "-0");
  Do("DEL", "x");
  MakeStream("x");
  EXPECT_THAT(ExpectHandsOver({"XADD", "x", "MAXLEN", "1", "99999", "f", "v"}), IsBulk("99999-0"));
  EXPECT_THAT(Do("XLEN", "x"), IsInt(1));
}

TEST_F(LargeRemovalTest, WholeValuesGoWhoeverRemovesTheLastElement) {
  MakeSet("s");
  EXPECT_EQ(ExpectHandsOver({"SPOP", "s", "1000000"}).elements.size(), size_t{kElements});
  const std::vector<Command> removals = {
      {"ZREMRANGEBYRANK", "z", "0", "-1"}, {"ZREMRANGEBYSCORE", "z", "-inf", "+inf"}, {"ZPOPMAX", "z", "1000000"}};
  for (const Command& command : removals) {
    MakeSortedSet("z");
    ExpectHandsOver(command);
    EXPECT_THAT(Do("EXISTS", "z"), IsInt(0)) << command[0];
  }
  EXPECT_THAT(Do("DBSIZE"), IsInt(0));
}

TEST_F(LargeRemovalTest, RangesOfSortedSetsAreSweptAfterTheReply) {
  const auto shrinks_to = [this](const std::string& key, int64_t bytes) {
    for (int i = 0; i < 1000 && Do("MEMORY", "USAGE", key).integer > bytes; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_LE(Do("MEMORY", "USAGE", key).integer, bytes);
  };
  MakeSortedSet("z");
  const int64_t full = Do("MEMORY", "USAGE", "z").integer;
  EXPECT_THAT(Do("ZREMRANGEBYRANK", "z", 1000, -1001), IsInt(kElements - 2000));
  EXPECT_THAT(Do("ZCARD", "z"), IsInt(2000));
  EXPECT_THAT(Do("ZSCORE", "z", "member:1000"), IsNil());
  EXPECT_THAT(Do("ZADD", "z", 7, "member:1000"), IsInt(1));
  EXPECT_THAT(Do("ZRANK", "z", "member:1000"), IsInt(7));
  EXPECT_THAT(Do("ZRANGE", "z", 1000, 1002), IsArray("member:999", "member:19000", "member:19001"));
  EXPECT_EQ(Do("ZSCAN", "z", 0, "COUNT", 100'000).elements.at(1).elements.size(), 2u * 2001);
  shrinks_to("z", full / 5);
  EXPECT_THAT(Do("ZCARD", "z"), IsInt(2001));
  EXPECT_THAT(Do("ZSCORE", "z", "member:1000"), IsBulk("7"));

  // The same where the value goes to another key, or another database, before it is swept.
  MakeSortedSet("z");
  client().SendRaw("ZREMRANGEBYSCORE z 100 19899\r\nRENAME z y\r\nMOVE y 1\r\nSELECT 1\r\n");
  EXPECT_THAT(client().ReadReply(), IsInt(kElements - 200));
  for (int i = 0; i < 3; ++i) EXPECT_NE(client().ReadReply().kind, Reply::Kind::kError);
  shrinks_to("y", full / 20);
  EXPECT_THAT(Do("ZCARD", "y"), IsInt(200));
}

TEST_F(LargeRemovalTest, ReplacedValuesGo) {
  Do("SADD", "few", "a");
  Do("RPUSH", "numbers", 2, 1);
  const std::string payload = Do("DUMP", "few").text;
  const std::vector<Command> replacements = {{"SET", "k", "v"},
                                             {"SDIFFSTORE", "k", "few"},
                                             {"SDIFFSTORE", "k", "none"},
                                             {"ZUNIONSTORE", "k", "1", "few"},
                                             {"SORT", "numbers", "STORE", "k"},
                                             {"COPY", "few", "k", "REPLACE"},
                                             {"RESTORE", "k", "0", payload, "REPLACE"},
                                             {"ZRANGESTORE", "k", "none", "0", "-1"},
                                             {"BITOP", "NOT", "k", "none"},
                                             {"RENAME", "numbers", "k"}};
  for (const Command& command : replacements) {
    Do("DEL", "k");
    MakeSet("k");
    ExpectHandsOver(command);
  }
}

TEST_F(LargeRemovalTest, FlushingCountsEveryKeyAndResettingForgetsThem) {
  for (int i = 0; i < 300; ++i) Do("SET", "key:" + std::to_string(i), "v");
  ExpectHandsOver({"FLUSHALL"});
  EXPECT_EQ(Info("lazyfreed_objects"), 300);
  Do("CONFIG", "RESETSTAT");
  EXPECT_EQ(Info("lazyfreed_objects"), 0);
  Do("SET", "small", "v");
  Do("UNLINK", "small");
  EXPECT_EQ(Info("lazyfreed_objects"), 0);
}

}  // namespace
}  // namespace pinion::test
