// Bytes to values, of every type that Redis 7.2 reads. Each element is put in by the type's own functions, so that what
// becomes of it is sound and takes the form that the limits say.
#include <cmath>
#include <functional>
#include <span>

#include "base/numbers.h"
#include "rdb/format.h"
#include "rdb/value.h"
#include "rdb/ziplist.h"
#include "types/intset.h"

namespace pinion::rdb {
namespace {

using types::Hash;
using types::List;
using types::ListEnd;
using types::Listpack;
using types::ListpackItem;
using types::ListpackView;
using types::Set;
using types::SortedSet;
using Items = std::function<bool(const ListpackItem&)>;

std::span<const uint8_t> Span(std::string_view bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

bool ForEachInListpack(std::string_view bytes, const Items& f) {
  if (!ListpackView::Validate(Span(bytes))) return false;
  // Inside the format anything may be unaligned, so it is read where it stands.
  const ListpackView list(Span(bytes).data());
  for (auto p = list.First(); p != nullptr; p = list.Next(p)) {
    if (!f(ListpackView::Get(p))) return false;
  }
  return true;
}

using ForEachIn = bool (*)(std::string_view, const Items&);

// Calls f(item, item) for elements two by two.
template <typename F>
bool ForEachPair(Reader& in, ForEachIn each, F&& f) {
  std::string scratch;
  ListpackItem first;
  bool odd = false;
  const std::string_view bytes = in.String(&scratch);
  const bool good = in.ok() && each(bytes, [&](const ListpackItem& item) {
    odd = !odd;
    if (!odd) return f(first, item);
    first = item;
    return true;
  });
  return good && !odd;
}

// --- lists ---

std::optional<Value> ReadList(Reader& in, const ValueLimits& limits) {
  List list;
  std::string scratch;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) list.Push(ListEnd::kTail, in.String(&scratch), limits.list);
  if (!in.ok()) return std::nullopt;
  return Value(std::move(list));
}

bool PushAll(List* list, std::string_view bytes, ForEachIn each, const ValueLimits& limits) {
  return each(bytes, [&](const ListpackItem& item) {
    char text[kMaxInt64Text];
    list->Push(ListEnd::kTail, item.View(text), limits.list);
    return true;
  });
}

std::optional<Value> ReadZiplist(Reader& in, const ValueLimits& limits) {
  List list;
  std::string scratch;
  const std::string_view bytes = in.String(&scratch);
  if (!in.ok() || !PushAll(&list, bytes, ForEachInZiplist, limits)) return std::nullopt;
  return Value(std::move(list));
}

std::optional<Value> ReadQuicklist(Reader& in, bool listpacks, const ValueLimits& limits) {
  List list;
  std::string scratch;
  for (uint64_t nodes = in.Count(); nodes > 0 && in.ok(); --nodes) {
    const uint64_t kind = listpacks ? in.Length() : kPackedNode;
    const std::string_view bytes = in.String(&scratch);
    if (!in.ok()) return std::nullopt;
    if (kind == kPlainNode) {
      list.Push(ListEnd::kTail, bytes, limits.list);
    } else if (kind != kPackedNode ||
               !PushAll(&list, bytes, listpacks ? ForEachInListpack : ForEachInZiplist, limits)) {
      return std::nullopt;
    }
  }
  if (!in.ok()) return std::nullopt;
  return Value(std::move(list));
}

// --- sets ---

std::optional<Value> ReadSet(Reader& in, const ValueLimits& limits) {
  Set set;
  std::string scratch;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    if (!set.Add(in.String(&scratch), limits.set)) return std::nullopt;  // twice
  }
  if (!in.ok()) return std::nullopt;
  return Value(std::move(set));
}

std::optional<Value> ReadIntSet(Reader& in, const ValueLimits& limits) {
  std::string scratch;
  const std::string_view bytes = in.String(&scratch);
  if (!in.ok() || !types::IntSet::Validate(Span(bytes))) return std::nullopt;
  Set set;
  types::IntSet::CopyOf(Span(bytes)).ForEach([&](int64_t v) { set.Add(ListpackItem{{}, v, true}, limits.set); });
  return Value(std::move(set));
}

std::optional<Value> ReadSetListpack(Reader& in, const ValueLimits& limits) {
  Set set;
  set.ExpectTexts();
  std::string scratch;
  const std::string_view bytes = in.String(&scratch);
  if (!in.ok() || !ForEachInListpack(bytes, [&](const ListpackItem& item) { return set.Add(item, limits.set); })) {
    return std::nullopt;
  }
  return Value(std::move(set));
}

// --- sorted sets ---

std::optional<Value> ReadSortedSet(Reader& in, bool as_text, const ValueLimits& limits) {
  SortedSet set;
  std::string scratch;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    const std::string_view member = in.String(&scratch);
    const double score = as_text ? in.TextDouble() : in.Double();
    if (!in.ok() || std::isnan(score)) return std::nullopt;
    if (set.Set(member, score, limits.sorted_set) != SortedSet::Change::kAdded) return std::nullopt;
  }
  if (!in.ok()) return std::nullopt;
  return Value(std::move(set));
}

std::optional<Value> ReadSortedSetPairs(Reader& in, ForEachIn each, const ValueLimits& limits) {
  SortedSet set;
  const bool good = ForEachPair(in, each, [&](const ListpackItem& member, const ListpackItem& score) {
    char text[kMaxInt64Text];
    const std::optional<double> v = score.is_integer ? static_cast<double>(score.integer) : ParseDouble(score.text);
    return v && !std::isnan(*v) &&
           set.Set(member.View(text), *v, limits.sorted_set) == SortedSet::Change::kAdded;
  });
  if (!good) return std::nullopt;
  return Value(std::move(set));
}

// --- hashes ---

std::optional<Value> ReadHash(Reader& in, const ValueLimits& limits) {
  Hash hash;
  std::string field_scratch, scratch;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    const std::string_view field = in.String(&field_scratch);
    const std::string_view value = in.String(&scratch);
    if (!in.ok() || !hash.Set(field, value, limits.hash)) return std::nullopt;
  }
  if (!in.ok()) return std::nullopt;
  return Value(std::move(hash));
}

std::optional<Value> ReadHashPairs(Reader& in, ForEachIn each, const ValueLimits& limits) {
  Hash hash;
  const bool good = ForEachPair(in, each, [&](const ListpackItem& field, const ListpackItem& value) {
    char field_text[kMaxInt64Text], text[kMaxInt64Text];
    return hash.Set(field.View(field_text), value.View(text), limits.hash);
  });
  if (!good) return std::nullopt;
  return Value(std::move(hash));
}

bool SetTimed(Hash* hash, std::string_view field, std::string_view value, uint64_t deadline,
              const ValueLimits& limits) {
  if (deadline > static_cast<uint64_t>(types::kMaxFieldDeadline) || !hash->Set(field, value, limits.hash)) return false;
  if (deadline != 0) hash->SetDeadline(field, static_cast<int64_t>(deadline));
  return true;
}

std::optional<Value> ReadTimedHash(Reader& in, const ValueLimits& limits) {
  Hash hash;
  const uint64_t least = in.Low(8);
  std::string field_scratch, scratch;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    const uint64_t since = in.Length();  // 0: no deadline; else one more than it is behind the least
    const std::string_view field = in.String(&field_scratch);
    const std::string_view value = in.String(&scratch);
    if (!in.ok() || !SetTimed(&hash, field, value, since == 0 ? 0 : least + since - 1, limits)) return std::nullopt;
  }
  if (!in.ok()) return std::nullopt;
  return Value(std::move(hash));
}

std::optional<Value> ReadTimedHashListpack(Reader& in, const ValueLimits& limits) {
  Hash hash;
  in.Low(8);  // the least deadline
  std::string scratch;
  ListpackItem seen[2];
  size_t at = 0;
  const std::string_view bytes = in.String(&scratch);
  const bool good = in.ok() && ForEachInListpack(bytes, [&](const ListpackItem& item) {
    if (at < 2) {
      seen[at++] = item;
      return true;
    }
    at = 0;
    char field[kMaxInt64Text], value[kMaxInt64Text];
    return item.is_integer &&
           SetTimed(&hash, seen[0].View(field), seen[1].View(value), static_cast<uint64_t>(item.integer), limits);
  });
  if (!good || at != 0) return std::nullopt;
  return Value(std::move(hash));
}

std::optional<Value> ReadStreamValue(uint8_t type, Reader& in) {
  std::optional<types::Stream> stream = ReadStream(type, in);
  if (!stream) return std::nullopt;
  return Value(std::move(*stream));
}

}  // namespace

std::optional<Value> ReadValue(uint8_t type, Reader& in, const ValueLimits& limits) {
  switch (type) {
    case kString: {
      std::string scratch;
      std::string text(in.String(&scratch));
      if (!in.ok()) return std::nullopt;
      return Value(std::move(text));
    }
    case kList: return ReadList(in, limits);
    case kListZiplist: return ReadZiplist(in, limits);
    case kListQuicklist: return ReadQuicklist(in, false, limits);
    case kListQuicklist2: return ReadQuicklist(in, true, limits);
    case kSet: return ReadSet(in, limits);
    case kSetIntSet: return ReadIntSet(in, limits);
    case kSetListpack: return ReadSetListpack(in, limits);
    case kSortedSetText: return ReadSortedSet(in, true, limits);
    case kSortedSet: return ReadSortedSet(in, false, limits);
    case kSortedSetZiplist: return ReadSortedSetPairs(in, ForEachInZiplist, limits);
    case kSortedSetListpack: return ReadSortedSetPairs(in, ForEachInListpack, limits);
    case kHash: return ReadHash(in, limits);
    case kHashZipmap: return ReadHashPairs(in, ForEachInZipmap, limits);
    case kHashZiplist: return ReadHashPairs(in, ForEachInZiplist, limits);
    case kHashListpack: return ReadHashPairs(in, ForEachInListpack, limits);
    case kHashWithDeadlines: return ReadTimedHash(in, limits);
    case kHashListpackWithDeadlines: return ReadTimedHashListpack(in, limits);
    case kStream1:
    case kStream2:
    case kStream3: return ReadStreamValue(type, in);
    default: return std::nullopt;
  }
}

}  // namespace pinion::rdb
