// HyperLogLog sketches: estimates of how many different elements were added, in at most 12 KiB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pinion::types {

// A sketch is a string in Redis's format:
//
//   0      "HYLL"
//   4      encoding: 0 dense, 1 sparse
//   5      three zero bytes
//   8      the last count, 64 bits little-endian; its top bit says that it no longer holds
//   16     the registers
//
// There are 2^14 registers of 6 bits. The low 14 bits of an element's hash choose one; it keeps the most that was
// seen of the position of the first one among the other 50 bits (1 to 51). Dense, the registers follow one another
// from the least significant bit of the first byte. Sparse, they are runs:
//
//   00nnnnnn            ZERO: n+1 zeros
//   01nnnnnn nnnnnnnn   XZERO: n+1 zeros
//   1vvvvvnn            VAL: n+1 times the value v+1
//
// The functions are pure; a sketch that a client has tampered with is reported or counts wrongly, and does no harm.

inline constexpr size_t kHllRegisters = size_t{1} << 14;
inline constexpr size_t kHllHeaderSize = 16;
inline constexpr size_t kHllDenseSize = kHllHeaderSize + kHllRegisters * 6 / 8;
// No valid sparse sketch is larger: a run takes at most two bytes and holds at least one register.
inline constexpr size_t kHllMaxSparseSize = kHllHeaderSize + kHllRegisters * 2;
// The greatest value that a run can hold.
inline constexpr uint8_t kHllMaxSparseValue = 32;

// What adding an element asks for: that a register be at least `value`.
struct HllObservation {
  uint16_t index;
  uint8_t value;
};
[[nodiscard]] HllObservation ObserveForHll(std::string_view element);

// Whether the string begins like a sketch and, when dense, has the size of one. The runs of a sparse one may still
// be invalid. All below REQUIRE it of their sketches.
[[nodiscard]] bool LooksLikeHll(std::string_view bytes);
[[nodiscard]] inline bool IsDenseHll(std::string_view sketch) { return sketch[4] == 0; }

// The count kept in the header, if it holds.
[[nodiscard]] std::optional<uint64_t> CachedHllCount(std::string_view sketch);
void CacheHllCount(char* sketch, uint64_t count);
inline void DropCachedHllCount(char* sketch) { sketch[15] = static_cast<char>(sketch[15] | 0x80); }

// The registers of a dense sketch.
[[nodiscard]] uint8_t DenseHllRegister(std::string_view sketch, size_t index);
void SetDenseHllRegister(char* sketch, size_t index, uint8_t value);

// A run of equal registers in a sparse sketch.
struct HllRun {
  uint8_t value;    // 0 for ZERO and XZERO
  uint16_t length;  // registers
  uint8_t bytes;    // of the run's code: 2 for XZERO, else 1
};
// The run whose code begins at byte `at`; nothing if it is cut short. REQUIRES: at < sketch.size().
[[nodiscard]] std::optional<HllRun> HllRunAt(std::string_view sketch, size_t at);
// Whether a sparse sketch's register is at least as wanted; nothing for invalid runs up to there.
[[nodiscard]] std::optional<bool> SparseHllHas(std::string_view sketch, HllObservation wanted);

// Estimates the count; nothing for invalid runs. Ertl's improved estimator ("New cardinality estimation algorithms
// for HyperLogLog sketches", arXiv:1702.01284, 2017), as in Redis.
[[nodiscard]] std::optional<uint64_t> CountHll(std::string_view sketch);

// All registers, one byte each: the union of sketches.
class HllRegisters {
 public:
  // Takes the greater of each register here and there; false for invalid runs (some may have been taken).
  [[nodiscard]] bool Merge(std::string_view sketch);
  [[nodiscard]] uint64_t Count() const;
  [[nodiscard]] uint8_t operator[](size_t index) const { return registers_[index]; }

 private:
  std::array<uint8_t, kHllRegisters> registers_{};
};

// A sketch in a buffer of its own, where it can be changed. A sparse one becomes dense when it has to. What results
// is byte for byte what Redis makes of the same additions.
class HllEditor {
 public:
  // The empty sketch.
  HllEditor();
  // A copy. REQUIRES: LooksLikeHll(sketch), and that it is dense or no larger than kHllMaxSparseSize.
  explicit HllEditor(std::string_view sketch);
  HllEditor(const HllEditor&) = delete;
  HllEditor& operator=(const HllEditor&) = delete;

  [[nodiscard]] std::string_view bytes() const { return {bytes_, size_}; }
  [[nodiscard]] bool dense() const { return bytes_[4] == 0; }

  enum class Outcome : uint8_t { kUnchanged, kChanged, kCorrupt };
  // Makes a register at least what is wanted. The sketch becomes dense for what runs cannot hold, and instead of
  // growing beyond `most_sparse` bytes. When it is corrupt the bytes are undefined.
  [[nodiscard]] Outcome Raise(HllObservation wanted, size_t most_sparse);
  // False when it is corrupt.
  [[nodiscard]] bool MakeDense();
  // Takes over all registers. REQUIRES: dense().
  void SetRegisters(const HllRegisters& registers);
  void DropCachedCount() { DropCachedHllCount(bytes_); }

 private:
  // A run's place: of its first byte, and of its first register.
  struct Place {
    size_t at = kHllHeaderSize;
    size_t first = 0;
  };
  [[nodiscard]] Outcome RaiseSparse(HllObservation wanted, size_t most_sparse);
  [[nodiscard]] Outcome RaiseAsDense(HllObservation wanted);
  // Joins equal neighbours, from the run at byte `at` on.
  void JoinRuns(size_t at);

  // The run before the one that was raised last. A search for a later register may begin there, so that a union's
  // registers, raised in order, are not each searched for from the beginning.
  Place resume_;
  size_t size_;
  char bytes_[kHllMaxSparseSize];
};

}  // namespace pinion::types
