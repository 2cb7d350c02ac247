// Values, CONFIG GET and CONFIG SET.
#include "config/config.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/glob.h"
#include "base/log.h"
#include "config/option_values.h"

namespace pinion::config {
namespace {

constexpr std::string_view kLoadingError = "LOADING Redis is loading the dataset in memory";

tl::unexpected<std::string> SetFailed(std::string_view name, std::string_view reason) {
  std::string text = fmt::format("ERR CONFIG SET failed (possibly related to argument '{}')", name);
  if (!reason.empty()) text += fmt::format(" - {}", reason);
  return tl::unexpected(std::move(text));
}

bool HasWildcard(std::string_view pattern) { return pattern.find_first_of("[*?") != std::string_view::npos; }

// CONFIG SET gives the words of an option in one argument, separated by exactly one space each.
std::vector<std::string> WordsOf(const Option& option, std::string_view text) {
  if (option.Has(kMultiWord) && !text.empty()) return SplitAtSpaces(text);
  return {std::string(text)};
}

// Results of CONFIG GET in the order found, without names that are there in any case.
class Found {
 public:
  explicit Found(std::vector<std::pair<std::string, std::string>>* pairs) : pairs_(pairs) {}

  void Add(std::string_view spelled, std::string_view lower, const std::string& value) {
    if (std::find(names_.begin(), names_.end(), lower) != names_.end()) return;
    names_.push_back(lower);
    pairs_->emplace_back(spelled, value);
  }

 private:
  std::vector<std::pair<std::string, std::string>>* pairs_;
  std::vector<std::string_view> names_;
};

}  // namespace

Config::Config(Files& files) : files_(files) {
  for (const Option& option : AllOptions()) {
    Slot& slot = slots_.emplace_back();
    slot.default_text = option.kind == Kind::kDirectory ? files_.CurrentDirectory() : DefaultText(option);
    if (option.kind == Kind::kDirectory) {
      slot.value.text = slot.default_text;
    } else if (!slot.default_text.empty()) {
      // Cannot fail: a test reads every default.
      slot.value = ParseValue(option, WordsOf(option, slot.default_text), "").value_or(Value{});
    }
    Publish(option, slot.value, &settings_);
  }
}

std::string Config::Text(std::string_view name) const {
  const OptionName* found = FindOptionName(name);
  if (found == nullptr) return "";
  const std::lock_guard lock(values_mutex_);
  return SlotOf(*found->option).value.text;
}

std::string Config::Default(std::string_view name) const {
  const OptionName* found = FindOptionName(name);
  return found != nullptr ? SlotOf(*found->option).default_text : "";
}

bool Config::IsSensitive(std::string_view name) {
  const OptionName* found = FindOptionName(name);
  return found != nullptr && found->option->Has(kSensitive);
}

std::vector<std::string_view> Config::AcceptedOptions() {
  std::vector<std::string_view> names;
  for (const Option& option : AllOptions()) {
    if (option.Has(kAccepted)) names.push_back(option.name);
  }
  return names;
}

std::vector<std::pair<std::string, std::string>> Config::Get(std::span<const std::string_view> patterns) const {
  std::vector<std::pair<std::string, std::string>> pairs;
  Found found(&pairs);
  const std::lock_guard lock(values_mutex_);
  for (const std::string_view pattern : patterns) {
    if (!HasWildcard(pattern)) {
      const OptionName* name = FindOptionName(pattern);
      if (name != nullptr) found.Add(pattern, name->name, SlotOf(*name->option).value.text);
      continue;
    }
    for (const OptionName& name : AllOptionNames()) {
      if (name.option->Has(kHidden) || !GlobMatch(pattern, name.name, /*fold_case=*/true)) continue;
      found.Add(name.name, name.name, SlotOf(*name.option).value.text);
    }
  }
  return pairs;
}

tl::expected<Value, std::string> Config::Parse(const Option& option, std::span<const std::string> words) {
  if (option.kind == Kind::kDirectory) return EnterDirectory(words);
  return ParseValue(option, words, SlotOf(option).value.text);
}

tl::expected<Value, std::string> Config::EnterDirectory(std::span<const std::string> words) {
  if (words.size() != 1) return tl::unexpected(std::string("wrong number of arguments"));
  if (words[0].empty()) return tl::unexpected(std::string("dir can't be empty"));
  if (const std::error_code error = files_.EnterDirectory(words[0])) return tl::unexpected(error.message());
  return Value{files_.CurrentDirectory(), 0};
}

void Config::Store(const Option& option, const Value& value) {
  Publish(option, value, &settings_);
  SlotOf(option).value = value;
}

void Config::Assign(const Option& option, const Value& value) {
  const std::lock_guard lock(values_mutex_);
  Store(option, value);
}

Config::Result Config::Adjust(std::string_view name, std::string_view value) {
  const OptionName* found = FindOptionName(name);
  if (found == nullptr) return tl::unexpected(fmt::format("unknown option '{}'", name));
  const std::lock_guard change(change_mutex_);
  auto parsed = Parse(*found->option, WordsOf(*found->option, value));
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  Assign(*found->option, *parsed);
  return {};
}

void Config::OnChange(std::initializer_list<std::string_view> names, ApplyHook hook) {
  Hook entry;
  for (const std::string_view name : names) {
    if (const OptionName* found = FindOptionName(name)) entry.options.push_back(found->option);
  }
  entry.apply = std::move(hook);
  hooks_.push_back(std::move(entry));
}

Config::Result Config::Set(std::span<const NameValue> pairs, SetOrigin origin) {
  const std::lock_guard change(change_mutex_);
  std::vector<Change> changes;
  if (Result resolved = ResolveChanges(pairs, origin, &changes); !resolved) return resolved;
  if (Result parsed = ParseChanges(&changes); !parsed) return parsed;
  AssignAll(changes, &Change::after);
  const std::vector<PendingHook> hooks = HooksFor(changes);
  for (size_t i = 0; i < hooks.size(); ++i) {
    const Result applied = hooks[i].hook->apply();
    if (applied) continue;
    const std::string_view name = hooks[i].change->name->name;
    Log(LogLevel::kWarning, "CONFIG SET could not apply the new {} ({}); the old values return", name,
        applied.error());
    // The failed hook runs again too: it may have let go of the old state before it failed.
    RollBack(changes, std::span(hooks).first(i + 1));
    return SetFailed(name, applied.error());
  }
  return {};
}

void Config::RollBack(std::span<const Change> changes, std::span<const PendingHook> attempted) {
  LeaveDirectories(changes);
  AssignAll(changes, &Change::before);
  for (const PendingHook& pending : attempted) {
    const Result restored = pending.hook->apply();
    if (!restored) {
      Log(LogLevel::kWarning, "CONFIG SET could not apply the old {} again: {}", pending.change->name->name,
          restored.error());
    }
  }
}

Config::Result Config::ResolveChanges(std::span<const NameValue> pairs, SetOrigin origin,
                                      std::vector<Change>* changes) const {
  for (const auto& [name, text] : pairs) {
    const OptionName* found = FindOptionName(name);
    if (found == nullptr) {
      return tl::unexpected(
          fmt::format("ERR Unknown option or number of arguments for CONFIG SET - '{}'", name));
    }
    if (Result allowed = CheckMayChange(*found->option, name, origin); !allowed) return allowed;
    // An option and its alias beside each other are no duplicate; the later one wins.
    const bool again =
        std::any_of(changes->begin(), changes->end(), [&](const Change& c) { return c.name == found; });
    if (again) return SetFailed(name, "duplicate parameter");
    changes->push_back({found, text, {}, {}});
  }
  return {};
}

Config::Result Config::CheckMayChange(const Option& option, std::string_view name, SetOrigin origin) const {
  if (option.Has(kImmutable)) return SetFailed(name, "can't set immutable config");
  const ProtectedAction allowed = settings_.enable_protected_configs.load(std::memory_order_relaxed);
  const bool may_change_protected =
      allowed == ProtectedAction::kYes || (allowed == ProtectedAction::kLocal && origin.local);
  if (option.Has(kProtected) && !may_change_protected) return SetFailed(name, "can't set protected config");
  if (option.Has(kDenyLoading) && origin.loading) return tl::unexpected(std::string(kLoadingError));
  return {};
}

Config::Result Config::ParseChanges(std::vector<Change>* changes) {
  for (size_t i = 0; i < changes->size(); ++i) {
    Change& change = (*changes)[i];
    const Option& option = *change.name->option;
    change.before = SlotOf(option).value;
    auto parsed = Parse(option, WordsOf(option, change.text));
    if (!parsed) {
      LeaveDirectories(std::span(*changes).first(i));
      return SetFailed(change.name->name, parsed.error());
    }
    change.after = std::move(*parsed);
  }
  return {};
}

void Config::AssignAll(std::span<const Change> changes, Value Change::*which) {
  const std::lock_guard lock(values_mutex_);
  for (const Change& change : changes) Store(*change.name->option, change.*which);
}

std::vector<Config::PendingHook> Config::HooksFor(std::span<const Change> changes) const {
  std::vector<PendingHook> pending;
  for (const Change& change : changes) {
    const Option* option = change.name->option;
    if (change.before == change.after && !option->Has(kAlwaysApply)) continue;
    for (const Hook& hook : hooks_) {
      const bool concerned = std::find(hook.options.begin(), hook.options.end(), option) != hook.options.end();
      const bool planned =
          std::any_of(pending.begin(), pending.end(), [&](const PendingHook& p) { return p.hook == &hook; });
      if (concerned && !planned) pending.push_back({&hook, &change});
    }
  }
  return pending;
}

// Parsing "dir" entered the new directory; go back.
void Config::LeaveDirectories(std::span<const Change> changes) {
  for (const Change& change : changes) {
    if (change.name->option->kind != Kind::kDirectory) continue;
    if (const std::error_code error = files_.EnterDirectory(change.before.text)) {
      Log(LogLevel::kWarning, "CONFIG SET could not return to directory {}: {}", change.before.text,
          error.message());
    }
  }
}

}  // namespace pinion::config
