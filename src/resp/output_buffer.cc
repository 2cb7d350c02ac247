// Bytes on their way to a socket: growth, referenced values, and the gathering of both for writev.
#include "resp/output_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <utility>

namespace pinion::resp {
namespace {

constexpr size_t kMinCapacity = 512;
// Above this a text is handed over instead of copied when it moves to an empty buffer.
constexpr size_t kHandOverSize = 256 * 1024;

}  // namespace

OutputBuffer::~OutputBuffer() { std::free(text_); }

OutputBuffer::OutputBuffer(OutputBuffer&& o) noexcept
    : text_(std::exchange(o.text_, nullptr)),
      text_size_(std::exchange(o.text_size_, 0)),
      capacity_(std::exchange(o.capacity_, 0)),
      blob_bytes_(std::exchange(o.blob_bytes_, 0)),
      blobs_(std::move(o.blobs_)) {
  o.blobs_.clear();
}

OutputBuffer& OutputBuffer::operator=(OutputBuffer&& o) noexcept {
  OutputBuffer taken(std::move(o));
  std::swap(text_, taken.text_);
  std::swap(text_size_, taken.text_size_);
  std::swap(capacity_, taken.capacity_);
  std::swap(blob_bytes_, taken.blob_bytes_);
  std::swap(blobs_, taken.blobs_);
  return *this;
}

void OutputBuffer::Grow(size_t n) {
  constexpr size_t kMax = static_cast<size_t>(std::numeric_limits<ptrdiff_t>::max());
  if (n > kMax - text_size_) throw std::bad_alloc();
  const size_t doubled = capacity_ > kMax / 2 ? kMax : capacity_ * 2;
  const size_t capacity = std::max({text_size_ + n, doubled, kMinCapacity});
  void* memory = std::realloc(text_, capacity);
  if (memory == nullptr) throw std::bad_alloc();
  text_ = static_cast<char*>(memory);
  capacity_ = capacity;
}

void OutputBuffer::AppendBlob(Blob blob, size_t from, size_t size) {
  if (size == 0) return;
  blobs_.push_back(Piece{text_size_, blob_bytes_, std::move(blob), from, size});
  blob_bytes_ += size;
}

void OutputBuffer::Truncate(const Mark& m) {
  text_size_ = m.text;
  blobs_.erase(blobs_.begin() + static_cast<ptrdiff_t>(m.blobs), blobs_.end());
  blob_bytes_ = m.blob_bytes;
}

void OutputBuffer::Insert(const Mark& m, std::string_view bytes) {
  if (bytes.empty()) return;
  char* const end = Reserve(bytes.size());
  char* const at = text_ + m.text;
  std::memmove(at + bytes.size(), at, static_cast<size_t>(end - at));
  std::memcpy(at, bytes.data(), bytes.size());
  text_size_ += bytes.size();
  for (size_t i = m.blobs; i < blobs_.size(); ++i) blobs_[i].at += bytes.size();
}

template <typename F>
void OutputBuffer::ForEachRun(size_t text, size_t piece, size_t within, F&& f) const {
  for (; piece < blobs_.size(); ++piece) {
    const Piece& p = blobs_[piece];
    if (p.at > text && !f(std::string_view(text_ + text, p.at - text))) return;
    text = p.at;
    if (!f(p.blob.view().substr(p.from + within, p.size - within))) return;
    within = 0;
  }
  if (text_size_ > text) f(std::string_view(text_ + text, text_size_ - text));
}

void OutputBuffer::CopySince(const Mark& m, std::string* to) const {
  to->reserve(to->size() + (text_size_ - m.text) + (blob_bytes_ - m.blob_bytes));
  ForEachRun(m.text, m.blobs, 0, [to](std::string_view run) {
    to->append(run);
    return true;
  });
}

void OutputBuffer::Clear() {
  text_size_ = 0;
  blob_bytes_ = 0;
  blobs_.clear();
}

void OutputBuffer::Shrink(size_t keep) {
  if (capacity_ > keep) {
    std::free(std::exchange(text_, nullptr));
    capacity_ = 0;
  }
  if (blobs_.capacity() * sizeof(Piece) > keep) std::vector<Piece>().swap(blobs_);
}

void OutputBuffer::MoveTo(OutputBuffer* to, size_t skip) {
  if (skip >= size()) return Clear();
  if (skip == 0 && text_size_ >= kHandOverSize && to->empty()) {
    *to = std::move(*this);
    return;
  }
  // Walk as Gather does, but move the handles of pieces instead of naming their bytes.
  const size_t blob_total = blob_bytes_;
  to->blobs_.reserve(to->blobs_.size() + blobs_.size());
  (void)to->Reserve(text_size_ - (skip > blob_total ? std::min(text_size_, skip - blob_total) : 0));
  size_t text = 0;
  auto append_text = [&](size_t until) {
    const size_t passed = std::min(skip, until - text);
    to->Append(std::string_view(text_ + text + passed, until - text - passed));
    skip -= passed;
    text = until;
  };
  for (Piece& p : blobs_) {
    append_text(p.at);
    const size_t passed = std::min(skip, p.size);
    to->AppendBlob(std::move(p.blob), p.from + passed, p.size - passed);
    skip -= passed;
  }
  append_text(text_size_);
  Clear();
}

size_t OutputBuffer::Gather(size_t skip, iovec* v, size_t n) const {
  if (n == 0 || skip >= size()) return 0;
  const auto first = std::partition_point(blobs_.begin(), blobs_.end(), [skip](const Piece& p) {
    return p.at + p.before + p.size <= skip;
  });
  const size_t piece = static_cast<size_t>(first - blobs_.begin());
  const size_t before = first == blobs_.end() ? blob_bytes_ : first->before;
  // With the pieces ahead taken off, `skip` is a position in the text, or else goes into `first`.
  size_t text = skip - before;
  size_t within = 0;
  if (first != blobs_.end() && text > first->at) {
    within = text - first->at;
    text = first->at;
  }
  size_t filled = 0;
  ForEachRun(text, piece, within, [&](std::string_view run) {
    v[filled].iov_base = const_cast<char*>(run.data());
    v[filled].iov_len = run.size();
    return ++filled < n;
  });
  return filled;
}

}  // namespace pinion::resp
