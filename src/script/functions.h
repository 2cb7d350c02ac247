// The functions of the server: loading, restoring and removing libraries.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/clock.h"
#include "script/library.h"
#include "script/vm.h"

namespace pinion::script {

// Not thread-safe. Errors are whole: "ERR ...". What fails changes nothing.
class Functions {
 public:
  Functions(Vm& vm, const Clock& clock) : vm_(vm), clock_(clock) {}

  [[nodiscard]] const LibrarySet& libraries() const { return set_; }
  // The name of the library.
  tl::expected<std::string, std::string> Load(std::string_view code, bool replace);
  enum class Restore : uint8_t { kAppend, kReplace, kFlush };
  tl::expected<void, std::string> RestoreAll(const std::vector<std::string>& codes, Restore policy);
  bool Delete(std::string_view name);
  void Flush();

  // redis.register_function of the library that is being loaded.
  int Register(lua_State* L);
  // A library has taken longer to register its functions than one may.
  [[nodiscard]] bool TimedOut() const;

 private:
  using Libraries = std::vector<std::unique_ptr<Library>>;
  tl::expected<std::unique_ptr<Library>, std::string> Compile(std::string_view code, int64_t deadline_nanos);
  // Lets go of what the interpreter keeps for them.
  void Discard(Libraries* libraries);

  Vm& vm_;
  const Clock& clock_;
  LibrarySet set_;
  Library* loading_ = nullptr;
  int64_t deadline_nanos_ = 0;   // monotonic; 0: none
};

}  // namespace pinion::script
