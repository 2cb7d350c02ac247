// What must be true of every row of the option table.
#include <optional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"
#include "config/option_values.h"
#include "tests/config/memory_files.h"

namespace pinion::config {
namespace {

using testing::Contains;
using testing::Not;

std::vector<std::string> DefaultWords(const Option& option) {
  const std::string text = DefaultText(option);
  return option.Has(kMultiWord) ? SplitAtSpaces(text) : std::vector<std::string>{text};
}

TEST(OptionTable, NamesAreUniqueAndLowerCase) {
  std::set<std::string_view> names;
  for (const OptionName& name : AllOptionNames()) {
    EXPECT_TRUE(names.insert(name.name).second) << name.name;
    EXPECT_EQ(ToLower(name.name), name.name);
  }
}

TEST(OptionTable, FindsEveryNameInAnyCase) {
  for (const OptionName& name : AllOptionNames()) EXPECT_EQ(FindOptionName(name.name)->option, name.option);
  EXPECT_EQ(FindOptionName("MaxMemory")->name, "maxmemory");
  EXPECT_EQ(FindOptionName("LUA-time-limit")->option->name, "busy-reply-threshold");
  for (const std::string_view name : {"", "maxmemor", "maxmemoryy", "max memory", "zzz"}) {
    EXPECT_EQ(FindOptionName(name), nullptr) << name;
  }
}

TEST(OptionTable, DefaultsAreCanonicalValues) {
  for (const Option& option : AllOptions()) {
    if (option.kind == Kind::kDirectory || option.kind == Kind::kReplicaOf) continue;
    const ParseResult value = ParseValue(option, DefaultWords(option), "");
    ASSERT_TRUE(value) << option.name << ": " << value.error();
    EXPECT_EQ(value->text, DefaultText(option)) << option.name;
  }
}

TEST(OptionTable, OnlyEnumsHaveWordsAndTheirWordsParse) {
  for (const Option& option : AllOptions()) {
    const bool is_enum = option.kind == Kind::kEnum || option.kind == Kind::kEnumSet;
    EXPECT_EQ(is_enum, !option.words.empty()) << option.name;
    for (const EnumWord& word : option.words) {
      const std::vector<std::string> words = {std::string(word.word)};
      EXPECT_EQ(ParseValue(option, words, "")->number, word.value) << option.name << ' ' << word.word;
    }
  }
}

TEST(OptionTable, DefaultsReachTheSettings) {
  MemoryFiles files;
  const Config config(files);
  const Settings& settings = config.settings();
  EXPECT_EQ(settings.port, 6379);
  EXPECT_EQ(settings.maxclients, 10000);
  EXPECT_EQ(settings.proto_max_bulk_len, 512 * 1024 * 1024);
  EXPECT_EQ(settings.maxmemory, 0);
  EXPECT_EQ(settings.maxmemory_policy, MaxmemoryPolicy::kNoeviction);
  EXPECT_EQ(settings.slowlog_log_slower_than, 10000);
  EXPECT_EQ(settings.list_max_listpack_size, -2);
  EXPECT_EQ(settings.enable_debug_command, ProtectedAction::kNo);
  EXPECT_EQ(settings.loglevel, LogLevel::kNotice);
  EXPECT_EQ(settings.notify_keyspace_events, 0u);
  EXPECT_EQ(settings.shards, 256);
  EXPECT_GE(settings.threads, 1);
  EXPECT_LE(settings.threads, 128);
  EXPECT_TRUE(settings.protected_mode);
  EXPECT_FALSE(settings.daemonize);
  const OutputBufferLimit& replica = settings.client_output_buffer_limit[static_cast<int>(ClientClass::kReplica)];
  EXPECT_EQ(replica.hard_bytes, 268435456u);
  EXPECT_EQ(replica.soft_bytes, 67108864u);
  EXPECT_EQ(replica.soft_seconds, 60);
}

// Where the bytes of `settings` change when an option stores a number; nothing when it changes none.
std::optional<size_t> ChangedOffset(const Option& option) {
  Settings settings;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&settings);
  const std::vector<unsigned char> before(bytes, bytes + sizeof(settings));
  option.store(settings, 1);
  for (size_t i = 0; i < sizeof(settings); ++i) {
    if (bytes[i] != before[i]) return i;
  }
  return std::nullopt;
}

TEST(OptionTable, EveryNumberReachesAFieldOfItsOwn) {
  std::set<size_t> offsets;
  for (const Option& option : AllOptions()) {
    if (option.store == nullptr) continue;
    const std::optional<size_t> offset = ChangedOffset(option);
    ASSERT_TRUE(offset) << option.name;
    EXPECT_TRUE(offsets.insert(*offset).second) << option.name << " shares a field";
  }
  EXPECT_GT(offsets.size(), 50u);
}

TEST(OptionTable, OptionsWithoutEffectAreListed) {
  const std::vector<std::string_view> accepted = Config::AcceptedOptions();
  EXPECT_THAT(accepted, Contains("io-threads"));
  EXPECT_THAT(accepted, Contains("tls-cert-file"));
  EXPECT_THAT(accepted, Not(Contains("maxmemory")));
  EXPECT_THAT(accepted, Not(Contains("appendonly")));
}

TEST(OptionTable, SecretsAreMarked) {
  for (const std::string_view name : {"requirepass", "REQUIREPASS", "primaryauth", "tls-key-file-pass"}) {
    EXPECT_TRUE(Config::IsSensitive(name)) << name;
  }
  EXPECT_FALSE(Config::IsSensitive("port"));
  EXPECT_FALSE(Config::IsSensitive("no-such-option"));
}

}  // namespace
}  // namespace pinion::config
