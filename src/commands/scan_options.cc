// Reading the options of SCAN and its kin, and closing their replies.
#include "commands/scan_options.h"

#include <string>

#include <fmt/format.h>

#include "resp/errors.h"

namespace pinion::commands {
namespace error = resp::error;
namespace {

std::optional<uint64_t> ParseCursor(std::string_view text) {
  text = error::UpToNul(text);
  if (text.empty()) return 0;
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  uint64_t v = 0;
  for (char c : text) {
    if (c < '0' || c > '9' || __builtin_mul_overflow(v, uint64_t{10}, &v) ||
        __builtin_add_overflow(v, static_cast<uint64_t>(c - '0'), &v)) {
      return std::nullopt;
    }
  }
  return negative ? 0 - v : v;
}

}  // namespace

uint64_t ReadCursor(command::ArgReader* args) {
  const auto cursor = ParseCursor(args->Next());
  if (!cursor) args->Fail(error::kInvalidCursor);
  return cursor.value_or(0);
}

ScanOptions ReadScanOptions(command::ArgReader* args, Scanned what) {
  ScanOptions options;
  while (args->more()) {
    if (args->AcceptWithValue("COUNT")) {
      const int64_t n = args->NextInt();
      if (n < 1) args->Fail(error::kSyntax);
      options.count = static_cast<size_t>(n);
    } else if (args->AcceptWithValue("MATCH")) {
      options.pattern = args->Next();
    } else if (what == Scanned::kKeys && args->AcceptWithValue("TYPE")) {
      options.type = args->Next();
    } else if ((what == Scanned::kHash && args->Accept("NOVALUES")) ||
               (what == Scanned::kSortedSet && args->Accept("NOSCORES"))) {
      options.names_only = true;
    } else {
      args->Fail(error::kSyntax);
    }
  }
  if (options.pattern == "*") options.pattern.reset();
  return options;
}

void ScanReply::End(uint64_t next_cursor) {
  reply_.EndArray(start_, elements_);
  const std::string cursor = std::to_string(next_cursor);
  reply_.out().Insert(start_, fmt::format("*2\r\n${}\r\n{}\r\n", cursor.size(), cursor));
}

}  // namespace pinion::commands
