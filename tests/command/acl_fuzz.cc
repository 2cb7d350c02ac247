// Reads any rules, one a line: what is taken can be described, and the description makes the same user.
#include <algorithm>
#include <cstdlib>

#include "command/acl.h"
#include "config/config.h"
#include "tests/command/nothing.h"

namespace {

using namespace pinion::command;

constexpr CommandRow kSubcommands[] = {{"GET", -3, kAdmin, {}, Nothing}, {"SET", -4, kAdmin, {}, Nothing}};
constexpr CommandRow kRows[] = {
    {"GET", 2, kRead | kFast, kReadKey, Nothing},
    {"SET", -3, kWrite, kOverwriteKey, Nothing},
    {"SELECT", 2, kFast, {}, Nothing},
    {"SEND", 3, kPubSub, {}, Nothing, 0, {}, nullptr, nullptr, nullptr, {1}},
    {"CONFIG", -2, 0, {}, nullptr, 0, kSubcommands},
};
constexpr Family kFamilies[] = {{"things", kCatString, kRows}};

// As in Redis, quotes and parentheses within a selector's patterns do not survive its description.
bool CanBeReadBack(const AclUser& user) {
  return std::all_of(user.selectors().begin(), user.selectors().end(), [](const AclSelector& s) {
    return s.Describe().find_first_of("\"'\\()") == std::string::npos;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const pinion::config::Config config;
  static const Registry registry(kFamilies);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Acl acl(registry, config.settings());
  (void)acl.Load("file", input);

  std::vector<std::string_view> rules;
  for (size_t at = 0; at < input.size();) {
    const size_t end = std::min(input.find('\n', at), input.size());
    rules.push_back(input.substr(at, end - at));
    at = end + 1;
  }
  Acl other(registry, config.settings());
  if (!other.SetUser("alice", rules)) return 0;
  const std::string text = other.Find("alice")->Describe();
  const std::string_view call[] = {"get", input};
  for (const char* name : {"get", "select", "send"}) {
    for (const size_t argc : {1, 2}) (void)other.Find("alice")->Check(*registry.Find(name), std::span(call, argc));
  }
  if (!CanBeReadBack(*other.Find("alice"))) return 0;
  if (!acl.Load("file", "user alice " + text) || acl.Find("alice")->Describe() != text) std::abort();
  return 0;
}
