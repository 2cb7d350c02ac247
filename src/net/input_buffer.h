// A connection's own input memory: the bytes received and not yet executed, contiguous, first byte first.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/huge_pages.h"

namespace pinion::net {

// Holds nothing while nothing waits. Reports exhausted memory instead of throwing.
class InputBuffer {
 public:
  InputBuffer() = default;
  ~InputBuffer() { std::free(data_); }
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] size_t room() const { return capacity_ - size_; }
  [[nodiscard]] std::string_view view() const { return {data_, size_}; }
  // Where the next room() bytes go; Advance makes them part of the content.
  [[nodiscard]] char* tail() { return data_ + size_; }
  void Advance(size_t n) { size_ += n; }

  // Changes the capacity (not below size()). False when memory runs out; then nothing has changed.
  [[nodiscard]] bool SetCapacity(size_t capacity) {
    if (capacity == 0) {
      std::free(std::exchange(data_, nullptr));
      capacity_ = 0;
      return true;
    }
    void* moved = capacity < kHugePagesFrom ? std::realloc(data_, capacity) : std::malloc(capacity);
    if (moved == nullptr) return false;
    if (capacity >= kHugePagesFrom) {
      PreferHugePages(moved, capacity);
      if (size_ != 0) std::memcpy(moved, data_, size_);
      std::free(data_);
    }
    data_ = static_cast<char*>(moved);
    capacity_ = capacity;
    return true;
  }

  // Makes room for the bytes of a request that is to be `needed` bytes long in all (0: unknown). Doubles for what
  // is unknown, goes straight to the end of a large request, but never far beyond what has arrived: a peer must
  // send bytes to cost bytes.
  [[nodiscard]] bool MakeRoom(size_t needed) {
    if (needed > size_ && needed > kSmall) {
      // For its last bytes too, however few they are; before, what is there is filled first: growing may copy.
      if (needed <= capacity_ || room() >= kSmall / 4) return true;
      const size_t affordable = size_ * 8 + kSmall;
      return SetCapacity(needed < affordable ? needed : affordable);
    }
    if (room() >= kSmallest / 4) return true;
    return SetCapacity(capacity_ < kSmallest ? kSmallest : capacity_ * 2);
  }

  // Appends a copy. False when memory runs out.
  [[nodiscard]] bool Append(std::string_view bytes) {
    if (bytes.size() > room()) {
      size_t capacity = capacity_ < kSmallest ? kSmallest : capacity_ * 2;
      if (capacity < size_ + bytes.size()) capacity = size_ + bytes.size();
      if (!SetCapacity(capacity)) return false;
    }
    std::memcpy(tail(), bytes.data(), bytes.size());
    size_ += bytes.size();
    return true;
  }

  // Drops the first n bytes and moves the rest to the front.
  void Consume(size_t n) {
    size_ -= n;
    if (size_ != 0 && n != 0) std::memmove(data_, data_ + n, size_);
  }

 private:
  static constexpr size_t kSmallest = 512;
  static constexpr size_t kSmall = 64 * 1024;

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace pinion::net
