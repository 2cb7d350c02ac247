// LOLWUT: a pinion drives a wheel.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

#include <fmt/format.h>

#include "admin/families.h"
#include "command/args.h"
#include "command/context.h"
#include "pinion/version.h"

namespace pinion::admin {
namespace {

using command::ArgReader;
using command::Context;

constexpr int64_t kFewestTeeth = 6, kMostTeeth = 40;
constexpr double kWidth = 136;      // dots; a character is 2 wide and 4 high
constexpr double kToothHeight = 3;  // dots above the pitch circle, and as many below

// A wheel seen from its axle. Teeth are trapezoids: a cosine cut off above and below.
struct Gear {
  double x, y;      // axle, dots
  double radius;    // of the pitch circle: where two wheels roll on each other
  int64_t teeth;
  double turned;    // radians

  [[nodiscard]] bool Covers(double px, double py) const {
    const double dx = px - x, dy = py - y;
    const double r = std::hypot(dx, dy);
    if (r < radius * 0.14) return false;  // the bore
    const double angle = std::atan2(dy, dx) - turned;
    const double flank = std::clamp(1.8 * std::cos(static_cast<double>(teeth) * angle), -1.0, 1.0);
    if (r > radius + kToothHeight * flank) return false;
    const double rim = radius - 3 * kToothHeight, hub = radius * 0.3;
    if (r > rim || r < hub || rim < 2 * hub) return true;
    return std::abs(r * std::sin(2.5 * angle)) < radius * 0.11;  // five spokes
  }
};

// Draws with Braille characters, whose eight dots stand for eight points each.
std::string Draw(const Gear& pinion, const Gear& wheel, int columns, int lines) {
  constexpr int kDotBits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
  std::string picture;
  for (int line = 0; line < lines; ++line) {
    std::string text;
    for (int column = 0; column < columns; ++column) {
      unsigned dots = 0;
      for (int dy = 0; dy < 4; ++dy) {
        for (int dx = 0; dx < 2; ++dx) {
          const double px = column * 2 + dx + 0.5, py = line * 4 + dy + 0.5;
          if (pinion.Covers(px, py) || wheel.Covers(px, py)) dots |= static_cast<unsigned>(kDotBits[dy][dx]);
        }
      }
      const unsigned code = 0x2800 + dots;  // as UTF-8, three bytes
      text += static_cast<char>(0xE0 | code >> 12);
      text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      text += static_cast<char>(0x80 | (code & 0x3F));
    }
    picture += text + "\n";
  }
  return picture;
}

// LOLWUT [VERSION n] [teeth of the pinion [teeth of the wheel]]; there is one version. Each call finds them turned
// a little further.
void Lolwut(Context& ctx) {
  ArgReader args(ctx);
  if (args.Accept("VERSION") && args.more()) args.NextInt();
  int64_t teeth[2] = {10, 24};
  for (int64_t& n : teeth) {
    if (args.more()) n = std::clamp(args.NextInt(), kFewestTeeth, kMostTeeth);
  }
  if (!args.Finish()) return;

  const auto [small, large] = std::minmax(teeth[0], teeth[1]);
  const double radii = kWidth / 2 - kToothHeight;  // both together
  const double share = static_cast<double>(small) / static_cast<double>(small + large);
  const double pi = std::numbers::pi;
  const double middle = radii * (1 - share) + kToothHeight + 1;
  const double turned = ctx.db().accessor().random.Unit() * 2 * pi;
  const Gear pinion{radii * share + kToothHeight, middle, radii * share, small, turned};
  // Where the pinion has a tooth the wheel has a gap, and it turns the other way.
  const double ratio = static_cast<double>(small) / static_cast<double>(large);
  const Gear wheel{pinion.x + radii, middle, radii * (1 - share), large,
                   pi - pi / static_cast<double>(large) - turned * ratio};

  std::string text = Draw(pinion, wheel, static_cast<int>(kWidth) / 2, static_cast<int>(middle * 2) / 4 + 1);
  const int64_t common = std::gcd(small, large);
  text += fmt::format("\nAfter {} turns of the small one, and {} of the large, the same teeth meet again.\n\n",
                      large / common, small / common);
  text += fmt::format("Pinion ver. {}\n", kVersion);
  ctx.reply().Verbatim("txt", text);
}

using namespace command;
constexpr CommandRow kLolwutRows[] = {
    {"LOLWUT", -1, kRead | kFast, {}, Lolwut},
};

}  // namespace

const command::Family kLolwutFamily = {"server", 0, kLolwutRows};

}  // namespace pinion::admin
