// HSCAN, SSCAN and ZSCAN but for what their elements are.
#pragma once

#include <cstdint>

#include "command/args.h"
#include "command/context.h"
#include "commands/object.h"
#include "commands/scan_options.h"

namespace pinion::commands {

// scan(const T&, uint64_t cursor, const ScanOptions&, ScanReply&) adds elements to the reply and returns the next
// cursor. The options of a key that is not there are not looked at.
template <typename T, typename F>
void ScanValue(command::Context& ctx, Scanned what, F&& scan) {
  command::ArgReader args(ctx, 2);
  const uint64_t cursor = ReadCursor(&args);
  if (args.failed()) return (void)args.Finish();
  const Reading<T> value(ctx, ctx.key());
  if (value.wrong_type()) return;
  if (!value.exists()) return ScanReply(ctx.reply()).End(0);
  const ScanOptions options = ReadScanOptions(&args, what);
  if (!args.Finish()) return;

  ScanReply reply(ctx.reply());
  reply.End(scan(*value, cursor, options, reply));
}

}  // namespace pinion::commands
