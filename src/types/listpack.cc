// How a listpack is searched and validated, and how its block changes.
#include "types/listpack.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/slab.h"
#include "types/listpack_element.h"

namespace pinion::types {

static_assert(std::endian::native == std::endian::little, "listpacks are read and written as they lie in memory");

using namespace listpack_format;

namespace {

// The element count of a listpack that has this many or more.
constexpr size_t kManyElements = 65535;

template <typename T>
void Store(uint8_t* p, T v) {
  std::memcpy(p, &v, sizeof(v));
}

size_t CountField(const uint8_t* bytes) { return Load<uint16_t>(bytes + 4); }
void SetCountField(uint8_t* bytes, size_t n) {
  Store(bytes + 4, static_cast<uint16_t>(std::min(n, kManyElements)));
}
// Adds to the count where it is known; there is no way back from "many" but counting.
void AddToCountField(uint8_t* bytes, size_t added, size_t removed = 0) {
  const size_t n = CountField(bytes);
  if (n != kManyElements) SetCountField(bytes, n + added - removed);
}

// Bytes of the element before the one at p, without its back length.
size_t ReadBackLength(const uint8_t* p) {
  size_t bytes = 0;
  for (unsigned shift = 0;; shift += 7) {
    const uint8_t b = *--p;
    bytes |= size_t{b & 0x7Fu} << shift;
    if ((b & 0x80) == 0) return bytes;
  }
}

bool EqualBytes(const uint8_t* p, size_t size, std::string_view text) {
  return size == text.size() && std::memcmp(p, text.data(), size) == 0;
}

bool EqualText(const ListpackItem& item, std::string_view text) {
  return EqualBytes(reinterpret_cast<const uint8_t*>(item.text.data()), item.text.size(), text);
}

}  // namespace

size_t listpack_format::LongElementBytes(const uint8_t* p) {
  const size_t data = *p == kString32 ? 5 + size_t{Load<uint32_t>(p + 1)} : 2 + (size_t{*p & 0x0Fu} << 8 | p[1]);
  return data + BackLengthBytes(data);
}

// --- reading ----------------------------------------------------------------------------------------------------

size_t ListpackView::size() const {
  if (bytes_ == nullptr) return 0;
  size_t n = CountField(bytes_);
  if (n != kManyElements) return n;
  n = 0;
  for (Position p = First(); p != nullptr; p = Next(p)) ++n;
  return n;
}

ListpackView::Position ListpackView::Last() const {
  return bytes_ == nullptr ? nullptr : Prev(bytes_ + bytes() - 1);
}

ListpackView::Position ListpackView::Prev(Position p) const {
  if (p == bytes_ + kHeaderBytes) return nullptr;
  const size_t data = ReadBackLength(p);
  return p - data - BackLengthBytes(data);
}

ListpackView::Position ListpackView::At(int64_t index) const {
  if (bytes_ == nullptr) return nullptr;
  if (const size_t n = CountField(bytes_); n != kManyElements) {
    const auto count = static_cast<int64_t>(n);
    if (index >= count || index < -count) return nullptr;
    if (index >= 0 ? index > count / 2 : index < -count / 2) index += index < 0 ? count : -count;
  }
  Position p;
  if (index >= 0) {
    for (p = First(); p != nullptr && index > 0; --index) p = Next(p);
  } else {
    for (p = Last(); p != nullptr && index < -1; ++index) p = Prev(p);
  }
  return p;
}

bool ListpackView::Equals(Position p, std::string_view text) {
  const ListpackItem item = Get(p);
  if (!item.is_integer) return EqualText(item, text);
  const auto v = ParseInt64(text);
  return v && *v == item.integer;
}

ListpackView::Position ListpackView::Find(Position p, std::string_view text, unsigned skip) const {
  if (p == nullptr) return nullptr;
  const auto integer = ParseInt64(text);
  const auto advance = [&p, skip] {
    p += BytesOfElementAt(p);
    for (unsigned i = skip; i > 0 && *p != kEnd; --i) p += BytesOfElementAt(p);
    return *p != kEnd;
  };
  if (integer) {
    do {
      const ListpackItem item = Get(p);
      if (item.is_integer ? item.integer == *integer : EqualText(item, text)) return p;
    } while (advance());
    return nullptr;
  }
  if (text.size() > kMaxString6 || text.empty()) {
    do {
      const ListpackItem item = Get(p);
      if (!item.is_integer && EqualText(item, text)) return p;
    } while (advance());
    return nullptr;
  }
  // The usual search: most elements are told apart by their first byte, and by their last, which varies most.
  const auto wanted = static_cast<uint8_t>(kString6 | text.size());
  const auto last = static_cast<uint8_t>(text.back());
  do {
    const uint8_t b = *p;
    if (b == wanted) {
      if (p[text.size()] == last && std::memcmp(p + 1, text.data(), text.size()) == 0) return p;
    } else if (b >= kString12 && b <= kString32) [[unlikely]] {
      if (EqualText(Get(p), text)) return p;  // a short string that somebody encoded as a long one
    }
  } while (advance());
  return nullptr;
}

bool ListpackView::Validate(std::span<const uint8_t> bytes) {
  const size_t size = bytes.size();
  if (size < kListpackOverhead || size > kMaxListpackBytes) return false;
  const uint8_t* const begin = bytes.data();
  const uint8_t* const end = begin + size - 1;
  if (Load<uint32_t>(begin) != size || *end != kEnd) return false;
  size_t count = 0;
  for (const uint8_t* p = begin + kHeaderBytes; p != end; ++count) {
    const auto left = static_cast<size_t>(end - p);
    const uint8_t b = *p;
    const size_t head = b >= kString12 && b < kString32 ? 2 : b == kString32 ? 5 : 1;  // what tells the size
    if (b > kInt64 || left < head) return false;
    const size_t with_back_length = BytesOfElementAt(p);
    if (left < with_back_length) return false;
    // The back length must be the one that the size calls for, since walking back computes its width from it.
    size_t back = 1;
    while (BackLengthBytes(with_back_length - back) != back) ++back;
    std::array<uint8_t, kMaxBackLength> expected;
    WriteBackLength(expected.data(), with_back_length - back);
    p += with_back_length;
    if (std::memcmp(p - back, expected.data(), back) != 0) return false;
  }
  const size_t stated = CountField(begin);
  return stated == kManyElements || stated == count;
}

// --- changing ---------------------------------------------------------------------------------------------------

size_t Listpack::ElementBytes(std::string_view text) { return ListpackElement(text).bytes(); }
size_t Listpack::ElementBytes(int64_t integer) { return ListpackElement(integer).bytes(); }

Listpack Listpack::Adopt(void* word) {
  Listpack l;
  l.bytes_ = static_cast<const uint8_t*>(word);
  return l;
}

Listpack Listpack::CopyOf(ListpackView from) {
  Listpack l;
  if (from.data() == nullptr) return l;
  void* block = Slab::Allocate(from.bytes());
  std::memcpy(block, from.data(), from.bytes());
  l.bytes_ = static_cast<const uint8_t*>(block);
  return l;
}

void Listpack::Clear() {
  if (bytes_ == nullptr) return;
  Slab::Free(block(), bytes());
  bytes_ = nullptr;
}

size_t Listpack::AllocatedBytes() const { return bytes_ == nullptr ? 0 : Slab::GoodSize(bytes()); }

uint8_t* Listpack::Splice(const uint8_t* p, size_t removed, size_t added) {
  if (bytes_ == nullptr) {
    auto* fresh = static_cast<uint8_t*>(Slab::Allocate(kListpackOverhead + added));
    Store(fresh, static_cast<uint32_t>(kListpackOverhead + added));
    SetCountField(fresh, 0);
    fresh[kHeaderBytes + added] = kEnd;
    bytes_ = fresh;
    return fresh + kHeaderBytes;
  }
  if (p != nullptr && removed == added) return const_cast<uint8_t*>(p);
  const size_t before = bytes();
  const size_t after = before + added - removed;
  const size_t at = p == nullptr ? before - 1 : static_cast<size_t>(p - bytes_);
  const size_t tail = before - at - removed;
  uint8_t* from = block();
  uint8_t* to = from;
  if (Slab::GoodSize(before) != Slab::GoodSize(after)) {
    to = static_cast<uint8_t*>(Slab::Allocate(after));
    std::memcpy(to, from, at);
    std::memcpy(to + at + added, from + at + removed, tail);
    Slab::Free(from, before);
    bytes_ = to;
  } else if (removed != added) {
    std::memmove(to + at + added, from + at + removed, tail);
  }
  Store(to, static_cast<uint32_t>(after));
  return to + at;
}

Listpack::Position Listpack::Put(Position p, size_t removed, const ListpackElement& element) {
  uint8_t* at = Splice(p, removed, element.bytes());
  element.Write(at);
  return at;
}

Listpack::Position Listpack::InsertBefore(Position p, std::string_view text) {
  Position at = Put(p, 0, ListpackElement(text));
  AddToCountField(block(), 1);
  return at;
}

Listpack::Position Listpack::InsertBefore(Position p, int64_t integer) {
  Position at = Put(p, 0, ListpackElement(integer));
  AddToCountField(block(), 1);
  return at;
}

Listpack::Position Listpack::Prepend(std::string_view text) { return InsertBefore(First(), text); }
Listpack::Position Listpack::Prepend(int64_t integer) { return InsertBefore(First(), integer); }

Listpack::Position Listpack::Replace(Position p, std::string_view text) {
  return Put(p, BytesOfElementAt(p), ListpackElement(text));
}

Listpack::Position Listpack::Replace(Position p, int64_t integer) {
  return Put(p, BytesOfElementAt(p), ListpackElement(integer));
}

template <typename It>
void Listpack::PutEach(Position p, It begin, It end) {
  size_t bytes = 0;
  for (It it = begin; it != end; ++it) bytes += ListpackElement(*it).bytes();
  uint8_t* at = Splice(p, 0, bytes);
  for (It it = begin; it != end; ++it) {
    const ListpackElement element(*it);
    element.Write(at);
    at += element.bytes();
  }
  AddToCountField(block(), static_cast<size_t>(end - begin));
}

void Listpack::AppendEach(std::span<const std::string_view> texts) {
  PutEach(nullptr, texts.begin(), texts.end());
}

void Listpack::PrependEach(std::span<const std::string_view> texts) {
  PutEach(First(), texts.rbegin(), texts.rend());
}

Listpack::Position Listpack::Move(Position p, size_t count, Position before) {
  uint8_t* const first = block() + (p - bytes_);
  uint8_t* end = first;
  for (; count > 0; --count) end += BytesOfElementAt(end);
  uint8_t* const target = block() + (before == nullptr ? bytes() - 1 : static_cast<size_t>(before - bytes_));
  const auto size = static_cast<size_t>(end - first);
  uint8_t* const to = target < first ? target : target - size;
  std::array<uint8_t, 512> moved;
  if (size > moved.size()) [[unlikely]] {
    target < first ? std::rotate(target, first, end) : std::rotate(first, end, target);
    return to;
  }
  std::memcpy(moved.data(), first, size);
  if (target < first) {
    std::memmove(target + size, target, static_cast<size_t>(first - target));
  } else {
    std::memmove(first, end, static_cast<size_t>(target - end));
  }
  std::memcpy(to, moved.data(), size);
  return to;
}

uint8_t* Listpack::AppendRoom(size_t bytes, size_t count) {
  uint8_t* at = Splice(nullptr, 0, bytes);
  AddToCountField(block(), count);
  return at;
}

void Listpack::AppendAll(ListpackView other) {
  const size_t added = other.bytes() - kListpackOverhead;
  if (added == 0) return;
  uint8_t* at = Splice(nullptr, 0, added);
  std::memcpy(at, other.data() + kHeaderBytes, added);
  const size_t count = CountField(other.data());
  if (count == kManyElements) {
    SetCountField(block(), kManyElements);
  } else {
    AddToCountField(block(), count);
  }
}

std::pair<size_t, Listpack::Position> Listpack::Remove(Position p, size_t count) {
  if (p == nullptr) return {0, nullptr};
  const uint8_t* end = p;
  size_t removed = 0;
  for (; removed < count && *end != kEnd; ++removed) end += BytesOfElementAt(end);
  uint8_t* at = Splice(p, static_cast<size_t>(end - p), 0);
  AddToCountField(block(), 0, removed);
  return {removed, *at == kEnd ? nullptr : at};
}

Listpack::Position Listpack::Erase(Position p, size_t count) { return Remove(p, count).second; }

size_t Listpack::EraseRange(int64_t index, size_t count) { return count == 0 ? 0 : Remove(At(index), count).first; }

}  // namespace pinion::types
