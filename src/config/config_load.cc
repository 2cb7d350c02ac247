// Reading configuration text: files, includes, standard input and the command line.
#include <algorithm>

#include <fmt/format.h>

#include "base/quoted.h"
#include "config/config.h"

namespace pinion::config {
namespace {

constexpr int kMaxIncludeDepth = 16;

// Directives that older servers knew and that no longer mean anything; each takes one word.
constexpr std::string_view kForgottenDirectives[] = {"list-max-ziplist-entries", "list-max-ziplist-value",
                                                     "lua-replicate-commands"};

size_t CountLines(std::string_view text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
}

bool IsForgotten(std::string_view directive) {
  return std::find(std::begin(kForgottenDirectives), std::end(kForgottenDirectives), directive) !=
         std::end(kForgottenDirectives);
}

constexpr std::string_view kFatalFileError = "Fatal error, ";
constexpr std::string_view kFatalLineError = "*** FATAL CONFIG FILE ERROR ***";

bool IsInclude(std::span<const std::string> words) { return words.size() == 2 && ToLower(words[0]) == "include"; }
bool IsUser(std::span<const std::string> words) { return words.size() >= 2 && ToLower(words[0]) == "user"; }

}  // namespace

struct Config::Script {
  std::string_view text;
  size_t main_file_lines = 0;  // lines from here on are not of the main file
  std::string included_path;   // empty: not an included file
  int depth = 0;

  // Line numbers begin at 0 here, at 1 in what people read.
  [[nodiscard]] Source SourceOf(size_t number) const {
    if (depth > 0) return Source::kInclude;
    return number < main_file_lines ? Source::kMainFile : Source::kElsewhere;
  }

  [[nodiscard]] std::string Describe(size_t number, std::string_view line, std::string_view reason) const {
    const std::string where = included_path.empty() ? "" : fmt::format(" of {}", included_path);
    return fmt::format("{}\nReading the configuration file, at line {}{}\n>>> '{}'\n{}", kFatalLineError,
                       number + 1, where, line, reason);
  }
};

tl::expected<CommandLineAction, std::string> Config::LoadArgs(int argc, const char* const* argv) {
  std::vector<std::string_view> arguments;
  for (int i = 1; i < argc; ++i) arguments.emplace_back(argv[i]);
  const CommandLine command_line = ParseCommandLine(arguments);
  if (command_line.action != CommandLineAction::kRun || arguments.empty()) return command_line.action;

  std::string after;
  if (command_line.read_standard_input) {
    auto input = files_.ReadStandardInput();
    if (!input) {
      return tl::unexpected(
          fmt::format("{}can't read standard input: {}", kFatalFileError, input.error().message()));
    }
    after = '\n' + *input;
  }
  // As in Redis, the options count as further lines, so that line numbers in errors agree.
  after += '\n';
  after += command_line.options;
  const Result loaded = LoadComposed(command_line.config_file, after);
  if (!loaded) return tl::unexpected(loaded.error());
  return CommandLineAction::kRun;
}

Config::Result Config::LoadFile(const std::string& path) { return LoadComposed(path, ""); }

Config::Result Config::LoadText(std::string_view text) { return ReadScript({.text = text}); }

Config::Result Config::LoadLine(std::string_view line) {
  line = Trim(line);
  std::vector<std::string> words;
  if (!SplitQuoted(line, &words)) return Fail("Unbalanced quotes in configuration line");
  if (words.empty() || line.front() == '#') return {};
  if (IsInclude(words)) return ReadInclude({}, words[1]);
  if (IsUser(words)) {
    words.erase(words.begin());
    users_.push_back({std::move(words), ""});
    return {};
  }
  return ReadDirective(Source::kElsewhere, std::move(words));
}

// The main file, if there is one, followed by other text.
Config::Result Config::LoadComposed(std::string path, std::string_view after) {
  std::string text;
  Script script;
  if (!path.empty()) {
    config_file_ = Absolute(path);
    auto content = files_.Read(config_file_);
    if (!content) {
      return tl::unexpected(fmt::format("{}can't open config file '{}': {}", kFatalFileError, config_file_,
                                        content.error().message()));
    }
    text = std::move(*content);
    script.main_file_lines = CountLines(text);
  }
  text += after;
  script.text = text;
  return ReadScript(script);
}

Config::Result Config::ReadScript(const Script& script) {
  if (script.depth > kMaxIncludeDepth) {
    return tl::unexpected(
        fmt::format("{}include files are nested too deeply at '{}'", kFatalFileError, script.included_path));
  }
  std::string_view rest = script.text;
  for (size_t number = 0;; ++number) {
    const size_t end = rest.find('\n');
    const std::string_view line = Trim(rest.substr(0, end));
    if (!line.empty() && line.front() != '#') {
      if (Result read = ReadLine(script, number, line); !read) return read;
    }
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
}

Config::Result Config::ReadLine(const Script& script, size_t number, std::string_view line) {
  std::vector<std::string> words;
  if (!SplitQuoted(line, &words)) {
    return tl::unexpected(script.Describe(number, line, "Unbalanced quotes in configuration line"));
  }
  if (words.empty()) return {};
  if (IsInclude(words)) return ReadInclude(script, words[1]);
  if (IsUser(words)) {
    words.erase(words.begin());
    users_.push_back({std::move(words), script.Describe(number, line, "")});
    return {};
  }
  const Result read = ReadDirective(script.SourceOf(number), std::move(words));
  if (!read) return tl::unexpected(script.Describe(number, line, read.error()));
  return {};
}

Config::Result Config::ReadDirective(Source source, std::vector<std::string> words) {
  const std::string directive = ToLower(words[0]);
  if (const OptionName* name = FindOptionName(directive)) {
    words.erase(words.begin());
    return ReadOption(*name->option, source, std::move(words));
  }
  if (IsForgotten(directive) && words.size() == 2) return {};
  if (directive == "rename-command" && words.size() == 3) {
    renamed_commands_.emplace_back(words[1], words[2]);
    return {};
  }
  if (directive == "loadmodule" && words.size() >= 2) {
    return Fail("loadmodule is not supported by this version of Pinion");
  }
  if (directive == "sentinel") return Fail("sentinel directive while not in sentinel mode");
  return Fail("Bad directive or wrong number of arguments");
}

Config::Result Config::ReadOption(const Option& option, Source source, std::vector<std::string> words) {
  if (!option.Has(kMultiWord) && words.size() != 1) return Fail("wrong number of arguments");
  // "--bind '127.0.0.1 ::1'": one word that holds several.
  if (option.Has(kMultiWord) && words.size() == 1 && !words[0].empty()) {
    const std::string joined = std::move(words[0]);
    if (!SplitQuoted(joined, &words)) return Fail("Unbalanced quotes in configuration line");
  }
  auto parsed = Parse(option, words);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));

  Slot& slot = SlotOf(option);
  if (option.kind == Kind::kSave && !parsed->text.empty() && !slot.value.text.empty()) {
    // "save" lines add up; an empty one starts over.
    parsed->text = slot.value.text + ' ' + parsed->text;
  }
  if (source == Source::kInclude) slot.set_by_include = true;
  if (source != Source::kElsewhere) slot.include_was_last = source == Source::kInclude;
  Assign(option, *parsed);
  return {};
}

Config::Result Config::ReadInclude(const Script& script, const std::string& pattern) {
  if (pattern.find_first_of("*?[") == std::string::npos) return IncludeFile(script, pattern);
  // No match is no error, so that an empty conf.d directory may be included.
  for (const std::string& path : files_.Match(pattern)) {
    if (Result included = IncludeFile(script, path); !included) return included;
  }
  return {};
}

Config::Result Config::IncludeFile(const Script& script, const std::string& path) {
  const auto content = files_.Read(path);
  if (!content) {
    return tl::unexpected(
        fmt::format("{}can't open config file '{}': {}", kFatalFileError, path, content.error().message()));
  }
  return ReadScript({.text = *content, .included_path = path, .depth = script.depth + 1});
}

tl::expected<std::string, std::error_code> Config::ReadFile(const std::string& path) {
  const std::lock_guard change(change_mutex_);
  return files_.Read(path);
}

std::error_code Config::ReplaceFile(const std::string& path, const std::string& content) {
  const std::lock_guard change(change_mutex_);
  return files_.Replace(path, content);
}

std::string Config::Absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  return files_.CurrentDirectory() + '/' + path;
}

}  // namespace pinion::config
