// One node of a stream: a run of entries with near IDs in one listpack, in Redis's public stream format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "types/listpack.h"
#include "types/stream_id.h"

namespace pinion::types {

// A node has an ID of its own, the master ID, which is that of its first entry, and begins with a master record;
// the IDs of entries are differences to the master's, and an entry with the master's fields does not repeat them:
//
//   master   live | deleted | n | field 1 ... field n | 0
//   entry    flags | ms | seq | m | field 1 | value 1 ... field m | value m | pieces
//   or       flags | ms | seq | value 1 ... value n | pieces
//
// `live` and `deleted` count the entries that follow; a deleted one stays, marked by a flag. `pieces` counts the
// elements of the entry before it, and 0 ends the master record, so that a node can be read from its end.

inline constexpr int64_t kStreamEntryDeleted = 1;
inline constexpr int64_t kStreamEntrySameFields = 2;

// Whether a well-formed listpack that came from outside is a node as described: complete entries with ascending IDs, at
// least one of them live, and counts that agree.
[[nodiscard]] bool ValidateStreamNode(StreamId master, ListpackView node);

// The counts of a node. REQUIRES (here and below): a valid node.
[[nodiscard]] int64_t LiveEntries(ListpackView node);
[[nodiscard]] int64_t DeletedEntries(ListpackView node);

// A node's entries one by one, in either direction, deleted ones too. Valid until the node changes.
class StreamNodeCursor {
 public:
  // Stands before the first and behind the last entry: the first Next goes to the first, the first Previous to the
  // last.
  StreamNodeCursor() = default;
  StreamNodeCursor(StreamId master, ListpackView node);

  // Goes to the next or previous entry. False when there is none; the cursor is then of no use.
  [[nodiscard]] bool Next();
  [[nodiscard]] bool Previous();

  [[nodiscard]] StreamId id() const { return id_; }
  [[nodiscard]] bool deleted() const { return (flags_ & kStreamEntryDeleted) != 0; }
  [[nodiscard]] size_t field_count() const { return fields_; }
  // Calls f(const ListpackItem& field, const ListpackItem& value) for each pair, in order.
  template <typename F>
  void ForEachField(F&& f);

  // Where the entry's flags stand.
  [[nodiscard]] ListpackView::Position position() const { return entry_; }
  [[nodiscard]] int64_t flags() const { return flags_; }

 private:
  [[nodiscard]] bool same_fields() const { return (flags_ & kStreamEntrySameFields) != 0; }
  // Reads the head of the entry at entry_.
  void ReadHead();
  [[nodiscard]] int64_t ReadInteger(ListpackView::Position* p) const {
    const int64_t v = ListpackView::Get(*p).integer;
    *p = node_.Next(*p);
    return v;
  }

  ListpackView node_{nullptr};
  StreamId master_;
  size_t master_fields_ = 0;
  ListpackView::Position first_field_ = nullptr;
  StreamId id_;
  int64_t flags_ = 0;
  size_t fields_ = 0;
  ListpackView::Position entry_ = nullptr;  // null before the first move
  ListpackView::Position body_ = nullptr;   // the first field or value
  ListpackView::Position end_ = nullptr;    // `pieces`, where known
};

template <typename F>
void StreamNodeCursor::ForEachField(F&& f) {
  ListpackView::Position p = body_;
  if (same_fields()) {
    ListpackView::Position field = first_field_;
    for (size_t i = 0; i < fields_; ++i, field = node_.Next(field), p = node_.Next(p)) {
      f(ListpackView::Get(field), ListpackView::Get(p));
    }
  } else {
    for (size_t i = 0; i < fields_; ++i) {
      const ListpackView::Position value = node_.Next(p);
      f(ListpackView::Get(p), ListpackView::Get(value));
      p = node_.Next(value);
    }
  }
  end_ = p;
}

// Begins a node with an entry of these fields and values (an even number of texts, at least two) whose ID is the
// master ID.
[[nodiscard]] Listpack NewStreamNode(std::span<const std::string_view> pairs);
// Appends an entry. REQUIRES: id is above all of the node's.
void AppendStreamEntry(Listpack& node, StreamId master, StreamId id, std::span<const std::string_view> pairs);
// Marks the entry that a cursor stands on as deleted, leaving the counts to CountDeleted. The cursor stays valid.
// REQUIRES: it is not deleted.
void MarkDeleted(Listpack& node, const StreamNodeCursor& at);
// Moves `n` entries from the count of live ones to that of deleted ones.
void CountDeleted(Listpack& node, int64_t n);

}  // namespace pinion::types
