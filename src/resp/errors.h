// Every error text a client can see, in Redis's words. A reply is "-" + text + CRLF.
#pragma once

#include <string>
#include <string_view>

namespace pinion::resp::error {

inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view kNotInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kNotFloat = "ERR value is not a valid float";
inline constexpr std::string_view kNotPositive = "ERR value is out of range, must be positive";
inline constexpr std::string_view kOutOfRange = "ERR value is out of range";
inline constexpr std::string_view kNotSignedCount =
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
inline constexpr std::string_view kNumKeysNotPositive = "ERR numkeys should be greater than 0";
inline constexpr std::string_view kCountNotPositive = "ERR count should be greater than 0";
inline constexpr std::string_view kLimitNegative = "ERR LIMIT can't be negative";
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
inline constexpr std::string_view kIndexOutOfRange = "ERR index out of range";
inline constexpr std::string_view kOffsetOutOfRange = "ERR offset is out of range";
inline constexpr std::string_view kStringTooLong =
    "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
inline constexpr std::string_view kIncrOverflow = "ERR increment or decrement would overflow";
inline constexpr std::string_view kDecrOverflow = "ERR decrement would overflow";
inline constexpr std::string_view kIncrNanOrInfinity =
    "ERR increment would produce NaN or Infinity";
inline constexpr std::string_view kInvalidCursor = "ERR invalid cursor";
inline constexpr std::string_view kDbIndexRange = "ERR DB index is out of range";
inline constexpr std::string_view kInvalidFirstDbIndex = "ERR invalid first DB index";
inline constexpr std::string_view kInvalidSecondDbIndex = "ERR invalid second DB index";
inline constexpr std::string_view kSameObject = "ERR source and destination objects are the same";
inline constexpr std::string_view kBadScoreRange = "ERR min or max is not a float";
inline constexpr std::string_view kBadLexRange = "ERR min or max not valid string range item";
inline constexpr std::string_view kWeight = "ERR weight value is not a float";
inline constexpr std::string_view kNxAndXx = "ERR XX and NX options at the same time are not compatible";
inline constexpr std::string_view kGtLtNx = "ERR GT, LT, and/or NX options at the same time are not compatible";
inline constexpr std::string_view kIncrPairs = "ERR INCR option supports a single increment-element pair";
inline constexpr std::string_view kNanScore = "ERR resulting score is not a number (NaN)";
inline constexpr std::string_view kLimitByRank =
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX";
inline constexpr std::string_view kScoresByLex =
    "ERR syntax error, WITHSCORES not supported in combination with BYLEX";
inline constexpr std::string_view kNoReplicas = "NOREPLICAS Not enough good replicas to write.";
inline constexpr std::string_view kOutOfMemory =
    "OOM command not allowed when used memory > 'maxmemory'.";
inline constexpr std::string_view kNoAuth = "NOAUTH Authentication required.";
inline constexpr std::string_view kWrongPass =
    "WRONGPASS invalid username-password pair or user is disabled.";
inline constexpr std::string_view kNoProto = "NOPROTO unsupported protocol version";
inline constexpr std::string_view kNoScript = "NOSCRIPT No matching script. Please use EVAL.";
inline constexpr std::string_view kNotBusy = "NOTBUSY No scripts in execution right now.";
inline constexpr std::string_view kBusyScript =
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
// A save has failed, and stop-writes-on-bgsave-error is on.
inline constexpr std::string_view kCannotSave =
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that "
    "may modify the data set are disabled, because this instance is configured to report errors during writes if RDB "
    "snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB "
    "error.";
inline constexpr std::string_view kBusyFunction =
    "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.";
inline constexpr std::string_view kUnkillable =
    "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script "
    "termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.";
inline constexpr std::string_view kExecAbort =
    "EXECABORT Transaction discarded because of previous errors.";
inline constexpr std::string_view kExecWithoutMulti = "ERR EXEC without MULTI";
inline constexpr std::string_view kDiscardWithoutMulti = "ERR DISCARD without MULTI";
inline constexpr std::string_view kNotInTransaction =
    "ERR Command not allowed inside a transaction";
// A client that monitors counts as a replica.
inline constexpr std::string_view kReplicaKeyspace = "ERR Replica can't interact with the keyspace";
inline constexpr std::string_view kClientName =
    "ERR Client names cannot contain spaces, newlines or special characters.";
inline constexpr std::string_view kNoCluster = "ERR This instance has cluster support disabled";
inline constexpr std::string_view kMaxClients = "ERR max number of clients reached";

// What Redis, which prints C strings, shows of a client's bytes: all up to the first NUL.
[[nodiscard]] constexpr std::string_view UpToNul(std::string_view text) { return text.substr(0, text.find('\0')); }

// "ERR unknown command 'x', with args beginning with: 'a' 'b' ". As in Redis the name is cut at 128
// bytes, the arguments where their list has grown to that, and each at its first NUL.
[[nodiscard]] std::string UnknownCommand(std::string_view name, const std::string_view* args,
                                         size_t count);
// "ERR wrong number of arguments for 'get' command"
[[nodiscard]] std::string WrongArity(std::string_view lower_case_full_name);
// "ERR unknown subcommand 'x'. Try CLIENT HELP."
[[nodiscard]] std::string UnknownSubcommand(std::string_view name,
                                            std::string_view upper_case_command);
// "ERR invalid expire time in 'set' command"
[[nodiscard]] std::string InvalidExpire(std::string_view lower_case_name);

// "ERR DEBUG command not allowed. If the enable-debug-command option is ...": for a command kept behind an option.
[[nodiscard]] std::string ProtectedCommand(std::string_view lower_case_name);
// "ERR Can't execute 'get': only (P|S)SUBSCRIBE / ... are allowed in this context"
[[nodiscard]] std::string NotWhileSubscribed(std::string_view lower_case_full_name);
// "MISCONF Errors writing to the AOF file: ..."
[[nodiscard]] std::string CannotAppend(std::string_view reason);
// "EXECABORT Transaction discarded because of: ..." for the error that EXEC itself met.
[[nodiscard]] std::string ExecAbortBecause(std::string_view error);

}  // namespace pinion::resp::error
