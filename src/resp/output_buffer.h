// Bytes on their way to a socket: small replies in one run of text, large values referenced where
// they are.
#pragma once

#include <sys/uio.h>

#include <cstring>
#include <string_view>
#include <vector>

#include "base/blob.h"

namespace pinion::resp {

// An append-only sequence of bytes. A loop owns one that every batch reuses (cleared, never freed),
// so an idle connection needs no output memory. Not thread-safe.
class OutputBuffer {
 public:
  OutputBuffer() = default;
  ~OutputBuffer();
  OutputBuffer(const OutputBuffer&) = delete;
  OutputBuffer& operator=(const OutputBuffer&) = delete;
  OutputBuffer(OutputBuffer&&) noexcept;
  OutputBuffer& operator=(OutputBuffer&&) noexcept;

  // Room for n more bytes of text; write them at the result and call Advance. The pointer dies with
  // the next call.
  [[nodiscard]] char* Reserve(size_t n) {
    if (capacity_ - text_size_ < n) [[unlikely]]
      Grow(n);
    return text_ + text_size_;
  }
  void Advance(size_t n) { text_size_ += n; }
  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
    text_size_ += bytes.size();
  }
  void Append(char c) {
    *Reserve(1) = c;
    ++text_size_;
  }
  // Sends the blob's bytes [from, from+size) at this point without copying them.
  void AppendBlob(Blob blob, size_t from, size_t size);

  [[nodiscard]] size_t size() const { return text_size_ + blob_bytes_; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  // Heap bytes held by the text and the list of blobs (not the blobs).
  [[nodiscard]] size_t capacity() const { return capacity_ + blobs_.capacity() * sizeof(Piece); }

  // Bytes of the values that it refers to.
  [[nodiscard]] size_t blob_bytes() const { return blob_bytes_; }

  // A position to come back to. REQUIRES for Truncate and Insert: nothing before the mark was
  // removed since.
  struct Mark {
    size_t text;
    size_t blobs;
    size_t blob_bytes;
  };
  [[nodiscard]] Mark mark() const { return {text_size_, blobs_.size(), blob_bytes_}; }
  // Forgets all that was appended since the mark.
  void Truncate(const Mark& m);
  // Puts `bytes` at the mark, before all that was appended since (array headers whose length is
  // known last).
  void Insert(const Mark& m, std::string_view bytes);
  // Appends a copy of the bytes since the mark to `to`.
  void CopySince(const Mark& m, std::string* to) const;

  void Clear();
  // Frees the text when it has grown past `keep` bytes. REQUIRES: empty().
  void Shrink(size_t keep);
  // Moves everything but the first bytes to the end of `to`, leaving this empty. A large text moves
  // as it is to an empty `to`; else it is copied and this keeps its memory.
  void MoveTo(OutputBuffer* to, size_t skip_first_bytes = 0);
  // Fills at most n entries with the bytes in order, leaving out the first `skip`; returns how many
  // were filled. O(n + log of the number of blobs).
  size_t Gather(size_t skip, iovec* v, size_t n) const;

 private:
  // Sent when `at` bytes of text are out; `before` is the sum of the sizes of the pieces ahead of
  // it, so that the piece covers [at + before, at + before + size) of the whole and Gather can
  // search for a position.
  struct Piece {
    size_t at;
    size_t before;
    Blob blob;
    size_t from;
    size_t size;
  };
  void Grow(size_t n);
  // Calls f(bytes) for each contiguous run from a position on, until f returns false. `piece` is
  // the first piece not wholly before it; `text` and `within` are the bytes of text and of that
  // piece already passed.
  template <typename F>
  void ForEachRun(size_t text, size_t piece, size_t within, F&& f) const;
  char* text_ = nullptr;
  size_t text_size_ = 0;
  size_t capacity_ = 0;
  size_t blob_bytes_ = 0;
  std::vector<Piece> blobs_;
};

}  // namespace pinion::resp
