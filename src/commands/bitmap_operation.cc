// BITOP: a string from the bits of others.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/blob.h"
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/string_value.h"
#include "resp/errors.h"
#include "types/bits.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using types::BitOperation;

struct OperationName {
  std::string_view name;
  BitOperation operation;
  bool needs_two;  // sources at least
};
constexpr OperationName kOperations[] = {
    {"AND", BitOperation::kAnd, false},   {"OR", BitOperation::kOr, false},
    {"XOR", BitOperation::kXor, false},   {"NOT", BitOperation::kNot, false},
    {"DIFF", BitOperation::kDiff, true},  {"DIFF1", BitOperation::kDiff1, true},
    {"ANDOR", BitOperation::kAndOr, true}, {"ONE", BitOperation::kOne, false},
};

const OperationName* FindOperation(std::string_view name) {
  const auto at = std::find_if(std::begin(kOperations), std::end(kOperations),
                               [name](const OperationName& o) { return command::EqualsNoCase(o.name, name); });
  return at == std::end(kOperations) ? nullptr : at;
}

// The strings at the command's source keys, "" for absent ones. The views die with this object and the entries.
class Sources {
 public:
  // Check ok(): else a key holds no string, and the error was replied.
  explicit Sources(Context& ctx) : scratch_(ctx.keys().size() - 1) {
    views_.reserve(scratch_.size());
    for (size_t i = 0; i < scratch_.size(); ++i) {
      const store::Entry* e = ctx.db().Read(ctx.key(i + 1));
      if (!CheckString(ctx, e)) return;
      views_.push_back(e ? e->StringView(scratch_[i].data()) : std::string_view());
      longest_ = std::max(longest_, views_.back().size());
    }
    ok_ = true;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::span<const std::string_view> views() const { return views_; }
  [[nodiscard]] size_t longest() const { return longest_; }

 private:
  std::vector<std::array<char, kMaxInt64Text>> scratch_;
  std::vector<std::string_view> views_;
  size_t longest_ = 0;
  bool ok_ = false;
};

void BitOp(Context& ctx) {
  const OperationName* const op = FindOperation(ctx.arg(1));
  if (op == nullptr) return ctx.reply().Error(error::kSyntax);
  const size_t count = ctx.keys().size() - 1;
  if (op->operation == BitOperation::kNot && count != 1) {
    return ctx.reply().Error("ERR BITOP NOT must be called with a single source key.");
  }
  if (op->needs_two && count < 2) {
    return ctx.reply().Error(
        fmt::format("ERR BITOP {} must be called with at least two source keys.", op->name));
  }
  const Sources sources(ctx);
  if (!sources.ok()) return;

  // Computed apart: the destination may be one of the sources.
  const size_t length = sources.longest();
  Blob result = Blob::WithSize(length);
  types::CombineBits(op->operation, sources.views(), {result.data(), length});
  auto w = ctx.db().Write(ctx.key(0));
  if (length != 0) {
    w.SetRaw(std::move(result), store::kNoDeadline);
    w.Notify(store::kEventString, "set");
  } else if (w.exists()) {
    w.Delete();
    w.Notify(store::kEventGeneric, "del");
  }
  ctx.reply().Integer(static_cast<int64_t>(length));
}

using namespace command;
constexpr KeySpec kTargetAndSources[] = {Range(2, 0, 1, kKeyOW | kKeyUpdate), Range(3, -1, 1, kKeyRO | kKeyAccess)};
constexpr CommandRow kBitOperationRows[] = {
    {"BITOP", -4, kWrite | kDenyOom, kTargetAndSources, BitOp},
};

}  // namespace

const command::Family kBitOperationFamily = {"bitmap", kCatBitmap, kBitOperationRows};

}  // namespace pinion::commands
