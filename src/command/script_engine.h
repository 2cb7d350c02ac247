// What the rooms below the interpreter know of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace pinion::command {

// Implemented by the room script/, whose handlers know the rest of it.
class ScriptEngine {
 public:
  virtual ~ScriptEngine() = default;
  struct Usage {
    int64_t vm_eval = 0, vm_functions = 0;               // bytes of the interpreters
    int64_t scripts_eval = 0, functions = 0;             // bytes of texts and of what is kept with them
    int64_t cached_scripts = 0, libraries = 0, function_count = 0, evicted_scripts = 0;
    [[nodiscard]] int64_t total() const { return vm_eval + vm_functions + scripts_eval + functions; }
  };
  // Any thread.
  [[nodiscard]] virtual Usage usage() const = 0;
  virtual void ResetStats() = 0;

  // The codes of all function libraries; they stay the engine's. REQUIRES of both: the caller is alone behind the gate.
  [[nodiscard]] virtual std::vector<std::string_view> LibraryCodes() const = 0;
  // What happens to libraries that are there already: all go; those of the same names go; the same names are an error.
  enum class Present : uint8_t { kGo, kAreReplaced, kStay };
  // Adds the libraries of these codes, or, with the error, changes nothing.
  [[nodiscard]] virtual tl::expected<void, std::string> AddLibraries(const std::vector<std::string>& codes,
                                                                     Present present) = 0;
};

}  // namespace pinion::command
