// Reading and changing a node of a stream.
#include "types/stream_node.h"

namespace pinion::types {
namespace {

int64_t IntegerAt(ListpackView::Position p) { return ListpackView::Get(p).integer; }

// Whether the fields of an entry are those of the node's master record.
bool HasMasterFields(ListpackView node, std::span<const std::string_view> pairs) {
  ListpackView::Position p = node.Next(node.Next(node.First()));
  if (static_cast<size_t>(IntegerAt(p)) * 2 != pairs.size()) return false;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    p = node.Next(p);
    if (!ListpackView::Equals(p, pairs[i])) return false;
  }
  return true;
}

void AppendEntry(Listpack& node, int64_t flags, int64_t ms, int64_t seq, std::span<const std::string_view> pairs) {
  const bool same_fields = (flags & kStreamEntrySameFields) != 0;
  const auto fields = static_cast<int64_t>(pairs.size() / 2);
  node.Append(flags);
  node.Append(ms);
  node.Append(seq);
  if (!same_fields) node.Append(fields);
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (!same_fields) node.Append(pairs[i]);
    node.Append(pairs[i + 1]);
  }
  node.Append(same_fields ? fields + 3 : 2 * fields + 4);
}

}  // namespace

int64_t LiveEntries(ListpackView node) { return IntegerAt(node.First()); }
int64_t DeletedEntries(ListpackView node) { return IntegerAt(node.Next(node.First())); }

StreamNodeCursor::StreamNodeCursor(StreamId master, ListpackView node) : node_(node), master_(master) {
  ListpackView::Position p = node.Next(node.Next(node.First()));
  master_fields_ = static_cast<size_t>(ReadInteger(&p));
  first_field_ = p;
}

bool StreamNodeCursor::Next() {
  ListpackView::Position p;
  if (entry_ == nullptr) {
    p = first_field_;
    for (size_t i = 0; i < master_fields_; ++i) p = node_.Next(p);
  } else if (end_ != nullptr) {
    p = end_;
  } else {
    p = body_;
    for (size_t i = same_fields() ? fields_ : 2 * fields_; i > 0; --i) p = node_.Next(p);
  }
  entry_ = node_.Next(p);
  if (entry_ == nullptr) return false;
  ReadHead();
  return true;
}

bool StreamNodeCursor::Previous() {
  const ListpackView::Position pieces = entry_ == nullptr ? node_.Last() : node_.Prev(entry_);
  int64_t n = IntegerAt(pieces);
  if (n == 0) return false;
  entry_ = pieces;
  for (; n > 0; --n) entry_ = node_.Prev(entry_);
  ReadHead();
  end_ = pieces;
  return true;
}

void StreamNodeCursor::ReadHead() {
  ListpackView::Position p = entry_;
  flags_ = ReadInteger(&p);
  id_.ms = master_.ms + static_cast<uint64_t>(ReadInteger(&p));
  id_.seq = master_.seq + static_cast<uint64_t>(ReadInteger(&p));
  fields_ = same_fields() ? master_fields_ : static_cast<size_t>(ReadInteger(&p));
  body_ = p;
  end_ = nullptr;
}

Listpack NewStreamNode(std::span<const std::string_view> pairs) {
  Listpack node;
  node.Append(int64_t{1});
  node.Append(int64_t{0});
  node.Append(static_cast<int64_t>(pairs.size() / 2));
  for (size_t i = 0; i < pairs.size(); i += 2) node.Append(pairs[i]);
  node.Append(int64_t{0});
  AppendEntry(node, kStreamEntrySameFields, 0, 0, pairs);
  return node;
}

void AppendStreamEntry(Listpack& node, StreamId master, StreamId id, std::span<const std::string_view> pairs) {
  const int64_t flags = HasMasterFields(node, pairs) ? kStreamEntrySameFields : 0;
  node.Replace(node.First(), LiveEntries(node) + 1);
  AppendEntry(node, flags, static_cast<int64_t>(id.ms - master.ms), static_cast<int64_t>(id.seq - master.seq), pairs);
}

void MarkDeleted(Listpack& node, const StreamNodeCursor& at) {
  // Flags take one byte whatever they are, so nothing moves.
  node.Replace(at.position(), at.flags() | kStreamEntryDeleted);
}

void CountDeleted(Listpack& node, int64_t n) {
  const ListpackView::Position live = node.Replace(node.First(), LiveEntries(node) - n);
  const ListpackView::Position deleted = node.Next(live);
  node.Replace(deleted, IntegerAt(deleted) + n);
}

}  // namespace pinion::types
