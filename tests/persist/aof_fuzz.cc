// Reads any bytes as a manifest, which is written and read again alike, and as commands, which lie within the bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "persist/aof_manifest.h"
#include "persist/command_reader.h"

namespace {

using namespace pinion::persist;

void ReadManifest(std::string_view bytes) {
  const auto manifest = AofManifest::Parse(bytes);
  if (!manifest || (manifest->empty() && manifest->history.empty())) return;
  const auto again = AofManifest::Parse(manifest->Format());
  // Quoting may make a line too long.
  if (again ? *again != *manifest : bytes.size() < 256) std::abort();
}

void ReadCommands(std::string_view bytes) {
  CommandReader reader(bytes);
  std::vector<std::string_view> args;
  size_t before = 0;
  for (;;) {
    const CommandReader::Got got = reader.Next(&args);
    if (reader.position() < before || reader.position() > bytes.size()) std::abort();
    if (got == CommandReader::Got::kEnd && reader.position() != bytes.size()) std::abort();
    if (got != CommandReader::Got::kCommand) return;
    if (args.empty() || reader.position() == before) std::abort();
    before = reader.position();
    for (const std::string_view a : args) {
      if (a.data() < bytes.data() || a.data() + a.size() > bytes.data() + bytes.size()) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ReadManifest(bytes);
  ReadCommands(bytes);
  return 0;
}
