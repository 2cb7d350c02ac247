// An element of a listpack before it stands in one: about to be written, or looked for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/numbers.h"
#include "types/listpack.h"

namespace pinion::types {

namespace listpack_format {

inline constexpr size_t kMaxBackLength = 5;

// Bytes of the back length of an element of `bytes` bytes. The bounds above the first are one lower than seven bits
// a byte would need: that is how the format is written everywhere.
[[nodiscard]] constexpr size_t BackLengthBytes(size_t bytes) {
  return bytes <= 127 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : bytes < 268435455 ? 4 : 5;
}

// Seven bits a byte, high ones first; every byte but the first has its top bit set.
inline void WriteBackLength(uint8_t* p, size_t bytes) {
  const size_t n = BackLengthBytes(bytes);
  for (size_t i = n; i-- > 0; bytes >>= 7) p[i] = static_cast<uint8_t>((bytes & 0x7F) | (i == 0 ? 0 : 0x80));
}

}  // namespace listpack_format

// An element taken apart as it will be written. Refers to its text.
class ListpackElement {
 public:
  explicit ListpackElement(int64_t v) { SetInteger(v); }
  // REQUIRES: text.size() < kMaxListpackBytes.
  explicit ListpackElement(std::string_view text) {
    using namespace listpack_format;
    if (MayBeInteger(text)) {
      if (const auto integer = ParseInt64(text)) {
        SetInteger(*integer);
        return;
      }
    }
    body_ = text;
    if (text.size() <= kMaxString6) {
      head_[0] = static_cast<uint8_t>(kString6 | text.size());
      head_bytes_ = 1;
    } else if (text.size() <= kMaxString12) {
      head_[0] = static_cast<uint8_t>(kString12 | text.size() >> 8);
      head_[1] = static_cast<uint8_t>(text.size());
      head_bytes_ = 2;
    } else {
      const auto length = static_cast<uint32_t>(text.size());
      head_[0] = kString32;
      std::memcpy(&head_[1], &length, sizeof length);
      head_bytes_ = 5;
    }
  }

  // What it takes, back length and all.
  [[nodiscard]] size_t bytes() const { return data_bytes() + listpack_format::BackLengthBytes(data_bytes()); }
  void Write(uint8_t* p) const {
    std::memcpy(p, head_.data(), head_bytes_);
    if (!body_.empty()) std::memcpy(p + head_bytes_, body_.data(), body_.size());
    listpack_format::WriteBackLength(p + data_bytes(), data_bytes());
  }

 private:
  // Most texts are told from integers without a call.
  static bool MayBeInteger(std::string_view text) {
    return !text.empty() && text.size() <= kMaxInt64Text && text.front() <= '9';
  }
  void SetInteger(int64_t v) {
    using namespace listpack_format;
    const auto fits = [v](int bits) { return v >= -(int64_t{1} << (bits - 1)) && v < int64_t{1} << (bits - 1); };
    if (v >= 0 && v < kString6) {
      head_[0] = static_cast<uint8_t>(v);
      head_bytes_ = 1;
    } else if (fits(13)) {
      head_[0] = static_cast<uint8_t>(kInt13 | (v >> 8 & 0x1F));
      head_[1] = static_cast<uint8_t>(v);
      head_bytes_ = 2;
    } else {
      head_bytes_ = fits(16) ? 3 : fits(24) ? 4 : fits(32) ? 5 : 9;
      head_[0] = fits(16) ? kInt16 : fits(24) ? kInt24 : fits(32) ? kInt32 : kInt64;
      std::memcpy(&head_[1], &v, 8);
    }
  }
  [[nodiscard]] size_t data_bytes() const { return head_bytes_ + body_.size(); }

  std::array<uint8_t, 9> head_;
  size_t head_bytes_;
  std::string_view body_;
};

// A text to look for: parsed once, compared often. Refers to the text.
class ListpackNeedle {
 public:
  explicit ListpackNeedle(std::string_view text) : text_(text), integer_(ParseInt64(text)) {}
  [[nodiscard]] bool Matches(const ListpackItem& item) const {
    return item.is_integer ? integer_ == item.integer : item.text == text_;
  }

 private:
  std::string_view text_;
  std::optional<int64_t> integer_;
};

}  // namespace pinion::types
