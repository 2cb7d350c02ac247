// A ring of bytes.
#include "repl/backlog.h"

#include <algorithm>
#include <cstring>

namespace pinion::repl {

Backlog::Backlog(size_t capacity, uint64_t offset)
    : capacity_(std::max<size_t>(capacity, 1)), bytes_(new char[capacity_]), end_(offset) {}

void Backlog::Append(std::string_view bytes) {
  end_ += bytes.size();
  if (bytes.size() > capacity_) bytes.remove_prefix(bytes.size() - capacity_);
  const size_t first_part = std::min(bytes.size(), capacity_ - next_);
  std::memcpy(bytes_.get() + next_, bytes.data(), first_part);
  std::memcpy(bytes_.get(), bytes.data() + first_part, bytes.size() - first_part);
  next_ = (next_ + bytes.size()) % capacity_;
  size_ = std::min(size_ + bytes.size(), capacity_);
}

void Backlog::Resize(size_t capacity) {
  std::string kept;
  CopyFrom(first(), &kept);
  Backlog resized(capacity, end_ - kept.size());
  resized.Append(kept);
  *this = std::move(resized);
}

void Backlog::CopyFrom(uint64_t from, std::string* out) const {
  const size_t count = end_ + 1 - from;
  const size_t at = (next_ + capacity_ - count % capacity_) % capacity_;
  const size_t first_part = std::min(count, capacity_ - at);
  out->append(bytes_.get() + at, first_part);
  out->append(bytes_.get(), count - first_part);
}

}  // namespace pinion::repl
