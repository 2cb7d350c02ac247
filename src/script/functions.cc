// Compiling libraries and putting them in place.
#include "script/functions.h"

#include <utility>

#include "command/registry.h"
#include "script/register_function.h"
#include "script/shebang.h"

namespace pinion::script {
namespace {

constexpr int64_t kLoadNanos = 500'000'000;   // registering functions takes no time

bool IsOurs(const LibraryHead& head) { return command::EqualsNoCase(head.engine, "LUA"); }

tl::unexpected<std::string> Refusal(const std::string& text) { return tl::unexpected("ERR " + text); }

}  // namespace

tl::expected<std::unique_ptr<Library>, std::string> Functions::Compile(std::string_view code,
                                                                       int64_t deadline_nanos) {
  const auto head = ReadLibraryHead(code);
  if (!head) return Refusal(head.error());
  if (!IsLibraryName(head->name)) return Refusal(std::string(kBadLibraryName));
  if (!IsOurs(*head)) return Refusal("Engine '" + head->engine + "' not found");

  auto library = std::make_unique<Library>();
  library->name = head->name;
  library->code = code;
  std::string error;
  vm_.BeginLoad();
  const int chunk = vm_.Compile(code.substr(head->length), "@user_function", &error);
  if (chunk == LUA_NOREF) {
    error = "Error compiling function: " + error;
  } else {
    loading_ = library.get();
    deadline_nanos_ = deadline_nanos;
    if (!vm_.RunChunk(chunk, &error)) error = "Error registering functions: " + error;
    loading_ = nullptr;
    vm_.Forget(chunk);
  }
  vm_.EndLoad();
  if (error.empty() && library->functions.empty()) error = "No functions registered";
  if (error.empty()) return library;
  Libraries failed;
  failed.push_back(std::move(library));
  Discard(&failed);
  return Refusal(error);
}

void Functions::Discard(Libraries* libraries) {
  for (const auto& library : *libraries) {
    for (const auto& f : library->functions) vm_.Forget(f->function);
  }
  libraries->clear();
}

tl::expected<std::string, std::string> Functions::Load(std::string_view code, bool replace) {
  const auto head = ReadLibraryHead(code);
  if (head && !replace && IsLibraryName(head->name) && IsOurs(*head) && set_.FindLibrary(head->name) != nullptr) {
    return Refusal("Library '" + head->name + "' already exists");
  }
  auto library = Compile(code, clock_.MonotonicNanos() + kLoadNanos);
  if (!library) return tl::unexpected(library.error());
  std::string name = (*library)->name;
  Libraries in, out;
  in.push_back(std::move(*library));
  const auto joined = set_.Join(&in, true, &out);
  Discard(&in);
  Discard(&out);
  if (!joined) return Refusal(joined.error());
  return name;
}

tl::expected<void, std::string> Functions::RestoreAll(const std::vector<std::string>& codes, Restore policy) {
  LibrarySet restored;   // first by themselves: the payload may be at odds with itself
  Libraries in, out;
  std::string error;
  for (const std::string& code : codes) {
    auto library = Compile(code, 0);
    if (!library) {
      error = library.error();
      break;
    }
    in.push_back(std::move(*library));
    if (const auto joined = restored.Join(&in, false, &out); !joined) {
      error = "ERR " + joined.error();
      break;
    }
  }
  restored.TakeAll(&in);
  if (error.empty()) {
    if (policy == Restore::kFlush) set_.TakeAll(&out);
    const auto joined = set_.Join(&in, policy == Restore::kReplace, &out);
    if (!joined) error = "ERR " + joined.error();
  }
  Discard(&in);
  Discard(&out);
  if (!error.empty()) return tl::unexpected(error);
  return {};
}

bool Functions::Delete(std::string_view name) {
  Libraries out;
  out.push_back(set_.Take(name));
  if (out.back() == nullptr) return false;
  Discard(&out);
  return true;
}

void Functions::Flush() {
  Libraries out;
  set_.TakeAll(&out);
  out.clear();
  vm_.Restart();
}

int Functions::Register(lua_State* L) {
  if (loading_ == nullptr) RaiseError(L, "server.register_function can only be called on FUNCTION LOAD command");
  ReadFunction(L, loading_);
  return 0;
}

bool Functions::TimedOut() const {
  return loading_ != nullptr && deadline_nanos_ != 0 && clock_.MonotonicNanos() > deadline_nanos_;
}

}  // namespace pinion::script
