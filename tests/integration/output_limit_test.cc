// Tests of client-output-buffer-limit through the whole server.
#include <chrono>
#include <string>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class OutputLimitTest : public ServerTest {
 protected:
  // More than the kernel's socket buffers take, so that much of it stays with the server.
  void Publish(RespClient& c) {
    const std::string megabyte(1 << 20, 'm');
    for (int i = 0; i < 48; ++i) c.Command("PUBLISH", "news", megabyte);
  }
};

TEST_F(OutputLimitTest, ASubscriberPastTheSoftLimitForItsTimeIsClosed) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 1mb 1"), IsOk());
  auto s = Connect();
  EXPECT_THAT(s.Command("SUBSCRIBE", "news"), IsArray("subscribe", "news", 1));
  Publish(c);
  const auto gone = [&] { return c.Command("PUBSUB", "NUMSUB", "news").elements[1].integer == 0; };
  for (int i = 0; i < 60 && !gone(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(gone());
}

TEST_F(OutputLimitTest, ALimitSetLaterHoldsForClientsThatAreThere) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 0 0"), IsOk());
  auto s = Connect();
  EXPECT_THAT(s.Command("SUBSCRIBE", "news"), IsArray("subscribe", "news", 1));
  EXPECT_THAT(c.Command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 2mb 0 0"), IsOk());
  Publish(c);
  EXPECT_THAT(c.Command("PUBSUB", "NUMSUB", "news"), IsArray("news", 0));
}

TEST_F(OutputLimitTest, AReplyPastTheHardLimitClosesEvenIfTheSocketWouldTakeIt) {
  auto c = Connect();
  c.Command("SET", "large", std::string(100'000, 'x'));
  c.Command("SET", "small", std::string(10'000, 'x'));
  EXPECT_THAT(c.Command("CONFIG", "SET", "client-output-buffer-limit", "normal 10 0 0"), IsOk());
  auto d = Connect();
  EXPECT_THAT(d.Command("GET", "small"), IsBulk(std::string(10'000, 'x')));
  EXPECT_THAT(d.Command("GET", "large"), IsNothing());
  EXPECT_THAT(c.Command("CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0"), IsOk());
  EXPECT_THAT(c.Command("GET", "large"), IsBulk(std::string(100'000, 'x')));
}

}  // namespace
}  // namespace pinion::test
