// EVAL, EVALSHA and their read-only forms.
#include "command/context.h"
#include "resp/errors.h"
#include "script/call_args.h"
#include "script/engine.h"
#include "script/families.h"
#include "script/shebang.h"

namespace pinion::script {
namespace {

using command::Context;

void RunScript(Context& ctx, const Script& script, size_t keys, bool read_only) {
  Engine::Of(ctx).Run(ctx, {.name = script.sha,
                            .flags = script.flags,
                            .function = script.function,
                            .is_function = false,
                            .read_only = read_only,
                            .keys = keys});
}

void EvalText(Context& ctx, bool read_only) {
  const auto keys = ReadKeyCount(ctx, resp::error::kNotInteger);
  if (!keys) return;
  const auto script = Engine::Of(ctx).Define(ctx.arg(1), false);
  if (!script) return ctx.reply().Error(script.error());
  RunScript(ctx, **script, *keys, read_only);
}

void EvalSha(Context& ctx, bool read_only) {
  if (ctx.arg(1).size() != 40) return ctx.reply().Error(resp::error::kNoScript);
  const auto keys = ReadKeyCount(ctx, resp::error::kNotInteger);
  if (!keys) return;
  const Script* const script = Engine::Of(ctx).FindSha(ctx.arg(1));
  if (script == nullptr) return ctx.reply().Error(resp::error::kNoScript);
  RunScript(ctx, *script, *keys, read_only);
}

void Eval(Context& ctx) { EvalText(ctx, false); }
void EvalRo(Context& ctx) { EvalText(ctx, true); }
void EvalSha(Context& ctx) { EvalSha(ctx, false); }
void EvalShaRo(Context& ctx) { EvalSha(ctx, true); }

// What would fail anyhow need not wait for that.
bool TextOnlyReads(command::Services&, std::span<const std::string_view> args) {
  const auto head = ReadScriptHead(args[1]);
  return !head || (head->flags & kNoWrites) != 0;
}
bool ShaOnlyReads(command::Services& services, std::span<const std::string_view> args) {
  const Script* const script = Engine::Of(services).FindSha(args[1]);
  return script == nullptr || (script->flags & kNoWrites) != 0;
}

using namespace command;
constexpr uint64_t kWrites = kMayReplicate | kScriptCall;
constexpr uint64_t kReads = kRead | kScriptCall;
constexpr CommandRow kEvalRows[] = {
    {"EVAL", -3, kWrites, kCallKeys, Eval, 0, {}, nullptr, nullptr, nullptr, {}, TextOnlyReads},
    {"EVALSHA", -3, kWrites, kCallKeys, EvalSha, 0, {}, nullptr, nullptr, nullptr, {}, ShaOnlyReads},
    {"EVALSHA_RO", -3, kReads, kCallKeysRo, EvalShaRo},
    {"EVAL_RO", -3, kReads, kCallKeysRo, EvalRo},
};

}  // namespace

const command::Family kEvalFamily = {"scripting", kCatScripting, kEvalRows};

}  // namespace pinion::script
