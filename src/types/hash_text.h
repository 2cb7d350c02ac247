// A field or a value as a hash holds it: bytes, an integer that stands for its text, or bytes that can be shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/blob.h"
#include "base/numbers.h"
#include "types/listpack.h"

namespace pinion::types {

// Points into the hash; valid until it changes.
class HashText {
 public:
  explicit HashText(std::string_view bytes) : item_{.text = bytes} {}
  explicit HashText(const ListpackItem& item) : item_(item) {}
  // Bytes that a Blob holds; `word` is what its Release gave.
  HashText(std::string_view bytes, void* word) : item_{.text = bytes}, blob_(word) {}

  // The text; an integer's is written at `scratch` (room for kMaxInt64Text).
  [[nodiscard]] std::string_view View(char* scratch) const { return item_.View(scratch); }
  [[nodiscard]] size_t length() const {
    if (!item_.is_integer) return item_.text.size();
    char scratch[kMaxInt64Text];
    return FormatInt64(item_.integer, scratch);
  }
  [[nodiscard]] bool is_integer() const { return item_.is_integer; }
  [[nodiscard]] int64_t integer() const { return item_.integer; }  // REQUIRES: is_integer()

  // A handle that shares the bytes; empty unless they are held so that they can be shared.
  [[nodiscard]] Blob Share() const {
    Blob held = Blob::Adopt(blob_);
    Blob shared = held;
    (void)held.Release();
    return shared;
  }
  [[nodiscard]] bool shareable() const { return blob_ != nullptr; }

 private:
  ListpackItem item_;
  void* blob_ = nullptr;
};

// A field and its value.
struct HashPair {
  HashText field;
  HashText value;
};

}  // namespace pinion::types
