// Fuzzes sparse HyperLogLog sketches: whatever the runs are, all readers must agree on whether they are valid, and a
// valid sketch must hold the same registers after it was changed or made dense.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "types/hyperloglog.h"

namespace {

using namespace pinion::types;

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckSame(std::string_view sketch, const std::array<uint8_t, kHllRegisters>& wanted) {
  HllRegisters registers;
  Require(registers.Merge(sketch));
  for (size_t i = 0; i < kHllRegisters; ++i) Require(registers[i] == wanted[i]);
}

}  // namespace

// The first three bytes say what to raise and how large the sketch may grow; the rest are runs.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3 || size - 3 > kHllMaxSparseSize - kHllHeaderSize) return 0;
  std::string sketch("HYLL\x01", 5);
  sketch.resize(kHllHeaderSize);
  sketch.append(reinterpret_cast<const char*>(data + 3), size - 3);
  Require(LooksLikeHll(sketch));
  const HllObservation raised = {static_cast<uint16_t>((data[0] << 8 | data[1]) % kHllRegisters),
                                 static_cast<uint8_t>(1 + data[2] % 51)};
  const size_t most_sparse = data[2] & 0x80 ? 100 : kHllMaxSparseSize;

  HllRegisters registers;
  const bool valid = registers.Merge(sketch);
  const auto count = CountHll(sketch);
  Require(count.has_value() == valid);
  const auto has = SparseHllHas(sketch, raised);
  Require(has.has_value() || !valid);

  HllEditor editor(sketch);
  const HllEditor::Outcome outcome = editor.Raise(raised, most_sparse);
  HllEditor dense(sketch);
  Require(dense.MakeDense() == valid);
  if (!valid) return 0;

  Require(registers.Count() == *count);
  std::array<uint8_t, kHllRegisters> wanted;
  for (size_t i = 0; i < kHllRegisters; ++i) wanted[i] = registers[i];
  CheckSame(dense.bytes(), wanted);
  Require(CountHll(dense.bytes()) == count);
  Require(*has == (wanted[raised.index] >= raised.value));
  Require((outcome == HllEditor::Outcome::kChanged) == !*has && outcome != HllEditor::Outcome::kCorrupt);
  wanted[raised.index] = std::max(wanted[raised.index], raised.value);
  CheckSame(editor.bytes(), wanted);
  return 0;
}
