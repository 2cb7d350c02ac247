// A reference-counted byte string: one allocation shared by a key's value and the replies that
// still send it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace pinion {

// A handle on shared bytes. Copying shares; the bytes may be changed in place only while unique().
// The count is atomic, so handles may be dropped on any thread; one handle is not itself
// thread-safe.
class Blob {
 public:
  Blob() = default;
  // `size` uninitialised bytes with room for at least `capacity`. Aborts when memory runs out, like
  // operator new.
  static Blob WithSize(size_t size, size_t capacity = 0);
  static Blob CopyOf(std::string_view bytes);
  Blob(const Blob& o) : rep_(o.rep_) {
    if (rep_) rep_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  Blob(Blob&& o) noexcept : rep_(std::exchange(o.rep_, nullptr)) {}
  Blob& operator=(Blob o) noexcept {
    std::swap(rep_, o.rep_);
    return *this;
  }
  ~Blob() {
    if (rep_) Drop();
  }

  explicit operator bool() const { return rep_ != nullptr; }
  [[nodiscard]] std::string_view view() const {
    return rep_ ? std::string_view(Bytes(), rep_->size) : std::string_view();
  }
  [[nodiscard]] size_t size() const { return rep_ ? rep_->size : 0; }
  [[nodiscard]] size_t capacity() const { return rep_ ? rep_->capacity : 0; }
  [[nodiscard]] bool unique() const {
    return rep_ && rep_->refs.load(std::memory_order_acquire) == 1;
  }
  // Bytes of heap this value holds.
  [[nodiscard]] size_t allocated() const { return rep_ ? sizeof(Rep) + rep_->capacity : 0; }
  // REQUIRES: unique().
  [[nodiscard]] char* data() { return Bytes(); }
  // Makes this handle unique with `size` bytes (the first min(old,new) kept, new bytes
  // uninitialised). What grows past its capacity gets slack: as much again up to 1 MiB, then 1 MiB,
  // so that repeated appends are cheap.
  void Resize(size_t size);

  // For storage as a raw word: Release gives up the handle without dropping, Adopt takes it back.
  [[nodiscard]] void* Release() { return std::exchange(rep_, nullptr); }
  static Blob Adopt(void* word) {
    Blob b;
    b.rep_ = static_cast<Rep*>(word);
    return b;
  }

 private:
  struct Rep {
    std::atomic<uint32_t> refs;
    size_t size;
    size_t capacity;
  };
  static size_t Rounded(size_t capacity);
  char* Bytes() const { return reinterpret_cast<char*>(rep_ + 1); }
  void Drop();  // REQUIRES: rep_
  Rep* rep_ = nullptr;
};

}  // namespace pinion
