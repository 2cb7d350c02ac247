// Which form of a string is the shortest.
#include "rdb/writer.h"

#include <lzf.h>

#include <bit>
#include <limits>
#include <memory>

#include "base/numbers.h"
#include "rdb/format.h"

namespace pinion::rdb {
namespace {

// Texts of more bytes than that are no integer that has a short form.
constexpr size_t kLongestInteger = 11;
// Below that compression is not tried.
constexpr size_t kShortestCompressed = 21;

template <typename T>
bool Fits(int64_t v) {
  return v >= std::numeric_limits<T>::min() && v <= std::numeric_limits<T>::max();
}

}  // namespace

void Writer::Low(uint64_t v, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i, v >>= 8) Byte(static_cast<uint8_t>(v));
}

void Writer::Length(uint64_t n) {
  if (n < 1 << 6) {
    Byte(static_cast<uint8_t>(kLength6 | n));
  } else if (n < 1 << 14) {
    Byte(static_cast<uint8_t>(kLength14 | n >> 8));
    Byte(static_cast<uint8_t>(n));
  } else {
    const bool is_short = n <= std::numeric_limits<uint32_t>::max();
    Byte(is_short ? kLength32 : kLength64);
    for (int shift = is_short ? 24 : 56; shift >= 0; shift -= 8) Byte(static_cast<uint8_t>(n >> shift));
  }
}

void Writer::String(std::string_view bytes) {
  if (bytes.size() <= kLongestInteger && WriteInteger(bytes)) return;
  if (compress_ && bytes.size() >= kShortestCompressed && WriteCompressed(bytes)) return;
  Length(bytes.size());
  Raw(bytes);
}

void Writer::Double(double v) { Low(std::bit_cast<uint64_t>(v), 8); }

bool Writer::WriteInteger(std::string_view text) {
  const std::optional<int64_t> v = ParseInt64(text);
  if (!v || !Fits<int32_t>(*v)) return false;
  const auto write = [&](uint8_t form, size_t bytes) {
    Byte(form);
    Low(static_cast<uint64_t>(*v), bytes);
  };
  Fits<int8_t>(*v) ? write(kInt8, 1) : Fits<int16_t>(*v) ? write(kInt16, 2) : write(kInt32, 4);
  return true;
}

bool Writer::WriteCompressed(std::string_view bytes) {
  if (bytes.size() > std::numeric_limits<unsigned>::max()) return false;
  const size_t room = bytes.size() - 4;
  const auto packed = std::make_unique_for_overwrite<char[]>(room);
  const size_t size = lzf_compress(bytes.data(), static_cast<unsigned>(bytes.size()), packed.get(),
                                   static_cast<unsigned>(room));
  if (size == 0) return false;
  Byte(kLzf);
  Length(size);
  Length(bytes.size());
  Raw({packed.get(), size});
  return true;
}

}  // namespace pinion::rdb
