// Values to bytes. What is a listpack or an intset here is one there, byte for byte the same elements.
#include <algorithm>
#include <cstring>
#include <vector>

#include "base/numbers.h"
#include "rdb/format.h"
#include "rdb/value.h"
#include "types/intset.h"

namespace pinion::rdb {
namespace {

using types::Borrowed;
using types::Hash;
using types::List;
using types::Listpack;
using types::ListpackItem;
using types::ListpackView;
using types::Set;
using types::SortedSet;
using types::Stream;
using types::ValueType;

std::string_view BytesOf(ListpackView list) { return {reinterpret_cast<const char*>(list.data()), list.bytes()}; }

void WriteListpack(const Listpack& list, Writer& out) { out.String(BytesOf(list)); }

// --- lists ---

// Elements that stand together become one listpack, large ones stand alone.
void WriteList(const List& list, Writer& out) {
  uint64_t nodes = 0;
  list.ForEachRun(0, list.size(), [&](const types::ListRun&) { ++nodes; });
  out.Length(nodes);
  std::string packed;
  list.ForEachRun(0, list.size(), [&](const types::ListRun& run) {
    if (run.first == nullptr) {
      out.Length(kPlainNode);
      return out.String(run.plain);
    }
    const auto* end = run.first;
    for (size_t i = 0; i < run.count; ++i) end += types::listpack_format::BytesOfElementAt(end);
    const auto size = static_cast<uint32_t>(types::kListpackOverhead + static_cast<size_t>(end - run.first));
    const auto count = static_cast<uint16_t>(std::min<size_t>(run.count, 0xFFFF));
    packed.resize(size);
    std::memcpy(packed.data(), &size, sizeof size);
    std::memcpy(packed.data() + sizeof size, &count, sizeof count);
    std::memcpy(packed.data() + types::listpack_format::kHeaderBytes, run.first, static_cast<size_t>(end - run.first));
    packed.back() = static_cast<char>(types::listpack_format::kEnd);
    out.Length(kPackedNode);
    out.String(packed);
  });
}

// --- sets ---

uint8_t TypeOfSet(const Set& set, int version) {
  if (set.is_intset()) return kSetIntSet;
  return set.EncodingName() == "listpack" && version != kOldestVersion ? kSetListpack : kSet;
}

void WriteSet(const Set& set, uint8_t type, Writer& out) {
  switch (type) {
    case kSetIntSet: {
      types::IntSet integers;
      set.ForEach([&](const ListpackItem& member) { integers.Add(member.integer); });
      const auto bytes = integers.bytes();
      return out.String({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    case kSetListpack: {
      Listpack list;
      set.ForEach([&](const ListpackItem& member) { list.Append(member); });
      return WriteListpack(list, out);
    }
    default:
      out.Length(set.size());
      set.ForEach([&](const ListpackItem& member) {
        char scratch[kMaxInt64Text];
        out.String(member.View(scratch));
      });
  }
}

// --- sorted sets ---

bool IsLarge(const SortedSet& set) { return set.EncodingName() != "listpack"; }

void WriteSortedSet(const SortedSet& set, Writer& out) {
  if (IsLarge(set)) {
    out.Length(set.size());
    return set.ForEach([&](std::string_view member, double score) {
      out.String(member);
      out.Double(score);
    });
  }
  Listpack list;
  set.ForEach([&](std::string_view member, double score) {
    char text[kMaxDoubleText];
    list.Append(member);
    list.Append(std::string_view(text, set.FormatScore(score, text)));
  });
  WriteListpack(list, out);
}

// --- hashes ---

bool HasDeadlines(const Hash& hash) { return hash.NextDeadline() >= 0; }
bool IsLarge(const Hash& hash) { return hash.EncodingName() == "hashtable"; }

// A deadline, 0 for none.
int64_t DeadlineOf(const Hash& hash, std::string_view field) {
  return std::max<int64_t>(0, hash.Deadline(field).value_or(-1));
}

template <typename F>
void ForEachText(const Hash& hash, F&& f) {
  hash.ForEach([&](const types::HashPair& pair) {
    char field[kMaxInt64Text], value[kMaxInt64Text];
    f(pair.field.View(field), pair.value.View(value));
  });
}

void WriteHash(const Hash& hash, Writer& out) {
  const bool timed = HasDeadlines(hash);
  const int64_t least = hash.NextDeadline();
  if (timed) out.Low(static_cast<uint64_t>(least), 8);
  if (IsLarge(hash)) {
    out.Length(hash.size());
    return ForEachText(hash, [&](std::string_view field, std::string_view value) {
      if (timed) {
        const int64_t deadline = DeadlineOf(hash, field);
        out.Length(deadline == 0 ? 0 : static_cast<uint64_t>(deadline - least) + 1);
      }
      out.String(field);
      out.String(value);
    });
  }
  // The fields with deadlines come first, the earliest before the others.
  struct Timed { int64_t deadline; std::string field, value; };
  std::vector<Timed> fields;
  Listpack list;
  ForEachText(hash, [&](std::string_view field, std::string_view value) {
    if (timed) {
      fields.push_back({DeadlineOf(hash, field), std::string(field), std::string(value)});
    } else {
      list.Append(field);
      list.Append(value);
    }
  });
  std::stable_sort(fields.begin(), fields.end(), [](const Timed& a, const Timed& b) {
    return a.deadline != 0 && (b.deadline == 0 || a.deadline < b.deadline);
  });
  for (const Timed& t : fields) {
    list.Append(t.field);
    list.Append(t.value);
    list.Append(t.deadline);
  }
  WriteListpack(list, out);
}

uint8_t TypeOfHash(const Hash& hash) {
  if (HasDeadlines(hash)) return IsLarge(hash) ? kHashWithDeadlines : kHashListpackWithDeadlines;
  return IsLarge(hash) ? kHash : kHashListpack;
}

}  // namespace

uint8_t TypeOf(const ValueView& value, int version) {
  switch (value.type) {
    case ValueType::kString: return kString;
    case ValueType::kList: return kListQuicklist2;
    case ValueType::kSet: return TypeOfSet(*Borrowed<Set>(value.word), version);
    case ValueType::kSortedSet: return IsLarge(*Borrowed<SortedSet>(value.word)) ? kSortedSet : kSortedSetListpack;
    case ValueType::kHash: return TypeOfHash(*Borrowed<Hash>(value.word));
    case ValueType::kStream: return version == kOldestVersion ? kStream2 : kStream3;
  }
  return kString;
}

void WriteValue(const ValueView& value, uint8_t type, Writer& out) {
  switch (value.type) {
    case ValueType::kString: return out.String(value.text);
    case ValueType::kList: return WriteList(*Borrowed<List>(value.word), out);
    case ValueType::kSet: return WriteSet(*Borrowed<Set>(value.word), type, out);
    case ValueType::kSortedSet: return WriteSortedSet(*Borrowed<SortedSet>(value.word), out);
    case ValueType::kHash: return WriteHash(*Borrowed<Hash>(value.word), out);
    case ValueType::kStream: return WriteStream(*Borrowed<Stream>(value.word), type, out);
  }
}

int VersionOf(const ValueView& value) {
  const bool timed = value.type == ValueType::kHash && HasDeadlines(*Borrowed<Hash>(value.word));
  return timed ? kVersionWithFieldDeadlines : kVersion;
}

}  // namespace pinion::rdb
