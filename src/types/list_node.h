// A node of a quicklist: a listpack with room at both ends, or one large element.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "types/listpack.h"
#include "types/listpack_element.h"
#include "types/remains.h"

namespace pinion::types {

// The listpack stands somewhere in its block, which is larger while the node grows: pushing and popping at either
// end move no element but rewrite the six bytes of the header where the listpack now begins. An element in the
// middle moves the shorter side.
//
//   block:  [ room | header, elements, 0xFF | room ]
//                  ^start_                  ^start_ + bytes_
//
// A plain node's block holds the size of its element in eight bytes, and the element.
//
// A node may be moved in memory as bytes (NodeIndex does): whoever does so forgets the old place. Not thread-safe.
class ListNode {
 public:
  ListNode() = default;
  ~ListNode() { Free(); }
  ListNode(ListNode&& o) noexcept { Swap(o); }
  ListNode& operator=(ListNode&& o) noexcept { Swap(o); return *this; }

  // One element by itself, of any size.
  [[nodiscard]] static ListNode Plain(std::string_view element);
  // A node of one element.
  [[nodiscard]] static ListNode Of(const ListpackElement& element);
  // The elements of a listpack, taking over its memory.
  [[nodiscard]] static ListNode Take(Listpack from);
  [[nodiscard]] ListNode Clone() const;

  [[nodiscard]] bool plain() const { return capacity_ == 0; }
  [[nodiscard]] size_t count() const { return count_; }                      // elements
  [[nodiscard]] size_t bytes() const { return bytes_; }                      // of the listpack; 0 when plain
  [[nodiscard]] size_t AllocatedBytes() const;
  // REQUIRES: !plain().
  [[nodiscard]] ListpackView view() const { return ListpackView(block_ + start_); }
  // REQUIRES: plain().
  [[nodiscard]] std::string_view plain_text() const;

  // All of these REQUIRE !plain(), and that the listpack stays below kMaxListpackBytes. Positions of view() die with
  // every change. A node that is out of room doubles, to at most `most` bytes if that is enough.
  void PushFront(const ListpackElement& element, size_t most);
  void PushBack(const ListpackElement& element, size_t most);
  void Insert(size_t index, const ListpackElement& element);   // index <= count()
  void Replace(size_t index, const ListpackElement& element);  // index < count()
  void Erase(size_t index, size_t count);                      // index + count <= count()
  // Removes up to `most` elements that match, counted from either end; returns how many.
  size_t EraseMatching(const ListpackNeedle& needle, size_t most, bool from_back);
  // Takes out the elements from `index` on. REQUIRES: 0 < index < count().
  [[nodiscard]] ListNode SplitOff(size_t index);
  // Takes over the elements of another packed node.
  void Append(ListNode&& other);
  // Gives back the room at both ends.
  void TrimToSize();
  // Gives away the node's memory; it holds nothing after.
  void LeaveTo(Remains* remains);

 private:
  void Swap(ListNode& o) noexcept {
    std::swap(block_, o.block_);
    std::swap(capacity_, o.capacity_);
    std::swap(start_, o.start_);
    std::swap(bytes_, o.bytes_);
    std::swap(count_, o.count_);
  }
  void Free();
  // Bytes that the block was asked for with. REQUIRES: there is one.
  [[nodiscard]] size_t BlockBytes() const;
  void Allocate(size_t bytes);
  [[nodiscard]] uint8_t* begin() const { return block_ + start_; }
  // Where the element of this index begins; the end mark for count().
  [[nodiscard]] uint8_t* At(size_t index) const;
  // Makes `added` bytes of room in place of `removed` ones at `offset` of the listpack and returns their address.
  // The header is left to WriteFrame.
  uint8_t* Splice(size_t offset, size_t removed, size_t added);
  // Moves the listpack to a block of this capacity, beginning at `start`.
  void MoveTo(size_t capacity, size_t start);
  // Header and end mark, from bytes_ and count_.
  void WriteFrame();
  void ShrinkIfSparse();

  uint8_t* block_ = nullptr;
  uint32_t capacity_ = 0;  // of the block; 0 when plain
  uint32_t start_ = 0;
  uint32_t bytes_ = 0;
  uint32_t count_ = 0;
};

}  // namespace pinion::types
