// Between the protocol and Lua: replies of commands become values, and what a script returns becomes its reply.
#pragma once

#include <string_view>

#include "resp/reply_writer.h"
#include "script/lua.h"

namespace pinion::script {

// Pushes the value of one whole reply, RESP2 or RESP3, as this server writes them: {err=}, {ok=}, {map=}, {set=},
// {double=}, {big_number=}, {verbatim_string={format=, string=}}; nil bulk strings and arrays are false, `_` is nil.
// REQUIRES: `reply` is well-formed.
void PushReply(lua_State* L, std::string_view reply);

// Writes the value at the top of the stack and pops it. `script_protocol`, redis.setresp's, says how booleans are
// meant. No metamethod runs.
void WriteReply(lua_State* L, int script_protocol, resp::ReplyWriter& reply);

// What an error table, or any other value that was raised, says: "ERR ..." and where.
struct ErrorInfo {
  std::string_view text, source, line;   // in the table
  bool counted = false;                  // in the statistics, where it arose
};
// Of the table at the top of the stack, on which its parts are left.
[[nodiscard]] ErrorInfo ReadErrorTable(lua_State* L);
inline constexpr const char* kCountedField = "ignore_error_stats_update";

}  // namespace pinion::script
