// A sorted set of integers in one block of bytes, in the public intset format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

namespace pinion::types {

// The format: width of an integer in bytes (uint32 LE: 2, 4 or 8), number of integers (uint32 LE), the integers in
// ascending order (LE). The width is the least that holds every integer there ever was: it grows but never shrinks.
//
// Owns its block (base/slab.h), or none while nothing was ever added. One word wide. Not thread-safe.
class IntSet {
 public:
  // As many integers as Redis lets an intset have.
  static constexpr size_t kMaxSize = size_t{1} << 30;

  IntSet() = default;
  ~IntSet() { Clear(); }
  IntSet(IntSet&& o) noexcept : block_(std::exchange(o.block_, nullptr)) {}
  IntSet& operator=(IntSet&& o) noexcept { std::swap(block_, o.block_); return *this; }
  [[nodiscard]] IntSet Clone() const;
  // A copy of bytes that Validate lets pass.
  [[nodiscard]] static IntSet CopyOf(std::span<const uint8_t> bytes);
  // Takes over what Release gave.
  [[nodiscard]] static IntSet Adopt(void* word);
  [[nodiscard]] void* Release() { return std::exchange(block_, nullptr); }

  [[nodiscard]] size_t size() const { return block_ == nullptr ? 0 : Field(kSizeAt); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] bool Contains(int64_t v) const;
  // The i-th least. REQUIRES: i < size().
  [[nodiscard]] int64_t At(size_t i) const;
  // Calls f(int64_t) for every integer in order.
  template <typename F>
  void ForEach(F&& f) const {
    for (size_t i = 0, n = size(); i < n; ++i) f(At(i));
  }

  // False when it was there already. REQUIRES: size() < kMaxSize.
  bool Add(int64_t v);
  // False when it was not there.
  bool Remove(int64_t v);
  // Removes the i-th least. REQUIRES: i < size().
  void RemoveAt(size_t i);
  // Keeps those of which keep(int64_t) is true; it is asked in order, once for each.
  template <typename F>
  void KeepIf(F&& keep) {
    size_t kept = 0;
    for (size_t i = 0, n = size(); i < n; ++i) {
      const int64_t v = At(i);
      if (keep(v)) Put(kept++, v);
    }
    Truncate(kept);
  }
  void Clear();

  // The whole block in the public format; empty when nothing was ever added.
  [[nodiscard]] std::span<const uint8_t> bytes() const { return {block_, block_ == nullptr ? 0 : Bytes()}; }
  // Heap bytes held.
  [[nodiscard]] size_t AllocatedBytes() const;

  // Whether untrusted bytes are a complete intset: of a known width, of the size they say, with at least one
  // integer, all in strictly ascending order.
  [[nodiscard]] static bool Validate(std::span<const uint8_t> bytes);

 private:
  static constexpr size_t kWidthAt = 0, kSizeAt = 4, kHeaderBytes = 8;

  static size_t WidthFor(int64_t v);
  [[nodiscard]] uint32_t Field(size_t at) const {
    uint32_t v;
    std::memcpy(&v, block_ + at, sizeof(v));
    return v;
  }
  void SetField(size_t at, size_t v);
  [[nodiscard]] size_t width() const { return Field(kWidthAt); }
  [[nodiscard]] size_t Bytes() const { return kHeaderBytes + size() * width(); }
  // How many integers are less than v.
  [[nodiscard]] size_t CountLess(int64_t v) const;
  void Put(size_t i, int64_t v);
  void Truncate(size_t size);
  void Widen(size_t width);
  // Gives the block the size for `size` integers, moving it when the size class changes, with the integers from
  // `from` on moved to `to`; the header's count becomes `size`.
  void Shift(size_t from, size_t to, size_t size);

  uint8_t* block_ = nullptr;
};

inline int64_t IntSet::At(size_t i) const {
  const auto load = [this, i]<typename T>(T v) -> int64_t {
    std::memcpy(&v, block_ + kHeaderBytes + i * sizeof(T), sizeof(T));
    return v;
  };
  switch (width()) {
    case 2: return load(int16_t{});
    case 4: return load(int32_t{});
    default: return load(int64_t{});
  }
}

}  // namespace pinion::types
