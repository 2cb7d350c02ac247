// A field of a large hash with its value, in one allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/blob.h"
#include "base/slab.h"
#include "types/hash_text.h"

namespace pinion::types {

// A packed record, reached only by pointer:
//
//   head           1 byte: timed or not; the field's length up to 63, or the form when it or the value is longer
//   field length   none; with a form 1 byte, or 8 when the field is long
//   value length   1 byte, or 2; none when a blob holds the value
//   heap position  4 bytes when timed: where the field's deadline stands in the hash's DeadlineHeap
//   field
//   value          its bytes, or 8 bytes: a released Blob
//
// So a short field with a short value costs 2 bytes beside their own. Functions that may move a record return its
// new address. Not thread-safe.
class HashItem {
 public:
  // A longer value is held by a Blob, so that moving the record and sending the value do not copy it.
  static constexpr size_t kMaxInline = 4096;

  [[nodiscard]] static HashItem* New(std::string_view field, std::string_view value);
  // A deep copy that is not timed.
  [[nodiscard]] static HashItem* CopyOf(const HashItem& from);
  static void Delete(HashItem* e);

  [[nodiscard]] std::string_view key() const { return {Bytes() + FieldAt(), FieldLength()}; }
  [[nodiscard]] HashText value() const;
  // Replaces the value, in place when the record's size class stays. REQUIRES: `value` does not point into the
  // record.
  [[nodiscard]] static HashItem* SetValue(HashItem* e, std::string_view value);

  [[nodiscard]] bool timed() const { return (head_ & kTimed) != 0; }
  // Makes or removes the room for the heap position, which is unset after.
  [[nodiscard]] static HashItem* SetTimed(HashItem* e, bool timed);
  // REQUIRES: timed().
  [[nodiscard]] uint32_t heap_position() const {
    uint32_t v;
    std::memcpy(&v, Bytes() + PositionAt(), sizeof v);
    return v;
  }
  void set_heap_position(uint32_t v) { std::memcpy(Bytes() + PositionAt(), &v, sizeof v); }

  // Heap bytes of the record and of a blob it holds.
  [[nodiscard]] size_t AllocatedBytes() const;

 private:
  static constexpr uint8_t kForm = 0x80, kTimed = 0x40;
  static constexpr uint8_t kMaxHeadLength = 63;
  // Of a form. The value's length takes one byte when it is neither long nor in a blob.
  static constexpr uint8_t kLongField = 1, kLongValue = 2, kBlob = 4;
  static constexpr size_t kPositionBytes = sizeof(uint32_t);

  struct Shape { uint8_t head; size_t total; };
  static Shape ShapeOf(size_t field, size_t value, bool timed);
  [[nodiscard]] Shape shape() const { return {head_, FieldAt() + FieldLength() + ValueBytes()}; }
  [[nodiscard]] static HashItem* Allocate(const Shape& shape);
  // Writes head and lengths.
  void WriteHeader(const Shape& shape, size_t field, size_t value);
  // Writes the value's bytes, or holds them by a new blob. REQUIRES: the header is written.
  void WriteValue(std::string_view value);
  void DropBlob();

  [[nodiscard]] const char* Bytes() const { return reinterpret_cast<const char*>(this); }
  [[nodiscard]] char* Bytes() { return reinterpret_cast<char*>(this); }
  static bool Has(uint8_t head, uint8_t form) { return (head & kForm) != 0 && (head & form) != 0; }
  static size_t FieldLengthSize(uint8_t head) {
    if (!(head & kForm)) [[likely]] return 0;
    return head & kLongField ? sizeof(uint64_t) : 1;
  }
  static size_t ValueLengthSize(uint8_t head) { return Has(head, kBlob) ? 0 : Has(head, kLongValue) ? 2 : 1; }
  static size_t PositionAt(uint8_t head) { return 1 + FieldLengthSize(head) + ValueLengthSize(head); }
  static size_t FieldAt(uint8_t head) { return PositionAt(head) + (head & kTimed ? kPositionBytes : 0); }
  [[nodiscard]] size_t PositionAt() const { return PositionAt(head_); }
  [[nodiscard]] size_t FieldAt() const { return FieldAt(head_); }
  [[nodiscard]] size_t FieldLength() const {
    if (!(head_ & kForm)) [[likely]] return head_ & kMaxHeadLength;
    if (!(head_ & kLongField)) return static_cast<uint8_t>(Bytes()[1]);
    uint64_t n;
    std::memcpy(&n, Bytes() + 1, sizeof n);
    return n;
  }
  // The value's length when it stands in the record; 8 when a blob holds it.
  [[nodiscard]] size_t ValueBytes() const {
    if (Has(head_, kBlob)) return sizeof(void*);
    const char* at = Bytes() + 1 + FieldLengthSize(head_);
    if (!Has(head_, kLongValue)) return static_cast<uint8_t>(*at);
    uint16_t n;
    std::memcpy(&n, at, sizeof n);
    return n;
  }
  [[nodiscard]] const char* ValueAt() const { return Bytes() + FieldAt() + FieldLength(); }
  [[nodiscard]] char* ValueAt() { return Bytes() + FieldAt() + FieldLength(); }
  [[nodiscard]] void* BlobWord() const {
    void* word;
    std::memcpy(&word, ValueAt(), sizeof word);
    return word;
  }

  uint8_t head_;  // the record goes on past its end
};

inline HashText HashItem::value() const {
  if (!Has(head_, kBlob)) [[likely]] return HashText(std::string_view(ValueAt(), ValueBytes()));
  void* word = BlobWord();
  Blob blob = Blob::Adopt(word);
  const std::string_view bytes = blob.view();
  (void)blob.Release();
  return {bytes, word};
}

}  // namespace pinion::types
