// Both directions, recursive as the values are.
#include "script/conversion.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "base/numbers.h"

namespace pinion::script {
namespace {

void SetText(lua_State* L, const char* field, std::string_view text) {
  lua_pushstring(L, field);
  PushText(L, text);
  lua_rawset(L, -3);
}

// Reads a reply from its first byte to its last.
class ReplyReader {
 public:
  ReplyReader(lua_State* L, std::string_view bytes) : L_(L), rest_(bytes) {}

  // Pushes one value.
  void Push() {
    luaL_checkstack(L_, 6, "reply is nested too deeply");
    const char type = rest_.front();
    const std::string_view line = Line();
    switch (type) {
      case ':':
        return lua_pushnumber(L_, static_cast<lua_Number>(Integer(line)));
      case '$':
        return PushBulk(Integer(line));
      case '+':
        lua_createtable(L_, 0, 1);
        return SetText(L_, "ok", line);
      case '-':
        return PushErrorReply(line);
      case '*':
      case '>':
        return PushArray(Integer(line));
      case '%':
        return PushMap(Integer(line));
      case '~':
        return PushSet(Integer(line));
      case '_':
        return lua_pushnil(L_);
      case '#':
        return lua_pushboolean(L_, line == "t");
      case ',':
        return PushDouble(line);
      case '(':
        lua_createtable(L_, 0, 1);
        return SetText(L_, "big_number", line);
      case '=':
        return PushVerbatim(Integer(line));
      case '|':
        Discard(2 * Integer(line));
        return Push();
      default:
        return lua_pushnil(L_);
    }
  }

 private:
  // The rest of the line behind the type; goes on to the next one.
  std::string_view Line() {
    const size_t end = rest_.find('\r');
    const std::string_view line = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 2);
    return line;
  }
  static int64_t Integer(std::string_view line) {
    int64_t n = 0;
    std::from_chars(line.data(), line.data() + line.size(), n);
    return n;
  }
  std::string_view Bytes(int64_t size) {
    const std::string_view bytes = rest_.substr(0, static_cast<size_t>(size));
    rest_.remove_prefix(static_cast<size_t>(size) + 2);
    return bytes;
  }

  void PushBulk(int64_t size) {
    if (size < 0) return lua_pushboolean(L_, 0);
    PushText(L_, Bytes(size));
  }
  void PushErrorReply(std::string_view line) {
    std::string text("-");
    PushError(L_, text.append(line));
    lua_pushstring(L_, kCountedField);
    lua_pushboolean(L_, 1);
    lua_rawset(L_, -3);
  }
  void PushArray(int64_t n) {
    if (n < 0) return lua_pushboolean(L_, 0);
    lua_createtable(L_, static_cast<int>(n), 0);
    for (int i = 1; i <= n; ++i) {
      Push();
      lua_rawseti(L_, -2, i);
    }
  }
  // {field = {}} with the inner table on top, to be filled and closed.
  void Open(const char* field, int64_t n) {
    lua_createtable(L_, 0, 1);
    lua_pushstring(L_, field);
    lua_createtable(L_, 0, static_cast<int>(n));
  }
  void Close() { lua_rawset(L_, -3); }
  void PushMap(int64_t n) {
    Open("map", n);
    for (int64_t i = 0; i < n; ++i) {
      Push();
      Push();
      SetUnlessNil();
    }
    Close();
  }
  void PushSet(int64_t n) {
    Open("set", n);
    for (int64_t i = 0; i < n; ++i) {
      Push();
      lua_pushboolean(L_, 1);
      SetUnlessNil();
    }
    Close();
  }
  void SetUnlessNil() {
    if (lua_isnil(L_, -2)) return lua_pop(L_, 2);
    lua_rawset(L_, -3);
  }
  void PushDouble(std::string_view line) {
    lua_createtable(L_, 0, 1);
    lua_pushliteral(L_, "double");
    lua_pushnumber(L_, line == "nan" ? std::numeric_limits<double>::quiet_NaN() : ParseDouble(line).value_or(0));
    lua_rawset(L_, -3);
  }
  void PushVerbatim(int64_t size) {
    const std::string_view bytes = Bytes(size);  // "txt:..."
    lua_createtable(L_, 0, 1);
    lua_pushliteral(L_, "verbatim_string");
    lua_createtable(L_, 0, 2);
    SetText(L_, "string", bytes.substr(4));
    SetText(L_, "format", bytes.substr(0, 3));
    lua_rawset(L_, -3);
  }
  void Discard(int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      Push();
      lua_pop(L_, 1);
    }
  }

  lua_State* const L_;
  std::string_view rest_;
};

// Pushes the field, which must be of that type; else pushes nothing and returns false.
bool PushField(lua_State* L, const char* name, int type) {
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  if (lua_type(L, -1) == type) return true;
  lua_pop(L, 1);
  return false;
}

std::string OnOneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  return line;
}

// As a C cast does on the machines Redis runs on: what does not fit is the least integer.
int64_t Truncate(double v) {
  return v >= -0x1p63 && v < 0x1p63 ? static_cast<int64_t>(v) : std::numeric_limits<int64_t>::min();
}

// Writes the value at the top of the stack, which stays there.
class ReplyMaker {
 public:
  ReplyMaker(lua_State* L, int script_protocol, resp::ReplyWriter& reply)
      : L_(L), script_protocol_(script_protocol), reply_(reply) {}

  void Write() {
    if (lua_checkstack(L_, 6) == 0) return reply_.Error("ERR reached lua stack limit");
    switch (lua_type(L_, -1)) {
      case LUA_TSTRING:
        return reply_.Bulk(TextAt(L_, -1));
      case LUA_TNUMBER:
        return reply_.Integer(Truncate(lua_tonumber(L_, -1)));
      case LUA_TBOOLEAN:
        return WriteBool(lua_toboolean(L_, -1) != 0);
      case LUA_TTABLE:
        return WriteTable();
      default:
        return reply_.Null();
    }
  }

 private:
  void WriteBool(bool v) {
    if (script_protocol_ != 2) return reply_.Bool(v);
    if (v) return reply_.Integer(1);
    reply_.Null();
  }

  void WriteTable() {
    const int table = lua_gettop(L_);
    if (!WriteMarked()) WriteArray();
    lua_settop(L_, table);
  }

  // A table that says by a field what it is. May leave values on the stack.
  bool WriteMarked() {
    if (PushField(L_, "err", LUA_TSTRING)) {
      lua_pop(L_, 1);
      const ErrorInfo error = ReadErrorTable(L_);
      error.counted ? reply_.RepeatedError(error.text) : reply_.Error(error.text);
    } else if (PushField(L_, "ok", LUA_TSTRING)) {
      reply_.Simple(OnOneLine(resp::error::UpToNul(TextAt(L_, -1))));
    } else if (PushField(L_, "double", LUA_TNUMBER)) {
      reply_.Double(lua_tonumber(L_, -1));
    } else if (PushField(L_, "big_number", LUA_TSTRING)) {
      reply_.BigNumber(OnOneLine(TextAt(L_, -1)));
    } else if (PushField(L_, "verbatim_string", LUA_TTABLE)) {
      if (PushField(L_, "format", LUA_TSTRING)) {
        const std::string format(TextAt(L_, -1));
        lua_pop(L_, 1);
        if (PushField(L_, "string", LUA_TSTRING)) {
          reply_.Verbatim((format + "   ").substr(0, 3), TextAt(L_, -1));
          return true;
        }
      }
      lua_pop(L_, 1);
      return WriteCollection();
    } else {
      return WriteCollection();
    }
    return true;
  }

  bool WriteCollection() {
    const bool map = PushField(L_, "map", LUA_TTABLE);
    if (!map && !PushField(L_, "set", LUA_TTABLE)) return false;
    size_t n = 0;
    for (lua_pushnil(L_); lua_next(L_, -2) != 0; lua_pop(L_, 1)) ++n;
    map ? reply_.Map(n) : reply_.Set(n);
    lua_pushnil(L_);
    while (lua_next(L_, -2) != 0) {
      lua_pushvalue(L_, -2);
      Write();
      lua_pop(L_, 1);
      if (map) Write();
      lua_pop(L_, 1);
    }
    return true;
  }

  // Up to the first nil.
  void WriteArray() {
    int n = 0;
    for (bool more = true; more; lua_pop(L_, 1)) {
      lua_rawgeti(L_, -1, n + 1);
      more = !lua_isnil(L_, -1);
      n += more;
    }
    reply_.Array(static_cast<size_t>(n));
    for (int i = 1; i <= n; ++i) {
      lua_rawgeti(L_, -1, i);
      Write();
      lua_pop(L_, 1);
    }
  }

  lua_State* const L_;
  const int script_protocol_;
  resp::ReplyWriter& reply_;
};

}  // namespace

void PushReply(lua_State* L, std::string_view reply) { ReplyReader(L, reply).Push(); }

void WriteReply(lua_State* L, int script_protocol, resp::ReplyWriter& reply) {
  ReplyMaker(L, script_protocol, reply).Write();
  lua_pop(L, 1);
}

ErrorInfo ReadErrorTable(lua_State* L) {
  const int table = lua_gettop(L);
  const auto field = [&](const char* name) {
    lua_pushstring(L, name);
    lua_rawget(L, table);
    return lua_isstring(L, -1) != 0 ? TextAt(L, -1) : std::string_view();
  };
  ErrorInfo info;
  info.text = resp::error::UpToNul(field("err"));
  info.source = field("source");
  info.line = field("line");
  lua_pushstring(L, kCountedField);
  lua_rawget(L, table);
  info.counted = lua_toboolean(L, -1) != 0;
  return info;
}

}  // namespace pinion::script
