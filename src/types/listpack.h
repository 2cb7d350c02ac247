// A list of short strings and integers in one block of bytes, in the public listpack format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/numbers.h"

namespace pinion::types {

// The format (github.com/antirez/listpack, "Listpack specification"): total bytes (uint32 LE), number of elements
// (uint16 LE, 65535: not known), elements, 0xFF. An element is its encoding with the data, and then the length of
// that as a "back length" of 1 to 5 bytes that is read from its end, so that a listpack can be walked both ways.
// Whatever reads as a canonical decimal int64 is stored as an integer.

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
class Listpack : public ListpackView {
 public:
  Listpack() : ListpackView(nullptr) {}
  ~Listpack() { Clear(); }
  Listpack(Listpack&& o) noexcept : ListpackView(std::exchange(o.bytes_, nullptr)) {}
  Listpack& operator=(Listpack&& o) noexcept { std::swap(bytes_, o.bytes_); return *this; }
  // A copy of a valid listpack.
  [[nodiscard]] static Listpack CopyOf(ListpackView from);
  [[nodiscard]] static Listpack Adopt(void* word);
  [[nodiscard]] void* Release() { return const_cast<uint8_t*>(std::exchange(bytes_, nullptr)); }

  // Each returns the position of the new element.
  Position Append(std::string_view text) { return InsertBefore(nullptr, text); }
  Position Append(int64_t integer) { return InsertBefore(nullptr, integer); }
  Position Prepend(std::string_view text);
  Position Prepend(int64_t integer);
  Position InsertBefore(Position p, std::string_view text);  // null: at the end
  Position InsertBefore(Position p, int64_t integer);
  Position InsertAfter(Position p, std::string_view text) { return InsertBefore(Next(p), text); }
  Position Replace(Position p, std::string_view text);
  Position Replace(Position p, int64_t integer);
  // Appends all elements of another; `other` must not be this one.
  void AppendAll(ListpackView other);

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
  // Makes `added` bytes of room at p in place of `removed` bytes (either may be 0), moving to another block when the
  // size class changes; the header's byte count is updated. Returns p's new address.
  uint8_t* Splice(const uint8_t* p, size_t removed, size_t added);
};

}  // namespace pinion::types
