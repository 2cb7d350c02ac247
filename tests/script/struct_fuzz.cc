// Unpacks with any format: the bytes before the first newline; what unpacks with it has a size and packs again.
#include "tests/script/lua_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pinion::script;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t split = input.find('\n');
  if (split == std::string_view::npos) return 0;
  FuzzState fuzz(&OpenStruct);
  lua_State* const L = fuzz.L;
  fuzz.PushFunction("unpack");
  PushText(L, input.substr(0, split));
  PushText(L, input.substr(split + 1));
  if (lua_pcall(L, 2, LUA_MULTRET, 0) != 0) return 0;
  lua_pop(L, 1);  // the position
  const int values = lua_gettop(L);
  lua_checkstack(L, 4);
  fuzz.PushFunction("pack");
  lua_insert(L, 1);
  PushText(L, input.substr(0, split));
  lua_insert(L, 2);
  (void)lua_pcall(L, values + 1, 1, 0);  // c0 takes its size from a value that unpack consumed
  return 0;
}
