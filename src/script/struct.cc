// struct: values to and from the bytes of a C structure, as the library of that name describes them.
//
// A format is a row of options:
//   <  >  =   little endian, big endian, the machine's order (at first)
//   !n        align to n bytes at most (at first 1; without n: 8)
//   b B h H l L T   signed and unsigned integers of 1, 2 and 8 bytes; T is a size
//   i I       an integer of 4 bytes, or of the n bytes that follow
//   f d       float, double
//   s         text that ends with a NUL
//   c         one byte of text, or the n that follow; c0: all of it, or as much as the number before it says
//   x         a byte of padding;  a blank is nothing
#include <algorithm>
#include <bit>
#include <cctype>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "script/libraries.h"

namespace pinion::script {
namespace {

constexpr size_t kMostIntegerSize = 32;
constexpr size_t kNaturalAlignment = 8;

// One option after the other.
class Format {
 public:
  Format(lua_State* L, const char* text) : L_(L), at_(text) {}

  [[nodiscard]] bool more() const { return *at_ != '\0'; }
  // The next option that stands for a value or padding, or '\0'; options of order and alignment take effect.
  char Next() {
    while (more()) {
      const char option = *at_++;
      switch (option) {
        case ' ':
          continue;
        case '<':
          little_ = true;
          continue;
        case '>':
          little_ = false;
          continue;
        case '=':
          little_ = kNative;
          continue;
        case '!': {
          const size_t n = Number(kNaturalAlignment);
          if (n == 0 || !std::has_single_bit(n)) luaL_error(L_, "alignment is not a power of 2");
          alignment_ = n;
          continue;
        }
        default:
          size_ = SizeOf(option);
          return option;
      }
    }
    return '\0';
  }
  // Of the option that Next returned; 0: what the data or the value says.
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool little() const { return little_; }
  // Bytes to leave out before the option when `length` bytes stand before it.
  [[nodiscard]] size_t Padding(char option, size_t length) const {
    if (size_ == 0 || option == 'c' || option == 'x') return 0;
    const size_t unit = std::min(size_, alignment_);
    return (unit - (length & (unit - 1))) & (unit - 1);
  }

 private:
  static constexpr bool kNative = std::endian::native == std::endian::little;

  size_t Number(size_t otherwise) {
    if (std::isdigit(static_cast<unsigned char>(*at_)) == 0) return otherwise;
    size_t n = 0;
    while (std::isdigit(static_cast<unsigned char>(*at_)) != 0) {
      if (n > INT_MAX / 10) luaL_error(L_, "integral size overflow");
      n = n * 10 + static_cast<size_t>(*at_++ - '0');
    }
    if (n > INT_MAX) luaL_error(L_, "integral size overflow");
    return n;
  }
  size_t SizeOf(char option) {
    switch (option) {
      case 'b':
      case 'B':
      case 'x':
        return 1;
      case 'h':
      case 'H':
        return 2;
      case 'l':
      case 'L':
      case 'T':
      case 'd':
        return 8;
      case 'f':
        return 4;
      case 'c':
        return Number(1);
      case 's':
        return 0;
      case 'i':
      case 'I': {
        const size_t n = Number(sizeof(int));
        if (n == 0 || n > kMostIntegerSize) {
          luaL_error(L_, "integral size %d is larger than limit of %d", static_cast<int>(n),
                     static_cast<int>(kMostIntegerSize));
        }
        if (alignment_ > 1 && !std::has_single_bit(n)) {
          luaL_error(L_, "integral size %d is not a power of 2", static_cast<int>(n));
        }
        return n;
      }
      default:
        return static_cast<size_t>(luaL_error(L_, "invalid format option '%c'", option));
    }
  }

  lua_State* const L_;
  const char* at_;
  bool little_ = kNative;
  size_t alignment_ = 1;
  size_t size_ = 0;
};

bool IsInteger(char option) { return std::strchr("bBhHlLTiI", option) != nullptr; }
bool IsSigned(char option) { return std::strchr("bhli", option) != nullptr; }

// A number's bits as C would convert it, without what is undefined there.
uint64_t Bits(double v) {
  if (v < 0) return v >= -0x1p63 ? static_cast<uint64_t>(static_cast<int64_t>(v)) : uint64_t{1} << 63;
  return v < 0x1p64 ? static_cast<uint64_t>(v) : 0;
}

void AppendInteger(std::string* out, uint64_t v, size_t size, bool little) {
  const size_t begin = out->size();
  for (size_t i = 0; i < size; ++i) {
    *out += static_cast<char>(v & 0xFF);
    v >>= 8;
  }
  if (!little) std::reverse(out->begin() + static_cast<ptrdiff_t>(begin), out->end());
}

uint64_t ReadInteger(std::string_view bytes, bool little) {
  uint64_t v = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    v = v << 8 | static_cast<uint8_t>(little ? bytes[bytes.size() - 1 - i] : bytes[i]);
  }
  return v;
}

lua_Number IntegerValue(uint64_t v, size_t size, bool is_signed) {
  if (!is_signed) return static_cast<lua_Number>(v);
  if (size < sizeof(v)) {
    const uint64_t sign = uint64_t{1} << (size * 8 - 1);
    v = (v ^ sign) - sign;
  }
  return static_cast<lua_Number>(static_cast<int64_t>(v));
}

// Appends the value at `argument`; `size` of 0 takes text whole.
void PackValue(lua_State* L, char option, const Format& format, int argument, std::string* out) {
  if (IsInteger(option)) {
    return AppendInteger(out, Bits(luaL_checknumber(L, argument)), format.size(), format.little());
  }
  if (option == 'f' || option == 'd') {
    const double v = luaL_checknumber(L, argument);
    const uint64_t bits = option == 'd' ? std::bit_cast<uint64_t>(v) : std::bit_cast<uint32_t>(static_cast<float>(v));
    return AppendInteger(out, bits, format.size(), format.little());
  }
  size_t length = 0;
  const char* const text = luaL_checklstring(L, argument, &length);
  const size_t size = format.size() == 0 ? length : format.size();
  luaL_argcheck(L, length >= size, argument, "string too short");
  out->append(text, size);
  if (option == 's') *out += '\0';
}

int StructPack(lua_State* L) {
  Format format(L, luaL_checkstring(L, 1));
  std::string out;
  int argument = 2;
  while (const char option = format.Next()) {
    out.append(format.Padding(option, out.size()), '\0');
    if (option == 'x') {
      out += '\0';
    } else {
      PackValue(L, option, format, argument++, &out);
    }
  }
  PushText(L, out);
  return 1;
}

// Pushes the value at the beginning of `rest` and returns its bytes.
size_t UnpackValue(lua_State* L, char option, const Format& format, std::string_view rest, int values) {
  size_t size = format.size();
  if (option == 'c' && size == 0) {
    if (values == 0 || lua_isnumber(L, -1) == 0) luaL_error(L, "format 'c0' needs a previous size");
    const double said = lua_tonumber(L, -1);
    lua_pop(L, 1);
    luaL_argcheck(L, said >= 0 && said <= static_cast<double>(rest.size()), 2, "data string too short");
    size = static_cast<size_t>(said);
  } else if (option == 's') {
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos) luaL_error(L, "unfinished string in data");
    PushText(L, rest.substr(0, end));
    return end + 1;
  }
  const std::string_view bytes = rest.substr(0, size);
  if (IsInteger(option)) {
    lua_pushnumber(L, IntegerValue(ReadInteger(bytes, format.little()), size, IsSigned(option)));
  } else if (option == 'f') {
    lua_pushnumber(L, std::bit_cast<float>(static_cast<uint32_t>(ReadInteger(bytes, format.little()))));
  } else if (option == 'd') {
    lua_pushnumber(L, std::bit_cast<double>(ReadInteger(bytes, format.little())));
  } else {
    PushText(L, bytes);
  }
  return size;
}

int StructUnpack(lua_State* L) {
  Format format(L, luaL_checkstring(L, 1));
  size_t length = 0;
  const char* const bytes = luaL_checklstring(L, 2, &length);
  const double begin = luaL_optnumber(L, 3, 1);
  luaL_argcheck(L, begin >= 1, 3, "offset must be 1 or greater");
  luaL_argcheck(L, begin - 1 <= static_cast<double>(length), 2, "data string too short");
  const std::string_view data(bytes, length);
  size_t at = static_cast<size_t>(begin) - 1;
  lua_settop(L, 2);
  while (const char option = format.Next()) {
    at += format.Padding(option, at);
    luaL_argcheck(L, at <= length && format.size() <= length - at, 2, "data string too short");
    luaL_checkstack(L, 2, "too many results");
    at += option == 'x' ? 1 : UnpackValue(L, option, format, data.substr(at), lua_gettop(L) - 2);
  }
  lua_pushnumber(L, static_cast<lua_Number>(at + 1));
  return lua_gettop(L) - 2;
}

int Size(lua_State* L) {
  Format format(L, luaL_checkstring(L, 1));
  size_t size = 0;
  while (const char option = format.Next()) {
    if (option == 's') luaL_argerror(L, 1, "variable-size format in 'struct.size'");
    if (option == 'c' && format.size() == 0) luaL_argerror(L, 1, "variable-length format in 'struct.size'");
    size += format.Padding(option, size) + format.size();
  }
  lua_pushnumber(L, static_cast<lua_Number>(size));
  return 1;
}

}  // namespace

int OpenStruct(lua_State* L) {
  lua_newtable(L);
  const luaL_Reg functions[] = {{"pack", StructPack}, {"unpack", StructUnpack}, {"size", Size}};
  for (const luaL_Reg& f : functions) {
    lua_pushcfunction(L, f.func);
    lua_setfield(L, -2, f.name);
  }
  return 1;
}

}  // namespace pinion::script
