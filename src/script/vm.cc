// Making an interpreter, and calling into it.
#include "script/vm.h"

#include <cstdlib>
#include <new>
#include <utility>

#include "base/random.h"
#include "script/sandbox.h"

namespace pinion::script {
namespace {

constexpr int kInstructionsPerTick = 100'000;

void Tick(lua_State* L, lua_Debug*) {
  Vm& vm = Vm::Of(L);
  vm.TuneCollector();
  const char* const error = vm.host().Tick();
  if (error == nullptr) return;
  vm.EndAtEveryInstruction(L);
  RaiseError(L, error);
}

// Turns whatever was raised into a table, and adds where: the innermost function written in Lua.
int HandleError(lua_State* L) {
  lua_Debug where;
  bool known = lua_getstack(L, 1, &where) != 0 && lua_getinfo(L, "Sl", &where) != 0;
  if (known && *where.what == 'C') known = lua_getstack(L, 2, &where) != 0 && lua_getinfo(L, "Sl", &where) != 0;
  if (!lua_istable(L, 1)) {
    std::string text = "ERR ";
    if (lua_isstring(L, 1) != 0) {
      text += TextAt(L, 1);
    } else if (lua_isboolean(L, 1)) {
      text += lua_toboolean(L, 1) != 0 ? "true" : "false";
    } else {
      text += luaL_typename(L, 1);
    }
    lua_newtable(L);
    PushText(L, text);
    lua_setfield(L, -2, "err");
    lua_replace(L, 1);
  }
  lua_settop(L, 1);
  if (known) {
    lua_pushliteral(L, "source");
    lua_pushstring(L, where.source);
    lua_rawset(L, 1);
    lua_pushliteral(L, "line");
    lua_pushinteger(L, where.currentline);
    lua_rawset(L, 1);
  }
  return 1;
}

int Invoke(lua_State* L) {
  Vm::Of(L).host().Invoke(L);
  return 0;
}

// Empties the table at the top of the stack. False when it is not worth it, or not as it was made.
bool EmptyList(lua_State* L) {
  constexpr int kMost = 8;
  if (lua_getmetatable(L, -1) != 0) {
    lua_pop(L, 1);
    return false;
  }
  int n = 0;
  for (lua_pushnil(L); lua_next(L, -2) != 0; ++n) {
    lua_pop(L, 1);
    if (n == kMost) {
      lua_pop(L, 1);
      return false;
    }
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, -4);
  }
  return true;
}

void FillList(lua_State* L, std::span<const std::string_view> strings) {
  int i = 0;
  for (std::string_view s : strings) {
    PushText(L, s);
    lua_rawseti(L, -2, ++i);
  }
}

// Gives the text in two pieces, of which the first is a blank: what begins with a blank is no bytecode.
struct TextReader {
  std::string_view text;
  bool begun = false;
  static const char* Read(lua_State*, void* self, size_t* size) {
    auto& reader = *static_cast<TextReader*>(self);
    if (!reader.begun) {
      reader.begun = true;
      *size = 1;
      return " ";
    }
    *size = reader.text.size();
    return std::exchange(reader.text, {}).data();
  }
};

}  // namespace

Vm& Vm::Of(lua_State* L) {
  void* self = nullptr;
  lua_getallocf(L, &self);
  return *static_cast<Vm*>(self);
}

void* Vm::Allocate(void* self, void* block, size_t old_size, size_t new_size) {
  auto& vm = *static_cast<Vm*>(self);
  const int64_t more = static_cast<int64_t>(new_size) - static_cast<int64_t>(old_size);
  if (new_size == 0) {
    std::free(block);
    block = nullptr;
  } else {
    if (more > 0 && vm.limit_ > 0 && vm.bytes() + more > vm.limit_) return nullptr;
    block = std::realloc(block, new_size);
    if (block == nullptr) return nullptr;
  }
  vm.bytes_.store(vm.bytes() + more, std::memory_order_relaxed);
  return block;
}

Vm::Vm(Kind kind, ScriptHost& host)
    : kind_(kind), host_(host), random_(SecureRandom64() & ((1ull << 48) - 1)) {
  Open();
}

Vm::~Vm() { Close(); }

void Vm::Restart() {
  Close();
  limit_ = 0;
  Open();
}

void Vm::Open() {
  state_ = lua_newstate(&Allocate, this);
  if (state_ == nullptr) throw std::bad_alloc();
  lua_State* const L = state_;
  InstallSandbox(L, kind_ == Kind::kFunctions);
  load_globals_ = luaL_ref(L, LUA_REGISTRYINDEX);
  visible_globals_ = luaL_ref(L, LUA_REGISTRYINDEX);
  globals_meta_ = luaL_ref(L, LUA_REGISTRYINDEX);
  globals_ = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushcfunction(L, HandleError);
  error_handler_ = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushcfunction(L, pinion::script::Invoke);
  invoke_ = luaL_ref(L, LUA_REGISTRYINDEX);
}

void Vm::Close() {
  lua_sethook(state_, nullptr, 0, 0);
  lua_close(state_);
  pause_ = 0;
  keys_ = arguments_ = LUA_NOREF;
}

int Vm::Compile(std::string_view text, const char* chunk_name, std::string* error) {
  TextReader reader{text};
  if (lua_load(state_, &TextReader::Read, &reader, chunk_name) != 0) {
    *error = TextAt(state_, -1);
    lua_pop(state_, 1);
    return LUA_NOREF;
  }
  return luaL_ref(state_, LUA_REGISTRYINDEX);
}

void Vm::TuneCollector() {
  constexpr int64_t kSmallHeap = 8 << 20;
  constexpr int kSeldom = 1000, kUsual = 200;
  const int pause = bytes() < kSmallHeap ? kSeldom : kUsual;
  if (pause != pause_) lua_gc(state_, LUA_GCSETPAUSE, pause);
  pause_ = pause;
}

bool Vm::InvokeProtected() {
  lua_State* const L = state_;
  TuneCollector();
  lua_sethook(L, &pinion::script::Tick, LUA_MASKCOUNT, kInstructionsPerTick);
  lua_rawgeti(L, LUA_REGISTRYINDEX, error_handler_);
  const int handler = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, invoke_);
  const bool ok = lua_pcall(L, 0, 0, handler) == 0;
  lua_remove(L, handler);
  return ok;
}

bool Vm::RunChunk(int reference, std::string* error) {
  lua_State* const L = state_;
  lua_sethook(L, &pinion::script::Tick, LUA_MASKCOUNT, kInstructionsPerTick);
  lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
  const bool ok = lua_pcall(L, 0, 0, 0) == 0;
  if (!ok) {
    const bool table = lua_istable(L, -1);
    if (table) {
      lua_pushliteral(L, "err");
      lua_rawget(L, -2);
    }
    *error = table ? "" : "ERR ";
    error->append(lua_isstring(L, -1) != 0 ? TextAt(L, -1) : "unknown error");
  }
  lua_settop(L, 0);
  return ok;
}

// A small table is filled anew for each script: making one costs more than calling a short script. None keeps it, since
// a script has nowhere to keep anything: all that it can reach is its own or read-only.
void Vm::SetList(int* reference, const char* name, std::span<const std::string_view> strings) {
  lua_State* const L = state_;
  if (*reference != LUA_NOREF) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, *reference);
    if (EmptyList(L)) {
      FillList(L, strings);
      return lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  lua_createtable(L, static_cast<int>(strings.size()), 0);
  FillList(L, strings);
  lua_pushvalue(L, -1);
  if (*reference == LUA_NOREF) {
    *reference = luaL_ref(L, LUA_REGISTRYINDEX);
  } else {
    lua_rawseti(L, LUA_REGISTRYINDEX, *reference);
  }
  SetGlobal(name);
}

// Takes the value from the stack.
void Vm::SetGlobal(const char* name) {
  lua_rawgeti(state_, LUA_REGISTRYINDEX, globals_);
  lua_insert(state_, -2);
  lua_pushstring(state_, name);
  lua_insert(state_, -2);
  lua_rawset(state_, -3);
  lua_pop(state_, 1);
}

void Vm::ResetEnvironment() {
  lua_State* const L = state_;
  lua_rawgeti(L, LUA_REGISTRYINDEX, visible_globals_);
  lua_setfenv(L, -2);
}

void Vm::BeginLoad() {
  lua_rawgeti(state_, LUA_REGISTRYINDEX, globals_meta_);
  lua_rawgeti(state_, LUA_REGISTRYINDEX, load_globals_);
  lua_setfield(state_, -2, "__index");
  lua_pop(state_, 1);
}

void Vm::EndLoad() {
  lua_rawgeti(state_, LUA_REGISTRYINDEX, globals_meta_);
  lua_rawgeti(state_, LUA_REGISTRYINDEX, globals_);
  lua_setfield(state_, -2, "__index");
  lua_pop(state_, 1);
}

void Vm::EndAtEveryInstruction(lua_State* L) {
  // Of the coroutine that runs, and of who goes on when that has failed.
  for (lua_State* const each : {L, state_}) lua_sethook(each, &pinion::script::Tick, LUA_MASKCOUNT | LUA_MASKLINE, 1);
}

// The 48-bit linear congruential generator of POSIX; its high 31 bits.
int32_t Vm::NextRandom() {
  random_ = (random_ * 0x5DEECE66Dull + 0xB) & ((1ull << 48) - 1);
  return static_cast<int32_t>(random_ >> 17);
}

void Vm::SeedRandom(int32_t seed) { random_ = static_cast<uint64_t>(static_cast<uint32_t>(seed)) << 16 | 0x330E; }

void PushError(lua_State* L, std::string_view text) {
  std::string_view code = "ERR";
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    const size_t space = text.find(' ');
    if (space != std::string_view::npos) {
      code = text.substr(0, space);
      text.remove_prefix(space + 1);
    }
  }
  const auto is_break = [](char c) { return c == '\r' || c == '\n'; };
  while (!text.empty() && is_break(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_break(text.front())) text.remove_prefix(1);
  std::string whole(code);
  whole.append(" ").append(text);
  lua_newtable(L);
  lua_pushliteral(L, "err");
  PushText(L, whole);
  lua_rawset(L, -3);
}

void RaiseError(lua_State* L, std::string_view text) {
  PushError(L, text);
  lua_error(L);
  __builtin_unreachable();
}

}  // namespace pinion::script
