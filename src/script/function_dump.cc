// Writing and reading payloads of libraries.
//
//   payload = { 0xF5 string } version crc
//   string  = length bytes | 0xC3 length-compressed length bytes (LZF)
//   length  = 00llllll | 01llllll l8 | 0x80 l32 | 0x81 l64      (the highest byte first)
//   version = 2 bytes, crc = CRC-64 of all before it in 8 bytes (the lowest byte first)
#include "script/function_dump.h"

#include <cstdint>
#include <optional>

#include "base/crc64.h"

namespace pinion::script {
namespace {

using Error = tl::unexpected<std::string>;

constexpr uint8_t kLibraryCode = 0xF5, kOldLibraryCode = 0xF6, kCompressed = 0xC3;
constexpr size_t kVersionSize = 2, kFooterSize = kVersionSize + 8;
constexpr uint16_t kVersion = 11;   // of RDB files: Redis 7.2's
constexpr size_t kMostLibrary = 512u << 20;

void AppendLow(std::string* out, uint64_t v, int bytes) {
  for (int i = 0; i < bytes; ++i) *out += static_cast<char>(v >> (8 * i) & 0xFF);
}

void AppendHigh(std::string* out, uint64_t v, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) *out += static_cast<char>(v >> (8 * i) & 0xFF);
}

void AppendString(std::string* out, std::string_view s) {
  if (s.size() < 64) {
    AppendHigh(out, s.size(), 1);
  } else if (s.size() < 16384) {
    AppendHigh(out, 0x4000 | s.size(), 2);
  } else {
    AppendHigh(out, 0x80, 1);
    AppendHigh(out, s.size(), 4);
  }
  out->append(s);
}

// Marc Lehmann's LZF: literal runs, and back references of up to 8 KiB that may overlap what they write.
std::optional<std::string> Decompress(std::string_view in, size_t size) {
  std::string out;
  out.reserve(size);
  size_t at = 0;
  const auto next = [&]() -> int { return at < in.size() ? static_cast<uint8_t>(in[at++]) : -1; };
  while (at < in.size()) {
    const int control = next();
    if (control < 32) {
      const auto run = static_cast<size_t>(control) + 1;
      if (run > in.size() - at || run > size - out.size()) return std::nullopt;
      out.append(in.substr(at, run));
      at += run;
      continue;
    }
    size_t length = static_cast<size_t>(control) >> 5;
    if (length == 7) {
      const int more = next();
      if (more < 0) return std::nullopt;
      length += static_cast<size_t>(more);
    }
    const int low = next();
    if (low < 0) return std::nullopt;
    const size_t back = (static_cast<size_t>(control & 0x1F) << 8 | static_cast<size_t>(low)) + 1;
    length += 2;
    if (back > out.size() || length > size - out.size()) return std::nullopt;
    for (size_t from = out.size() - back; length > 0; --length) out += out[from++];
  }
  if (out.size() != size) return std::nullopt;
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool more() const { return !rest_.empty(); }

  std::optional<uint64_t> Number(size_t bytes) {
    if (bytes > rest_.size()) return std::nullopt;
    uint64_t v = 0;
    for (char c : Take(bytes)) v = v << 8 | static_cast<uint8_t>(c);
    return v;
  }
  std::optional<std::string> String() {
    if (!rest_.empty() && static_cast<uint8_t>(rest_[0]) == kCompressed) {
      Take(1);
      const auto compressed = Length();
      const auto size = Length();
      if (!compressed || !size || *compressed > rest_.size() || *size > kMostLibrary) return std::nullopt;
      // No byte of input makes more than 264 of output.
      if (*size / 264 > *compressed) return std::nullopt;
      return Decompress(Take(*compressed), *size);
    }
    const auto size = Length();
    if (!size || *size > rest_.size()) return std::nullopt;
    return std::string(Take(*size));
  }

 private:
  std::string_view Take(size_t n) {
    const std::string_view bytes = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return bytes;
  }
  std::optional<uint64_t> Length() {
    const auto first = Number(1);
    if (!first) return std::nullopt;
    switch (*first >> 6) {
      case 0:
        return *first;
      case 1: {
        const auto low = Number(1);
        if (!low) return std::nullopt;
        return (*first & 0x3F) << 8 | *low;
      }
      default:
        if (*first == 0x80) return Number(4);
        if (*first == 0x81) return Number(8);
        return std::nullopt;
    }
  }
  std::string_view rest_;
};

// The part before the footer, if that is right.
std::optional<std::string_view> CheckFooter(std::string_view payload) {
  if (payload.size() < kFooterSize) return std::nullopt;
  const std::string_view footer = payload.substr(payload.size() - kFooterSize);
  const int version = static_cast<uint8_t>(footer[0]) | static_cast<uint8_t>(footer[1]) << 8;
  std::string crc;
  AppendLow(&crc, Crc64(0, payload.substr(0, payload.size() - 8)), 8);
  if (version > kVersion || footer.substr(kVersionSize) != crc) return std::nullopt;
  return payload.substr(0, payload.size() - kFooterSize);
}

}  // namespace

std::string DumpLibraries(const std::vector<std::string_view>& codes) {
  std::string out;
  for (std::string_view code : codes) {
    out += static_cast<char>(kLibraryCode);
    AppendString(&out, code);
  }
  AppendLow(&out, kVersion, 2);
  AppendLow(&out, Crc64(0, out), 8);
  return out;
}

tl::expected<std::vector<std::string>, std::string> ParseLibraries(std::string_view payload) {
  const auto body = CheckFooter(payload);
  if (!body) return Error("ERR DUMP payload version or checksum are wrong");
  std::vector<std::string> codes;
  for (Reader reader(*body); reader.more();) {
    const auto type = reader.Number(1);
    if (*type == kOldLibraryCode) return Error("ERR Pre-GA function format not supported");
    if (*type != kLibraryCode) return Error("ERR given type is not a function");
    auto code = reader.String();
    if (!code) return Error("ERR Failed loading library payload");
    codes.push_back(std::move(*code));
  }
  return codes;
}

}  // namespace pinion::script
