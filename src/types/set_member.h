// A member of a large set: its bytes behind their length, in one allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/hash_table.h"
#include "base/slab.h"

namespace pinion::types {

// A packed record, reached only by pointer. The first byte is the length when it is below kLong; else the length
// follows in eight bytes.
class SetMember {
 public:
  [[nodiscard]] static SetMember* New(std::string_view text) {
    auto* m = static_cast<uint8_t*>(Slab::AllocatePacked(BytesFor(text.size())));
    const uint64_t length = text.size();
    m[0] = static_cast<uint8_t>(length < kLong ? length : kLong);
    if (length >= kLong) std::memcpy(m + 1, &length, sizeof(length));
    if (length > 0) std::memcpy(m + HeadBytes(length), text.data(), length);
    return reinterpret_cast<SetMember*>(m);
  }
  static void Delete(SetMember* m) { Slab::FreePacked(m, BytesFor(m->key().size())); }

  [[nodiscard]] std::string_view key() const {
    const auto* bytes = reinterpret_cast<const char*>(this);
    if (first_ != kLong) [[likely]] return {bytes + 1, first_};
    uint64_t length;
    std::memcpy(&length, bytes + 1, sizeof(length));
    return {bytes + 1 + sizeof(length), length};
  }
  [[nodiscard]] size_t AllocatedBytes() const { return Slab::PackedSize(BytesFor(key().size())); }

 private:
  static constexpr uint8_t kLong = 0xFF;

  static size_t HeadBytes(size_t length) { return length < kLong ? 1 : 1 + sizeof(uint64_t); }
  static size_t BytesFor(size_t length) { return HeadBytes(length) + length; }

  uint8_t first_;  // the record goes on past its end
};

}  // namespace pinion::types

namespace pinion {
extern template class HashTable<types::SetMember>;
}
