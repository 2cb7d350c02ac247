// What an option is: one row of the option table, and how to find rows.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <tl/expected.hpp>

#include "config/settings.h"

namespace pinion::config {

// How an option's text is read, printed and rewritten.
enum class Kind {
  kBool,             // yes or no
  kInteger,          // decimal, between min and max
  kMemory,           // bytes, with the units of redis.conf
  kMemoryOrPercent,  // bytes, or "N%", whose number is -N
  kOctal,            // mode bits
  kEnum,             // one of `words`
  kEnumSet,          // several of `words`, or-ed
  kString,
  // Kinds with one option each; list_values.h says more.
  kSave,
  kBind,
  kOutputBufferLimits,
  kOomScoreValues,
  kNotifyFlags,
  kPercentiles,
  kReplicaOf,
  kDirectory,
};

// An option without kImmutable may be changed by CONFIG SET.
enum OptionFlags : uint32_t {
  kImmutable = 1 << 0,      // only the configuration file and the command line set it
  kMultiWord = 1 << 1,      // takes several words
  kSensitive = 1 << 2,      // its value must not reach logs
  kHidden = 1 << 3,         // CONFIG GET shows it only by its exact name
  kProtected = 1 << 4,      // CONFIG SET needs enable-protected-configs
  kDenyLoading = 1 << 5,    // CONFIG SET refuses it while the data set loads
  kEmptyIsUnset = 1 << 6,   // the empty string means "not set": CONFIG REWRITE writes no line
  kAlwaysApply = 1 << 7,    // hooks run even when the text did not change (files whose content may have)
  kUnsigned64 = 1 << 8,     // up to 2^64-1; readers of the field see at most 2^63-1
  kAlwaysRewrite = 1 << 9,  // CONFIG REWRITE writes it even at its default
  kCoresByDefault = 1 << 10,  // the default is the machine's cores, within min and max
  kAccepted = 1 << 11,      // read, kept and shown, but without effect in this version
  kUnsupported = 1 << 12,   // any value but the default is refused: without its feature, silence would betray
};

// What reading an option's text gives when it is wrong.
inline tl::unexpected<std::string> Fail(std::string_view reason) { return tl::unexpected(std::string(reason)); }

struct EnumWord {
  std::string_view word;
  int64_t value;
};

// An option's value: the text CONFIG GET shows, and for kinds that have one the number its Settings field holds.
struct Value {
  std::string text;
  int64_t number = 0;

  friend bool operator==(const Value&, const Value&) = default;
};

struct Option {
  // Looks at a value that is right for the kind; returns the error, or nothing when it is acceptable. May
  // normalize it.
  using Check = std::string_view (*)(Value& value);
  using Store = void (*)(Settings& settings, int64_t number);

  std::string_view name;
  std::string_view alias;  // empty: none
  Kind kind = Kind::kString;
  std::string_view default_text;
  int64_t min = 0;
  int64_t max = 0;
  std::span<const EnumWord> words;
  uint32_t flags = 0;
  Store store = nullptr;  // copies the number to its Settings field; null when it has none
  Check check = nullptr;

  [[nodiscard]] constexpr bool Has(uint32_t flag) const { return (flags & flag) != 0; }
};

// The Store of an option whose number lives in the Settings field `kMember`.
template <auto kMember>
void In(Settings& settings, int64_t number) {
  auto& field = settings.*kMember;
  using Field = typename std::remove_reference_t<decltype(field)>::value_type;
  field.store(static_cast<Field>(number), std::memory_order_relaxed);
}

// Every option, in the order CONFIG REWRITE appends them. Static storage.
[[nodiscard]] std::span<const Option> AllOptions();

// A name an option goes by: its own or its alias.
struct OptionName {
  std::string_view name;
  const Option* option;
};

// All names in ascending order.
[[nodiscard]] std::span<const OptionName> AllOptionNames();

// The name `text` in any case, or null.
[[nodiscard]] const OptionName* FindOptionName(std::string_view text);

[[nodiscard]] std::string ToLower(std::string_view text);

// The row's default, computed for the few options whose default depends on the machine.
[[nodiscard]] std::string DefaultText(const Option& option);

}  // namespace pinion::config
