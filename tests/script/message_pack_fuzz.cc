// Unpacks any bytes; what unpacks can be packed, and that may be unpacked.
#include "tests/script/lua_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pinion::script;
  FuzzState fuzz(&OpenMessagePack);
  lua_State* const L = fuzz.L;
  fuzz.PushFunction("unpack");
  PushText(L, {reinterpret_cast<const char*>(data), size});
  if (lua_pcall(L, 1, 1, 0) != 0) return 0;
  const int value = lua_gettop(L);
  fuzz.PushFunction("pack");
  lua_pushvalue(L, value);
  if (lua_pcall(L, 1, 1, 0) != 0) __builtin_trap();
  fuzz.PushFunction("unpack");
  lua_insert(L, -2);
  // May fail: tables that are nested too deeply are packed as nil, which is no key.
  (void)lua_pcall(L, 1, 1, 0);
  return 0;
}
