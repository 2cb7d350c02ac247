// What a large removal cuts out of a value: memory that may be freed later, and elsewhere.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/slab.h"

namespace pinion::types {

// Blocks of the slab that nobody refers to any more. A value that gives its blocks here has forgotten them, and counts
// them no longer; whoever has the remains frees them by letting them go. Not thread-safe, but any thread may have them.
class Remains {
 public:
  Remains() = default;
  ~Remains() {
    for (const Block& b : blocks_) Slab::Free(b.at, b.size);
  }
  Remains(Remains&& o) noexcept : blocks_(std::exchange(o.blocks_, {})), bytes_(std::exchange(o.bytes_, 0)) {}
  Remains& operator=(Remains&& o) noexcept {
    std::swap(blocks_, o.blocks_);
    std::swap(bytes_, o.bytes_);
    return *this;
  }

  // Takes over what Slab::Allocate(size) returned.
  void Add(void* block, size_t size) {
    blocks_.push_back({block, size});
    bytes_ += size;
  }
  [[nodiscard]] size_t blocks() const { return blocks_.size(); }
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  struct Block {
    void* at;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t bytes_ = 0;
};

}  // namespace pinion::types
