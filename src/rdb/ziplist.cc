// Walking them without trusting them.
//
// A ziplist: its bytes (uint32), the offset of its last element (uint32), the number of elements (uint16, 65535: not
// known), elements, 0xFF. An element: the bytes of the one before it (one byte, or 0xFE and four), its encoding, its
// data:
//
//   00xxxxxx            string of up to 63 bytes       11000000  int16    1111xxxx  the integer xxxx - 1, 0 to 12
//   01xxxxxx + 1 byte   of up to 16383, high bits first 11010000  int32
//   10______ + 4 bytes  of more, high bytes first       11100000  int64
//                                                       11110000  int24    11111110  int8
//
// A zipmap: the number of pairs (1 byte, 254: not known), pairs, 0xFF. A pair: length of the field (1 byte, or 0xFE and
// four), field, length of the value, bytes left free behind it (1 byte), value, free bytes.
#include "rdb/ziplist.h"

#include "rdb/reader.h"

namespace pinion::rdb {
namespace {

using types::ListpackItem;

constexpr size_t kZiplistHeader = 10;
constexpr uint8_t kEndOfList = 0xFF, kLongLength = 0xFE;

uint64_t HighFirst(std::string_view bytes) {
  uint64_t v = 0;
  for (char c : bytes) v = v << 8 | static_cast<uint8_t>(c);
  return v;
}

// The element's encoding and data.
ListpackItem ReadElement(Reader& in) {
  const auto integer = [](int64_t v) { return ListpackItem{{}, v, true}; };
  const auto text = [&](size_t size) { return ListpackItem{in.Raw(size), 0, false}; };
  const uint8_t b = in.Byte();
  switch (b >> 6) {
    case 0: return text(b & 0x3F);
    case 1: return text(static_cast<size_t>(b & 0x3F) << 8 | in.Byte());
    case 2: return text(HighFirst(in.Raw(4)));
    default: break;
  }
  switch (b) {
    case 0xC0: return integer(static_cast<int16_t>(in.Low(2)));
    case 0xD0: return integer(static_cast<int32_t>(in.Low(4)));
    case 0xE0: return integer(static_cast<int64_t>(in.Low(8)));
    case 0xF0: return integer((static_cast<int64_t>(in.Low(3)) ^ 0x800000) - 0x800000);
    case 0xFE: return integer(static_cast<int8_t>(in.Low(1)));
    default: break;
  }
  if (b >= 0xF1 && b <= 0xFD) return integer((b & 0x0F) - 1);
  in.Fail();
  return {};
}

}  // namespace

bool ForEachInZiplist(std::string_view bytes, const std::function<bool(const ListpackItem&)>& f) {
  Reader in(bytes);
  const uint64_t size = in.Low(4), tail = in.Low(4), count = in.Low(2);
  if (!in.ok() || size != bytes.size()) return false;
  uint64_t seen = 0, before = 0, last = kZiplistHeader;
  for (;; ++seen) {
    const size_t at = in.position();
    const uint8_t first = in.Byte();
    if (!in.ok()) return false;
    if (first == kEndOfList) break;
    const uint64_t claimed = first == kLongLength ? in.Low(4) : first;
    if (claimed != before) return false;
    const ListpackItem item = ReadElement(in);
    if (!in.ok() || !f(item)) return false;
    last = at;
    before = in.position() - at;
  }
  return in.remaining() == 0 && tail == last && (count == 0xFFFF || count == seen);
}

bool ForEachInZipmap(std::string_view bytes, const std::function<bool(const ListpackItem&)>& f) {
  Reader in(bytes);
  const uint8_t count = in.Byte();
  const auto length = [&](uint8_t first) { return first == kLongLength ? in.Low(4) : first; };
  uint64_t seen = 0;
  for (;; ++seen) {
    const uint8_t first = in.Byte();
    if (!in.ok()) return false;
    if (first == kEndOfList) break;
    const std::string_view field = in.Raw(length(first));
    const uint8_t second = in.Byte();
    if (second == kEndOfList) return false;
    const uint64_t size = length(second);
    const uint8_t free = in.Byte();
    const std::string_view value = in.Raw(size);
    in.Raw(free);
    if (!in.ok() || !f({field, 0, false}) || !f({value, 0, false})) return false;
  }
  return in.remaining() == 0 && (count >= kLongLength || count == seen);
}

}  // namespace pinion::rdb
