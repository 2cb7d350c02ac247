// A consumer group of a stream: how far it has read, its consumers, and what was delivered but not acknowledged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "types/record_tree.h"
#include "types/stream_id.h"

namespace pinion::types {

struct StreamConsumer;

// An entry that was delivered to a consumer and not acknowledged.
struct PendingEntry {
  StreamId id;
  UnixMillis delivered_at;   // last
  int64_t deliveries;
  StreamConsumer* consumer;
  [[nodiscard]] StreamId key() const { return id; }
};

// The ID of an entry that is pending for a consumer; the rest stands with the group.
struct PendingId {
  StreamId id;
  [[nodiscard]] StreamId key() const { return id; }
};

struct StreamConsumer {
  StreamConsumer(HeapUse* use, UnixMillis now) : seen_at(now), pending(use) {}
  std::string_view name;      // points to the group's key
  UnixMillis seen_at;         // last named by a client
  UnixMillis active_at = -1;  // last given an entry; -1: never
  RecordTree<PendingId> pending;
};

// Not thread-safe: the shard's lock guards it.
class StreamGroup {
 public:
  using Consumers = std::map<std::string, StreamConsumer, std::less<>>;
  // The number of entries read is not known.
  static constexpr int64_t kUnknownEntriesRead = -1;

  // Heap bytes are added to `use`, which must outlive the group.
  StreamGroup(HeapUse* use, StreamId last_delivered, int64_t entries_read)
      : last_delivered(last_delivered), entries_read(entries_read), use_(use), pending_(use) {}
  ~StreamGroup();

  StreamId last_delivered;
  int64_t entries_read;  // how many of the stream's entries there ever were, up to last_delivered

  [[nodiscard]] const Consumers& consumers() const { return consumers_; }
  [[nodiscard]] StreamConsumer* FindConsumer(std::string_view name);
  [[nodiscard]] const StreamConsumer* FindConsumer(std::string_view name) const;
  // REQUIRES: there is none of that name.
  StreamConsumer& CreateConsumer(std::string_view name, UnixMillis now);
  // Drops what is pending for it too. Returns how many entries that were.
  size_t DeleteConsumer(StreamConsumer& consumer);

  [[nodiscard]] const RecordTree<PendingEntry>& pending() const { return pending_; }
  [[nodiscard]] const PendingEntry* FindPending(StreamId id) const { return pending_.Find(id); }
  // Makes an entry pending for a consumer, whoever had it before.
  void SetPending(StreamId id, StreamConsumer& consumer, UnixMillis delivered_at, int64_t deliveries);
  // Whether it was pending.
  bool RemovePending(StreamId id);
  // Calls f(StreamId) for the pending entries last delivered at `latest` or before, the longest ago first, until it
  // returns false. f must not change the group.
  template <typename F>
  void ForEachPendingSince(UnixMillis latest, F&& f);

  // Fills an empty group with the consumers and pending entries of another.
  void CopyFrom(const StreamGroup& from);

 private:
  // Pending entries by time of delivery.
  struct Delivery {
    UnixMillis at;
    StreamId id;
    friend constexpr auto operator<=>(const Delivery&, const Delivery&) = default;
    [[nodiscard]] const Delivery& key() const { return *this; }
  };

  void IndexDeliveries();

  HeapUse* use_;
  RecordTree<PendingEntry> pending_;
  Consumers consumers_;
  // Kept up only once somebody has asked for it: most groups never do, and it is as large as half of pending_.
  std::unique_ptr<RecordTree<Delivery>> by_delivery_;
};

template <typename F>
void StreamGroup::ForEachPendingSince(UnixMillis latest, F&& f) {
  if (by_delivery_ == nullptr) IndexDeliveries();
  for (auto d = by_delivery_->First(); d && d->at <= latest && f(d->id); d.Next()) {
  }
}

}  // namespace pinion::types
