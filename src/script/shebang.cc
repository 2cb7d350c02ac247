// Reading first lines.
#include "script/shebang.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/quoted.h"
#include "command/registry.h"

namespace pinion::script {
namespace {

using Error = tl::unexpected<std::string>;

// The words of the first line; none when its quotes are unbalanced.
std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  (void)SplitQuoted(line, &words);
  return words;
}

tl::expected<uint32_t, std::string> ReadFlags(std::string_view list) {
  uint32_t flags = 0;
  for (bool more = !list.empty(); more;) {
    const size_t comma = list.find(',');
    const std::string_view name = list.substr(0, comma);
    const auto known = std::find_if(kFlagNames.begin(), kFlagNames.end(), [&](auto& f) { return f.name == name; });
    if (known == kFlagNames.end()) return Error(fmt::format("ERR Unexpected flag in script shebang: {}", name));
    flags |= known->flag;
    more = comma != std::string_view::npos;
    if (more) list.remove_prefix(comma + 1);
  }
  return flags;
}

}  // namespace

tl::expected<ScriptHead, std::string> ReadScriptHead(std::string_view text) {
  ScriptHead head;
  if (!text.starts_with("#!")) return head;
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return Error("ERR Invalid script shebang");
  const std::vector<std::string> words = Words(text.substr(0, end));
  if (words.empty()) return Error("ERR Invalid engine in script shebang");
  if (words[0] != "#!lua") return Error("ERR Unexpected engine in script shebang: " + words[0]);
  head.flags = 0;
  head.length = end;
  for (size_t i = 1; i < words.size(); ++i) {
    constexpr std::string_view kFlags = "flags=";
    if (!words[i].starts_with(kFlags)) return Error("ERR Unknown lua shebang option: " + words[i]);
    const auto flags = ReadFlags(std::string_view(words[i]).substr(kFlags.size()));
    if (!flags) return Error(flags.error());
    head.flags |= *flags;
  }
  return head;
}

tl::expected<LibraryHead, std::string> ReadLibraryHead(std::string_view text) {
  if (!text.starts_with("#!")) return Error("Missing library metadata");
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return Error("Invalid library metadata");
  const std::vector<std::string> words = Words(text.substr(0, end));
  if (words.empty()) return Error("Invalid library metadata");
  LibraryHead head;
  head.engine = words[0].substr(2);
  head.length = end;
  bool named = false;
  for (size_t i = 1; i < words.size(); ++i) {
    constexpr std::string_view kName = "name=";
    const std::string_view word = words[i];
    if (!command::EqualsNoCase(word.substr(0, kName.size()), kName)) {
      return Error("Invalid metadata value given: " + words[i]);
    }
    if (named) return Error("Invalid metadata value, name argument was given multiple times");
    named = true;
    head.name = word.substr(kName.size());
  }
  if (!named) return Error("Library name was not given");
  return head;
}

bool IsLibraryName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace pinion::script
