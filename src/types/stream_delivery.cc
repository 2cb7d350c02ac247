// Groups of a stream: making and finding them, and counting what they have read.
#include "types/stream.h"

namespace pinion::types {
namespace {

// Bytes of a group: the map's node with its three links and colour, and the name if it does not fit into the
// string.
size_t GroupBytes(const Stream::Groups::value_type& g) {
  constexpr size_t kLinks = 4 * sizeof(void*);
  const size_t name = g.first.capacity() > std::string().capacity() ? g.first.capacity() + 1 : 0;
  return kLinks + sizeof(g) + name;
}

}  // namespace

const Stream::Groups& Stream::groups() const {
  static const Groups kNone;
  return rep_ == nullptr || rep_->groups == nullptr ? kNone : *rep_->groups;
}

const StreamGroup* Stream::FindGroup(std::string_view name) const {
  const auto it = groups().find(name);
  return it == groups().end() ? nullptr : &it->second;
}

StreamGroup* Stream::FindGroup(std::string_view name) {
  return const_cast<StreamGroup*>(std::as_const(*this).FindGroup(name));
}

bool Stream::CreateGroup(std::string_view name, StreamId last_delivered, int64_t entries_read) {
  Rep& rep = Made();
  if (rep.groups == nullptr) {
    rep.groups = std::make_unique<Groups>();
    rep.use.Add(sizeof(Groups));
  }
  const auto [it, created] = rep.groups->try_emplace(std::string(name), &rep.use, last_delivered, entries_read);
  if (created) rep.use.Add(GroupBytes(*it));
  return created;
}

bool Stream::DeleteGroup(std::string_view name) {
  if (FindGroup(name) == nullptr) return false;
  const auto it = rep_->groups->find(name);
  rep_->use.Remove(GroupBytes(*it));
  rep_->groups->erase(it);
  return true;
}

bool Stream::IsReferenced(StreamId id) const {
  for (const auto& [name, group] : groups()) {
    if (id > group.last_delivered || group.FindPending(id) != nullptr) return true;
  }
  return false;
}

bool Stream::DropReferences(StreamId id) {
  if (groups().empty()) return false;
  bool dropped = false;
  for (auto& [name, group] : *rep_->groups) dropped |= group.RemovePending(id);
  return dropped;
}

// --- counting -----------------------------------------------------------------------------------------------

// A group counts the entries it was given, which tells how many are left as long as none of those was deleted.
// Where the count is lost, it can be found again at the ends of the stream.

bool Stream::HasGapFrom(StreamId id) const {
  if (empty() || rep_->max_deleted_id.zero()) return false;
  if (rep_->first_id > rep_->max_deleted_id) return false;  // whatever was deleted, nothing is left before it
  return id <= rep_->max_deleted_id;
}

int64_t Stream::CountUpTo(StreamId id) const {
  if (entries_added() == 0) return 0;
  const auto added = static_cast<int64_t>(rep_->entries_added);
  if (empty() && id <= rep_->last_id) return added;
  if (id == rep_->last_id) return added;
  if (id > rep_->last_id) return StreamGroup::kUnknownEntriesRead;
  if (rep_->max_deleted_id.zero() || rep_->max_deleted_id < rep_->first_id) {
    const auto length = static_cast<int64_t>(rep_->length);
    if (id < rep_->first_id) return added - length;
    if (id == rep_->first_id) return added - length + 1;
  }
  return StreamGroup::kUnknownEntriesRead;
}

void Stream::AdvanceGroup(StreamGroup& group, StreamId id) const {
  if (id <= group.last_delivered) return;
  if (group.entries_read != StreamGroup::kUnknownEntriesRead && !HasGapFrom(id)) {
    ++group.entries_read;
  } else if (entries_added() != 0) {
    group.entries_read = CountUpTo(id);
  }
  group.last_delivered = id;
}

std::optional<int64_t> Stream::Lag(const StreamGroup& group) const {
  if (entries_added() == 0) return 0;
  const auto added = static_cast<int64_t>(rep_->entries_added);
  if (group.entries_read != StreamGroup::kUnknownEntriesRead && !HasGapFrom(group.last_delivered)) {
    return added - group.entries_read;
  }
  const int64_t read = CountUpTo(group.last_delivered);
  if (read == StreamGroup::kUnknownEntriesRead) return std::nullopt;
  return added - read;
}

}  // namespace pinion::types
