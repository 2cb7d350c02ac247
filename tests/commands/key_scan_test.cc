// KEYS, SCAN and RANDOMKEY.
#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class KeyScanTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }

  // All keys a whole SCAN reports, with these arguments behind the cursor.
  static std::multiset<std::string> ScanAll(RespClient& c, const std::vector<std::string>& options = {}) {
    std::multiset<std::string> keys;
    std::string cursor = "0";
    do {
      std::vector<std::string> request{"SCAN", cursor};
      request.insert(request.end(), options.begin(), options.end());
      const Reply reply = c.Command(request);
      if (reply.elements.size() != 2) {
        ADD_FAILURE() << reply;
        break;
      }
      cursor = reply.elements[0].text;
      for (const Reply& key : reply.elements[1].elements) keys.insert(key.text);
    } while (cursor != "0");
    return keys;
  }
};

TEST_F(KeyScanTest, KeysFindsWhatMatches) {
  auto c = Connect();
  EXPECT_THAT(c.Command("KEYS", "*"), IsArray());
  EXPECT_THAT(c.Command("MSET", "hello", 1, "hallo", 2, "world", 3), IsOk());
  EXPECT_THAT(c.Command("KEYS", "*"), IsUnorderedArray("hello", "hallo", "world"));
  EXPECT_THAT(c.Command("KEYS", "h?llo"), IsUnorderedArray("hello", "hallo"));
  EXPECT_THAT(c.Command("KEYS", "h[^a]llo"), IsArray("hello"));
  EXPECT_THAT(c.Command("KEYS", "world"), IsArray("world"));
  EXPECT_THAT(c.Command("KEYS", "none*"), IsArray());
}

TEST_F(KeyScanTest, KeysFindsEveryOneOfMany) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 20'000), IsOk());
  EXPECT_THAT(c.Command("KEYS", "*"), HasElements(::testing::SizeIs(20'000)));
  EXPECT_THAT(c.Command("KEYS", "key:1999?"), HasElements(::testing::SizeIs(10)));
}

TEST_F(KeyScanTest, ASmallKeyspaceIsScannedAtOnce) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SCAN", 0), IsArray("0", IsArray()));
  EXPECT_THAT(c.Command("MSET", "a", 1, "b", 2), IsOk());
  EXPECT_THAT(c.Command("SCAN", 0), IsArray("0", IsUnorderedArray("a", "b")));
}

TEST_F(KeyScanTest, ScanReportsEveryKeyWhateverTheCount) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 1000), IsOk());
  for (const char* count : {"1", "10", "999", "5000", "9223372036854775807"}) {
    const auto keys = ScanAll(c, {"COUNT", count});
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 1000u) << count;
    EXPECT_EQ(keys.size(), 1000u) << count;  // nothing changes meanwhile: none twice
  }
}

TEST_F(KeyScanTest, ScanFiltersByPatternAndType) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 500), IsOk());
  EXPECT_EQ(ScanAll(c, {"MATCH", "key:1??"}).size(), 100u);
  EXPECT_EQ(ScanAll(c, {"match", "*", "count", "50"}).size(), 500u);
  EXPECT_EQ(ScanAll(c, {"TYPE", "String"}).size(), 500u);
  EXPECT_EQ(ScanAll(c, {"TYPE", "list"}).size(), 0u);
  EXPECT_EQ(ScanAll(c, {"TYPE", "unheard-of"}).size(), 0u);
  EXPECT_EQ(ScanAll(c, {"TYPE", "string", "MATCH", "key:7", "COUNT", "1000"}).size(), 1u);
}

TEST_F(KeyScanTest, ScanRefusesWhatItCannotRead) {
  auto c = Connect();
  constexpr char kSyntax[] = "ERR syntax error";
  for (const char* cursor : {"x", "1x", " 1", "+", "99999999999999999999999"}) {
    EXPECT_THAT(c.Command("SCAN", cursor), IsError("ERR invalid cursor")) << cursor;
  }
  EXPECT_THAT(c.Command("SCAN", "x", "nonsense"), IsError("ERR invalid cursor"));
  EXPECT_THAT(c.Command("SCAN", 0, "COUNT", 0), IsError(kSyntax));
  EXPECT_THAT(c.Command("SCAN", 0, "COUNT", -1), IsError(kSyntax));
  EXPECT_THAT(c.Command("SCAN", 0, "COUNT", "x"), IsError("ERR value is not an integer or out of range"));
  for (const char* option : {"COUNT", "MATCH", "TYPE", "NOVALUES"}) {
    EXPECT_THAT(c.Command("SCAN", 0, option), IsError(kSyntax)) << option;
  }
  EXPECT_THAT(c.Command("SCAN", 0, "NONSENSE", 1), IsError(kSyntax));
}

TEST_F(KeyScanTest, AnyNumberIsACursor) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 1000), IsOk());
  for (const char* cursor : {"", "-1", "+5", "18446744073709551615", "17592186044415", "35184372088832", "65537",
                             "1152921504606846976", "4503599627370495"}) {
    EXPECT_THAT(c.Command("SCAN", cursor), HasElements(::testing::SizeIs(2))) << cursor;
  }
}

TEST_F(KeyScanTest, ScanFindsWhatStaysWhileOthersComeAndGo) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 2000, "stays"), IsOk());
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    auto w = Connect();
    for (int i = 0; !stop; i = (i + 1) % 5000) {
      w.Command("SET", "comes:" + std::to_string(i), "v");
      if (i % 2 == 0) w.Command("DEL", "comes:" + std::to_string((i + 2500) % 5000));
    }
  });
  for (int round = 0; round < 5; ++round) {
    const auto keys = ScanAll(c, {"MATCH", "stays:*"});
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 2000u);
  }
  stop = true;
  writer.join();
}

TEST_F(KeyScanTest, RandomKeyPicksEveryKeySooner) {
  auto c = Connect();
  EXPECT_THAT(c.Command("RANDOMKEY"), IsNil());
  EXPECT_THAT(c.Command("MSET", "a", 1, "b", 2, "c", 3), IsOk());
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(c.Command("RANDOMKEY").text);
  EXPECT_EQ(seen, (std::set<std::string>{"a", "b", "c"}));
}

TEST_F(KeyScanTest, WholeLooksWorkInsideATransaction) {
  auto c = Connect();
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("SET", "a", "x"), IsQueued());
  EXPECT_THAT(c.Command("KEYS", "*"), IsQueued());
  EXPECT_THAT(c.Command("SCAN", 0), IsQueued());
  EXPECT_THAT(c.Command("RANDOMKEY"), IsQueued());
  EXPECT_THAT(c.Command("DBSIZE"), IsQueued());
  EXPECT_THAT(c.Command("FLUSHALL"), IsQueued());
  EXPECT_THAT(c.Command("DBSIZE"), IsQueued());
  EXPECT_THAT(c.Command("EXEC"),
              IsArray(IsOk(), IsArray("a"), IsArray("0", IsArray("a")), "a", 1, IsOk(), 0));
}

}  // namespace
}  // namespace pinion::test
