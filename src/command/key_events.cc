// Publishing key-space events.
#include "command/key_events.h"

#include <fmt/format.h>

#include "command/pubsub.h"
#include "command/tracking.h"
#include "config/config.h"
#include "store/keyspace.h"

namespace pinion::command {

void KeyEvents::OnKeyEvent(store::EventClass, std::string_view event, std::string_view key, uint32_t db) {
  const uint32_t mask = services_->keyspace.settings().notify_mask.load(std::memory_order_relaxed);
  const auto publish = [&](std::string_view kind, std::string_view about, std::string_view message) {
    channel_.assign("__").append(kind).append("@").append(fmt::format_int(db).c_str()).append("__:").append(about);
    services_->pubsub.Publish(channel_, message, false, worker_);
  };
  if (mask & store::kEventKeyspace) publish("keyspace", key, event);
  if (mask & store::kEventKeyevent) publish("keyevent", event, key);
}

void KeyEvents::OnChange(std::string_view key, std::span<const uint64_t> clients, store::Change change) {
  services_->tracking.OnChange(*worker_, key, clients, change);
}

void KeyEvents::OnRemoved(std::string_view key, uint32_t db, store::Removal why) {
  const config::Settings& s = services_->config.settings();
  const auto& lazy = why == store::Removal::kExpired ? s.lazyfree_lazy_expire : s.lazyfree_lazy_eviction;
  const std::string_view args[] = {lazy.load(std::memory_order_relaxed) ? "UNLINK" : "DEL", key};
  worker_->effects.AddWhole(db, args);
}

void KeyEvents::OnFieldsExpired(std::string_view key, uint32_t db, std::span<const std::string> fields) {
  std::vector<std::string_view> args = {"HDEL", key};
  args.insert(args.end(), fields.begin(), fields.end());
  worker_->effects.AddWhole(db, args);
}

void KeyEvents::OnEarlierDue(uint32_t shard, UnixMillis at) {
  services_->loops.WakeAt(OwnerOf(shard, services_->keyspace.shard_count(), services_->workers.size()), at);
}

}  // namespace pinion::command
