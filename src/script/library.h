// Libraries of functions, and the functions by name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tl/expected.hpp>

#include "script/lua.h"

namespace pinion::script {

struct Function {
  std::string name;
  std::optional<std::string> description;
  uint32_t flags = 0;           // ScriptFlag
  int function = LUA_NOREF;     // in the registry of the interpreter
};

struct Library {
  std::string name;
  std::string code;             // whole, with its first line
  std::vector<std::unique_ptr<Function>> functions;

  [[nodiscard]] const Function* Find(std::string_view function_name) const;
  [[nodiscard]] int64_t bytes() const;
};

// Names of libraries are exact; functions are found in any case. No two libraries have a function of one name. Not
// thread-safe.
class LibrarySet {
 public:
  [[nodiscard]] const Function* FindFunction(std::string_view name) const;
  [[nodiscard]] const Library* FindLibrary(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, std::unique_ptr<Library>, std::less<>>& libraries() const {
    return libraries_;
  }
  [[nodiscard]] size_t function_count() const { return functions_.size(); }
  [[nodiscard]] int64_t bytes() const;

  // Puts all of them in, in the place of libraries of the same name if `replace`. On success those replaced are in
  // `out`; on failure nothing has changed, `in` included, and the error says which name is taken.
  [[nodiscard]] tl::expected<void, std::string> Join(std::vector<std::unique_ptr<Library>>* in, bool replace,
                                                     std::vector<std::unique_ptr<Library>>* out);
  // Null when there is none.
  std::unique_ptr<Library> Take(std::string_view name);
  void TakeAll(std::vector<std::unique_ptr<Library>>* out);

 private:
  void Link(std::unique_ptr<Library> library);

  std::map<std::string, std::unique_ptr<Library>, std::less<>> libraries_;
  std::unordered_map<std::string, const Function*> functions_;   // by lower-case name
};

}  // namespace pinion::script
