// How digests are put together.
#include "admin/digest.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/numbers.h"
#include "types/hash.h"
#include "types/list.h"
#include "types/set.h"
#include "types/sorted_set.h"
#include "types/stream.h"

namespace pinion::admin {
namespace {

std::string_view BytesOf(const Sha1Digest& d) { return {reinterpret_cast<const char*>(d.data()), d.size()}; }

// Without order: bytes added in any order give the same digest.
void Add(Sha1Digest* digest, std::string_view bytes) {
  const Sha1Digest hash = Sha1(bytes);
  for (size_t i = 0; i < hash.size(); ++i) (*digest)[i] ^= hash[i];
}

// With order.
void Append(Sha1Digest* digest, std::string_view bytes) {
  Add(digest, bytes);
  *digest = Sha1(BytesOf(*digest));
}

// A number as four bytes, the highest first.
void AppendNumber(Sha1Digest* digest, uint32_t n) {
  const char bytes[] = {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
                        static_cast<char>(n)};
  Append(digest, {bytes, sizeof bytes});
}

// Fields in any order, each with its value and with whether it has a deadline.
void AddHash(Sha1Digest* digest, const types::Hash& hash) {
  hash.ForEach([&](const types::HashPair& pair) {
    char field[kMaxInt64Text], value[kMaxInt64Text];
    Sha1Digest one{};
    Append(&one, pair.field.View(field));
    Append(&one, pair.value.View(value));
    if (hash.NextDeadline() >= 0 && hash.Deadline(pair.field.View(field)) >= 0) Add(&one, "!!hexpire!!");
    Add(digest, BytesOf(one));
  });
}

// Members in any order, each with its score in as many digits as tell doubles apart.
void AddSortedSet(Sha1Digest* digest, const types::SortedSet& set) {
  set.ForEach([&](std::string_view member, double score) {
    char text[32];
    Sha1Digest one{};
    Append(&one, member);
    Append(&one, {text, static_cast<size_t>(std::snprintf(text, sizeof text, "%.17g", score))});
    Add(digest, BytesOf(one));
  });
}

// Elements in order.
void AppendList(Sha1Digest* digest, const types::List& list) {
  list.ForEach([&](const types::ListpackItem& item) {
    char scratch[kMaxInt64Text];
    Append(digest, item.View(scratch));
  });
}

// Entries in order: their IDs, with a dot, fields and values.
void AddStream(Sha1Digest* digest, const types::Stream& stream) {
  types::StreamReader reader(stream, types::kMinStreamId, types::kMaxStreamId);
  while (reader.Next()) {
    char id[types::kMaxStreamIdText];
    const size_t length = types::FormatStreamId(reader.entry().id(), id);
    *std::find(id, id + length, '-') = '.';
    Append(digest, {id, length});
    reader.entry().ForEachField([&](const types::ListpackItem& field, const types::ListpackItem& value) {
      char scratch[kMaxInt64Text];
      Append(digest, field.View(scratch));
      Append(digest, value.View(scratch));
    });
  }
}

// Members in any order.
void AddSet(Sha1Digest* digest, const types::Set& set) {
  set.ForEach([&](const types::ListpackItem& member) {
    char scratch[kMaxInt64Text];
    Add(digest, member.View(scratch));
  });
}

void AppendValue(Sha1Digest* digest, const store::Entry& e) {
  using store::ValueType;
  // Redis's numbers of the types are ours, but that modules' stands before streams'.
  AppendNumber(digest, static_cast<uint32_t>(e.type()) + (e.type() == ValueType::kStream ? 1 : 0));
  char scratch[kMaxInt64Text];
  switch (e.type()) {
    case ValueType::kString: Append(digest, e.StringView(scratch)); break;
    case ValueType::kList: AppendList(digest, *types::Borrowed<types::List>(e.pointer())); break;
    case ValueType::kSet: AddSet(digest, *types::Borrowed<types::Set>(e.pointer())); break;
    case ValueType::kSortedSet: AddSortedSet(digest, *types::Borrowed<types::SortedSet>(e.pointer())); break;
    case ValueType::kHash: AddHash(digest, *types::Borrowed<types::Hash>(e.pointer())); break;
    case ValueType::kStream: AddStream(digest, *types::Borrowed<types::Stream>(e.pointer())); break;
  }
  if (e.has_deadline()) Add(digest, "!!expire!!");
}

}  // namespace

Sha1Digest DigestOfValue(const store::Entry& e) {
  Sha1Digest digest{};
  AppendValue(&digest, e);
  return digest;
}

Sha1Digest DigestOfEverything(store::Keyspace& keyspace, UnixMillis now) {
  Sha1Digest all{};
  for (uint32_t db = 0; db < keyspace.database_count(); ++db) {
    if (keyspace.CountKeys(db, true).keys == 0) continue;
    AppendNumber(&all, db);
    uint64_t cursor = 0;
    do {
      cursor = keyspace.Scan(db, cursor, 1024, now, true, [&](const store::Entry& e) {
        Sha1Digest digest{};
        Append(&digest, e.key());
        AppendValue(&digest, e);
        Add(&all, BytesOf(digest));
      });
    } while (cursor != 0);
  }
  return all;
}

}  // namespace pinion::admin
