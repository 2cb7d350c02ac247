// Walking key specifications over arguments.
#include "command/keys.h"

#include "base/numbers.h"

namespace pinion::command {
namespace {

// The argument where the specification begins, or 0 when it does not apply.
int Begin(const KeySpec& spec, std::span<const std::string_view> args) {
  const int argc = static_cast<int>(args.size());
  if (spec.begin == KeySpec::Begin::kIndex) return spec.index;
  if (spec.begin == KeySpec::Begin::kUnknown) return 0;
  const bool forwards = spec.index > 0;
  const int start = forwards ? spec.index : argc + spec.index;
  for (int i = start; i > 0 && i < argc; i += forwards ? 1 : -1) {
    if (EqualsNoCase(args[i], spec.keyword)) return i + 1;
  }
  return 0;
}

bool Apply(const KeySpec& spec, std::span<const std::string_view> args, std::vector<KeyPosition>* out) {
  const int argc = static_cast<int>(args.size());
  int first = Begin(spec, args);
  if (first == 0) return true;
  int step = spec.step;
  int last;
  if (spec.find == KeySpec::Find::kRange) {
    if (spec.last >= 0) {
      last = first + spec.last;
    } else if (spec.limit == 0) {
      last = argc + spec.last;
    } else {
      last = first + (argc - first) / spec.limit + spec.last;
    }
  } else if (spec.find == KeySpec::Find::kKeyNum) {
    if (first + spec.key_num >= argc) return false;
    const auto count = ParseInt64(args[first + spec.key_num]);
    if (!count || *count < 0 || *count > argc) return false;
    first += spec.first;
    last = first + (static_cast<int>(*count) - 1) * step;
  } else {
    return true;
  }
  if (last >= argc) return false;
  for (int i = first; i <= last; i += step) out->push_back({static_cast<uint32_t>(i), spec.flags});
  return true;
}

}  // namespace

bool FindKeys(const Command& command, std::span<const std::string_view> args, std::vector<KeyPosition>* out,
              bool with_not_keys) {
  for (const KeySpec& spec : command.row->keys) {
    if ((spec.flags & kKeyNotKey) && !with_not_keys) continue;
    if (!Apply(spec, args, out)) return false;
  }
  if (command.row->more_keys != nullptr) command.row->more_keys(args, out);
  if (command.row->key_flags != nullptr) {
    for (KeyPosition& k : *out) {
      if (k.flags & kKeyVariableFlags) k.flags = command.row->key_flags(args);
    }
  }
  return true;
}

}  // namespace pinion::command
