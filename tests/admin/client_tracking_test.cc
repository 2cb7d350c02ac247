// Tests of client-side caching: who is told of which changes, when, and in which form.
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMoment{50};

ReplyMatcher IsInvalidation(const ReplyMatcher& keys) { return IsPush("invalidate", keys); }
ReplyMatcher InvalidatesKey(const std::string& key) { return IsInvalidation(IsArray(key)); }
ReplyMatcher IsMessageOf(const ReplyMatcher& keys) { return IsArray("message", "__redis__:invalidate", keys); }

// On three loops, so that readers, writers and receivers mostly live on different ones.
class TrackingTest : public ServerTest {
 protected:
  void Configure(Options& options) override {
    options.Set("threads", "3").Set("enable-debug-command", "yes");
  }
  void SetUp() override {
    ServerTest::SetUp();
    reader_ = std::make_unique<RespClient>(Connect(3));
    writer_ = std::make_unique<RespClient>(Connect());
  }
  void TearDown() override {
    reader_.reset();
    writer_.reset();
    ServerTest::TearDown();
  }
  RespClient& reader() { return *reader_; }
  RespClient& writer() { return *writer_; }

  template <typename... Args>
  void Track(const Args&... options) {
    ASSERT_THAT(reader().Command("CLIENT", "TRACKING", "ON", options...), IsOk());
  }
  // Nothing was sent to the client that it has not read: what PING would bring comes before its reply.
  static void ExpectQuiet(RespClient& c) {
    EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
    EXPECT_THAT(c.ReadPush(milliseconds(1)), IsNothing());
  }
  int64_t InfoNumber(const std::string& name) {
    const std::string info = writer().Command("INFO", "everything").text;
    const size_t at = info.find("\n" + name + ":");
    return at == std::string::npos ? -1 : std::stoll(info.substr(at + name.size() + 2));
  }
  std::string FlagsOf(RespClient& c) {
    const std::string line = c.Command("CLIENT", "INFO").text;
    const size_t at = line.find(" flags=") + 7;
    return line.substr(at, line.find(' ', at) - at);
  }

 private:
  std::unique_ptr<RespClient> reader_, writer_;
};

TEST_F(TrackingTest, AReadKeyIsInvalidatedOnceByTheNextChange) {
  Track();
  writer().Command("SET", "k", 1);
  EXPECT_THAT(reader().Command("GET", "k"), IsBulk("1"));
  writer().Command("SET", "k", 2);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("k"));
  writer().Command("SET", "k", 3);
  ExpectQuiet(reader());
  EXPECT_THAT(reader().Command("GET", "k"), IsBulk("3"));
  writer().Command("INCR", "k");
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("k"));
}

TEST_F(TrackingTest, TheInvalidationIsThereBeforeAnyLaterReply) {
  Track();
  for (int i = 0; i < 200; ++i) {
    reader().Command("GET", "k");
    writer().Command("SET", "k", i);  // acknowledged: what the reader asks from now on comes after the message
    reader().Send("PING");
    reader().ReadReply();
    EXPECT_THAT(reader().ReadPush(milliseconds(0)), InvalidatesKey("k"));
  }
}

TEST_F(TrackingTest, EveryKeyOfEveryReadingCommandIsTrackedAlsoMissingOnes) {
  Track();
  reader().Command("MGET", "{t}a", "{t}b", "c");
  reader().Command("STRLEN", "d");
  reader().Command("OBJECT", "ENCODING", "e");
  reader().Command("SORT_RO", "f", "BY", "w_*");
  reader().Command("GETEX", "written");  // no read in the sense of its flags
  EXPECT_EQ(InfoNumber("tracking_total_keys"), 6);
  EXPECT_EQ(InfoNumber("tracking_total_items"), 6);
  EXPECT_EQ(InfoNumber("tracking_clients"), 1);
  for (const std::string key : {"{t}a", "{t}b", "c", "d", "e"}) {
    writer().Command("SET", key, 1);
    EXPECT_THAT(reader().ReadPush(), InvalidatesKey(key));
  }
  writer().Command("SET", "written", 1);
  ExpectQuiet(reader());
  EXPECT_EQ(InfoNumber("tracking_total_keys"), 1);
}

TEST_F(TrackingTest, KeysStandForAllDatabases) {
  Track();
  reader().Command("GET", "k");
  writer().Command("SELECT", 5);
  writer().Command("SET", "k", 1);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("k"));
}

TEST_F(TrackingTest, EveryKindOfChangeInvalidates) {
  Track();
  const auto after = [&](const std::vector<std::string>& change, const std::string& key) {
    reader().Command("TYPE", key);
    writer().Command(change);
    EXPECT_THAT(reader().ReadPush(), InvalidatesKey(key)) << change[0];
  };
  writer().Command("SET", "{t}k", "v");
  after({"APPEND", "{t}k", "x"}, "{t}k");
  after({"EXPIRE", "{t}k", "100"}, "{t}k");
  after({"PERSIST", "{t}k"}, "{t}k");
  after({"COPY", "{t}k", "{t}copy"}, "{t}copy");
  after({"RENAME", "{t}k", "{t}new"}, "{t}k");
  after({"RENAME", "{t}new", "{t}k"}, "{t}k");
  after({"MOVE", "{t}k", "3"}, "{t}k");
  after({"LPUSH", "list", "a"}, "list");
  after({"DEL", "list"}, "list");
  after({"HSET", "h", "f", "v"}, "h");
  after({"SADD", "s", "m"}, "s");
  after({"ZADD", "z", "1", "m"}, "z");
  after({"XADD", "x", "1-1", "f", "v"}, "x");
  after({"UNLINK", "x"}, "x");
  reader().Command("GET", "h");
  writer().Command("HSET", "h", "f", "v");  // the same value is a change as well
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("h"));
  reader().Command("GET", "s");
  writer().Command("SADD", "s", "m");  // nothing was added
  ExpectQuiet(reader());
}

TEST_F(TrackingTest, ExpiryInvalidates) {
  Track();
  writer().Command("SET", "k", "v", "PX", 30);
  reader().Command("GET", "k");
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("k"));
  writer().Command("HSET", "h", "a", 1, "b", 2);
  writer().Command("HPEXPIRE", "h", 100, "FIELDS", 1, "a");
  reader().Command("HGETALL", "h");
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("h"));
}

TEST_F(TrackingTest, OnesOwnChangesAreToldAfterTheirReplies) {
  Track();
  reader().Command("GET", "k");
  reader().Send("SET", "k", 1);
  const std::string answers = "+OK\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n";
  EXPECT_EQ(reader().ReadBytes(answers.size()), answers);
}

TEST_F(TrackingTest, InsideATransactionTheyComeAfterItsReply) {
  Track();
  writer().Command("MSET", "{t}a", 1, "{t}b", 2);
  reader().Command("GET", "{t}a");
  reader().Command("MULTI");
  reader().Command("INCR", "{t}a");
  reader().Command("GET", "{t}b");
  EXPECT_THAT(reader().Command("EXEC"), IsArray(2, "2"));
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("{t}a"));
  writer().Command("SET", "{t}b", 3);  // what a transaction reads is tracked too
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("{t}b"));
}

TEST_F(TrackingTest, AnExpiredKeyMetByAReadIsToldAfterTheReply) {
  Track();
  writer().Command("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  writer().Command("MSET", "{t}x", 1, "{t}y", 2);
  writer().Command("PEXPIRE", "{t}y", 20);
  reader().Command("GET", "{t}y");
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_THAT(reader().Command("MGET", "{t}x", "{t}y"), IsArray("1", IsNil()));
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("{t}y"));
  writer().Command("DEBUG", "SET-ACTIVE-EXPIRE", 1);
}

TEST_F(TrackingTest, FlushingTellsAllKeysAndForgetsThem) {
  Track();
  reader().Command("GET", "k");
  writer().Command("FLUSHDB");
  EXPECT_THAT(reader().ReadPush(), IsInvalidation(IsNil()));
  EXPECT_EQ(InfoNumber("tracking_total_keys"), 0);
  writer().Command("FLUSHALL", "ASYNC");
  EXPECT_THAT(reader().ReadPush(), IsInvalidation(IsNil()));
  EXPECT_THAT(reader().Command("FLUSHALL"), IsOk());
  EXPECT_THAT(reader().ReadPush(), IsInvalidation(IsNil()));
  reader().Command("GET", "k");
  writer().Command("SWAPDB", 0, 1);  // tells nothing, as in Redis
  ExpectQuiet(reader());
}

TEST_F(TrackingTest, NoLoopLeavesOutOnesOwnChanges) {
  Track("NOLOOP");
  reader().Command("MGET", "{t}a", "{t}b");
  reader().Command("SET", "{t}a", 1);
  ExpectQuiet(reader());
  writer().Command("SET", "{t}b", 1);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("{t}b"));
}

TEST_F(TrackingTest, OptInTracksTheCommandAfterCaching) {
  Track("OPTIN");
  reader().Command("GET", "a");
  EXPECT_THAT(reader().Command("CLIENT", "CACHING", "YES"), IsOk());
  EXPECT_THAT(reader().Command("CLIENT", "ID"), IsInt(::testing::_));  // CLIENT is not the next command
  reader().Command("GET", "b");
  reader().Command("GET", "c");
  EXPECT_EQ(InfoNumber("tracking_total_keys"), 1);
  reader().Command("CLIENT", "CACHING", "YES");
  reader().Command("NOSUCHCOMMAND");
  reader().Command("GET", "d");
  EXPECT_EQ(InfoNumber("tracking_total_keys"), 1);
  reader().Command("CLIENT", "CACHING", "YES");
  reader().Command("MULTI");  // a whole transaction is one command
  reader().Command("GET", "e");
  reader().Command("GET", "f");
  reader().Command("EXEC");
  EXPECT_EQ(InfoNumber("tracking_total_keys"), 3);
  writer().Command("SET", "b", 1);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("b"));
}

TEST_F(TrackingTest, OptOutLeavesOutTheCommandAfterCaching) {
  Track("OPTOUT");
  reader().Command("GET", "a");
  EXPECT_THAT(reader().Command("CLIENT", "CACHING", "NO"), IsOk());
  reader().Command("GET", "b");
  reader().Command("GET", "c");
  EXPECT_EQ(InfoNumber("tracking_total_keys"), 2);
}

TEST_F(TrackingTest, BroadcastingTellsTheKeysOfABatchInOneMessageAPrefix) {
  Track("BCAST", "PREFIX", "a:", "PREFIX", "b:");
  EXPECT_EQ(InfoNumber("tracking_total_prefixes"), 2);
  writer().Command("MULTI");
  for (const char* key : {"{t}", "a:2", "b:1", "c:1", "a:1"}) writer().Command("INCR", key);
  writer().Command("EXEC");
  EXPECT_THAT(reader().ReadPush(), IsInvalidation(IsArray("a:1", "a:2")));
  EXPECT_THAT(reader().ReadPush(), IsInvalidation(IsArray("b:1")));
  writer().SendRaw(RespClient::Encode({"SET", "a:1", "x"}) + RespClient::Encode({"DEL", "a:1", "a:2"}));
  EXPECT_THAT(reader().ReadPush(), IsInvalidation(IsArray("a:1", "a:2")));
  for (int i = 0; i < 2; ++i) writer().ReadReply();
  Track("BCAST", "PREFIX", "c:");  // is added
  writer().Command("SET", "c:", 1);
  EXPECT_THAT(reader().ReadPush(), IsInvalidation(IsArray("c:")));
  reader().Command("CLIENT", "TRACKING", "OFF");
  EXPECT_EQ(InfoNumber("tracking_total_prefixes"), 0);
  writer().Command("SET", "c:", 2);
  ExpectQuiet(reader());
}

TEST_F(TrackingTest, BroadcastingWithoutAPrefixTellsEverything) {
  Track("BCAST");
  writer().Command("SET", "k", "v", "PX", 20);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("k"));
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("k"));  // it expired
  reader().SendRaw(RespClient::Encode({"SET", "a", "1"}) + RespClient::Encode({"SET", "b", "1"}));
  const std::string answers = "+OK\r\n+OK\r\n>2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n";
  EXPECT_EQ(reader().ReadBytes(answers.size()), answers);
  writer().Command("FLUSHALL");
  EXPECT_THAT(reader().ReadPush(), IsInvalidation(IsNil()));
}

TEST_F(TrackingTest, BroadcastingWithNoLoopLeavesOutOnesOwnKeys) {
  Track("BCAST", "NOLOOP");
  reader().Command("SET", "mine", 1);
  ExpectQuiet(reader());
  writer().Command("SET", "other", 1);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("other"));
  reader().Command("SET", "mine", 1, "PX", 20);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("mine"));  // expiry is nobody's own
}

TEST_F(TrackingTest, KeysReadBeforeBroadcastingAreForgotten) {
  Track();
  reader().Command("GET", "k");
  reader().Command("CLIENT", "TRACKING", "OFF");
  Track("BCAST", "PREFIX", "other");
  writer().Command("SET", "k", 1);
  ExpectQuiet(reader());
}

TEST_F(TrackingTest, ARedirectionGoesToASubscriberOfRespTwo) {
  auto receiver = Connect();
  const int64_t id = receiver.Command("CLIENT", "ID").integer;
  Track("REDIRECT", id);
  EXPECT_THAT(reader().Command("CLIENT", "GETREDIR"), IsInt(id));
  reader().Command("GET", "early");
  writer().Command("SET", "early", 1);  // nobody has subscribed: it is lost
  receiver.Command("SUBSCRIBE", "__redis__:invalidate");
  reader().Command("GET", "k");
  writer().Command("SET", "k", 1);
  EXPECT_THAT(receiver.ReadReply(), IsMessageOf(IsArray("k")));
  writer().Command("FLUSHALL");
  EXPECT_THAT(receiver.ReadReply(), IsMessageOf(IsNil()));
  ExpectQuiet(reader());
}

TEST_F(TrackingTest, ARedirectionToRespThreeIsAPush) {
  auto receiver = Connect(3);
  auto old = Connect();
  const int64_t id = receiver.Command("CLIENT", "ID").integer;
  Track("REDIRECT", id);
  EXPECT_THAT(old.Command("CLIENT", "TRACKING", "ON", "REDIRECT", id), IsOk());
  reader().Command("GET", "a");
  old.Command("GET", "b");
  writer().Command("SET", "a", 1);
  EXPECT_THAT(receiver.ReadPush(), InvalidatesKey("a"));
  writer().Command("SET", "b", 1);
  EXPECT_THAT(receiver.ReadPush(), InvalidatesKey("b"));
}

TEST_F(TrackingTest, ABrokenRedirectionIsToldAndShown) {
  auto receiver = std::make_unique<RespClient>(Connect(3));
  const int64_t id = receiver->Command("CLIENT", "ID").integer;
  Track("REDIRECT", id);
  reader().Command("GET", "k");
  EXPECT_THAT(receiver->Command("QUIT"), IsOk());
  while (!writer().Command("CLIENT", "LIST", "ID", id).text.empty()) {
  }
  writer().Command("SET", "k", 1);
  EXPECT_THAT(reader().ReadPush(), IsPush("tracking-redir-broken", id));
  EXPECT_EQ(FlagsOf(reader()), "tR");
  EXPECT_THAT(reader().Command("CLIENT", "TRACKINGINFO"),
              IsMap("flags", IsSet("on", "broken_redirect"), "redirect", id, "prefixes", IsArray()));
  EXPECT_THAT(reader().Command("CLIENT", "TRACKING", "ON", "REDIRECT", id),
              IsError("ERR The client ID you want redirect to does not exist"));
  Track();
  EXPECT_EQ(FlagsOf(reader()), "t");
}

TEST_F(TrackingTest, AKilledReceiverBreaksTheRedirection) {
  auto receiver = Connect(3);
  const int64_t id = receiver.Command("CLIENT", "ID").integer;
  Track("BCAST", "REDIRECT", id);
  writer().Command("CLIENT", "KILL", "ID", id);
  writer().Command("SET", "k", 1);
  EXPECT_THAT(reader().ReadPush(), IsPush("tracking-redir-broken", id));
}

TEST_F(TrackingTest, ClientsThatAreGoneOrResetHearNothing) {
  Track();
  reader().Command("GET", "k");
  EXPECT_THAT(reader().Command("RESET"), IsStatus("RESET"));
  EXPECT_EQ(InfoNumber("tracking_clients"), 0);
  EXPECT_THAT(reader().Command("HELLO", 3), HasElements(::testing::Not(::testing::IsEmpty())));
  writer().Command("SET", "k", 1);
  ExpectQuiet(reader());
  {
    auto passing = Connect(3);
    passing.Command("CLIENT", "TRACKING", "ON", "BCAST");
    passing.Command("GET", "k");
  }
  for (int i = 0; i < 100 && InfoNumber("tracking_clients") != 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(InfoNumber("tracking_clients"), 0);
  EXPECT_EQ(InfoNumber("tracking_total_prefixes"), 0);
  EXPECT_THAT(writer().Command("SET", "k", 2), IsOk());
}

TEST_F(TrackingTest, TooManyTrackedKeysAreForgottenWithAMessage) {
  Track();
  for (int i = 0; i < 500; ++i) reader().Command("GET", "key" + std::to_string(i));
  EXPECT_EQ(InfoNumber("tracking_total_keys"), 500);
  EXPECT_THAT(writer().Command("CONFIG", "SET", "tracking-table-max-keys", 10), IsOk());
  for (int i = 0; i < 490; ++i) EXPECT_THAT(reader().ReadPush(), IsInvalidation(IsArray(::testing::_)));
  ExpectQuiet(reader());
  EXPECT_EQ(InfoNumber("tracking_total_keys"), 10);
  EXPECT_EQ(InfoNumber("tracking_total_items"), 10);
}

TEST_F(TrackingTest, EvictionInvalidatesBeforeTheReply) {
  Track();
  writer().Command("SET", "volatile", std::string(100, 'x'), "EX", 1000);
  reader().Command("GET", "volatile");
  writer().Command("CONFIG", "SET", "maxmemory-policy", "volatile-random");
  writer().Command("CONFIG", "SET", "maxmemory", 1);
  writer().Command("SET", "more", 1);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("volatile"));
}

TEST_F(TrackingTest, PushesComeThoughRepliesAreOff) {
  Track();
  reader().Command("GET", "k");
  reader().Send("CLIENT", "REPLY", "OFF");
  reader().Send("GET", "other");
  std::this_thread::sleep_for(kMoment);
  writer().Command("SET", "k", 1);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey("k"));
  EXPECT_THAT(reader().Command("CLIENT", "REPLY", "ON"), IsOk());
}

TEST_F(TrackingTest, ALargeKeyNameIsTold) {
  const std::string key(100'000, 'k');
  Track();
  reader().Command("GET", key);
  writer().Command("SET", key, 1);
  EXPECT_THAT(reader().ReadPush(), InvalidatesKey(key));
}

TEST_F(TrackingTest, StateShows) {
  EXPECT_THAT(reader().Command("CLIENT", "GETREDIR"), IsInt(-1));
  EXPECT_THAT(reader().Command("CLIENT", "TRACKINGINFO"),
              IsMap("flags", IsSet("off"), "redirect", -1, "prefixes", IsArray()));
  Track("OPTIN", "NOLOOP");
  EXPECT_THAT(reader().Command("CLIENT", "GETREDIR"), IsInt(0));
  reader().Command("CLIENT", "CACHING", "YES");
  EXPECT_THAT(reader().Command("CLIENT", "TRACKINGINFO"),
              IsMap("flags", IsSet("on", "optin", "caching-yes", "noloop"), "redirect", 0, "prefixes", IsArray()));
  EXPECT_EQ(FlagsOf(reader()), "t");
  EXPECT_NE(reader().Command("CLIENT", "INFO").text.find(" redir=0 "), std::string::npos);
  reader().Command("CLIENT", "TRACKING", "OFF");
  EXPECT_NE(reader().Command("CLIENT", "INFO").text.find(" redir=-1 "), std::string::npos);
  Track("BCAST", "PREFIX", "foo", "PREFIX", "bar");
  EXPECT_EQ(FlagsOf(reader()), "tB");
  EXPECT_THAT(reader().Command("CLIENT", "TRACKINGINFO"),
              IsMap("flags", IsSet("on", "bcast"), "redirect", 0, "prefixes", IsArray("bar", "foo")));
}

TEST_F(TrackingTest, MisuseIsRefusedInRedissWords) {
  const auto refused = [&](const std::vector<std::string>& options, const std::string& error) {
    std::vector<std::string> args = {"CLIENT", "TRACKING"};
    args.insert(args.end(), options.begin(), options.end());
    EXPECT_THAT(reader().Command(args), IsError("ERR " + error));
  };
  refused({"MAYBE"}, "syntax error");
  refused({"ON", "NOSUCH"}, "syntax error");
  refused({"ON", "PREFIX"}, "syntax error");
  refused({"ON", "REDIRECT"}, "syntax error");
  refused({"ON", "REDIRECT", "x"}, "value is not an integer or out of range");
  refused({"ON", "REDIRECT", "0"}, "The client ID you want redirect to does not exist");
  refused({"ON", "REDIRECT", "987654"}, "The client ID you want redirect to does not exist");
  const std::string own = std::to_string(reader().Command("CLIENT", "ID").integer);
  refused({"ON", "REDIRECT", own, "REDIRECT", own}, "A client can only redirect to a single other client");
  refused({"ON", "PREFIX", "a"}, "PREFIX option requires BCAST mode to be enabled");
  refused({"ON", "OPTIN", "OPTOUT"}, "You can't specify both OPTIN mode and OPTOUT mode");
  refused({"ON", "BCAST", "OPTIN"}, "OPTIN and OPTOUT are not compatible with BCAST");
  refused({"ON", "BCAST", "PREFIX", "FOOBAR", "PREFIX", "FOO"},
          "Prefix 'FOOBAR' overlaps with another provided prefix 'FOO'. Prefixes for a single client must not overlap.");
  refused({"ON", "BCAST", "PREFIX", "A", "PREFIX", "FOO", "PREFIX", "FOOBAR"},
          "Prefix 'FOO' overlaps with another provided prefix 'FOOBAR'. Prefixes for a single client must not overlap.");
  EXPECT_THAT(reader().Command("CLIENT", "CACHING", "YES"),
              IsError("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT "
                      "mode enabled"));
  Track("OPTIN");
  refused({"ON", "OPTOUT"},
          "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a "
          "different mode.");
  refused({"ON", "BCAST"},
          "You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a "
          "different mode.");
  EXPECT_THAT(reader().Command("CLIENT", "CACHING", "NO"),
              IsError("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode."));
  EXPECT_THAT(reader().Command("CLIENT", "CACHING", "MAYBE"), IsError("ERR syntax error"));
  reader().Command("CLIENT", "TRACKING", "OFF");
  Track("OPTOUT");
  EXPECT_THAT(reader().Command("CLIENT", "CACHING", "YES"),
              IsError("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode."));
  reader().Command("CLIENT", "TRACKING", "OFF");
  Track("BCAST", "PREFIX", "FOO");
  refused({"ON", "BCAST", "PREFIX", "FO"},
          "Prefix 'FO' overlaps with an existing prefix 'FOO'. Prefixes for a single client must not overlap.");
}

// Readers that always ask for what they were told to forget must end with the last values, however many loops, writers
// and redirections there are.
TEST_F(TrackingTest, CachesConvergeUnderLoad) {
  constexpr int kKeys = 50, kWrites = 3000, kWriters = 3, kReaders = 3;
  std::vector<std::thread> threads;
  std::atomic<int> writing{kWriters};
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back([&, w] {
      auto c = Connect();
      for (int i = 0; i < kWrites; ++i) c.Command("SET", "key" + std::to_string((i * 7 + w) % kKeys), i);
      --writing;
    });
  }
  for (int r = 0; r < kReaders; ++r) {
    threads.emplace_back([&] {
      auto c = Connect(3);
      c.Command("CLIENT", "TRACKING", "ON");
      std::map<std::string, std::string> cache;
      const auto drain = [&](milliseconds patience) {
        for (Reply push; (push = c.ReadPush(patience)).kind == Reply::Kind::kPush;) {
          cache.erase(push.elements[1].elements[0].text);
        }
      };
      while (writing > 0) {
        for (int k = 0; k < kKeys; ++k) {
          const std::string key = "key" + std::to_string(k);
          if (!cache.contains(key)) cache[key] = c.Command("GET", key).text;
          drain(milliseconds(0));
        }
      }
      c.Command("PING");
      drain(milliseconds(1));
      auto plain = Connect();
      for (const auto& [key, value] : cache) EXPECT_EQ(plain.Command("GET", key).text, value) << key;
    });
  }
  for (std::thread& t : threads) t.join();
}

}  // namespace
}  // namespace pinion::test
