// What a session weighs, and what it may be called.
#include "command/session.h"

#include <algorithm>

#include "command/blocked_clients.h"

namespace pinion::command {

namespace {

// A node in the queue of a key, and the queue itself, which is mostly for one client.
constexpr size_t kQueuePlace = 64 + sizeof(std::string) + sizeof(store::WaitQueue);

}  // namespace

bool Session::blocked() const { return waiting != nullptr && !waiting->over(); }

size_t Session::allocated() const {
  size_t n = sizeof(Session) + name.capacity() + library_name.capacity() + library_version.capacity();
  if (waiting) {
    n += sizeof(BlockedRequest) + waiting->keys.size() * sizeof(store::Key);
    for (const std::string& text : waiting->texts) n += text.size() + sizeof(std::string) + sizeof(std::string_view);
    for (size_t i = 0; i < waiting->awaited; ++i) n += waiting->keys[i].text.size() + kQueuePlace;
  }
  if (transaction) {
    n += sizeof(TransactionState) + transaction->queued_bytes;
    for (const TransactionState::Watched& w : transaction->watched) n += w.key.size() + 64;
  }
  if (subscriptions) {
    for (const auto* set : {&subscriptions->channels, &subscriptions->patterns, &subscriptions->shard_channels}) {
      for (const std::string& name_in_set : *set) n += name_in_set.size() + 64;
    }
  }
  if (tracking) {
    n += sizeof(TrackingState);
    for (const std::string& prefix : tracking->prefixes) n += prefix.size() + 64;
  }
  return n;
}

bool IsClientName(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

}  // namespace pinion::command
