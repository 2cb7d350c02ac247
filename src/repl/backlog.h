// The latest bytes of the stream, for replicas that come back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pinion::repl {

// A ring of bytes with their offsets in the stream. The first byte of a stream has offset 1, as Redis counts. Not
// thread-safe.
class Backlog {
 public:
  // Remembers up to `capacity` bytes (at least 1) of a stream that has `offset` bytes so far.
  Backlog(size_t capacity, uint64_t offset);

  void Append(std::string_view bytes);
  // Keeps as much of what there is as fits.
  void Resize(size_t capacity);

  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] size_t size() const { return size_; }
  // Offset of the first byte remembered; that of the next byte to come when there is none.
  [[nodiscard]] uint64_t first() const { return end_ - size_ + 1; }
  // The bytes from offset `from` on can be given: all are remembered, or none has come yet.
  [[nodiscard]] bool Has(uint64_t from) const { return from >= first() && from <= end_ + 1; }
  // Appends them. REQUIRES: Has(from).
  void CopyFrom(uint64_t from, std::string* out) const;

 private:
  size_t capacity_;
  std::unique_ptr<char[]> bytes_;
  uint64_t end_;       // offset of the last byte
  size_t size_ = 0;
  size_t next_ = 0;    // where the next byte goes
};

}  // namespace pinion::repl
