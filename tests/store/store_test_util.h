// What the store's tests share: entries that free themselves, a listener that writes down what it hears.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "store/entry.h"
#include "store/events.h"

namespace pinion::store {

struct EntryDeleter {
  void operator()(Entry* e) const { Entry::Delete(e); }
};
using EntryPtr = std::unique_ptr<Entry, EntryDeleter>;

inline EntryPtr MakeEntry(std::string_view key, std::string_view value = "",
                          UnixMillis deadline = kNoDeadline) {
  return EntryPtr(Entry::New(key, Entry::StringValue(value), deadline));
}

inline std::string TextOf(const Entry& e) {
  char scratch[32];
  return std::string(e.StringView(scratch));
}

// `length` bytes that differ from place to place and from seed to seed, and are no number.
inline std::string Pattern(size_t length, unsigned seed = 0) {
  std::string s(length, '\0');
  for (size_t i = 0; i < length; ++i) s[i] = static_cast<char>('a' + (i * 7 + i / 256 + seed) % 26);
  return s;
}

// Keeps everything it is told. Thread-safe.
class RecordingListener final : public KeyspaceListener {
 public:
  struct Event {
    EventClass event_class;
    std::string name, key;
    uint32_t db;
    bool operator==(const Event&) const = default;
  };
  void OnKeyEvent(EventClass event_class, std::string_view event, std::string_view key,
                  uint32_t db) override {
    std::lock_guard lock(mutex_);
    events_.push_back({event_class, std::string(event), std::string(key), db});
  }
  void OnEarlierDue(uint32_t shard, UnixMillis at) override {
    std::lock_guard lock(mutex_);
    due_.emplace_back(shard, at);
  }

  // What came since the last call.
  std::vector<Event> TakeEvents() {
    std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
  }
  std::vector<std::pair<uint32_t, UnixMillis>> TakeDue() {
    std::lock_guard lock(mutex_);
    return std::exchange(due_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Event> events_;
  std::vector<std::pair<uint32_t, UnixMillis>> due_;
};

}  // namespace pinion::store
