// Changing a HyperLogLog sketch: splitting and joining the runs of a sparse one, and making it dense.
#include <algorithm>
#include <cstring>

#include "types/hyperloglog.h"

namespace pinion::types {
namespace {

constexpr size_t kMaxZero = 64, kMaxValueRun = 4;

char ValueCode(uint8_t value, size_t length) { return static_cast<char>(0x80 | (value - 1) << 2 | (length - 1)); }

// A few codes in the place of one.
class Codes {
 public:
  void Add(uint8_t value, size_t length) {
    if (length == 0) return;
    const size_t n = length - 1;
    if (value != 0) {
      bytes_[size_++] = ValueCode(value, length);
    } else if (length <= kMaxZero) {
      bytes_[size_++] = static_cast<char>(n);
    } else {
      bytes_[size_++] = static_cast<char>(0x40 | n >> 8);
      bytes_[size_++] = static_cast<char>(n);
    }
  }
  [[nodiscard]] std::string_view view() const { return {bytes_, size_}; }

 private:
  char bytes_[5];  // zeros, a value, zeros
  size_t size_ = 0;
};

}  // namespace

HllEditor::HllEditor() : size_(kHllHeaderSize + 2) {
  std::memset(bytes_, 0, size_);
  std::memcpy(bytes_, "HYLL\x01", 5);
  std::memcpy(bytes_ + kHllHeaderSize, "\x7f\xff", 2);
}

HllEditor::HllEditor(std::string_view sketch) : size_(sketch.size()) { std::memcpy(bytes_, sketch.data(), size_); }

HllEditor::Outcome HllEditor::Raise(HllObservation wanted, size_t most_sparse) {
  if (!dense()) return RaiseSparse(wanted, most_sparse);
  if (DenseHllRegister(bytes(), wanted.index) >= wanted.value) return Outcome::kUnchanged;
  SetDenseHllRegister(bytes_, wanted.index, wanted.value);
  return Outcome::kChanged;
}

HllEditor::Outcome HllEditor::RaiseAsDense(HllObservation wanted) {
  return MakeDense() ? Raise(wanted, 0) : Outcome::kCorrupt;
}

HllEditor::Outcome HllEditor::RaiseSparse(HllObservation wanted, size_t most_sparse) {
  if (wanted.value > kHllMaxSparseValue) return RaiseAsDense(wanted);

  // The register's run, and the one before it.
  Place place = wanted.index >= resume_.first ? resume_ : Place();
  Place before;
  HllRun run{};
  for (bool passed = place.at == kHllHeaderSize;; passed = true) {
    if (place.at >= size_) return Outcome::kCorrupt;
    const auto here = HllRunAt(bytes(), place.at);
    if (!here) return Outcome::kCorrupt;
    run = *here;
    if (wanted.index < place.first + run.length) {
      if (passed) break;
      place = Place();  // began too late to know the run before
      continue;
    }
    before = place;
    place.at += run.bytes;
    place.first += run.length;
  }
  resume_ = before;
  if (run.value >= wanted.value) return Outcome::kUnchanged;

  Codes codes;
  const size_t registers_before = wanted.index - place.first;
  codes.Add(run.value, registers_before);
  codes.Add(wanted.value, 1);
  codes.Add(run.value, run.length - registers_before - 1);
  const size_t added = codes.view().size(), removed = run.bytes;
  const size_t new_size = size_ + added - removed;
  if (new_size > size_ && new_size > std::min(most_sparse, kHllMaxSparseSize)) return RaiseAsDense(wanted);
  char* const at = bytes_ + place.at;
  std::memmove(at + added, at + removed, size_ - place.at - removed);
  std::memcpy(at, codes.view().data(), added);
  size_ = new_size;
  JoinRuns(before.at);
  return Outcome::kChanged;
}

void HllEditor::JoinRuns(size_t at) {
  // As far as a split can have made neighbours equal, and as far as Redis looks.
  for (int looks = 5; looks != 0 && at < size_; --looks) {
    const auto run = HllRunAt(bytes(), at);
    if (!run) return;
    if (run->value != 0 && at + 1 < size_) {
      const auto next = HllRunAt(bytes(), at + 1);
      if (next && next->value == run->value && run->length + next->length <= static_cast<int>(kMaxValueRun)) {
        bytes_[at] = ValueCode(run->value, static_cast<size_t>(run->length + next->length));
        std::memmove(bytes_ + at + 1, bytes_ + at + 2, size_ - at - 2);
        --size_;
        continue;  // it may have become equal to the one behind
      }
    }
    at += run->bytes;
  }
}

void HllEditor::SetRegisters(const HllRegisters& registers) {
  char* p = bytes_ + kHllHeaderSize;
  for (size_t i = 0; i < kHllRegisters; i += 4, p += 3) {
    const uint32_t four = registers[i] | uint32_t{registers[i + 1]} << 6 | uint32_t{registers[i + 2]} << 12 |
                          uint32_t{registers[i + 3]} << 18;
    for (int j = 0; j < 3; ++j) p[j] = static_cast<char>(four >> (8 * j));
  }
}

bool HllEditor::MakeDense() {
  if (dense()) return true;
  char dense[kHllDenseSize] = {};
  std::memcpy(dense, bytes_, kHllHeaderSize);
  dense[4] = 0;
  size_t first = 0;
  for (size_t at = kHllHeaderSize; at < size_;) {
    const auto run = HllRunAt(bytes(), at);
    if (!run || first + run->length > kHllRegisters) return false;
    if (run->value != 0) {
      for (size_t i = first; i < first + run->length; ++i) SetDenseHllRegister(dense, i, run->value);
    }
    first += run->length;
    at += run->bytes;
  }
  if (first != kHllRegisters) return false;
  std::memcpy(bytes_, dense, kHllDenseSize);
  size_ = kHllDenseSize;
  return true;
}

}  // namespace pinion::types
