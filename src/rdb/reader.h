// Reads the elements of the RDB format from bytes that may be anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pinion::rdb {

// Goes through bytes that somebody else owns. What is not there or not in the format makes it fail, once and for all:
// from then on it reads zeros and empty strings, which are never null, so that callers may look at ok() when it suits
// them. It never allocates more than a small multiple of the bytes that are there. Not thread-safe.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  void Fail() { ok_ = false; }
  [[nodiscard]] size_t position() const { return at_; }
  [[nodiscard]] size_t remaining() const { return ok_ ? bytes_.size() - at_ : 0; }

  uint8_t Byte();
  // A number of `bytes` bytes, the lowest first.
  uint64_t Low(size_t bytes);
  uint64_t Length();
  // How many items follow, each of at least one byte: fails for more than there can be.
  uint64_t Count();
  // A string. What does not stand in the bytes as it is, is put into `scratch`; valid until that changes.
  std::string_view String(std::string* scratch);
  std::string_view Raw(size_t size);
  double Double();
  // A double as text with its length in one byte, as it was before version 8.
  double TextDouble();

 private:
  std::string_view Compressed(std::string* scratch);

  const std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace pinion::rdb
