// The server's configuration: the current value of every option, and the ways to read, change and write them.
#pragma once

#include <functional>
#include <initializer_list>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "config/command_line.h"
#include "config/files.h"
#include "config/list_values.h"
#include "config/option.h"
#include "config/settings.h"

namespace pinion::config {

class RewriteDocument;

// Circumstances of a CONFIG SET that decide what it may touch.
struct SetOrigin {
  bool local = false;    // the client is on this machine
  bool loading = false;  // the data set is being loaded
};

// One Config a server. The Load functions are for start-up, before other threads know the object. All else
// may be called by any thread; reads through settings() cost one relaxed load, the other getters take a lock
// for a copy.
class Config {
 public:
  using Result = tl::expected<void, std::string>;
  using NameValue = std::pair<std::string_view, std::string_view>;
  using ApplyHook = std::function<Result()>;

  // Starts with the defaults. `files` must outlive the object.
  explicit Config(Files& files = SystemFiles());
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

  // --- Start-up. A failed load leaves the options before the error changed: the caller is expected to give up.

  // Reads main's arguments and all they name. The error is several lines, without a newline at its end, to
  // print on standard error.
  [[nodiscard]] tl::expected<CommandLineAction, std::string> LoadArgs(int argc, const char* const* argv);
  // Reads a file, which becomes the one that Rewrite writes. Errors as LoadArgs.
  [[nodiscard]] Result LoadFile(const std::string& path);
  // Reads text as if it were a file's content. Errors as LoadArgs.
  [[nodiscard]] Result LoadText(std::string_view text);
  // Reads one line of redis.conf. The error is the reason alone.
  [[nodiscard]] Result LoadLine(std::string_view line);

  // rename-command directives in order: the old name, and the new one (empty: the command is to be removed).
  // Whoever has the command table must refuse unknown old names ("No such command in rename-command") and
  // taken new ones ("Target command name already exists").
  [[nodiscard]] std::span<const std::pair<std::string, std::string>> renamed_commands() const {
    return renamed_commands_;
  }
  // `user` directives in order, for whoever knows users.
  struct UserDirective {
    std::vector<std::string> words;  // the name, then rules
    std::string place;               // how an error with it is told: lines to which the reason is appended
  };
  [[nodiscard]] std::span<const UserDirective> users() const { return users_; }
  // What Rewrite puts in the place of `user` lines; called by it, on any thread. Without, they stay as they are.
  void SetUserLines(std::function<std::vector<std::string>()> lines) { user_lines_ = std::move(lines); }
  // Files beside the configuration's own that its options name (aclfile); one reader or writer at a time.
  [[nodiscard]] tl::expected<std::string, std::error_code> ReadFile(const std::string& path);
  [[nodiscard]] std::error_code ReplaceFile(const std::string& path, const std::string& content);
  // Absolute path of the file given at start; empty when there is none.
  [[nodiscard]] const std::string& config_file() const { return config_file_; }

  // --- Reading.

  [[nodiscard]] const Settings& settings() const { return settings_; }
  // The text CONFIG GET shows for an option; empty for a name that does not exist.
  [[nodiscard]] std::string Text(std::string_view name) const;
  [[nodiscard]] std::string Requirepass() const { return Text("requirepass"); }
  [[nodiscard]] std::vector<std::string> BindAddresses() const { return SplitAtSpaces(Text("bind")); }
  [[nodiscard]] std::vector<SavePoint> SavePoints() const { return SavePointsOf(Text("save")); }
  [[nodiscard]] std::vector<double> LatencyPercentiles() const {
    return PercentilesOf(Text("latency-tracking-info-percentiles"));
  }

  // --- CONFIG GET, SET and REWRITE. Errors are whole replies without the leading "-".

  // Names and values that match any of the patterns, each once: for a plain name as the client spelled it,
  // for a pattern in ascending order. An option with an alias appears under both names.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> Get(
      std::span<const std::string_view> patterns) const;

  // Sets all or none. New values are checked first, then put in place together, then the hooks of the options
  // that changed run; when one fails, the old values return and the hooks that have run, run again. Get sees
  // all of a Set or nothing; code that reads settings() meanwhile may see new numbers one by one.
  [[nodiscard]] Result Set(std::span<const NameValue> pairs, SetOrigin origin);
  [[nodiscard]] Result Set(std::initializer_list<NameValue> pairs, SetOrigin origin = {}) {
    return Set(std::span(pairs.begin(), pairs.size()), origin);
  }

  // Writes the current values into the configuration file. Comments, order, includes and lines it does not
  // know stay; options new to the file go to its end, by default only those that differ from their default.
  [[nodiscard]] Result Rewrite(bool all_options = false);

  // --- For the rooms above.

  // Runs `hook` once after a CONFIG SET that changed any of `names`, which must exist. A hook reads the new
  // values through the getters, puts them to work, and may return a reason why it cannot; it must not call
  // Set or Rewrite.
  void OnChange(std::initializer_list<std::string_view> names, ApplyHook hook);

  // Changes an option, even an immutable one, without hooks: for what start-up finds out (maxclients after
  // the limit on open files is known). The error is the reason alone.
  [[nodiscard]] Result Adjust(std::string_view name, std::string_view value);

  // The default an option has here, as text; empty for an unknown name.
  [[nodiscard]] std::string Default(std::string_view name) const;

  // True when the value of `name` must be kept from logs, MONITOR and SLOWLOG.
  [[nodiscard]] static bool IsSensitive(std::string_view name);
  // Options that are read and shown but have no effect in this version, in the table's order.
  [[nodiscard]] static std::vector<std::string_view> AcceptedOptions();

 private:
  // Where a directive was read.
  enum class Source { kMainFile, kInclude, kElsewhere };

  struct Slot {
    Value value;
    std::string default_text;
    // What the last reading of this option from files was, for Rewrite: a later include overrides lines before it.
    bool set_by_include = false;
    bool include_was_last = false;
    bool stated_behind_include = false;  // by an earlier Rewrite
  };
  // One pair of a Set.
  struct Change {
    const OptionName* name;
    std::string_view text;
    Value before;
    Value after;
  };
  struct Hook {
    std::vector<const Option*> options;
    ApplyHook apply;
  };
  // A hook that a Set must run, and the change to blame if it fails.
  struct PendingHook {
    const Hook* hook;
    const Change* change;
  };
  struct Script;  // a text being read

  Result LoadComposed(std::string path, std::string_view after);
  Result ReadScript(const Script& script);
  Result ReadLine(const Script& script, size_t number, std::string_view line);
  Result ReadDirective(Source source, std::vector<std::string> words);
  Result ReadOption(const Option& option, Source source, std::vector<std::string> words);
  Result ReadInclude(const Script& script, const std::string& pattern);
  Result IncludeFile(const Script& script, const std::string& path);

  [[nodiscard]] tl::expected<Value, std::string> Parse(const Option& option, std::span<const std::string> words);
  [[nodiscard]] tl::expected<Value, std::string> EnterDirectory(std::span<const std::string> words);
  void Assign(const Option& option, const Value& value);

  Result ResolveChanges(std::span<const NameValue> pairs, SetOrigin origin, std::vector<Change>* changes) const;
  Result CheckMayChange(const Option& option, std::string_view name, SetOrigin origin) const;
  Result ParseChanges(std::vector<Change>* changes);
  void AssignAll(std::span<const Change> changes, Value Change::*which);
  std::vector<PendingHook> HooksFor(std::span<const Change> changes) const;
  void RollBack(std::span<const Change> changes, std::span<const PendingHook> attempted);
  void LeaveDirectories(std::span<const Change> changes);

  void RewriteOption(const Option& option, bool all_options, RewriteDocument* document) const;
  [[nodiscard]] static size_t LinesBehindInclude(const Slot& slot, size_t needed);

  // Call with values_mutex_ held.
  void Store(const Option& option, const Value& value);
  [[nodiscard]] Slot& SlotOf(const Option& option) { return slots_[IndexOf(option)]; }
  [[nodiscard]] const Slot& SlotOf(const Option& option) const { return slots_[IndexOf(option)]; }
  [[nodiscard]] static size_t IndexOf(const Option& option) {
    return static_cast<size_t>(&option - AllOptions().data());
  }
  [[nodiscard]] std::string Absolute(const std::string& path);

  Files& files_;
  Settings settings_;
  std::mutex change_mutex_;           // one Set, Adjust, Rewrite or other use of files_ at a time; before values_mutex_
  mutable std::mutex values_mutex_;   // guards the values in slots_
  std::vector<Slot> slots_;           // by the option's index in the table
  std::vector<Hook> hooks_;           // complete before other threads start
  std::vector<std::pair<std::string, std::string>> renamed_commands_;
  std::vector<UserDirective> users_;
  std::function<std::vector<std::string>()> user_lines_;
  std::string config_file_;
};

}  // namespace pinion::config
