// cmsgpack: MessagePack for scripts (https://github.com/msgpack/msgpack/blob/master/spec.md), as Redis has it.
//
// Integral numbers are packed as the shortest integer, others as a float if that is exact, else as a double. A table
// whose keys are 1 to n is an array, any other a map. What has no form, and what is nested too deeply, is nil.
#include <bit>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "script/libraries.h"

namespace pinion::script {
namespace {

constexpr int kMostNesting = 16;   // of tables that are packed

class Packer {
 public:
  explicit Packer(lua_State* L) : L_(L) {}

  // Packs the value at the top of the stack, which stays there.
  void Pack(int depth) {
    switch (lua_type(L_, -1)) {
      case LUA_TSTRING:
        return PackString(TextAt(L_, -1));
      case LUA_TBOOLEAN:
        return Byte(lua_toboolean(L_, -1) != 0 ? 0xC3 : 0xC2);
      case LUA_TNUMBER:
        return PackNumber(lua_tonumber(L_, -1));
      case LUA_TTABLE:
        if (depth < kMostNesting) return PackTable(depth);
        [[fallthrough]];
      default:
        Byte(0xC0);
    }
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void Byte(int b) { bytes_ += static_cast<char>(b); }
  // `size` bytes, the highest first.
  void Integer(int type, uint64_t v, int size) {
    Byte(type);
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) Byte(static_cast<int>(v >> shift & 0xFF));
  }

  void PackString(std::string_view s) {
    if (s.size() < 32) {
      Byte(0xA0 | static_cast<int>(s.size()));
    } else if (s.size() <= 0xFF) {
      Integer(0xD9, s.size(), 1);
    } else if (s.size() <= 0xFFFF) {
      Integer(0xDA, s.size(), 2);
    } else {
      Integer(0xDB, s.size(), 4);
    }
    bytes_ += s;
  }

  void PackNumber(double v) {
    if (v >= -0x1p63 && v < 0x1p63 && v == std::floor(v)) return PackInteger(static_cast<int64_t>(v));
    if (static_cast<double>(static_cast<float>(v)) == v) {
      Integer(0xCA, std::bit_cast<uint32_t>(static_cast<float>(v)), 4);
    } else {
      Integer(0xCB, std::bit_cast<uint64_t>(v), 8);
    }
  }

  void PackInteger(int64_t v) {
    const auto bits = static_cast<uint64_t>(v);
    if (v >= 0) {
      if (v <= 0x7F) return Byte(static_cast<int>(v));
      if (v <= 0xFF) return Integer(0xCC, bits, 1);
      if (v <= 0xFFFF) return Integer(0xCD, bits, 2);
      if (v <= 0xFFFFFFFF) return Integer(0xCE, bits, 4);
      return Integer(0xCF, bits, 8);
    }
    if (v >= -32) return Byte(static_cast<int>(v & 0xFF));
    if (v >= INT8_MIN) return Integer(0xD0, bits, 1);
    if (v >= INT16_MIN) return Integer(0xD1, bits, 2);
    if (v >= INT32_MIN) return Integer(0xD2, bits, 4);
    Integer(0xD3, bits, 8);
  }

  void Header(size_t n, int fix, int type16) {
    if (n <= 15) {
      Byte(fix | static_cast<int>(n));
    } else if (n <= 0xFFFF) {
      Integer(type16, n, 2);
    } else {
      Integer(type16 + 1, n, 4);
    }
  }

  void PackTable(int depth) {
    luaL_checkstack(L_, 4, "in function cmsgpack.pack");
    size_t count = 0;
    double greatest = 0;
    bool array = true;
    for (lua_pushnil(L_); lua_next(L_, -2) != 0; lua_pop(L_, 1)) {
      ++count;
      const double key = lua_type(L_, -2) == LUA_TNUMBER ? lua_tonumber(L_, -2) : 0;
      array = array && key >= 1 && key == std::floor(key);
      greatest = std::max(greatest, key);
    }
    if (array && greatest == static_cast<double>(count)) {
      Header(count, 0x90, 0xDC);
      for (int i = 1; i <= static_cast<int>(count); ++i) {
        lua_rawgeti(L_, -1, i);
        Pack(depth + 1);
        lua_pop(L_, 1);
      }
      return;
    }
    Header(count, 0x80, 0xDE);
    lua_pushnil(L_);
    while (lua_next(L_, -2) != 0) {
      lua_pushvalue(L_, -2);
      Pack(depth + 1);
      lua_pop(L_, 1);
      Pack(depth + 1);
      lua_pop(L_, 1);
    }
  }

  lua_State* const L_;
  std::string bytes_;
};

class Unpacker {
 public:
  Unpacker(lua_State* L, std::string_view bytes) : L_(L), rest_(bytes) {}
  [[nodiscard]] size_t left() const { return rest_.size(); }

  // Pushes one value; raises an error when the bytes are none.
  void Unpack() {
    luaL_checkstack(L_, 4, "in function cmsgpack.unpack");
    const auto type = static_cast<uint8_t>(Take(1)[0]);
    if (type <= 0x7F) return lua_pushnumber(L_, type);
    if (type >= 0xE0) return lua_pushnumber(L_, static_cast<int8_t>(type));
    if (type <= 0x8F) return UnpackMap(type & 0x0F);
    if (type <= 0x9F) return UnpackArray(type & 0x0F);
    if (type <= 0xBF) return PushText(L_, Take(type & 0x1F));
    switch (type) {
      case 0xC0:
        return lua_pushnil(L_);
      case 0xC2:
      case 0xC3:
        return lua_pushboolean(L_, type & 1);
      case 0xCA:
        return lua_pushnumber(L_, std::bit_cast<float>(static_cast<uint32_t>(Integer(4))));
      case 0xCB:
        return lua_pushnumber(L_, std::bit_cast<double>(Integer(8)));
      case 0xCC:
      case 0xCD:
      case 0xCE:
      case 0xCF:
        return lua_pushnumber(L_, static_cast<lua_Number>(Integer(1u << (type - 0xCC))));
      case 0xD0:
        return lua_pushnumber(L_, static_cast<int8_t>(Integer(1)));
      case 0xD1:
        return lua_pushnumber(L_, static_cast<int16_t>(Integer(2)));
      case 0xD2:
        return lua_pushnumber(L_, static_cast<int32_t>(Integer(4)));
      case 0xD3:
        return lua_pushnumber(L_, static_cast<lua_Number>(static_cast<int64_t>(Integer(8))));
      case 0xC4:  // binary, and text
      case 0xC5:
      case 0xC6:
        return PushText(L_, Take(Integer(1u << (type - 0xC4))));
      case 0xD9:
      case 0xDA:
      case 0xDB:
        return PushText(L_, Take(Integer(1u << (type - 0xD9))));
      case 0xDC:
      case 0xDD:
        return UnpackArray(Integer(2u << (type - 0xDC)));
      case 0xDE:
      case 0xDF:
        return UnpackMap(Integer(2u << (type - 0xDE)));
      default:
        luaL_error(L_, "Bad data format in input.");
    }
  }

 private:
  std::string_view Take(uint64_t n) {
    if (n > rest_.size()) luaL_error(L_, "Missing bytes in input.");
    const std::string_view bytes = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return bytes;
  }
  uint64_t Integer(size_t size) {
    uint64_t v = 0;
    for (char c : Take(size)) v = v << 8 | static_cast<uint8_t>(c);
    return v;
  }
  void UnpackArray(uint64_t n) {
    lua_newtable(L_);
    for (uint64_t i = 1; i <= n; ++i) {
      Unpack();
      lua_rawseti(L_, -2, static_cast<int>(i));
    }
  }
  void UnpackMap(uint64_t n) {
    lua_newtable(L_);
    for (uint64_t i = 0; i < n; ++i) {
      Unpack();
      Unpack();
      // nil and NaN can be no key.
      if (lua_isnil(L_, -2)) luaL_error(L_, "table index is nil");
      if (lua_isnumber(L_, -2) != 0 && std::isnan(lua_tonumber(L_, -2))) luaL_error(L_, "table index is NaN");
      lua_rawset(L_, -3);
    }
  }

  lua_State* const L_;
  std::string_view rest_;
};

int Pack(lua_State* L) {
  const int argc = lua_gettop(L);
  if (argc == 0) return luaL_argerror(L, 0, "MessagePack pack needs input.");
  luaL_checkstack(L, 2, "Too many arguments for MessagePack pack.");
  Packer packer(L);
  for (int i = 1; i <= argc; ++i) {
    lua_pushvalue(L, i);
    packer.Pack(0);
    lua_pop(L, 1);
  }
  PushText(L, packer.bytes());
  return 1;
}

// Values from `offset` on, at most `limit` of them; `partial`: with the offset to go on at, -1 at the end, before them.
int UnpackFrom(lua_State* L, int limit, int offset, bool partial) {
  size_t size = 0;
  const char* const bytes = luaL_checklstring(L, 1, &size);
  if (offset < 0 || limit < 0) {
    return luaL_error(L, "Invalid request to unpack with offset of %d and limit of %d.", offset,
                      static_cast<int>(size));
  }
  if (static_cast<size_t>(offset) > size) {
    return luaL_error(L, "Start offset %d greater than input length %d.", offset, static_cast<int>(size));
  }
  lua_settop(L, 1);
  Unpacker unpacker(L, std::string_view(bytes, size).substr(static_cast<size_t>(offset)));
  int values = 0;
  for (; unpacker.left() > 0 && values < limit; ++values) unpacker.Unpack();
  if (!partial) return values;
  luaL_checkstack(L, 1, "in function cmsgpack.unpack");
  lua_pushinteger(L, unpacker.left() == 0 ? -1 : static_cast<lua_Integer>(size - unpacker.left()));
  lua_insert(L, 2);
  return values + 1;
}

int Unpack(lua_State* L) { return UnpackFrom(L, INT_MAX, 0, false); }
int UnpackOne(lua_State* L) { return UnpackFrom(L, 1, luaL_optint(L, 2, 0), true); }
int UnpackLimit(lua_State* L) {
  const int limit = luaL_checkint(L, 2);
  const int offset = luaL_optint(L, 3, 0);
  return limit == 0 && offset == 0 ? UnpackFrom(L, INT_MAX, 0, false) : UnpackFrom(L, limit, offset, true);
}

}  // namespace

int OpenMessagePack(lua_State* L) {
  lua_newtable(L);
  const luaL_Reg functions[] = {
      {"pack", Pack}, {"unpack", Unpack}, {"unpack_one", UnpackOne}, {"unpack_limit", UnpackLimit}};
  for (const luaL_Reg& f : functions) {
    lua_pushcfunction(L, f.func);
    lua_setfield(L, -2, f.name);
  }
  lua_pushliteral(L, "cmsgpack");
  lua_setfield(L, -2, "_NAME");
  lua_pushliteral(L, "lua-cmsgpack 0.4.0");
  lua_setfield(L, -2, "_VERSION");
  return 1;
}

}  // namespace pinion::script
