// The connection itself: PING, ECHO, HELLO...
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"

namespace pinion::commands {
namespace {

using command::Context;

void Ping(Context& ctx) { ctx.reply().Simple("PONG"); }

using namespace command;
constexpr CommandRow kRows[] = {
    {"PING", -1, kFast | kSentinel | kInSubscribed, {}, Ping},
};

}  // namespace

const command::Family kConnectionFamily = {"connection", kCatConnection, kRows};

}  // namespace pinion::commands
