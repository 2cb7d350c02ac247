// Conditions on single options: file names, host names, flag combinations.
#include "config/option_checks.h"

#include <algorithm>
#include <array>
#include <optional>

namespace pinion::config {
namespace {

constexpr size_t kMaxHostname = 256;
constexpr int64_t kLeastBacklog = 16 * 1024;
constexpr int64_t kMinHz = 1;
constexpr int64_t kMaxHz = 500;

bool IsBaseName(std::string_view path) { return path.find_first_of("/\\") == std::string_view::npos; }

bool IsHostnameByte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// The template with every variable replaced by something as empty as it may be in reality; nullopt when it is
// malformed.
std::optional<std::string> ExpandTitle(std::string_view title) {
  constexpr std::array<std::string_view, 7> kVariables = {"title",    "listen-addr", "server-mode", "port",
                                                          "tls-port", "unixsocket",  "config-file"};
  std::string out;
  while (!title.empty()) {
    const size_t open = title.find('{');
    out += title.substr(0, open);
    if (open == std::string_view::npos) break;
    title.remove_prefix(open + 1);
    if (title.starts_with('{')) {
      out += '{';
      title.remove_prefix(1);
      continue;
    }
    const size_t close = title.find('}');
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view variable = title.substr(0, close);
    if (std::find(kVariables.begin(), kVariables.end(), variable) == kVariables.end()) return std::nullopt;
    if (variable != "title") out += variable;
    title.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace

std::string_view CheckDbFilename(Value& value) {
  if (value.text.empty()) return "dbfilename can't be empty";
  return IsBaseName(value.text) ? "" : "dbfilename can't be a path, just a filename";
}

std::string_view CheckAppendFilename(Value& value) {
  if (value.text.empty()) return "appendfilename can't be empty";
  return IsBaseName(value.text) ? "" : "appendfilename can't be a path, just a filename";
}

std::string_view CheckAppendDirname(Value& value) {
  if (value.text.empty()) return "appenddirname can't be empty";
  return IsBaseName(value.text) ? "" : "appenddirname can't be a path, just a dirname";
}

std::string_view CheckClusterConfigFile(Value& value) {
  return value.text.empty() ? "cluster-config-file can't be empty" : "";
}

std::string_view CheckHostname(Value& value) {
  if (value.text.size() >= kMaxHostname) return "Hostnames must be less than 256 characters";
  const bool valid = std::all_of(value.text.begin(), value.text.end(), IsHostnameByte);
  return valid ? "" : "Hostnames may only contain alphanumeric characters, hyphens or dots";
}

std::string_view CheckProcTitleTemplate(Value& value) {
  const std::optional<std::string> expanded = ExpandTitle(value.text);
  const bool valid = expanded && expanded->find_first_not_of(' ') != std::string::npos;
  return valid ? "" : "template format is invalid or contains unknown variables";
}

std::string_view CheckShutdownFlags(Value& value) {
  constexpr int64_t kBoth = kShutdownSave | kShutdownNoSave;
  return (value.number & kBoth) == kBoth ? "shutdown options SAVE and NOSAVE can't be used simultaneously" : "";
}

std::string_view CheckPowerOfTwo(Value& value) {
  return (value.number & (value.number - 1)) == 0 ? "" : "argument must be a power of two";
}

std::string_view ClampHz(Value& value) {
  value.number = std::clamp(value.number, kMinHz, kMaxHz);
  value.text = std::to_string(value.number);
  return "";
}

std::string_view ClampBacklogSize(Value& value) {
  value.number = std::max(value.number, kLeastBacklog);
  value.text = std::to_string(value.number);
  return "";
}

}  // namespace pinion::config
