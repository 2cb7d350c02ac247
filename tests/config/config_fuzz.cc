// Any text as a configuration file: reading must not crash, and what was accepted must survive CONFIG REWRITE.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "config/config.h"
#include "tests/config/memory_files.h"

namespace pinion::config {
namespace {

void Require(bool condition, const std::string& what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

void RewriteAndCompare(MemoryFiles& files, Config& config) {
  Require(config.Rewrite().has_value(), "cannot rewrite");
  const std::string once = files.files["/work/main.conf"];
  files.directory = "/work";
  Config again(files);
  const Config::Result loaded = again.LoadFile("main.conf");
  Require(loaded.has_value(), "rewritten text is refused:\n" + once);
  for (const Option& option : AllOptions()) {
    const std::string before = config.Text(option.name);
    const std::string after = again.Text(option.name);
    Require(before == after, std::string(option.name) + ": '" + before + "' became '" + after + "' in\n" + once);
  }
}

}  // namespace
}  // namespace pinion::config

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using pinion::config::Config;
  pinion::config::MemoryFiles files;
  files.files["/work/a.conf"] = "port 9\nsave 9 9\nrequirepass x\nbind ::1\n";
  files.files["/work/b.conf"] = "client-output-buffer-limit normal 9 9 9\nmaxmemory 9mb\ninclude a.conf\nport 8\n";
  files.files["/work/main.conf"] = std::string(reinterpret_cast<const char*>(data), size);
  Config config(files);
  if (config.LoadFile("main.conf")) pinion::config::RewriteAndCompare(files, config);
  return 0;
}
