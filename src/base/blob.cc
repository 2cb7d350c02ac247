// A reference-counted byte string: allocation and growth.
#include "base/blob.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "base/alloc.h"
#include "base/huge_pages.h"

namespace pinion {
namespace {

constexpr size_t kMaxSlack = 1024 * 1024;

}  // namespace

// The allocator rounds up: what it adds is room too, and counts.
size_t Blob::Rounded(size_t capacity) { return GoodSize(sizeof(Rep) + capacity) - sizeof(Rep); }

Blob Blob::WithSize(size_t size, size_t capacity) {
  capacity = std::max(size, capacity);
  if (capacity > static_cast<size_t>(std::numeric_limits<ptrdiff_t>::max()) - sizeof(Rep))
    throw std::bad_alloc();
  capacity = Rounded(capacity);
  void* memory = std::malloc(sizeof(Rep) + capacity);
  if (memory == nullptr) throw std::bad_alloc();
  PreferHugePages(memory, sizeof(Rep) + capacity);
  Blob blob;
  blob.rep_ = new (memory) Rep{1, size, capacity};
  return blob;
}

Blob Blob::CopyOf(std::string_view bytes) {
  Blob blob = WithSize(bytes.size());
  if (!bytes.empty()) std::memcpy(blob.Bytes(), bytes.data(), bytes.size());
  return blob;
}

void Blob::Resize(size_t size) {
  if (unique() && size <= rep_->capacity) {
    rep_->size = size;
    return;
  }
  const size_t old_size = this->size();
  const bool grows = rep_ != nullptr && size > rep_->capacity;
  size_t capacity = grows ? size + std::min(size, kMaxSlack) : size;
  // Large blocks are copied in any case, better into large pages.
  if (grows && unique() && capacity < kHugePagesFrom) {
    // Rep is plain data apart from the count, which nobody else can touch while this handle is the
    // only one.
    if (capacity > static_cast<size_t>(std::numeric_limits<ptrdiff_t>::max()) - sizeof(Rep))
      throw std::bad_alloc();
    capacity = Rounded(capacity);
    void* memory = std::realloc(static_cast<void*>(rep_), sizeof(Rep) + capacity);
    if (memory == nullptr) throw std::bad_alloc();
    rep_ = new (memory) Rep{1, size, capacity};
    return;
  }
  Blob fresh = WithSize(size, capacity);
  const size_t kept = std::min(old_size, size);
  if (kept != 0) std::memcpy(fresh.Bytes(), Bytes(), kept);
  *this = std::move(fresh);
}

void Blob::Drop() {
  if (rep_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) std::free(rep_);
  rep_ = nullptr;
}

}  // namespace pinion
