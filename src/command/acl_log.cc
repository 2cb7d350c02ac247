// Grouping the entries of the security log.
#include "command/acl_log.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace pinion::command {
namespace {

constexpr UnixMillis kGroupWithin = 60'000;
constexpr size_t kLookBack = 10;  // entries among which the same is looked for

bool SameAs(const AclLogEntry& a, const AclLogEntry& b) {
  return a.reason == b.reason && a.context == b.context && std::abs(a.updated - b.updated) <= kGroupWithin &&
         a.object == b.object && a.username == b.username;
}

}  // namespace

void AclLog::Add(AclLogEntry entry, size_t max_entries) {
  const std::lock_guard lock(mutex_);
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(std::min(kLookBack, entries_.size()));
  const auto same = std::find_if(entries_.begin(), end, [&](const AclLogEntry& e) { return SameAs(e, entry); });
  if (max_entries != 0 && same != end) {
    same->client = std::move(entry.client);
    same->updated = entry.updated;
    ++same->count;
    std::rotate(entries_.begin(), same, same + 1);
  } else if (max_entries != 0) {
    entry.created = entry.updated;
    entry.id = next_id_++;
    entries_.push_front(std::move(entry));
  }
  while (entries_.size() > max_entries) entries_.pop_back();
}

std::vector<AclLogEntry> AclLog::Newest(size_t count) const {
  const std::lock_guard lock(mutex_);
  return {entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(std::min(count, entries_.size()))};
}

void AclLog::Reset() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

}  // namespace pinion::command
