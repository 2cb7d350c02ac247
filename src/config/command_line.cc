// Turns command line arguments into lines of redis.conf.
#include "config/command_line.h"

#include <vector>

#include "base/quoted.h"
#include "config/option.h"

namespace pinion::config {
namespace {

bool IsOption(std::string_view argument) { return argument.starts_with("--"); }

// "--port" as opposed to "--port 6379" in one argument.
bool IsNameAlone(std::string_view argument) {
  std::vector<std::string> words;
  return SplitQuoted(argument, &words) && words.size() == 1;
}

class OptionLines {
 public:
  void Add(std::string_view argument, const std::string_view* next) {
    if (last_is_complete_ && IsOption(argument)) {
      StartOption(argument, next);
    } else {
      lines_ += Quote(argument);
      lines_ += ' ';
      last_is_complete_ = true;
    }
  }

  std::string Take() { return std::move(lines_); }

 private:
  void StartOption(std::string_view argument, const std::string_view* next) {
    if (!lines_.empty()) lines_ += '\n';
    lines_ += argument.substr(2);
    lines_ += ' ';
    last_is_complete_ = !IsNameAlone(argument);
    // Scripts that build the list of save points from an empty array give "--save" alone.
    const bool without_word = next == nullptr || IsOption(*next);
    if (!last_is_complete_ && without_word && ToLower(argument) == "--save") {
      lines_ += "\"\"";
      last_is_complete_ = true;
    }
  }

  std::string lines_;
  bool last_is_complete_ = true;  // the option begun last has a word, so that "--" begins another
};

}  // namespace

CommandLine ParseCommandLine(std::span<const std::string_view> arguments) {
  CommandLine result;
  if (arguments.empty()) return result;
  if (arguments[0] == "-v" || arguments[0] == "--version") {
    result.action = CommandLineAction::kShowVersion;
    return result;
  }
  if (arguments[0] == "-h" || arguments[0] == "--help") {
    result.action = CommandLineAction::kShowHelp;
    return result;
  }
  size_t at = 0;
  if (!arguments[0].starts_with('-')) result.config_file = arguments[at++];
  OptionLines lines;
  for (; at < arguments.size(); ++at) {
    const bool at_end = at == 0 || at + 1 == arguments.size();
    if (arguments[at] == "-" && at_end) {
      result.read_standard_input = true;
    } else {
      lines.Add(arguments[at], at + 1 < arguments.size() ? &arguments[at + 1] : nullptr);
    }
  }
  result.options = lines.Take();
  return result;
}

}  // namespace pinion::config
