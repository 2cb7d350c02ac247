// FCALL and FCALL_RO.
#include "command/context.h"
#include "script/call_args.h"
#include "script/engine.h"
#include "script/families.h"
#include "script/shebang.h"

namespace pinion::script {
namespace {

using command::Context;

void CallFunction(Context& ctx, bool read_only) {
  const Function* const f = Engine::Of(ctx).functions().libraries().FindFunction(ctx.arg(1));
  if (f == nullptr) return ctx.reply().Error("ERR Function not found");
  const auto keys = ReadKeyCount(ctx, "ERR Bad number of keys provided");
  if (!keys) return;
  Engine::Of(ctx).Run(ctx, {.name = f->name,
                            .flags = f->flags,
                            .function = f->function,
                            .is_function = true,
                            .read_only = read_only,
                            .keys = *keys});
}

void FCall(Context& ctx) { CallFunction(ctx, false); }
void FCallRo(Context& ctx) { CallFunction(ctx, true); }

bool FunctionOnlyReads(command::Services& services, std::span<const std::string_view> args) {
  const Function* const f = Engine::Of(services).functions().libraries().FindFunction(args[1]);
  return f == nullptr || (f->flags & kNoWrites) != 0;
}

using namespace command;
constexpr CommandRow kFCallRows[] = {
    {"FCALL", -3, kMayReplicate | kScriptCall, kCallKeys, FCall, 0, {}, nullptr, nullptr, nullptr, {},
     FunctionOnlyReads},
    {"FCALL_RO", -3, kRead | kScriptCall, kCallKeysRo, FCallRo},
};

}  // namespace

const command::Family kFCallFamily = {"scripting", kCatScripting, kFCallRows};

}  // namespace pinion::script
