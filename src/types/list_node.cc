// How nodes grow, shrink, split and join.
#include "types/list_node.h"

#include <algorithm>
#include <cstring>

#include "base/slab.h"

namespace pinion::types {
namespace {

using listpack_format::BytesOfElementAt;
using listpack_format::kEnd;
constexpr size_t kHeader = listpack_format::kHeaderBytes;
constexpr size_t kLeastGrown = 256;  // a node that grows at an end has at least this much

size_t PlainBlockBytes(size_t size) { return sizeof(uint64_t) + size; }

}  // namespace

size_t ListNode::BlockBytes() const { return plain() ? PlainBlockBytes(plain_text().size()) : capacity_; }

void ListNode::Free() {
  if (block_ == nullptr) return;
  Slab::Free(block_, BlockBytes());
  block_ = nullptr;
}

void ListNode::LeaveTo(Remains* remains) {
  if (block_ == nullptr) return;
  remains->Add(block_, BlockBytes());
  block_ = nullptr;
  capacity_ = start_ = bytes_ = count_ = 0;
}

void ListNode::Allocate(size_t bytes) {
  const size_t capacity = Slab::GoodSize(bytes);
  block_ = static_cast<uint8_t*>(Slab::Allocate(capacity));
  capacity_ = static_cast<uint32_t>(capacity);
}

ListNode ListNode::Plain(std::string_view element) {
  ListNode node;
  const uint64_t size = element.size();
  node.block_ = static_cast<uint8_t*>(Slab::Allocate(PlainBlockBytes(size)));
  std::memcpy(node.block_, &size, sizeof size);
  if (size != 0) std::memcpy(node.block_ + sizeof size, element.data(), size);
  node.count_ = 1;
  return node;
}

ListNode ListNode::Of(const ListpackElement& element) {
  ListNode node;
  node.Allocate(kListpackOverhead + element.bytes());
  node.bytes_ = static_cast<uint32_t>(kListpackOverhead + element.bytes());
  node.count_ = 1;
  element.Write(node.begin() + kHeader);
  node.WriteFrame();
  return node;
}

ListNode ListNode::Take(Listpack from) {
  ListNode node;
  node.count_ = static_cast<uint32_t>(from.size());
  node.bytes_ = static_cast<uint32_t>(from.bytes());
  if (from.data() == nullptr) {
    node.Allocate(kListpackOverhead);
    node.WriteFrame();
  } else {
    node.capacity_ = static_cast<uint32_t>(Slab::GoodSize(node.bytes_));
    node.block_ = static_cast<uint8_t*>(from.Release());
  }
  return node;
}

ListNode ListNode::Clone() const {
  if (plain()) return Plain(plain_text());
  ListNode copy;
  copy.Allocate(bytes_);
  copy.bytes_ = bytes_;
  copy.count_ = count_;
  std::memcpy(copy.block_, begin(), bytes_);
  return copy;
}

size_t ListNode::AllocatedBytes() const {
  if (block_ == nullptr) return 0;
  return plain() ? Slab::GoodSize(BlockBytes()) : capacity_;  // which is as much as a block takes
}

std::string_view ListNode::plain_text() const {
  uint64_t size;
  std::memcpy(&size, block_, sizeof size);
  return {reinterpret_cast<const char*>(block_) + sizeof size, size};
}

uint8_t* ListNode::At(size_t index) const {
  if (index == 0) return begin() + kHeader;
  if (index == count_) return begin() + bytes_ - 1;
  return const_cast<uint8_t*>(view().At(static_cast<int64_t>(index)));
}

void ListNode::WriteFrame() {
  uint8_t* const p = begin();
  const auto count = static_cast<uint16_t>(std::min<uint32_t>(count_, UINT16_MAX));
  std::memcpy(p, &bytes_, 4);
  std::memcpy(p + 4, &count, 2);
  p[bytes_ - 1] = kEnd;
}

void ListNode::MoveTo(size_t capacity, size_t start) {
  uint8_t* const old = block_;
  const size_t old_capacity = capacity_;
  const uint8_t* const from = begin();
  Allocate(capacity);
  start_ = static_cast<uint32_t>(start);
  std::memcpy(begin(), from, bytes_);
  Slab::Free(old, old_capacity);
}

void ListNode::PushFront(const ListpackElement& element, size_t most) {
  const size_t added = element.bytes();
  if (start_ < added) {
    const size_t needed = bytes_ + added;
    if (needed <= capacity_) {
      // The room is at the back: half of what is left over stays there, for whoever pushes at both ends.
      const size_t start = added + (capacity_ - needed + 1) / 2;
      std::memmove(block_ + start, begin(), bytes_);
      start_ = static_cast<uint32_t>(start);
    } else {
      const size_t capacity = Slab::GoodSize(std::max({needed, std::min<size_t>(capacity_ * size_t{2}, most),
                                                       std::min(kLeastGrown, most)}));
      MoveTo(capacity, capacity - bytes_);
    }
  }
  start_ -= static_cast<uint32_t>(added);
  bytes_ += static_cast<uint32_t>(added);
  ++count_;
  element.Write(begin() + kHeader);
  WriteFrame();
}

void ListNode::PushBack(const ListpackElement& element, size_t most) {
  const size_t added = element.bytes();
  if (capacity_ - start_ - bytes_ < added) {
    const size_t needed = bytes_ + added;
    if (needed <= capacity_) {
      const size_t start = (capacity_ - needed) / 2;
      std::memmove(block_ + start, begin(), bytes_);
      start_ = static_cast<uint32_t>(start);
    } else {
      MoveTo(std::max({needed, std::min<size_t>(capacity_ * size_t{2}, most), std::min(kLeastGrown, most)}), 0);
    }
  }
  element.Write(begin() + bytes_ - 1);
  bytes_ += static_cast<uint32_t>(added);
  ++count_;
  WriteFrame();
}

uint8_t* ListNode::Splice(size_t offset, size_t removed, size_t added) {
  const size_t back = bytes_ - offset - removed;  // bytes behind what changes
  const bool front_shorter = offset < back;
  if (added <= removed) {
    const size_t less = removed - added;
    if (front_shorter) {
      std::memmove(begin() + less, begin(), offset);
      start_ += static_cast<uint32_t>(less);
    } else {
      std::memmove(begin() + offset + added, begin() + offset + removed, back);
    }
    bytes_ -= static_cast<uint32_t>(less);
    return begin() + offset;
  }
  const size_t more = added - removed;
  const bool room_in_front = start_ >= more;
  const bool room_behind = capacity_ - start_ - bytes_ >= more;
  if (room_in_front && (front_shorter || !room_behind)) {
    std::memmove(begin() - more, begin(), offset);
    start_ -= static_cast<uint32_t>(more);
  } else {
    if (!room_behind) MoveTo(bytes_ + more, 0);
    std::memmove(begin() + offset + added, begin() + offset + removed, back);
  }
  bytes_ += static_cast<uint32_t>(more);
  return begin() + offset;
}

void ListNode::Insert(size_t index, const ListpackElement& element) {
  const auto offset = static_cast<size_t>(At(index) - begin());
  element.Write(Splice(offset, 0, element.bytes()));
  ++count_;
  WriteFrame();
}

void ListNode::Replace(size_t index, const ListpackElement& element) {
  const uint8_t* const at = At(index);
  element.Write(Splice(static_cast<size_t>(at - begin()), BytesOfElementAt(at), element.bytes()));
  WriteFrame();
}

void ListNode::Erase(size_t index, size_t count) {
  const uint8_t* const at = At(index);
  const uint8_t* end = begin() + bytes_ - 1;
  if (index + count != count_) {
    end = at;
    for (size_t i = 0; i < count; ++i) end += BytesOfElementAt(end);
  }
  Splice(static_cast<size_t>(at - begin()), static_cast<size_t>(end - at), 0);
  count_ -= static_cast<uint32_t>(count);
  WriteFrame();
  ShrinkIfSparse();
}

size_t ListNode::EraseMatching(const ListpackNeedle& needle, size_t most, bool from_back) {
  const ListpackView elements = view();
  const uint8_t* from = nullptr;  // every match in [from, to) goes
  const uint8_t* to = nullptr;
  size_t erased = 0;
  for (auto p = from_back ? elements.Last() : elements.First(); p != nullptr && erased < most;
       p = from_back ? elements.Prev(p) : elements.Next(p)) {
    if (!needle.Matches(ListpackView::Get(p))) continue;
    ++erased;
    if (from == nullptr || from_back) from = p;
    if (to == nullptr || !from_back) to = p + BytesOfElementAt(p);
  }
  if (erased == 0) return 0;

  // What stays between them closes up, neighbours together; then the gap is closed.
  auto* out = const_cast<uint8_t*>(from);
  const uint8_t* kept = from;
  const auto keep_until = [&](const uint8_t* end) {
    std::memmove(out, kept, static_cast<size_t>(end - kept));
    out += end - kept;
  };
  for (const uint8_t* p = from; p != to;) {
    const uint8_t* const at = p;
    p += BytesOfElementAt(p);
    if (!needle.Matches(ListpackView::Get(at))) continue;
    keep_until(at);
    kept = p;
  }
  keep_until(to);
  Splice(static_cast<size_t>(out - begin()), static_cast<size_t>(to - out), 0);
  count_ -= static_cast<uint32_t>(erased);
  WriteFrame();
  ShrinkIfSparse();
  return erased;
}

ListNode ListNode::SplitOff(size_t index) {
  const uint8_t* const at = At(index);
  const auto tail = static_cast<size_t>(begin() + bytes_ - at);  // with the end mark
  ListNode rest;
  rest.Allocate(kHeader + tail);
  rest.bytes_ = static_cast<uint32_t>(kHeader + tail);
  rest.count_ = static_cast<uint32_t>(count_ - index);
  std::memcpy(rest.begin() + kHeader, at, tail);
  rest.WriteFrame();
  bytes_ -= static_cast<uint32_t>(tail - 1);
  count_ = static_cast<uint32_t>(index);
  WriteFrame();
  TrimToSize();
  return rest;
}

void ListNode::Append(ListNode&& other) {
  const size_t added = other.bytes_ - kListpackOverhead;
  uint8_t* const to = Splice(bytes_ - 1, 0, added);
  std::memcpy(to, other.begin() + kHeader, added);
  count_ += other.count_;
  WriteFrame();
}

void ListNode::TrimToSize() {
  if (!plain() && Slab::GoodSize(bytes_) < capacity_) MoveTo(bytes_, 0);
}

void ListNode::ShrinkIfSparse() {
  if (count_ != 0 && bytes_ * size_t{2} < capacity_) TrimToSize();
}

}  // namespace pinion::types
