// Values in the RDB format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rdb/format.h"
#include "rdb/format.h"
#include "rdb/reader.h"
#include "rdb/writer.h"
#include "types/hash.h"
#include "types/list.h"
#include "types/object.h"
#include "types/set.h"
#include "types/sorted_set.h"
#include "types/stream.h"

namespace pinion::rdb {

// A value to be written, which stays its owner's: text, or the word of an object.
struct ValueView {
  types::ValueType type = types::ValueType::kString;
  std::string_view text;
  void* word = nullptr;
};

// The byte that stands for the value's type and encoding, of those that readers of that version know: kVersion or
// kOldestVersion.
[[nodiscard]] uint8_t TypeOf(const ValueView& value, int version = kVersion);
// Writes the value, without that byte, as it says.
void WriteValue(const ValueView& value, uint8_t type, Writer& out);
// The version that a reader must know to read it.
[[nodiscard]] int VersionOf(const ValueView& value);

// Up to which sizes values that were read take their small forms.
struct ValueLimits {
  types::HashLimits hash{512, 64};
  types::SetLimits set;
  types::SortedSetLimits sorted_set{128, 64};
  types::ListLimit list{-2};
  types::StreamNodeLimits stream;
};

// A value that was read and belongs to its holder.
class Value {
 public:
  explicit Value(std::string text) : text_(std::move(text)) {}
  template <typename T>
  explicit Value(T object) : type_(T::kType), size_(object.size()), word_(object.Release()) {}
  ~Value() {
    if (word_ != nullptr) types::FreeObject(type_, word_);
  }
  Value(Value&& o) noexcept
      : type_(o.type_), text_(std::move(o.text_)), size_(o.size_), word_(std::exchange(o.word_, nullptr)) {}
  Value& operator=(Value&&) = delete;

  [[nodiscard]] types::ValueType type() const { return type_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  // An object without elements, as no key may have; streams may.
  [[nodiscard]] bool empty() const {
    return type_ != types::ValueType::kString && type_ != types::ValueType::kStream && size_ == 0;
  }
  [[nodiscard]] void* Release() { return std::exchange(word_, nullptr); }

 private:
  types::ValueType type_ = types::ValueType::kString;
  std::string text_;
  size_t size_ = 0;
  void* word_ = nullptr;
};

// Reads a value of a type that was read before. nullopt: the bytes are not in the format, or of a type that is not
// known here. Whatever the bytes are, the value is sound.
[[nodiscard]] std::optional<Value> ReadValue(uint8_t type, Reader& in, const ValueLimits& limits);

// The same for streams: kStream3, or kStream2 as Redis 7.0 has them; older ones are read.
void WriteStream(const types::Stream& stream, uint8_t type, Writer& out);
[[nodiscard]] std::optional<types::Stream> ReadStream(uint8_t type, Reader& in);

}  // namespace pinion::rdb
