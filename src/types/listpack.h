// A list of short strings and integers in one block of bytes, in the public listpack format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "base/numbers.h"

namespace pinion::types {

class ListpackElement;

// The format (github.com/antirez/listpack, "Listpack specification"): total bytes (uint32 LE), number of elements
// (uint16 LE, 65535: not known), elements, 0xFF. An element is its encoding with the data, and then the length of
// that as a "back length" of 1 to 5 bytes that is read from its end, so that a listpack can be walked both ways.
// Whatever reads as a canonical decimal int64 is stored as an integer.
//
//   0xxxxxxx           uint7                        0xF0 + uint32     string
//   10xxxxxx           string of up to 63 bytes     0xF1 + 2 bytes    int16
//   110xxxxx + 1 byte  int13, its high bits first   0xF2 + 3 bytes    int24
//   1110xxxx + 1 byte  string of up to 4095 bytes,  0xF3 + 4 bytes    int32
//                      the length's high bits first 0xF4 + 8 bytes    int64

// An element: a string, or an integer that stands for its canonical text.
struct ListpackItem {
  std::string_view text;  // when it is a string; points into the listpack
  int64_t integer = 0;    // when it is an integer
  bool is_integer = false;

  // The element's text; an integer's is written at `scratch` (room for kMaxInt64Text).
  [[nodiscard]] std::string_view View(char* scratch) const {
    return is_integer ? std::string_view(scratch, FormatInt64(integer, scratch)) : text;
  }
};

// Bytes of a listpack without elements.
inline constexpr size_t kListpackOverhead = 7;
// No listpack may become larger than this; callers convert to another encoding long before.
inline constexpr size_t kMaxListpackBytes = size_t{1} << 30;

// Reads a listpack that somebody else owns. An element's position is the address of its first byte; positions are
// valid until the listpack changes. null: none.
class ListpackView {
 public:
  using Position = const uint8_t*;

  // REQUIRES: a valid listpack begins at `bytes`, or it is null, which reads as empty.
  explicit ListpackView(const uint8_t* bytes) : bytes_(bytes) {}

  [[nodiscard]] size_t size() const;   // elements; counts when there are 65535 or more
  [[nodiscard]] bool empty() const { return First() == nullptr; }
  [[nodiscard]] size_t bytes() const;  // of the whole block; kListpackOverhead when empty
  [[nodiscard]] const uint8_t* data() const { return bytes_; }

  [[nodiscard]] Position First() const;
  [[nodiscard]] Position Last() const;
  [[nodiscard]] Position Next(Position p) const;  // null after the last
  [[nodiscard]] Position Prev(Position p) const;  // null before the first
  // By index; negative ones count from the end. null when out of range. Walks from the nearer end.
  [[nodiscard]] Position At(int64_t index) const;

  [[nodiscard]] static ListpackItem Get(Position p);
  // Whether the element's text is this.
  [[nodiscard]] static bool Equals(Position p, std::string_view text);
  // Calls f(ListpackItem) for every element in order; f must not change the listpack.
  template <typename F>
  void ForEach(F&& f) const {
    for (Position p = First(); p != nullptr; p = Next(p)) f(Get(p));
  }
  // The first element equal to `text` at or after p; `skip` elements are passed over after each one compared (1 to
  // search only the fields of field-value pairs). p may be null.
  [[nodiscard]] Position Find(Position p, std::string_view text, unsigned skip = 0) const;

  // Whether untrusted bytes are a complete, well-formed listpack of exactly this length: then everything above is
  // safe on it. Walks all of it. An element may be in any of the format's encodings.
  [[nodiscard]] static bool Validate(std::span<const uint8_t> bytes);

 protected:
  const uint8_t* bytes_;
};

// Owns a listpack: one allocation (base/slab.h), or none while it was never filled. One word wide.
// Text that is put in must not point into the same listpack.
class Listpack : public ListpackView {
 public:
  Listpack() : ListpackView(nullptr) {}
  ~Listpack() { Clear(); }
  Listpack(Listpack&& o) noexcept : ListpackView(std::exchange(o.bytes_, nullptr)) {}
  Listpack& operator=(Listpack&& o) noexcept { std::swap(bytes_, o.bytes_); return *this; }
  // A copy of a valid listpack.
  [[nodiscard]] static Listpack CopyOf(ListpackView from);
  // Takes over what Release gave.
  [[nodiscard]] static Listpack Adopt(void* word);
  [[nodiscard]] void* Release() { return const_cast<uint8_t*>(std::exchange(bytes_, nullptr)); }

  // Each returns the position of the new element.
  Position Append(std::string_view text) { return InsertBefore(nullptr, text); }
  Position Append(int64_t integer) { return InsertBefore(nullptr, integer); }
  Position Append(const ListpackItem& item) { return item.is_integer ? Append(item.integer) : Append(item.text); }
  Position Prepend(std::string_view text);
  Position Prepend(int64_t integer);
  Position InsertBefore(Position p, std::string_view text);  // null: at the end
  Position InsertBefore(Position p, int64_t integer);
  Position InsertAfter(Position p, std::string_view text) { return InsertBefore(Next(p), text); }
  Position Replace(Position p, std::string_view text);
  Position Replace(Position p, int64_t integer);
  // Elements one after the other at an end, so that the last text given stands outermost; the block grows once.
  void AppendEach(std::span<const std::string_view> texts);
  void PrependEach(std::span<const std::string_view> texts);
  // Moves `count` elements from p on to before another one that is not among them (null: to the end), and returns
  // their new position. REQUIRES: there are so many.
  Position Move(Position p, size_t count, Position before);
  // Appends all elements of another; `other` must not be this one.
  void AppendAll(ListpackView other);
  // Makes room at the end for `count` elements that take `bytes` bytes in all, and returns where to write them (with
  // ListpackElement), which must be done before anything else is.
  [[nodiscard]] uint8_t* AppendRoom(size_t bytes, size_t count);

  // Removes `count` elements from p on (fewer when the end comes before) and returns the position of the one that
  // followed, null when none did.
  Position Erase(Position p, size_t count = 1);
  // The same by index, negative from the end. Returns how many were removed.
  size_t EraseRange(int64_t index, size_t count);
  void Clear();

  // Heap bytes held.
  [[nodiscard]] size_t AllocatedBytes() const;

  // Bytes that an element takes.
  [[nodiscard]] static size_t ElementBytes(std::string_view text);
  [[nodiscard]] static size_t ElementBytes(int64_t integer);

 private:
  [[nodiscard]] uint8_t* block() { return const_cast<uint8_t*>(bytes_); }
  // Makes `added` bytes of room at p (null: at the end) in place of `removed` bytes, moving to another block when
  // the size class changes; the header's byte count is updated. Returns p's new address.
  uint8_t* Splice(const uint8_t* p, size_t removed, size_t added);
  Position Put(Position p, size_t removed, const ListpackElement& element);
  // Inserts elements in the order of the iterators.
  template <typename It>
  void PutEach(Position p, It begin, It end);
  // Removes up to `count` elements from p on; tells how many, and where what followed them is now.
  std::pair<size_t, Position> Remove(Position p, size_t count);
};

// --- inline parts: what walks ---------------------------------------------------------------------------------

namespace listpack_format {

inline constexpr size_t kHeaderBytes = 6;
inline constexpr uint8_t kEnd = 0xFF;
inline constexpr uint8_t kString6 = 0x80, kInt13 = 0xC0, kString12 = 0xE0;
inline constexpr uint8_t kString32 = 0xF0, kInt16 = 0xF1, kInt24 = 0xF2, kInt32 = 0xF3, kInt64 = 0xF4;
inline constexpr size_t kMaxString6 = 63, kMaxString12 = 4095;

// Bytes of an element, back length and all, by its first byte; 0 when that alone does not say.
inline constexpr std::array<uint8_t, 256> kElementBytes = [] {
  std::array<uint8_t, 256> bytes{};
  for (size_t b = 0; b < kString6; ++b) bytes[b] = 2;
  for (size_t b = kString6; b < kInt13; ++b) bytes[b] = static_cast<uint8_t>(2 + (b - kString6));
  for (size_t b = kInt13; b < kString12; ++b) bytes[b] = 3;
  bytes[kInt16] = 4, bytes[kInt24] = 5, bytes[kInt32] = 6, bytes[kInt64] = 10;
  return bytes;
}();

// The same for longer strings: reads the length.
[[nodiscard]] size_t LongElementBytes(const uint8_t* p);

[[nodiscard]] inline size_t BytesOfElementAt(const uint8_t* p) {
  const size_t bytes = kElementBytes[*p];
  return bytes != 0 ? bytes : LongElementBytes(p);
}

template <typename T>
[[nodiscard]] inline T Load(const uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}

}  // namespace listpack_format

inline ListpackView::Position ListpackView::First() const {
  if (bytes_ == nullptr || bytes_[listpack_format::kHeaderBytes] == listpack_format::kEnd) return nullptr;
  return bytes_ + listpack_format::kHeaderBytes;
}

inline ListpackView::Position ListpackView::Next(Position p) const {
  p += listpack_format::BytesOfElementAt(p);
  return *p == listpack_format::kEnd ? nullptr : p;
}

inline size_t ListpackView::bytes() const {
  return bytes_ == nullptr ? kListpackOverhead : listpack_format::Load<uint32_t>(bytes_);
}

inline ListpackItem ListpackView::Get(Position p) {
  using namespace listpack_format;
  const uint8_t b = *p;
  const auto integer = [](int64_t v) { return ListpackItem{{}, v, true}; };
  const auto string = [](const uint8_t* at, size_t size) {
    return ListpackItem{{reinterpret_cast<const char*>(at), size}, 0, false};
  };
  if (b < kString6) return integer(b);
  if (b < kInt13) return string(p + 1, b & 0x3Fu);
  if (b < kString12) return integer(((((b & 0x1F) << 8) | p[1]) ^ 0x1000) - 0x1000);
  if (b < kString32) return string(p + 2, (b & 0x0Fu) << 8 | p[1]);
  switch (b) {
    case kString32: return string(p + 5, Load<uint32_t>(p + 1));
    case kInt16: return integer(Load<int16_t>(p + 1));
    case kInt24: return integer(((p[1] | p[2] << 8 | p[3] << 16) ^ 0x800000) - 0x800000);
    case kInt32: return integer(Load<int32_t>(p + 1));
    default: return integer(Load<int64_t>(p + 1));
  }
}

}  // namespace pinion::types
