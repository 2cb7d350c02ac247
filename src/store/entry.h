// One key with its value and deadline, in one allocation.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/blob.h"
#include "base/clock.h"
#include "base/slab.h"
#include "types/object.h"

namespace pinion::store {

using types::ValueType;

// How an entry holds its value.
enum class Holding : uint8_t {
  kInline,   // string: the bytes stand in the entry
  kInteger,  // string: a canonical decimal integer, as 8 bytes
  kBlob,     // string: a reference-counted Blob outside
  kObject,   // any other type: a pointer to its structure
};

// No deadline.
inline constexpr UnixMillis kNoDeadline = -1;

// Strings up to this long stand in the entry.
inline constexpr size_t kMaxInline = 4096;

// A packed record, reached only by pointer and never moved except by Entry's own functions (which return the new
// address for the table and the wheel to follow):
//
//   0      type (low 4 bits), holding (high 4)
//   1      flags: deadline form (2 bits), long key, long value, raw, field deadlines, snapshot mark (2 bits)
//   2..4   access clock (LRU seconds, or LFU minutes and counter), 24 bits little-endian
//   5      key length: 1 byte, or 8 when the key is long
//          deadline: none; 5 bytes of milliseconds since kNearBase (reaches 2054); or 8 bytes of Unix milliseconds;
//          and with either 4 bytes of position in the timer wheel
//          key
//          value: inline: length (1 byte, or 2 when long) and bytes; integer: 8 bytes; blob or object: an address of
//          6 bytes
//
// So a small string costs 7 bytes beside key and value, and a deadline 9. Not thread-safe: the shard's lock guards it.
class Entry {
 public:
  // Position of an entry that no wheel holds.
  static constexpr uint32_t kNotInWheel = UINT32_MAX;

  // What an entry is made from: exactly one of the values is used, as `holding` says.
  struct Value {
    ValueType type = ValueType::kString;
    Holding holding = Holding::kInline;
    bool raw = false;              // OBJECT ENCODING says "raw" however short the string is
    std::string_view bytes;        // kInline; may point into the entry being replaced only with Recreate
    int64_t integer = 0;           // kInteger
    void* pointer = nullptr;       // kBlob (a released Blob), kObject
  };
  // Picks the holding Redis users expect for a string: an integer when canonical, inline when short, else a blob.
  static Value StringValue(std::string_view bytes);
  // The same for text that stays text even where it reads as an integer.
  static Value TextValue(std::string_view text);

  static Entry* New(std::string_view key, const Value& value, UnixMillis deadline);
  // Frees the entry with what it points to.
  static void Delete(Entry* e);

  // An entry with e's key, access clock and snapshot mark, and the given value and deadline. Reuses e's memory when the
  // allocation would have the same size, else frees e. Frees e's blob or object unless the new value holds it; wheel
  // position is kNotInWheel after.
  // REQUIRES: e is in no wheel.
  static Entry* Recreate(Entry* e, const Value& value, UnixMillis deadline);

  // Bytes of the record.
  [[nodiscard]] size_t Size() const;
  // Bytes the allocator gave for this entry, without what it points to.
  [[nodiscard]] size_t AllocatedBytes() const { return Slab::PackedSize(Size()); }
  // The same with the blob or object.
  [[nodiscard]] size_t TotalBytes() const;

  [[nodiscard]] ValueType type() const { return static_cast<ValueType>(head_[0] & 0x0F); }
  [[nodiscard]] Holding holding() const { return static_cast<Holding>(head_[0] >> 4); }
  [[nodiscard]] bool is_string() const { return type() == ValueType::kString; }
  [[nodiscard]] bool raw() const { return (head_[1] & kRaw) != 0; }
  void set_raw() { head_[1] |= kRaw; }

  [[nodiscard]] std::string_view key() const {
    const size_t at = kKeyLengthAt + KeyLengthSize() + DeadlineSize();
    return {Chars() + at, KeyLength()};
  }

  [[nodiscard]] bool has_deadline() const { return (head_[1] & kDeadlineMask) != 0; }
  [[nodiscard]] UnixMillis deadline() const;       // kNoDeadline when none
  [[nodiscard]] uint32_t wheel_position() const;   // REQUIRES: has_deadline()
  void set_wheel_position(uint32_t position);      // REQUIRES: has_deadline()
  // Whether it is a hash with fields that have deadlines, and known to its shard's field wheel.
  [[nodiscard]] bool has_field_deadlines() const { return (head_[1] & kFieldDeadlines) != 0; }
  void set_field_deadlines(bool v) {
    head_[1] = static_cast<uint8_t>(v ? head_[1] | kFieldDeadlines : head_[1] & ~kFieldDeadlines);
  }
  // What a snapshot knows of the entry (store/snapshot.h). kLent: it reads the entry's object. kMarkParity: whether the
  // entry has been seen by the snapshot that runs, which of the two values says so being told by the shard.
  static constexpr uint8_t kMarkParity = 64, kLent = 128;
  [[nodiscard]] uint8_t snapshot_mark() const { return head_[1] & (kMarkParity | kLent); }
  void set_snapshot_mark(uint8_t mark) {
    head_[1] = static_cast<uint8_t>((head_[1] & ~(kMarkParity | kLent)) | mark);
  }
  // Changes the deadline in place when the form allows it; false when the entry must be made anew. REQUIRES: in no
  // wheel.
  [[nodiscard]] bool TrySetDeadline(UnixMillis deadline);

  [[nodiscard]] uint32_t access_clock() const {
    return static_cast<uint32_t>(head_[2]) | static_cast<uint32_t>(head_[3]) << 8 |
           static_cast<uint32_t>(head_[4]) << 16;
  }
  void set_access_clock(uint32_t v) {
    head_[2] = static_cast<uint8_t>(v);
    head_[3] = static_cast<uint8_t>(v >> 8);
    head_[4] = static_cast<uint8_t>(v >> 16);
  }

  // The string's bytes; an integer is written at `scratch` (room for 20) first. REQUIRES: is_string().
  [[nodiscard]] std::string_view StringView(char* scratch) const;
  [[nodiscard]] size_t StringLength() const;       // REQUIRES: is_string()
  // What the entry holds. Bytes and pointer stay the entry's.
  [[nodiscard]] Value value() const;
  [[nodiscard]] int64_t integer() const { int64_t v; std::memcpy(&v, ValueBytes(), 8); return v; }
  void set_integer(int64_t v) { std::memcpy(ValueBytes(), &v, 8); }
  // REQUIRES: holding() == kInline.
  [[nodiscard]] std::string_view inline_bytes() const;
  // Overwrites an inline value by one of equal length. REQUIRES: holding() == kInline and equal lengths.
  void OverwriteInline(std::string_view bytes);
  // The blob or object pointer. REQUIRES: holding() is kBlob or kObject.
  [[nodiscard]] void* pointer() const {
    uint32_t low;
    uint16_t high;
    std::memcpy(&low, ValueBytes(), sizeof low);
    std::memcpy(&high, ValueBytes() + sizeof low, sizeof high);
    return reinterpret_cast<void*>(static_cast<uintptr_t>(high) << 32 | low);
  }
  // REQUIRES: an address of 48 bits, as all are that programs get.
  void set_pointer(void* p) {
    const auto word = reinterpret_cast<uintptr_t>(p);
    const auto low = static_cast<uint32_t>(word);
    const auto high = static_cast<uint16_t>(word >> 32);
    std::memcpy(ValueBytes(), &low, sizeof low);
    std::memcpy(ValueBytes() + sizeof low, &high, sizeof high);
  }
  // About how many allocations freeing what the entry points to gives back.
  [[nodiscard]] size_t CountAllocations() const;
  // The pointer, leaving the entry with none. REQUIRES: holding() is kBlob or kObject, and the entry is deleted or
  // remade next.
  [[nodiscard]] void* TakePointer() {
    void* p = pointer();
    set_pointer(nullptr);
    return p;
  }
  // A handle sharing the string's blob. REQUIRES: holding() == kBlob.
  [[nodiscard]] Blob blob() const;

 private:
  static constexpr uint8_t kNear = 1, kFar = 2, kDeadlineMask = 3, kLongKey = 4, kLongValue = 8, kRaw = 16,
                           kFieldDeadlines = 32;
  static constexpr size_t kKeyLengthAt = 5;
  static constexpr size_t kPointerBytes = 6;
  static constexpr UnixMillis kNearBase = 1'577'836'800'000;  // 2020-01-01
  static constexpr UnixMillis kNearEnd = kNearBase + (int64_t{1} << 40);

  struct Shape { size_t total; uint8_t flags; };
  // Bytes of a value that is not inline.
  static size_t WordBytes(Holding holding) { return holding == Holding::kInteger ? sizeof(int64_t) : kPointerBytes; }
  static Shape ShapeOf(size_t key_length, const Value& v, UnixMillis deadline);
  static void FreeValue(Holding holding, ValueType type, void* pointer);
  void Fill(const Shape& shape, std::string_view key, const Value& v, UnixMillis deadline);

  [[nodiscard]] const char* Chars() const { return reinterpret_cast<const char*>(this); }
  [[nodiscard]] char* Chars() { return reinterpret_cast<char*>(this); }
  [[nodiscard]] size_t KeyLengthSize() const { return head_[1] & kLongKey ? 8 : 1; }
  [[nodiscard]] size_t DeadlineSize() const {
    constexpr uint8_t kSizes[4] = {0, 9, 12, 0};
    return kSizes[head_[1] & kDeadlineMask];
  }
  [[nodiscard]] size_t KeyLength() const {
    if (!(head_[1] & kLongKey)) [[likely]] return head_[kKeyLengthAt];
    uint64_t n;
    std::memcpy(&n, Chars() + kKeyLengthAt, 8);
    return n;
  }
  [[nodiscard]] size_t DeadlineAt() const { return kKeyLengthAt + KeyLengthSize(); }
  [[nodiscard]] size_t ValueAt() const { return DeadlineAt() + DeadlineSize() + KeyLength(); }
  [[nodiscard]] const char* ValueBytes() const { return Chars() + ValueAt(); }
  [[nodiscard]] char* ValueBytes() { return Chars() + ValueAt(); }
  void WriteDeadline(UnixMillis deadline);

  uint8_t head_[8];  // the record goes on past its end
};

inline UnixMillis Entry::deadline() const {
  const uint8_t form = head_[1] & kDeadlineMask;
  if (form == 0) return kNoDeadline;
  const char* at = Chars() + DeadlineAt();
  if (form == kNear) [[likely]] {
    uint64_t v = 0;
    std::memcpy(&v, at, 5);
    return kNearBase + static_cast<int64_t>(v);
  }
  int64_t v;
  std::memcpy(&v, at, 8);
  return v;
}

inline std::string_view Entry::inline_bytes() const {
  const char* v = ValueBytes();
  if (!(head_[1] & kLongValue)) [[likely]] return {v + 1, static_cast<uint8_t>(*v)};
  uint16_t n;
  std::memcpy(&n, v, 2);
  return {v + 2, n};
}

}  // namespace pinion::store
