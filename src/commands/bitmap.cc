// Bits of strings: SETBIT, GETBIT, BITCOUNT, BITPOS.
#include <algorithm>
#include <optional>

#include "command/args.h"
#include "command/context.h"
#include "commands/bitmap_offset.h"
#include "commands/families.h"
#include "commands/string_value.h"
#include "resp/errors.h"
#include "types/bits.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

constexpr std::string_view kNotABit = "ERR bit is not an integer or out of range";

void SetBit(Context& ctx) {
  ArgReader args(ctx, 2);
  const uint64_t offset = NextBitOffset(ctx, args);
  const bool bit = args.NextInt(kNotABit, 0, 1) != 0;
  if (!args.Finish()) return;

  auto w = ctx.db().Write(ctx.key());
  if (!CheckString(ctx, w.entry())) return;
  const uint64_t byte = offset / 8;
  size_t length = 0;
  bool before = false;
  if (w.exists()) {
    const StringBytes old(w.entry());
    length = old.view().size();
    before = types::BitAt(old.view(), offset);
  }
  ctx.reply().Integer(before);
  // Only what changes the string counts as a change.
  if (byte < length && before == bit) return w.MakeRaw();
  char* const bytes = w.EditString(std::max<size_t>(length, byte + 1));
  if (before != bit) bytes[byte] = static_cast<char>(bytes[byte] ^ 0x80 >> offset % 8);
  w.Notify(store::kEventString, "setbit");
}

void GetBit(Context& ctx) {
  ArgReader args(ctx, 2);
  const uint64_t offset = NextBitOffset(ctx, args);
  if (!args.Finish()) return;
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (!CheckString(ctx, e)) return;
  ctx.reply().Integer(types::BitAt(StringBytes(e).view(), offset));
}

// The optional end of a command's arguments: start [end [BYTE | BIT]], both inclusive, negative ones counted from
// the end of the string.
struct RangeArguments {
  int64_t start = 0, end = -1;
  bool end_given = false;
  bool in_bits = false;

  // Reads what is there. Which of two wrong arguments is the error differs between commands.
  static RangeArguments Read(ArgReader& args, bool unit_before_end) {
    RangeArguments range;
    if (args.left() > 3) args.Fail(error::kSyntax);
    if (!args.more()) return range;
    range.start = args.NextInt();
    if (!args.more()) return range;
    range.end_given = true;
    const auto end = ParseInt64(args.Next());
    if (!end && !unit_before_end) args.Fail(error::kNotInteger);
    if (args.more()) {
      range.in_bits = args.Accept("BIT");
      if (!range.in_bits && !args.Accept("BYTE")) args.Fail(error::kSyntax);
    }
    if (!end) args.Fail(error::kNotInteger);
    range.end = end.value_or(0);
    return range;
  }

  struct Bits {
    uint64_t first, last;
  };
  // The range's bits in a string of `length` bytes; none when the range is empty.
  [[nodiscard]] std::optional<Bits> Within(size_t length) const {
    const int64_t total = static_cast<int64_t>(length) * (in_bits ? 8 : 1);
    const auto from_left = [total](int64_t i) { return i < 0 ? std::max<int64_t>(i + total, 0) : i; };
    const int64_t first = from_left(start), last = std::min(from_left(end), total - 1);
    if (first > last) return std::nullopt;
    if (in_bits) return Bits{static_cast<uint64_t>(first), static_cast<uint64_t>(last)};
    return Bits{static_cast<uint64_t>(first) * 8, static_cast<uint64_t>(last) * 8 + 7};
  }
};

void BitCount(Context& ctx) {
  ArgReader args(ctx, 2);
  const RangeArguments range = RangeArguments::Read(args, /*unit_before_end=*/false);
  if (!args.Finish()) return;
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (!CheckString(ctx, e)) return;
  // Judged before the indexes are clamped: both may lie before the beginning.
  if (range.start < 0 && range.end < 0 && range.start > range.end) return ctx.reply().Integer(0);
  const StringBytes value(e);
  const auto bits = range.Within(value.view().size());
  ctx.reply().Integer(bits ? static_cast<int64_t>(types::CountOnes(value.view(), bits->first, bits->last)) : 0);
}

void BitPos(Context& ctx) {
  ArgReader args(ctx, 2);
  const int64_t bit = args.NextInt();
  if (bit != 0 && bit != 1) args.Fail("ERR The bit argument must be 1 or 0.");
  const RangeArguments range = RangeArguments::Read(args, /*unit_before_end=*/true);
  if (!args.Finish()) return;
  const store::Entry* e = ctx.db().Read(ctx.key());
  // An absent key is an endless row of zeros.
  if (e == nullptr) return ctx.reply().Integer(bit == 1 ? -1 : 0);
  if (!CheckString(ctx, e)) return;

  const StringBytes value(e);
  const auto bits = range.Within(value.view().size());
  if (!bits) return ctx.reply().Integer(-1);
  const auto found = types::FindBit(value.view(), bit == 1, bits->first, bits->last);
  if (found) return ctx.reply().Integer(static_cast<int64_t>(*found));
  // Zeros follow a string, unless the range says where to stop.
  const bool zeros_follow = bit == 0 && !range.end_given;
  ctx.reply().Integer(zeros_follow ? static_cast<int64_t>(bits->last + 1) : -1);
}

using namespace command;
constexpr CommandRow kBitmapRows[] = {
    {"SETBIT", 4, kWrite | kDenyOom, kReadUpdateKey, SetBit},
    {"GETBIT", 3, kRead | kFast, kReadKey, GetBit},
    {"BITCOUNT", -2, kRead, kReadKey, BitCount},
    {"BITPOS", -3, kRead, kReadKey, BitPos},
};

}  // namespace

const command::Family kBitmapFamily = {"bitmap", kCatBitmap, kBitmapRows};

}  // namespace pinion::commands
