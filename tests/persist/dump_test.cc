// Tests of DUMP, RESTORE and RESTORE-ASKING.
#include <chrono>
#include <string>
#include <thread>

#include "base/crc64.h"
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class DumpTest : public ServerTest {
 protected:
  void Configure(Options& options) override {
    options.Set("enable-debug-command", "yes").Set("notify-keyspace-events", "KEA");
  }
  // Footer of version 11 behind a body.
  static std::string Payload(std::string body) {
    body += std::string("\x0b\0", 2);
    const uint64_t crc = Crc64(0, body);
    for (int i = 0; i < 8; ++i) body += static_cast<char>(crc >> (8 * i) & 0xFF);
    return body;
  }
  static void ExpectTrip(RespClient& c) {
    const std::string digest = c.Command("DEBUG", "DIGEST-VALUE", "k").elements.at(0).text;
    const std::string encoding = c.Command("OBJECT", "ENCODING", "k").text;
    const std::string payload = c.Command("DUMP", "k").text;
    EXPECT_THAT(c.Command("RESTORE", "copy", "0", payload, "REPLACE"), IsOk()) << encoding;
    EXPECT_EQ(c.Command("DEBUG", "DIGEST-VALUE", "copy").elements.at(0).text, digest) << encoding;
    EXPECT_EQ(c.Command("OBJECT", "ENCODING", "copy").text, encoding);
    EXPECT_EQ(c.Command("DUMP", "copy").text, payload) << encoding;
    c.Command("DEL", "k");
  }
};

TEST_F(DumpTest, IsWhatRedisWrites) {
  auto c = Connect();
  c.Command("SET", "k", "10");
  EXPECT_THAT(c.Command("DUMP", "k"), IsBulk(Payload(std::string("\0\xc0\n", 3))));
  c.Command("SET", "k", "hello");
  EXPECT_THAT(c.Command("DUMP", "k"), IsBulk(Payload(std::string("\0\x05hello", 7))));
  EXPECT_THAT(c.Command("DUMP", "nosuch"), IsNil());
}

TEST_F(DumpTest, EveryTypeAndEncodingComesBack) {
  for (int resp : {2, 3}) {
    auto c = Connect(resp);
    for (const std::string& text :
         {std::string(), std::string("1"), std::string("-129"), std::string("40000"), std::string("2147483648"),
          std::string("\0\r\n\xff", 4), std::string(63, 'a'), std::string(20'000, 'b'), std::string(100'000, '\0')}) {
      c.Command("SET", "k", text);
      ExpectTrip(c);
    }
    c.Command("RPUSH", "k", "1", "two", "");
    ExpectTrip(c);
    for (int i = 0; i < 400; ++i) c.Command("RPUSH", "k", std::string(i, 'x'), std::to_string(i * 1'000'003));
    ExpectTrip(c);
    c.Command("SADD", "k", "1", "-70000", "9000000000");
    ExpectTrip(c);
    c.Command("SADD", "k", "1", "b");
    ExpectTrip(c);
    c.Command("HSET", "k", "f", "1");
    ExpectTrip(c);
    c.Command("HSET", "k", "f", "1");
    c.Command("HPEXPIREAT", "k", "9000000000000", "FIELDS", "1", "f");
    ExpectTrip(c);
    c.Command("ZADD", "k", "1", "a", "inf", "b", "0.1", "c");
    ExpectTrip(c);
    c.Command("XADD", "k", "5-1", "f", "v", "g", "w");
    c.Command("XADD", "k", "5-2", "f", "v");
    c.Command("XDEL", "k", "5-1");
    c.Command("XGROUP", "CREATE", "k", "group", "0", "ENTRIESREAD", "1");
    c.Command("XREADGROUP", "GROUP", "group", "me", "STREAMS", "k", ">");
    ExpectTrip(c);
  }
}

TEST_F(DumpTest, RestoreSetsTheDeadline) {
  auto c = Connect();
  c.Command("SET", "k", "v");
  const std::string payload = c.Command("DUMP", "k").text;
  EXPECT_THAT(c.Command("RESTORE", "a", "100000", payload), IsOk());
  EXPECT_THAT(c.Command("TTL", "a"), IsInt(100));
  EXPECT_THAT(c.Command("RESTORE", "b", "9000000000000", payload, "ABSTTL"), IsOk());
  EXPECT_THAT(c.Command("PEXPIRETIME", "b"), IsInt(9'000'000'000'000));
  EXPECT_THAT(c.Command("RESTORE", "b", "0", payload, "REPLACE"), IsOk());
  EXPECT_THAT(c.Command("TTL", "b"), IsInt(-1));
  EXPECT_THAT(c.Command("RESTORE", "b", "1000", payload, "REPLACE", "ABSTTL"), IsOk());
  EXPECT_THAT(c.Command("EXISTS", "b"), IsInt(0));
}

TEST_F(DumpTest, RestoreSetsIdleTimeAndFrequency) {
  auto c = Connect();
  c.Command("SET", "k", "v");
  const std::string payload = c.Command("DUMP", "k").text;
  EXPECT_THAT(c.Command("RESTORE", "a", "0", payload, "IDLETIME", "1000"), IsOk());
  const int64_t idle = c.Command("OBJECT", "IDLETIME", "a").integer;
  EXPECT_GE(idle, 1000);
  EXPECT_LE(idle, 1010);
  EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"), IsOk());
  EXPECT_THAT(c.Command("RESTORE", "b", "0", payload, "FREQ", "100"), IsOk());
  EXPECT_THAT(c.Command("OBJECT", "FREQ", "b"), IsInt(100));
}

TEST_F(DumpTest, RestoreSaysWhatIsWrong) {
  auto c = Connect();
  c.Command("SET", "k", "v");
  std::string payload = c.Command("DUMP", "k").text;
  EXPECT_THAT(c.Command("RESTORE", "k", "x", "y"), IsError("BUSYKEY Target key name already exists."));
  EXPECT_THAT(c.Command("RESTORE", "n", "x", payload), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("RESTORE", "n", "-1", payload), IsError("ERR Invalid TTL value, must be >= 0"));
  EXPECT_THAT(c.Command("RESTORE", "n", "0", payload, "IDLETIME", "-1"),
              IsError("ERR Invalid IDLETIME value, must be >= 0"));
  EXPECT_THAT(c.Command("RESTORE", "n", "0", payload, "FREQ", "256"),
              IsError("ERR Invalid FREQ value, must be >= 0 and <= 255"));
  EXPECT_THAT(c.Command("RESTORE", "n", "0", payload, "FREQ", "1", "IDLETIME", "1"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("RESTORE", "n", "0", payload, "SOON"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("RESTORE", "n", "0", "short"), IsError("ERR DUMP payload version or checksum are wrong"));
  payload[1] ^= 1;
  EXPECT_THAT(c.Command("RESTORE", "n", "0", payload), IsError("ERR DUMP payload version or checksum are wrong"));
  // A set of two that has one, a module's value, a type that does not exist, a hash without fields, nothing at all.
  for (const std::string& body : {std::string("\2\2\1a", 4), std::string("\7\1", 2), std::string("\x63\1", 2),
                                  std::string("\4\0", 2), std::string()}) {
    EXPECT_THAT(c.Command("RESTORE", "n", "0", Payload(body)), IsError("ERR Bad data format"));
  }
  EXPECT_THAT(c.Command("EXISTS", "n"), IsInt(0));
  EXPECT_THAT(c.Command("RESTORE-ASKING", "n", "0", c.Command("DUMP", "k").text), IsOk());
}

TEST_F(DumpTest, RestoreWakesAndTells) {
  auto c = Connect();
  auto listener = Connect();
  c.Command("RPUSH", "k", "a");
  const std::string payload = c.Command("DUMP", "k").text;
  listener.Command("SUBSCRIBE", "__keyspace@0__:there");
  auto waiting = Connect();
  waiting.Send("BLPOP", "awaited", "0");
  for (int i = 0; i < 200 && c.Command("INFO", "clients").text.find("blocked_clients:1") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_THAT(c.Command("RESTORE", "awaited", "0", payload), IsOk());
  EXPECT_THAT(waiting.ReadReply(), IsArray("awaited", "a"));
  EXPECT_THAT(c.Command("RESTORE", "there", "0", payload), IsOk());
  EXPECT_THAT(listener.ReadReply(), IsArray("message", "__keyspace@0__:there", "restore"));
}

TEST_F(DumpTest, WhatReplacesAKeyIsANewOne) {
  auto c = Connect(), listener = Connect();
  c.Command("CONFIG", "SET", "notify-keyspace-events", "KEAn");
  c.Command("SET", "k", "v");
  const std::string payload = c.Command("DUMP", "k").text;
  listener.Command("PSUBSCRIBE", "__keyevent@0__:*");
  EXPECT_THAT(c.Command("RESTORE", "k", 0, payload, "REPLACE"), IsOk());
  EXPECT_THAT(listener.ReadReply(), IsArray("pmessage", "__keyevent@0__:*", "__keyevent@0__:new", "k"));
  EXPECT_THAT(listener.ReadReply(), IsArray("pmessage", "__keyevent@0__:*", "__keyevent@0__:restore", "k"));
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("v"));
}

}  // namespace
}  // namespace pinion::test
