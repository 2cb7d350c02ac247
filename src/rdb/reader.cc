// Every read looks first whether there is so much.
#include "rdb/reader.h"

#include <lzf.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/numbers.h"
#include "rdb/format.h"

namespace pinion::rdb {
namespace {

// LZF makes of three bytes at most 264: what claims to be larger is no compressed string.
constexpr size_t kMostExpansion = 264;
constexpr size_t kLongestString = size_t{1} << 32;

}  // namespace

std::string_view Reader::Raw(size_t size) {
  if (size > remaining()) {
    Fail();
    return "";
  }
  const std::string_view bytes = bytes_.substr(at_, size);
  at_ += size;
  return bytes;
}

uint8_t Reader::Byte() {
  const std::string_view one = Raw(1);
  return one.empty() ? 0 : static_cast<uint8_t>(one[0]);
}

uint64_t Reader::Low(size_t bytes) {
  uint64_t v = 0;
  int shift = 0;
  for (char c : Raw(bytes)) {
    v |= static_cast<uint64_t>(static_cast<uint8_t>(c)) << shift;
    shift += 8;
  }
  return v;
}

uint64_t Reader::Length() {
  const uint8_t first = Byte();
  size_t more;
  uint64_t v = 0;
  if ((first & 0xC0) == kLength6) return first;
  if ((first & 0xC0) == kLength14) {
    v = first & 0x3F;
    more = 1;
  } else if (first == kLength32) {
    more = 4;
  } else if (first == kLength64) {
    more = 8;
  } else {
    Fail();
    return 0;
  }
  for (char c : Raw(more)) v = v << 8 | static_cast<uint8_t>(c);
  return ok_ ? v : 0;
}

uint64_t Reader::Count() {
  const uint64_t n = Length();
  if (n <= remaining()) return n;
  Fail();
  return 0;
}

std::string_view Reader::String(std::string* scratch) {
  if (remaining() == 0) {
    Fail();
    return "";
  }
  const auto first = static_cast<uint8_t>(bytes_[at_]);
  if ((first & 0xC0) != kEncoded) return Raw(Length());
  ++at_;
  const auto integer = [&](int64_t v) -> std::string_view {
    char text[kMaxInt64Text];
    return *scratch = std::string_view(text, FormatInt64(v, text));
  };
  switch (first) {
    case kInt8: return integer(static_cast<int8_t>(Low(1)));
    case kInt16: return integer(static_cast<int16_t>(Low(2)));
    case kInt32: return integer(static_cast<int32_t>(Low(4)));
    case kLzf: return Compressed(scratch);
    default: Fail(); return "";
  }
}

std::string_view Reader::Compressed(std::string* scratch) {
  const uint64_t packed_size = Length(), size = Length();
  const std::string_view packed = Raw(packed_size);
  if (!ok_ || size == 0 || size >= kLongestString || size / kMostExpansion > packed.size()) {
    Fail();
    return "";
  }
  scratch->resize(size);
  if (lzf_decompress(packed.data(), static_cast<unsigned>(packed.size()), scratch->data(),
                     static_cast<unsigned>(size)) != size) {
    Fail();
    return "";
  }
  return *scratch;
}

double Reader::Double() { return std::bit_cast<double>(Low(8)); }

double Reader::TextDouble() {
  const uint8_t size = Byte();
  switch (size) {
    case 253: return std::numeric_limits<double>::quiet_NaN();
    case 254: return std::numeric_limits<double>::infinity();
    case 255: return -std::numeric_limits<double>::infinity();
    default: break;
  }
  const std::optional<double> v = ParseDouble(Raw(size));
  if (!v) Fail();
  return v.value_or(0);
}

}  // namespace pinion::rdb
