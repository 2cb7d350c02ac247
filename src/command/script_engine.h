// What the rooms below the interpreter know of it.
#pragma once

#include <cstdint>

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
};

}  // namespace pinion::command
