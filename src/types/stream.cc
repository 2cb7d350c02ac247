// Entries of a stream: appending, finding, deleting and trimming.
#include "types/stream.h"

#include <algorithm>
#include <new>

#include "base/slab.h"

namespace pinion::types {

// A node's listpack to be changed in place.
class Stream::NodeEditor {
 public:
  NodeEditor(Rep& rep, Node& node)
      : rep_(rep), node_(node), list_(Listpack::Adopt(const_cast<uint8_t*>(node.list))) {
    rep_.use.bytes -= list_.AllocatedBytes();
  }
  ~NodeEditor() {
    rep_.use.bytes += list_.AllocatedBytes();
    node_.list = static_cast<const uint8_t*>(list_.Release());
  }
  NodeEditor(const NodeEditor&) = delete;
  NodeEditor& operator=(const NodeEditor&) = delete;
  Listpack& operator*() { return list_; }

 private:
  Rep& rep_;
  Node& node_;
  Listpack list_;
};

// --- life ---------------------------------------------------------------------------------------------------

Stream Stream::Adopt(void* word) {
  Stream s;
  s.rep_ = static_cast<Rep*>(word);
  return s;
}

Stream::Rep& Stream::Made() {
  if (rep_ == nullptr) {
    rep_ = new (Slab::Allocate(sizeof(Rep))) Rep;
    rep_->use.Add(Slab::GoodSize(sizeof(Rep)));
  }
  return *rep_;
}

void Stream::Free() {
  if (rep_ == nullptr) return;
  for (auto node = rep_->nodes.First(); node; node.Next()) FreeNode(*node);
  rep_->~Rep();
  Slab::Free(rep_, sizeof(Rep));
}

void Stream::FreeNode(Node node, Remains* remains) {
  Listpack list = Listpack::Adopt(const_cast<uint8_t*>(node.list));
  rep_->use.Remove(list.AllocatedBytes());
  if (remains == nullptr) return;
  const size_t bytes = list.bytes();
  remains->Add(list.Release(), bytes);
}

size_t Stream::size() const { return rep_ == nullptr ? 0 : rep_->length; }
size_t Stream::AllocatedBytes() const { return rep_ == nullptr ? 0 : rep_->use.bytes; }
size_t Stream::CountAllocations() const { return rep_ == nullptr ? 0 : rep_->use.blocks; }

Stream Stream::Clone() const {
  Stream copy;
  if (rep_ == nullptr) return copy;
  Rep& to = copy.Made();
  for (auto node = rep_->nodes.First(); node; node.Next()) {
    Listpack list = Listpack::CopyOf(node->view());
    to.use.Add(list.AllocatedBytes());
    to.nodes.Insert({node->master, static_cast<const uint8_t*>(list.Release())});
  }
  to.length = rep_->length;
  to.entries_added = rep_->entries_added;
  to.last_id = rep_->last_id;
  to.first_id = rep_->first_id;
  to.max_deleted_id = rep_->max_deleted_id;
  for (const auto& [name, group] : groups()) {
    copy.CreateGroup(name, group.last_delivered, group.entries_read);
    copy.FindGroup(name)->CopyFrom(group);
  }
  return copy;
}

// --- IDs ----------------------------------------------------------------------------------------------------

StreamId Stream::last_id() const { return rep_ == nullptr ? kMinStreamId : rep_->last_id; }
StreamId Stream::first_id() const { return rep_ == nullptr ? kMinStreamId : rep_->first_id; }
StreamId Stream::max_deleted_id() const { return rep_ == nullptr ? kMinStreamId : rep_->max_deleted_id; }
uint64_t Stream::entries_added() const { return rep_ == nullptr ? 0 : rep_->entries_added; }
size_t Stream::node_count() const { return rep_ == nullptr ? 0 : rep_->nodes.size(); }

void Stream::SetIds(StreamId last, std::optional<uint64_t> entries_added, std::optional<StreamId> max_deleted) {
  Rep& rep = Made();
  rep.last_id = last;
  if (entries_added) rep.entries_added = *entries_added;
  if (max_deleted) rep.max_deleted_id = *max_deleted;
}

std::optional<StreamId> Stream::NextId(UnixMillis now) const {
  const auto ms = static_cast<uint64_t>(now);
  return ms > last_id().ms ? StreamId{ms, 0} : last_id().Next();
}

std::optional<StreamId> Stream::NextIdIn(uint64_t ms) const {
  const StreamId last = last_id();
  if (ms > last.ms) return StreamId{ms, 0};
  if (ms < last.ms || last.seq == kMaxStreamId.seq) return std::nullopt;
  return last.Next();
}

bool Stream::AddNode(StreamId master, Listpack node) {
  Rep& rep = Made();
  if (!rep.nodes.empty() && master <= rep.last_id) return false;
  StreamNodeCursor last(master, node);
  (void)last.Previous();
  rep.last_id = last.id();
  rep.length += static_cast<uint64_t>(LiveEntries(node));
  rep.entries_added = rep.length;
  rep.use.Add(node.AllocatedBytes());
  rep.nodes.Insert({master, static_cast<const uint8_t*>(node.Release())});
  if (rep.nodes.size() == 1) FindFirstId();
  return true;
}

void Stream::FindFirstId() {
  StreamReader reader(*this, kMinStreamId, kMaxStreamId);
  rep_->first_id = reader.Next() ? reader.entry().id() : kMinStreamId;
}

// --- entries ------------------------------------------------------------------------------------------------

void Stream::Append(StreamId id, std::span<const std::string_view> pairs, const StreamNodeLimits& limits) {
  Rep& rep = Made();
  const auto tail = rep.nodes.Last();
  const auto has_room = [&](ListpackView node) {
    size_t bytes = node.bytes();
    for (std::string_view text : pairs) bytes += text.size();
    if (bytes >= (limits.bytes == 0 ? kMaxListpackBytes : std::min(limits.bytes, kMaxListpackBytes))) return false;
    return limits.entries == 0 || LiveEntries(node) + DeletedEntries(node) < limits.entries;
  };
  if (tail && has_room(tail->view())) {
    NodeEditor node(rep, *tail);
    AppendStreamEntry(*node, tail->master, id, pairs);
  } else {
    Listpack node = NewStreamNode(pairs);
    rep.use.Add(node.AllocatedBytes());
    rep.nodes.Insert({id, static_cast<const uint8_t*>(node.Release())});
  }
  ++rep.length;
  ++rep.entries_added;
  rep.last_id = id;
  if (rep.length == 1) rep.first_id = id;
}

bool Stream::Contains(StreamId id) const {
  StreamReader reader(*this, id, id);
  return reader.Next();
}

Stream::Erased Stream::Erase(StreamId id, References references) {
  if (rep_ == nullptr) return Erased::kAbsent;
  if (references == References::kDrop) DropReferences(id);
  const auto node = rep_->nodes.AtOrBefore(id);
  if (!node) return Erased::kAbsent;
  StreamNodeCursor entry(node->master, node->view());
  do {
    if (!entry.Next() || entry.id() > id) return Erased::kAbsent;
  } while (entry.id() < id);
  if (entry.deleted()) return Erased::kAbsent;
  if (references == References::kMustBeSettled && IsReferenced(id)) return Erased::kReferenced;

  if (LiveEntries(node->view()) == 1) {
    FreeNode(*node);
    rep_->nodes.Erase(node->master);
  } else {
    NodeEditor editor(*rep_, *node);
    MarkDeleted(*editor, entry);
    CountDeleted(*editor, 1);
  }
  --rep_->length;
  rep_->max_deleted_id = std::max(rep_->max_deleted_id, id);
  if (id == rep_->first_id) FindFirstId();
  return Erased::kErased;
}

// --- trimming -----------------------------------------------------------------------------------------------

size_t Stream::Trim(const StreamTrim& trim, Remains* remains) {
  if (rep_ == nullptr || trim.by == StreamTrim::By::kNothing) return 0;
  const bool by_length = trim.by == StreamTrim::By::kLength;
  size_t trimmed = 0;
  auto node = rep_->nodes.First();
  while (node && !(by_length && rep_->length <= trim.length)) {
    const auto live = static_cast<uint64_t>(LiveEntries(node->view()));
    if (trim.limit != 0 && trimmed + live > static_cast<uint64_t>(trim.limit)) break;
    bool whole;
    if (by_length) {
      whole = rep_->length - live >= trim.length;
    } else {
      StreamNodeCursor last(node->master, node->view());
      whole = !last.Previous() || last.id() < trim.first;
    }
    if (!whole && trim.whole_nodes) break;
    const StreamId master = node->master;
    if (whole && trim.references == References::kKeep) {
      rep_->length -= live;
      trimmed += live;
    } else {
      trimmed += TrimNode(*node, trim);
      if (!whole && !by_length) break;
    }
    if (whole && (trim.references == References::kKeep || LiveEntries(node->view()) == 0)) {
      FreeNode(*node, remains);
      rep_->nodes.Erase(master);
      node = rep_->nodes.AtOrAfter(master);
    } else {
      node.Next();
    }
  }
  if (trimmed > 0) FindFirstId();
  return trimmed;
}

// Marks those of a node's entries that are to go as deleted. Returns how many.
size_t Stream::TrimNode(Node& node, const StreamTrim& trim) {
  size_t trimmed = 0;
  NodeEditor editor(*rep_, node);
  StreamNodeCursor entry(node.master, *editor);
  while (entry.Next()) {
    if (trim.by == StreamTrim::By::kLength ? rep_->length <= trim.length : entry.id() >= trim.first) break;
    if (entry.deleted()) continue;
    if (trim.references == References::kMustBeSettled && IsReferenced(entry.id())) continue;
    if (trim.references == References::kDrop) DropReferences(entry.id());
    MarkDeleted(*editor, entry);
    --rep_->length;
    ++trimmed;
  }
  if (trimmed > 0) CountDeleted(*editor, static_cast<int64_t>(trimmed));
  return trimmed;
}

// --- reading ------------------------------------------------------------------------------------------------

StreamReader::StreamReader(const Stream& stream, StreamId first, StreamId last, Order order)
    : first_(first), last_(last), order_(order) {
  if (stream.rep_ == nullptr || first > last) return;
  const auto& nodes = stream.rep_->nodes;
  if (order == Order::kReverse) {
    node_ = nodes.AtOrBefore(last);
  } else {
    node_ = nodes.AtOrBefore(first);
    if (!node_) node_ = nodes.First();
  }
}

bool StreamReader::Next() { return order_ == Order::kForward ? NextForward() : NextReverse(); }

bool StreamReader::NextForward() {
  for (; node_; node_.Next(), in_node_ = false) {
    if (!in_node_) entry_ = StreamNodeCursor(node_->master, node_->view());
    in_node_ = true;
    while (entry_.Next()) {
      if (entry_.deleted() || entry_.id() < first_) continue;
      if (entry_.id() <= last_) return true;
      node_ = {};
      return false;
    }
  }
  return false;
}

bool StreamReader::NextReverse() {
  for (; node_; node_.Previous(), in_node_ = false) {
    if (!in_node_) entry_ = StreamNodeCursor(node_->master, node_->view());
    in_node_ = true;
    while (entry_.Previous()) {
      if (entry_.deleted() || entry_.id() > last_) continue;
      if (entry_.id() >= first_) return true;
      node_ = {};
      return false;
    }
  }
  return false;
}

}  // namespace pinion::types
