// Reading and changing a node of a stream.
#include "types/stream_node.h"

#include "types/listpack_element.h"

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

// An entry before it is written.
struct NewEntry {
  bool same_fields;
  int64_t ms, seq;  // above the master's
  std::span<const std::string_view> pairs;

  // Calls f(const ListpackElement&) for each of its elements, but `pieces`.
  template <typename F>
  void ForEachElement(F&& f) const {
    f(ListpackElement(same_fields ? kStreamEntrySameFields : int64_t{0}));
    f(ListpackElement(ms));
    f(ListpackElement(seq));
    if (!same_fields) f(ListpackElement(static_cast<int64_t>(pairs.size() / 2)));
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (!same_fields || i % 2 == 1) f(ListpackElement(pairs[i]));
    }
  }
};

void AppendEntry(Listpack& node, const NewEntry& entry) {
  // Measured first, so that the node grows once.
  size_t bytes = 0;
  int64_t elements = 0;
  entry.ForEachElement([&](const ListpackElement& e) { bytes += e.bytes(), ++elements; });
  const ListpackElement pieces(elements);
  uint8_t* p = node.AppendRoom(bytes + pieces.bytes(), static_cast<size_t>(elements) + 1);
  entry.ForEachElement([&](const ListpackElement& e) {
    e.Write(p);
    p += e.bytes();
  });
  pieces.Write(p);
}

// Reads the elements of a listpack one after the other, until one is not there or not what it should be.
class NodeChecker {
 public:
  explicit NodeChecker(ListpackView node) : node_(node), at_(node.First()) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return at_ == nullptr; }
  void Skip(int64_t elements) {
    for (; ok_ && elements > 0; --elements) Next();
    ok_ &= elements == 0;
  }
  int64_t Integer() {
    const ListpackItem item = at_ == nullptr ? ListpackItem{} : ListpackView::Get(at_);
    ok_ &= item.is_integer;
    Next();
    return item.integer;
  }

 private:
  void Next() {
    ok_ &= at_ != nullptr;
    if (at_ != nullptr) at_ = node_.Next(at_);
  }

  ListpackView node_;
  ListpackView::Position at_;
  bool ok_ = true;
};

}  // namespace

bool ValidateStreamNode(StreamId master, ListpackView node) {
  NodeChecker in(node);
  const int64_t live = in.Integer(), deleted = in.Integer(), master_fields = in.Integer();
  in.Skip(master_fields);
  if (in.Integer() != 0 || !in.ok()) return false;
  int64_t seen[2] = {0, 0};
  for (StreamId last; !in.at_end();) {
    const int64_t flags = in.Integer();
    const auto ms = static_cast<uint64_t>(in.Integer()), seq = static_cast<uint64_t>(in.Integer());
    const StreamId id{master.ms + ms, master.seq + seq};
    const bool same = (flags & kStreamEntrySameFields) != 0;
    const int64_t fields = same ? master_fields : in.Integer();
    const bool in_order = id >= master && (seen[0] + seen[1] == 0 || id > last);
    if (!in.ok() || !in_order || fields < 0 || fields > INT32_MAX) return false;
    in.Skip(same ? fields : 2 * fields);
    if (in.Integer() != (same ? 3 + fields : 4 + 2 * fields) || !in.ok()) return false;
    ++seen[(flags & kStreamEntryDeleted) != 0];
    last = id;
  }
  return live > 0 && seen[0] == live && seen[1] == deleted;
}

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
  AppendEntry(node, {true, 0, 0, pairs});
  return node;
}

void AppendStreamEntry(Listpack& node, StreamId master, StreamId id, std::span<const std::string_view> pairs) {
  node.Replace(node.First(), LiveEntries(node) + 1);
  AppendEntry(node, {HasMasterFields(node, pairs), static_cast<int64_t>(id.ms - master.ms),
                     static_cast<int64_t>(id.seq - master.seq), pairs});
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
