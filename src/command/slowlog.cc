// Cutting and keeping slow commands.
#include "command/slowlog.h"

#include <algorithm>

#include <fmt/format.h>

namespace pinion::command {
namespace {

constexpr size_t kMaxArgs = 32;
constexpr size_t kMaxArgLength = 128;

std::vector<std::string> Cut(std::span<const std::string_view> args) {
  std::vector<std::string> out;
  const size_t n = std::min(args.size(), kMaxArgs);
  for (size_t i = 0; i < n; ++i) {
    if (args.size() > kMaxArgs && i == kMaxArgs - 1) {
      out.push_back(fmt::format("... ({} more arguments)", args.size() - kMaxArgs + 1));
    } else if (args[i].size() > kMaxArgLength) {
      out.push_back(
          fmt::format("{}... ({} more bytes)", args[i].substr(0, kMaxArgLength), args[i].size() - kMaxArgLength));
    } else {
      out.emplace_back(args[i]);
    }
  }
  return out;
}

}  // namespace

void SlowLog::Add(std::span<const std::string_view> args, int64_t unix_seconds, int64_t micros, std::string_view peer,
                  std::string_view client_name, size_t max_entries) {
  SlowEntry e{0, unix_seconds, micros, Cut(args), std::string(peer), std::string(client_name)};
  std::lock_guard lock(mutex_);
  e.id = next_id_++;
  entries_.push_front(std::move(e));
  while (entries_.size() > max_entries) entries_.pop_back();
}

std::vector<SlowEntry> SlowLog::Newest(size_t count) {
  std::lock_guard lock(mutex_);
  return {entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(std::min(count, entries_.size()))};
}

size_t SlowLog::size() {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

void SlowLog::Reset() {
  std::lock_guard lock(mutex_);
  entries_.clear();
}

}  // namespace pinion::command
