// Tests of the error texts that quote the client; the expected bytes are redis-server 7.0's.
#include "resp/errors.h"

#include <vector>

#include <gtest/gtest.h>

namespace pinion::resp::error {
namespace {

std::string Unknown(std::string_view name, const std::vector<std::string_view>& args) {
  return UnknownCommand(name, args.data(), args.size());
}

TEST(UnknownCommand, ListsItsArguments) {
  EXPECT_EQ(Unknown("foo", {}), "ERR unknown command 'foo', with args beginning with: ");
  EXPECT_EQ(Unknown("foo", {"a", "", "b c"}),
            "ERR unknown command 'foo', with args beginning with: 'a' '' 'b c' ");
}

TEST(UnknownCommand, CutsTheNameAt128Bytes) {
  EXPECT_EQ(Unknown(std::string(200, 'x'), {"a"}),
            "ERR unknown command '" + std::string(128, 'x') + "', with args beginning with: 'a' ");
}

TEST(UnknownCommand, CutsTheListOfArgumentsAt128Bytes) {
  const std::string prefix = "ERR unknown command 'foo', with args beginning with: ";
  const std::string a(100, 'a');
  const std::string b(100, 'b');
  EXPECT_EQ(Unknown("foo", {a, b, "c"}), prefix + "'" + a + "' '" + std::string(25, 'b') + "' ");
  EXPECT_EQ(Unknown("foo", {std::string(129, 'z'), "y"}),
            prefix + "'" + std::string(128, 'z') + "' ");
  EXPECT_EQ(Unknown("foo", {std::string(125, 'z'), "y"}),
            prefix + "'" + std::string(125, 'z') + "' ");
  EXPECT_EQ(Unknown("foo", {std::string(124, 'z'), "yy", "x"}),
            prefix + "'" + std::string(124, 'z') + "' 'y' ");
}

TEST(UnknownCommand, CutsAtANul) {
  EXPECT_EQ(Unknown(std::string_view("fo\0o", 4), {std::string_view("a\0b", 3)}),
            "ERR unknown command 'fo', with args beginning with: 'a' ");
}

TEST(WrongArity, NamesTheCommand) {
  EXPECT_EQ(WrongArity("get"), "ERR wrong number of arguments for 'get' command");
  EXPECT_EQ(WrongArity("config|set"), "ERR wrong number of arguments for 'config|set' command");
}

TEST(UnknownSubcommand, PointsToHelp) {
  EXPECT_EQ(UnknownSubcommand("foo", "CLIENT"), "ERR unknown subcommand 'foo'. Try CLIENT HELP.");
  EXPECT_EQ(UnknownSubcommand(std::string(200, 'x'), "CLIENT"),
            "ERR unknown subcommand '" + std::string(128, 'x') + "'. Try CLIENT HELP.");
}

TEST(InvalidExpire, NamesTheCommand) {
  EXPECT_EQ(InvalidExpire("set"), "ERR invalid expire time in 'set' command");
}

}  // namespace
}  // namespace pinion::resp::error
