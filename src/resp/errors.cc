// Error texts that quote the client: cut where Redis cuts them.
#include "resp/errors.h"

#include <algorithm>

#include <fmt/format.h>

namespace pinion::resp::error {
namespace {

constexpr size_t kMaxQuoted = 128;

// Redis prints these as C strings: up to `limit` bytes, or to the first NUL.
std::string_view Cut(std::string_view text, size_t limit) {
  return UpToNul(text.substr(0, limit));
}

}  // namespace

std::string UnknownCommand(std::string_view name, const std::string_view* args, size_t count) {
  std::string list;
  for (size_t i = 0; i < count && list.size() < kMaxQuoted; ++i) {
    const std::string_view arg = Cut(args[i], kMaxQuoted - list.size());
    list.append("'").append(arg).append("' ");
  }
  return fmt::format("ERR unknown command '{}', with args beginning with: {}",
                     Cut(name, kMaxQuoted), list);
}

std::string WrongArity(std::string_view lower_case_full_name) {
  return fmt::format("ERR wrong number of arguments for '{}' command", lower_case_full_name);
}

std::string UnknownSubcommand(std::string_view name, std::string_view upper_case_command) {
  return fmt::format("ERR unknown subcommand '{}'. Try {} HELP.", Cut(name, kMaxQuoted),
                     upper_case_command);
}

std::string InvalidExpire(std::string_view lower_case_name) {
  return fmt::format("ERR invalid expire time in '{}' command", lower_case_name);
}

std::string ProtectedCommand(std::string_view lower_case_name) {
  std::string upper(lower_case_name);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return fmt::format(
      "ERR {} command not allowed. If the enable-{}-command option is set to \"local\", you can run it from a local "
      "connection, otherwise you need to set this option in the configuration file, and then restart the server.",
      upper, lower_case_name);
}

std::string CannotAppend(std::string_view reason) {
  return fmt::format("MISCONF Errors writing to the AOF file: {}", reason);
}

std::string NotWhileSubscribed(std::string_view lower_case_full_name) {
  return fmt::format(
      "ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed "
      "in this context",
      lower_case_full_name);
}

std::string ExecAbortBecause(std::string_view error) {
  if (error.starts_with("ERR ")) error.remove_prefix(4);
  return fmt::format("EXECABORT Transaction discarded because of: {}", error);
}

}  // namespace pinion::resp::error
