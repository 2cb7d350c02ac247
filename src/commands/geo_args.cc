// Reading positions and lengths, and replying them.
#include "commands/geo_args.h"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/numbers.h"
#include "command/registry.h"

namespace pinion::commands {

types::GeoPoint NextPosition(command::ArgReader& args, std::string* text) {
  types::GeoPoint p;
  p.longitude = args.NextDouble();
  p.latitude = args.NextDouble();
  if (!args.failed() && !types::CanBeStored(p)) {
    *text = fmt::format("ERR invalid longitude,latitude pair {:f},{:f}", p.longitude, p.latitude);
    args.Fail(*text);
  }
  return p;
}

double NextUnit(command::ArgReader& args) {
  if (args.Accept("M")) return 1;
  if (args.Accept("KM")) return 1000;
  if (args.Accept("FT")) return 0.3048;
  if (args.Accept("MI")) return 1609.34;
  args.Fail("ERR unsupported unit provided. please use M, KM, FT, MI");
  return 1;
}

void ReplyCoordinate(resp::ReplyWriter& reply, double degrees) {
  std::array<char, 64> text;
  const char* const end =
      std::to_chars(text.data(), text.data() + text.size(), degrees, std::chars_format::fixed, 17).ptr;
  std::string_view digits(text.data(), static_cast<size_t>(end - text.data()));
  digits = digits.substr(0, digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.remove_suffix(1);
  if (digits == "-0") digits = "0";
  if (reply.protocol() == 2) return reply.Bulk(digits);
  reply.Raw(",");
  reply.Raw(digits);
  reply.Raw("\r\n");
}

void ReplyDistance(resp::ReplyWriter& reply, double distance) {
  const auto scaled = static_cast<uint64_t>(std::llrint(distance * 10'000));
  std::array<char, kMaxInt64Text + 5> text;
  size_t n = FormatUint64(scaled / 10'000, text.data());
  text[n++] = '.';
  for (uint64_t unit = 1000, rest = scaled % 10'000; unit != 0; unit /= 10) {
    text[n++] = static_cast<char>('0' + rest / unit % 10);
  }
  reply.Bulk({text.data(), n});
}

}  // namespace pinion::commands
