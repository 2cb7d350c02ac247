// SORT and SORT_RO: the elements of a list, set or sorted set in order.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cfloat>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "command/acl_user.h"
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/list_value.h"
#include "commands/object.h"
#include "commands/sort_pattern.h"
#include "resp/errors.h"
#include "types/list.h"
#include "types/set.h"
#include "types/sorted_set.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using types::ListpackItem;

constexpr std::string_view kNotScores = "ERR One or more scores can't be converted into double";

struct SortOptions {
  bool descending = false, alpha = false;
  int64_t skip = 0, most = -1;            // LIMIT; negative: no limit
  std::optional<SortPattern> by;
  std::vector<SortPattern> get;
  bool store = false;                     // at the command's second key

  // BY a name without an asterisk leaves the elements in the order in which the key has them.
  [[nodiscard]] bool unsorted() const { return by && !by->has_asterisk(); }
};

constexpr std::string_view kByDenied = "ERR BY option of SORT denied due to insufficient ACL permissions.";
constexpr std::string_view kGetDenied = "ERR GET option of SORT denied due to insufficient ACL permissions.";

// Patterns lead to keys that ACL rules cannot foresee: they are for who may read them all.
bool MayUsePatterns(const Context& ctx) {
  const command::Session& s = ctx.session();
  return s.unrestricted || s.user->MayReadAllKeysIn(ctx.command(), ctx.args());
}

SortOptions ReadOptions(const Context& ctx, ArgReader* args, bool may_store) {
  SortOptions o;
  while (args->more()) {
    const size_t values = args->left() - 1;
    if (args->Accept("ASC")) {
      o.descending = false;
    } else if (args->Accept("DESC")) {
      o.descending = true;
    } else if (args->Accept("ALPHA")) {
      o.alpha = true;
    } else if (values >= 2 && args->Accept("LIMIT")) {
      o.skip = args->NextInt();
      o.most = args->NextInt();
    } else if (values >= 1 && may_store && args->Accept("STORE")) {
      o.store = true;
      args->Next();
    } else if (values >= 1 && args->Accept("BY")) {
      o.by.emplace(args->Next());
      if (o.by->has_asterisk() && !MayUsePatterns(ctx)) args->Fail(kByDenied);
    } else if (values >= 1 && args->Accept("GET")) {
      o.get.emplace_back(args->Next());
      if (!MayUsePatterns(ctx)) args->Fail(kGetDenied);
    } else {
      args->Fail(resp::error::kSyntax);
    }
  }
  return o;
}

// An element with what it is sorted by.
struct Element {
  std::string_view text;                // where the key has it, or in Sorter::kept_
  double score = 0;
  const std::string* weight = nullptr;  // ALPHA with BY; null when there is none, which comes first
};

// The part of n elements that LIMIT asks for.
struct Part {
  size_t first = 0, count = 0;

  Part(const SortOptions& o, size_t n) {
    const auto size = static_cast<int64_t>(n);
    const int64_t skipped = std::clamp<int64_t>(o.skip, 0, size);
    first = static_cast<size_t>(skipped);
    count = static_cast<size_t>(o.most < 0 ? size - skipped : std::min(o.most, size - skipped));
  }
};

// A score as C's strtod reads all of it; nothing when it does not.
std::optional<double> ParseScore(std::string_view text) {
  const auto parsed = ParseDouble(text);
  if (parsed && (std::fabs(*parsed) >= DBL_MIN || *parsed == 0)) return parsed;
  const std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  const double v = std::strtod(terminated.c_str(), &end);
  if (*end != '\0' || errno == ERANGE || std::isnan(v)) return std::nullopt;
  return v;
}

// Loads, sorts and gives out the elements of one key. Valid until the key changes.
class Sorter {
 public:
  // `value` is null for an absent key, else of a type that can be sorted.
  Sorter(Context& ctx, const SortOptions& options, const store::Entry* value) : ctx_(ctx), options_(options) {
    if (value != nullptr) Load(*value);
  }

  // False when a score is not a number.
  [[nodiscard]] bool Sort() {
    if (options_.unsorted()) return true;
    if (options_.alpha) {
      Weigh();
    } else if (!Score()) {
      return false;
    }
    const auto before = [this](const Element& a, const Element& b) {
      const int order = Compare(a, b);
      return options_.descending ? order > 0 : order < 0;
    };
    std::stable_sort(elements_.begin(), elements_.end(), before);
    return true;
  }

  // Calls f(std::string_view) for the elements in order.
  template <typename F>
  void ForEach(F&& f) const {
    for (size_t i = part_.first; i < part_.first + part_.count; ++i) f(elements_[i].text);
  }
  [[nodiscard]] size_t size() const { return part_.count; }

 private:
  void Add(const ListpackItem& item) {
    if (!item.is_integer) {
      elements_.push_back({.text = item.text});
      return;
    }
    std::array<char, kMaxInt64Text> scratch;
    elements_.push_back({.text = kept_.emplace_back(item.View(scratch.data()))});
  }

  void Load(const store::Entry& value) {
    switch (value.type()) {
      case store::ValueType::kList: return LoadList(*types::Borrowed<types::List>(value.pointer()));
      case store::ValueType::kSet: return LoadSet(*types::Borrowed<types::Set>(value.pointer()));
      default: return LoadSortedSet(*types::Borrowed<types::SortedSet>(value.pointer()));
    }
  }

  // What comes in its own order is loaded only as far as it is asked for.
  void LoadList(const types::List& list) {
    part_ = Part(options_, list.size());
    if (!options_.unsorted()) return list.ForEach([this](const ListpackItem& item) { Add(item); });
    size_t skip = part_.first;
    part_.first = 0;
    list.Walk(options_.descending ? types::ListEnd::kTail : types::ListEnd::kHead, [&](const ListpackItem& item) {
      if (elements_.size() == part_.count) return false;
      if (skip == 0) {
        Add(item);
      } else {
        --skip;
      }
      return true;
    });
  }

  void LoadSet(const types::Set& set) {
    part_ = Part(options_, set.size());
    set.ForEach([this](const ListpackItem& item) { Add(item); });
  }

  void LoadSortedSet(const types::SortedSet& set) {
    part_ = Part(options_, set.size());
    types::RankRange ranks{0, set.size()};
    if (options_.unsorted()) {
      ranks = {options_.descending ? set.size() - part_.first - part_.count : part_.first, part_.count};
      part_.first = 0;
    }
    // Members of a listpack that are integers have their text only for the moment.
    set.ForEach(ranks, options_.unsorted() && options_.descending, [this](std::string_view member, double) {
      elements_.push_back({.text = kept_.emplace_back(member)});
    });
  }

  [[nodiscard]] bool Score() {
    for (Element& e : elements_) {
      if (!options_.by) {
        const auto score = ParseScore(e.text);
        if (!score) return false;
        e.score = *score;
      } else if (const auto weight = options_.by->Lookup(ctx_, e.text)) {
        const auto score = ParseScore(*weight);
        if (!score) return false;
        e.score = *score;
      }
    }
    return true;
  }

  void Weigh() {
    if (!options_.by) return;
    for (Element& e : elements_) {
      auto weight = options_.by->Lookup(ctx_, e.text);
      if (weight) e.weight = &kept_.emplace_back(*std::move(weight));
    }
  }

  [[nodiscard]] int Compare(const Element& a, const Element& b) const {
    if (!options_.alpha) {
      if (a.score != b.score) return a.score < b.score ? -1 : 1;
      return a.text.compare(b.text);  // so that the order does not depend on where they stood
    }
    if (!options_.by) return CompareTexts(a.text, b.text);
    if (a.weight == nullptr || b.weight == nullptr) return (a.weight != nullptr) - (b.weight != nullptr);
    return CompareTexts(*a.weight, *b.weight);
  }

  // As Redis does in the C locale: what is only replied is compared up to the first NUL.
  [[nodiscard]] int CompareTexts(std::string_view a, std::string_view b) const {
    if (options_.store) return a.compare(b);
    return resp::error::UpToNul(a).compare(resp::error::UpToNul(b));
  }

  Context& ctx_;
  const SortOptions& options_;
  std::vector<Element> elements_;
  std::deque<std::string> kept_;  // texts that stand nowhere else
  Part part_{SortOptions{}, 0};
};

void Reply(Context& ctx, const SortOptions& options, const Sorter& sorted) {
  ctx.reply().Array(sorted.size() * std::max<size_t>(options.get.size(), 1));
  sorted.ForEach([&](std::string_view element) {
    if (options.get.empty()) ctx.reply().Bulk(element);
    for (const SortPattern& pattern : options.get) {
      if (const auto value = pattern.Lookup(ctx, element)) {
        ctx.reply().Bulk(*value);
      } else {
        ctx.reply().Null();
      }
    }
  });
}

void Store(Context& ctx, const SortOptions& options, const Sorter& sorted) {
  const types::ListLimit limit = LimitOfLists(ctx);
  types::List list;
  sorted.ForEach([&](std::string_view element) {
    if (options.get.empty()) list.Push(types::ListEnd::kTail, element, limit);
    for (const SortPattern& pattern : options.get) {
      list.Push(types::ListEnd::kTail, pattern.Lookup(ctx, element).value_or(""), limit);
    }
  });
  ctx.reply().Integer(static_cast<int64_t>(list.size()));
  StoreObject(ctx, ctx.key(1), std::move(list), store::kEventList, "sortstore");
}

bool CanBeSorted(store::ValueType type) {
  return type == store::ValueType::kList || type == store::ValueType::kSet || type == store::ValueType::kSortedSet;
}

void Sort(Context& ctx, bool may_store) {
  ArgReader args(ctx, 2);
  SortOptions options = ReadOptions(ctx, &args, may_store);
  if (!args.Finish()) return;
  const store::Entry* value = ctx.db().Read(ctx.key());
  if (value != nullptr && !CanBeSorted(value->type())) return ctx.reply().Error(resp::error::kWrongType);
  // What is stored, or what a script sees, must not depend on the order in which a set happens to have its members.
  const bool is_set = value != nullptr && value->type() == store::ValueType::kSet;
  if (is_set && options.unsorted() && (options.store || ctx.session().script)) {
    options.alpha = true;
    options.by.reset();
  }
  Sorter sorter(ctx, options, value);
  if (!sorter.Sort()) return ctx.reply().Error(kNotScores);
  if (options.store) return Store(ctx, options, sorter);
  Reply(ctx, options, sorter);
}

void SortAndStore(Context& ctx) { Sort(ctx, true); }
void SortReadOnly(Context& ctx) { Sort(ctx, false); }

// Patterns lead to keys that are known only while the command runs.
bool HasPatterns(std::span<const std::string_view> args) {
  for (size_t i = 2; i + 1 < args.size(); ++i) {
    if ((command::EqualsNoCase(args[i], "BY") || command::EqualsNoCase(args[i], "GET")) &&
        args[i + 1].find('*') != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// The key to store at: the last one named is meant.
void FindStoreKey(std::span<const std::string_view> args, std::vector<command::KeyPosition>* out) {
  size_t store = 0;
  for (size_t i = 2; i < args.size(); ++i) {
    if (command::EqualsNoCase(args[i], "LIMIT")) {
      i += 2;
    } else if (command::EqualsNoCase(args[i], "BY") || command::EqualsNoCase(args[i], "GET")) {
      i += 1;
    } else if (command::EqualsNoCase(args[i], "STORE") && i + 1 < args.size()) {
      store = ++i;
    }
  }
  if (store != 0) out->push_back({static_cast<uint32_t>(store), command::kKeyOW | command::kKeyUpdate});
}

using namespace command;
constexpr KeySpec kSortKeys[] = {Range(1, 0, 1, kKeyRO | kKeyAccess), UnknownKeys(kKeyRO | kKeyAccess),
                                 UnknownKeys(kKeyOW | kKeyUpdate)};
constexpr KeySpec kSortReadKeys[] = {Range(1, 0, 1, kKeyRO | kKeyAccess), UnknownKeys(kKeyRO | kKeyAccess)};
constexpr uint32_t kSortCategories = kCatSet | kCatSortedSet | kCatList | kCatDangerous;

constexpr CommandRow kSortRows[] = {
    {"SORT", -2, kWrite | kDenyOom, kSortKeys, SortAndStore, kSortCategories, {}, HasPatterns, FindStoreKey},
    {"SORT_RO", -2, kRead, kSortReadKeys, SortReadOnly, kSortCategories, {}, HasPatterns},
};

}  // namespace

const command::Family kSortFamily = {"generic", 0, kSortRows};

}  // namespace pinion::commands
