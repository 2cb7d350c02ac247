// Tests of finding the keys among the arguments of a request.
#include "command/keys.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/command/nothing.h"

namespace pinion::command {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr KeySpec kPairs[] = {Range(1, -1, 2, kKeyOW)};
constexpr KeySpec kAllButLast[] = {Range(1, -2, 1, kKeyRO)};
constexpr KeySpec kCounted[] = {Range(1, 0, 1, kKeyOW), KeyNum(2, 0, 1, 1, kKeyRO)};
constexpr KeySpec kAfterWord[] = {Keyword("STREAMS", 1, -1, 1, kKeyRO, 2)};
constexpr KeySpec kFromTheEnd[] = {Range(1, 0, 1, kKeyRO), Keyword("STORE", -2, 0, 1, kKeyOW)};
constexpr KeySpec kChannels[] = {Range(1, -1, 1, kKeyNotKey)};

// The arguments that are keys; nothing when the specification does not fit.
std::optional<std::vector<std::string>> Keys(std::span<const KeySpec> specs, std::vector<std::string_view> args,
                                             bool with_not_keys = false) {
  const CommandRow row = {"X", -1, 0, specs, Nothing};
  Command command;
  command.row = &row;
  std::vector<KeyPosition> positions;
  if (!FindKeys(command, args, &positions, with_not_keys)) return {};
  std::vector<std::string> keys;
  for (const KeyPosition& p : positions) keys.emplace_back(args[p.argument]);
  return keys;
}

TEST(Keys, StandAtAnIndex) {
  EXPECT_THAT(*Keys(kReadKey, {"x", "a", "b"}), ElementsAre("a"));
  EXPECT_THAT(*Keys(kReadAllKeys, {"x", "a", "b", "c"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(*Keys(kPairs, {"x", "a", "1", "b", "2"}), ElementsAre("a", "b"));
  EXPECT_THAT(*Keys(kAllButLast, {"x", "a", "b", "timeout"}), ElementsAre("a", "b"));
}

TEST(Keys, AreCounted) {
  EXPECT_THAT(*Keys(kCounted, {"x", "to", "2", "a", "b", "WEIGHTS"}), ElementsAre("to", "a", "b"));
  EXPECT_THAT(*Keys(kCounted, {"x", "to", "0"}), ElementsAre("to"));
  EXPECT_FALSE(Keys(kCounted, {"x", "to", "3", "a", "b"}));
  EXPECT_FALSE(Keys(kCounted, {"x", "to", "-1", "a"}));
  EXPECT_FALSE(Keys(kCounted, {"x", "to", "many", "a"}));
  EXPECT_FALSE(Keys(kCounted, {"x", "to"}));
  EXPECT_FALSE(Keys(kCounted, {"x", "to", "9223372036854775807", "a"}));
}

TEST(Keys, FollowAWord) {
  EXPECT_THAT(*Keys(kAfterWord, {"x", "COUNT", "1", "streams", "a", "b", "0", "0"}), ElementsAre("a", "b"));
  EXPECT_THAT(*Keys(kAfterWord, {"x", "COUNT", "1"}), IsEmpty());
  EXPECT_THAT(*Keys(kFromTheEnd, {"x", "a", "BY", "b", "STORE", "to"}), ElementsAre("a", "to"));
  EXPECT_THAT(*Keys(kFromTheEnd, {"x", "a"}), ElementsAre("a"));
}

TEST(Keys, DoNotReachPastTheArguments) {
  EXPECT_FALSE(Keys(kReadKey, {"x"}));
  EXPECT_FALSE(Keys(kFromTheEnd, {"x"}));
  EXPECT_THAT(*Keys(kReadAllKeys, {"x"}), IsEmpty());
}

TEST(Keys, ChannelsAreNoneUnlessAskedFor) {
  EXPECT_THAT(*Keys(kChannels, {"x", "a", "b"}), IsEmpty());
  EXPECT_THAT(*Keys(kChannels, {"x", "a", "b"}, true), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace pinion::command
