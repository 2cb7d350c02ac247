// The classes of key-space events: bits, and the letters of notify-keyspace-events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pinion::config {

// One bit a letter. An event is published when the bit of its class is set, on the key's channel if
// kNotifyKeyspace is set too and on the event's channel if kNotifyKeyevent is.
enum NotifyFlags : uint32_t {
  kNotifyKeyspace = 1 << 0,   // K
  kNotifyKeyevent = 1 << 1,   // E
  kNotifyGeneric = 1 << 2,    // g
  kNotifyString = 1 << 3,     // $
  kNotifyList = 1 << 4,       // l
  kNotifySet = 1 << 5,        // s
  kNotifyHash = 1 << 6,       // h
  kNotifyZset = 1 << 7,       // z
  kNotifyExpired = 1 << 8,    // x
  kNotifyEvicted = 1 << 9,    // e
  kNotifyStream = 1 << 10,    // t
  kNotifyKeyMiss = 1 << 11,   // m
  kNotifyModule = 1 << 12,    // d
  kNotifyNew = 1 << 13,       // n
  // A: every class but key misses and new keys, which would flood a subscriber who did not ask for them.
  kNotifyAll = kNotifyGeneric | kNotifyString | kNotifyList | kNotifySet | kNotifyHash | kNotifyZset |
               kNotifyExpired | kNotifyEvicted | kNotifyStream | kNotifyModule,
};

// The bits of `letters` (any order, repeats allowed); nullopt when one is no class.
[[nodiscard]] std::optional<uint32_t> ParseNotifyFlags(std::string_view letters);

// The canonical letters, classes first: "AKE", "gxE". Unlike Redis, which drops it, 'n' is shown beside 'A', so
// that reading the text back gives the same bits.
[[nodiscard]] std::string FormatNotifyFlags(uint32_t flags);

}  // namespace pinion::config
