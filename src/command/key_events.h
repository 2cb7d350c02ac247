// Key-space notifications of one worker: from the store's events to pub/sub messages.
#pragma once

#include <span>
#include <string>

#include "command/services.h"
#include "store/events.h"

namespace pinion::command {

// Publishes "__keyspace@DB__:KEY" and "__keyevent@DB__:EVENT" as the notify mask asks, tells the journal of keys that
// went without a command, and has the loop that owns a shard woken for its deadlines. One a worker; used on its thread
// only.
class KeyEvents final : public store::KeyspaceListener {
 public:
  // Completes the construction, since worker and services know each other's owner.
  void Attach(Services* services, Worker* worker) {
    services_ = services;
    worker_ = worker;
  }
  void OnKeyEvent(store::EventClass event_class, std::string_view event, std::string_view key, uint32_t db) override;
  void OnChange(std::string_view key, std::span<const uint64_t> clients, store::Change change) override;
  void OnRemoved(std::string_view key, uint32_t db, store::Removal why) override;
  void OnFieldsExpired(std::string_view key, uint32_t db, std::span<const std::string> fields) override;
  void OnEarlierDue(uint32_t shard, UnixMillis at) override;

 private:
  Services* services_ = nullptr;
  Worker* worker_ = nullptr;
  std::string channel_;   // scratch
};

// Which worker expires the keys of a shard: contiguous ranges, evenly.
[[nodiscard]] inline size_t OwnerOf(uint32_t shard, uint32_t shards, size_t workers) {
  return static_cast<size_t>(shard) * workers / shards;
}
// The first shard of a worker's range; the range ends where the next worker's begins.
[[nodiscard]] inline uint32_t FirstShardOf(size_t worker, uint32_t shards, size_t workers) {
  return static_cast<uint32_t>((worker * shards + workers - 1) / workers);
}

}  // namespace pinion::command
