// Tests of MIGRATE, between two servers.
#include <memory>

#include "pinion/server.h"
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class MigrateTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    other_ = Server::Start(Options().Set("port", "0").Set("loglevel", "warning"));
  }
  [[nodiscard]] std::string OtherPort() const { return std::to_string(other_->port()); }
  RespClient Other() { return RespClient::Connect("127.0.0.1", other_->port()); }

  std::unique_ptr<Server> other_;
};

TEST_F(MigrateTest, MovesAKeyWithItsTimeToLive) {
  auto c = Connect(), o = Other();
  c.Command("RPUSH", "list", "a", "b", "c");
  c.Command("PEXPIRE", "list", 100'000);
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "list", 9, 5000), IsOk());
  EXPECT_THAT(c.Command("EXISTS", "list"), IsInt(0));
  o.Command("SELECT", 9);
  EXPECT_THAT(o.Command("LRANGE", "list", 0, -1), IsArray("a", "b", "c"));
  EXPECT_THAT(o.Command("PTTL", "list"), IsInt(::testing::AllOf(::testing::Gt(50'000), ::testing::Le(100'000))));
}

TEST_F(MigrateTest, CopiesAndReplacesOnlyWhenTold) {
  auto c = Connect(), o = Other();
  c.Command("SET", "k", "here");
  o.Command("SET", "k", "there");
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "k", 0, 5000, "COPY"),
              IsError("ERR Target instance replied with error: BUSYKEY Target key name already exists."));
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "k", 0, 5000, "COPY", "REPLACE"), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("here"));
  EXPECT_THAT(o.Command("GET", "k"), IsBulk("here"));
}

TEST_F(MigrateTest, MovesManyAndDeletesWhatArrived) {
  auto c = Connect(), o = Other();
  c.Command("MSET", "a", 1, "b", 2, "c", 3);
  o.Command("SET", "b", "taken");
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "", 0, 5000, "KEYS", "a", "none", "b", "c", "c"),
              IsErrorStarting("ERR Target instance replied with error: BUSYKEY"));
  EXPECT_THAT(c.Command("EXISTS", "a", "b", "c"), IsInt(1));
  EXPECT_THAT(c.Command("GET", "b"), IsBulk("2"));
  EXPECT_THAT(o.Command("MGET", "a", "b", "c"), IsArray("1", "taken", "3"));
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "", 0, 5000, "KEYS", "a", "none"), IsStatus("NOKEY"));
}

TEST_F(MigrateTest, AuthenticatesThere) {
  auto c = Connect(), o = Other();
  o.Command("CONFIG", "SET", "requirepass", "secret");
  c.Command("MSET", "a", 1, "b", 2);
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "a", 0, 5000),
              IsErrorStarting("ERR Target instance replied with error: NOAUTH"));
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "a", 0, 5000, "AUTH", "wrong"),
              IsErrorStarting("ERR Target instance replied with error: WRONGPASS"));
  EXPECT_THAT(c.Command("GET", "a"), IsBulk("1"));
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "a", 0, 5000, "AUTH", "secret"), IsOk());
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "", 0, 5000, "AUTH2", "default", "secret", "KEYS", "b"),
              IsOk());
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(0));
}

TEST_F(MigrateTest, SaysWhatIsWrong) {
  auto c = Connect();
  c.Command("SET", "k", "v");
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", 1, "k", 0, 100), IsErrorStarting("IOERR error or timeout connecting"));
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "k", 0, "soon"),
              IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "k", 0, 100, "PERHAPS"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("MIGRATE", "127.0.0.1", OtherPort(), "k", 0, 100, "KEYS", "k"),
              IsErrorStarting("ERR When using MIGRATE KEYS option"));
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("v"));
  EXPECT_THAT(c.Command("COMMAND", "GETKEYS", "MIGRATE", "h", 1, "", 0, 9, "AUTH", "KEYS", "KEYS", "a", "b"),
              IsArray("a", "b"));
  EXPECT_THAT(c.Command("COMMAND", "GETKEYS", "MIGRATE", "h", 1, "k", 0, 9), IsArray("k"));
}

}  // namespace
}  // namespace pinion::test
