// The server's command line, read as redis-server reads its own.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pinion::config {

enum class CommandLineAction { kRun, kShowVersion, kShowHelp };

//   pinion [/path/to/redis.conf] [-] [--option word ...]... | -v | --version | -h | --help
struct CommandLine {
  CommandLineAction action = CommandLineAction::kRun;
  std::string config_file;  // as given; empty: none
  bool read_standard_input = false;
  std::string options;  // the options as lines of redis.conf, to be read after the file and standard input
};

// `arguments` are those after the program's name. Rules worth knowing: the words after an option belong to it
// until the next "--"; the first word after an option belongs to it even when it begins with "--", except
// after --save; "--save" without a word means an empty list; an argument with a blank in it ("--port 6379")
// is option and words at once.
[[nodiscard]] CommandLine ParseCommandLine(std::span<const std::string_view> arguments);

}  // namespace pinion::config
