// Reads any payload of FUNCTION RESTORE, with a right footer put behind it; what can be read is dumped and reads the
// same.
#include <cstdint>
#include <string>

#include "base/crc64.h"
#include "script/function_dump.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pinion;
  std::string payload(reinterpret_cast<const char*>(data), size);
  (void)script::ParseLibraries(payload);
  payload.append("\x0b\0", 2);
  const uint64_t crc = Crc64(0, payload);
  for (int i = 0; i < 8; ++i) payload += static_cast<char>(crc >> (8 * i) & 0xFF);
  const auto codes = script::ParseLibraries(payload);
  if (!codes) return 0;
  const auto again = script::ParseLibraries(script::DumpLibraries({codes->begin(), codes->end()}));
  if (!again || *again != *codes) __builtin_trap();
  return 0;
}
