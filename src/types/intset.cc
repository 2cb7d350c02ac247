// How an intset is searched, widened and resized.
#include "types/intset.h"

#include <bit>
#include <limits>

#include "base/slab.h"

namespace pinion::types {

static_assert(std::endian::native == std::endian::little, "intsets are read and written as they lie in memory");

namespace {

template <typename T>
bool Fits(int64_t v) {
  return v >= std::numeric_limits<T>::min() && v <= std::numeric_limits<T>::max();
}

// Branch-free search: halves the range by a conditional move.
template <typename T>
size_t CountLessOf(const uint8_t* values, size_t n, int64_t v) {
  const auto at = [values](size_t i) {
    T x;
    std::memcpy(&x, values + i * sizeof(T), sizeof(T));
    return x;
  };
  size_t begin = 0;
  while (n > 1) {
    const size_t half = n / 2;
    begin = at(begin + half - 1) < v ? begin + half : begin;
    n -= half;
  }
  return begin + (n == 1 && at(begin) < v);
}

}  // namespace

size_t IntSet::WidthFor(int64_t v) { return Fits<int16_t>(v) ? 2 : Fits<int32_t>(v) ? 4 : 8; }

void IntSet::SetField(size_t at, size_t v) {
  const auto field = static_cast<uint32_t>(v);
  std::memcpy(block_ + at, &field, sizeof(field));
}

IntSet IntSet::CopyOf(std::span<const uint8_t> bytes) {
  IntSet copy;
  if (bytes.empty()) return copy;
  copy.block_ = static_cast<uint8_t*>(Slab::Allocate(bytes.size()));
  std::memcpy(copy.block_, bytes.data(), bytes.size());
  return copy;
}

IntSet IntSet::Clone() const { return CopyOf(bytes()); }

IntSet IntSet::Adopt(void* word) {
  IntSet s;
  s.block_ = static_cast<uint8_t*>(word);
  return s;
}

void IntSet::Clear() {
  if (block_ == nullptr) return;
  Slab::Free(block_, Bytes());
  block_ = nullptr;
}

size_t IntSet::AllocatedBytes() const { return block_ == nullptr ? 0 : Slab::GoodSize(Bytes()); }

size_t IntSet::CountLess(int64_t v) const {
  const uint8_t* const values = block_ + kHeaderBytes;
  switch (width()) {
    case 2: return CountLessOf<int16_t>(values, size(), v);
    case 4: return CountLessOf<int32_t>(values, size(), v);
    default: return CountLessOf<int64_t>(values, size(), v);
  }
}

bool IntSet::Contains(int64_t v) const {
  if (block_ == nullptr) return false;
  const size_t i = CountLess(v);
  return i < size() && At(i) == v;
}

void IntSet::Put(size_t i, int64_t v) {
  // Two's complement, lowest byte first: a narrower integer is the beginning of a wider one.
  std::memcpy(block_ + kHeaderBytes + i * width(), &v, width());
}

void IntSet::Widen(size_t wider) {
  const size_t n = size();
  auto* fresh = static_cast<uint8_t*>(Slab::Allocate(kHeaderBytes + n * wider));
  for (size_t i = 0; i < n; ++i) {
    const int64_t v = At(i);
    std::memcpy(fresh + kHeaderBytes + i * wider, &v, wider);
  }
  Slab::Free(block_, Bytes());
  block_ = fresh;
  SetField(kWidthAt, wider);
  SetField(kSizeAt, n);
}

void IntSet::Shift(size_t from, size_t to, size_t size_after) {
  const size_t before = Bytes();
  const size_t after = kHeaderBytes + size_after * width();
  const size_t tail = (size() - from) * width();
  from = kHeaderBytes + from * width();
  to = kHeaderBytes + to * width();
  if (Slab::GoodSize(before) == Slab::GoodSize(after)) {
    std::memmove(block_ + to, block_ + from, tail);
  } else {
    auto* fresh = static_cast<uint8_t*>(Slab::Allocate(after));
    std::memcpy(fresh, block_, from < to ? from : to);
    std::memcpy(fresh + to, block_ + from, tail);
    Slab::Free(block_, before);
    block_ = fresh;
  }
  SetField(kSizeAt, size_after);
}

bool IntSet::Add(int64_t v) {
  if (block_ == nullptr) {
    block_ = static_cast<uint8_t*>(Slab::Allocate(kHeaderBytes + WidthFor(v)));
    SetField(kWidthAt, WidthFor(v));
    SetField(kSizeAt, 1);
    Put(0, v);
    return true;
  }
  if (WidthFor(v) > width()) Widen(WidthFor(v));
  const size_t n = size();
  const size_t i = CountLess(v);
  if (i < n && At(i) == v) return false;
  Shift(i, i + 1, n + 1);
  Put(i, v);
  return true;
}

bool IntSet::Remove(int64_t v) {
  if (block_ == nullptr) return false;
  const size_t i = CountLess(v);
  if (i == size() || At(i) != v) return false;
  RemoveAt(i);
  return true;
}

void IntSet::RemoveAt(size_t i) { Shift(i + 1, i, size() - 1); }

void IntSet::Truncate(size_t size_after) {
  if (block_ != nullptr) Shift(size(), size_after, size_after);
}

bool IntSet::Validate(std::span<const uint8_t> bytes) {
  if (bytes.size() < kHeaderBytes) return false;
  uint32_t width, n;
  std::memcpy(&width, bytes.data() + kWidthAt, sizeof(width));
  std::memcpy(&n, bytes.data() + kSizeAt, sizeof(n));
  if (width != 2 && width != 4 && width != 8) return false;
  if (n == 0 || n > kMaxSize || bytes.size() != kHeaderBytes + size_t{n} * width) return false;
  const auto ascending = [values = bytes.data() + kHeaderBytes, n]<typename T>(T previous) {
    std::memcpy(&previous, values, sizeof(T));
    for (size_t i = 1; i < n; ++i) {
      T v;
      std::memcpy(&v, values + i * sizeof(T), sizeof(T));
      if (v <= previous) return false;
      previous = v;
    }
    return true;
  };
  return width == 2 ? ascending(int16_t{}) : width == 4 ? ascending(int32_t{}) : ascending(int64_t{});
}

}  // namespace pinion::types
