// Integers at any bit of a string: BITFIELD, BITFIELD_RO.
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/numbers.h"
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
using types::BitField;
using types::Overflow;

struct FieldOperation {
  enum Kind : uint8_t { kGet, kSet, kAdd };
  Kind kind;
  Overflow overflow;
  BitField field;
  int64_t operand;  // kSet: the value; kAdd: the increment
};

// "i5", "u16": the field's width and sign.
BitField NextType(ArgReader& args) {
  const std::string_view text = resp::error::UpToNul(args.Next());
  const bool is_signed = text.starts_with('i');
  if (is_signed || text.starts_with('u')) {
    const auto width = ParseInt64(text.substr(1));
    const int64_t widest = is_signed ? 64 : 63;
    if (width && *width >= 1 && *width <= widest) return {0, static_cast<uint8_t>(*width), is_signed};
  }
  args.Fail("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.");
  return {0, 1, false};
}

Overflow NextOverflow(ArgReader& args) {
  if (args.Accept("WRAP")) return Overflow::kWrap;
  if (args.Accept("SAT")) return Overflow::kSaturate;
  if (args.Accept("FAIL")) return Overflow::kFail;
  args.Fail("ERR Invalid OVERFLOW type specified");
  return Overflow::kWrap;
}

std::vector<FieldOperation> ReadOperations(Context& ctx, ArgReader& args) {
  std::vector<FieldOperation> operations;
  Overflow overflow = Overflow::kWrap;
  while (args.more()) {
    // A word that lacks its arguments is as unknown as any other.
    const size_t left = args.left() - 1;
    FieldOperation op = {FieldOperation::kGet, overflow, {}, 0};
    if (left >= 1 && args.Accept("OVERFLOW")) {
      overflow = NextOverflow(args);
      continue;
    }
    if (left >= 3 && args.Accept("SET")) {
      op.kind = FieldOperation::kSet;
    } else if (left >= 3 && args.Accept("INCRBY")) {
      op.kind = FieldOperation::kAdd;
    } else if (left < 2 || !args.Accept("GET")) {
      args.Fail(error::kSyntax);
      break;
    }
    op.field = NextType(args);
    op.field.offset = NextBitOffset(ctx, args, op.field.width);
    if (op.kind != FieldOperation::kGet) op.operand = args.NextInt();
    operations.push_back(op);
  }
  return operations;
}

void ReplyBitFields(Context& ctx, std::string_view bytes, const std::vector<FieldOperation>& operations) {
  ctx.reply().Array(operations.size());
  for (const FieldOperation& op : operations) ctx.reply().Integer(types::ReadField(bytes, op.field));
}

// The bytes of a key's string while fields are written: they are touched only when a field really changes.
class FieldEditor {
 public:
  // The string reaches to `least_size` bytes from now on.
  FieldEditor(store::WriteGuard& w, size_t least_size) : w_(w), old_(w.entry()), bytes_(old_.view()) {
    if (bytes_.size() < least_size) {
      Edit(least_size);
      grown_ = true;
    }
  }

  // Does the operation; the result to reply, or nothing where it failed.
  std::optional<int64_t> Apply(const FieldOperation& op) {
    const int64_t before = types::ReadField(bytes_, op.field);
    if (op.kind == FieldOperation::kGet) return before;
    const auto after = op.kind == FieldOperation::kSet
                           ? types::FitField(op.field, op.operand, op.overflow)
                           : types::AddToField(op.field, before, op.operand, op.overflow);
    if (!after) return std::nullopt;
    if (*after != before) {
      if (writable_ == nullptr) Edit(bytes_.size());
      types::WriteField({writable_, bytes_.size()}, op.field, *after);
    }
    changed_ = changed_ || grown_ || *after != before;
    return op.kind == FieldOperation::kSet ? before : *after;
  }
  // Whether some field was written that changed the string.
  [[nodiscard]] bool changed() const { return changed_; }

 private:
  void Edit(size_t size) {
    writable_ = w_.EditString(size);
    bytes_ = {writable_, size};
  }

  store::WriteGuard& w_;
  const StringBytes old_;
  std::string_view bytes_;
  char* writable_ = nullptr;
  bool grown_ = false;
  bool changed_ = false;
};

void ReadOrWriteFields(Context& ctx, bool may_write) {
  ArgReader args(ctx, 2);
  const std::vector<FieldOperation> operations = ReadOperations(ctx, args);
  uint64_t size = 0;  // the string must reach to here
  for (const FieldOperation& op : operations) {
    if (op.kind != FieldOperation::kGet) size = std::max(size, op.field.BytesNeeded());
  }
  if (size != 0 && !may_write) args.Fail("ERR BITFIELD_RO only supports the GET subcommand");
  if (!args.Finish()) return;

  if (size == 0) {
    const store::Entry* e = ctx.db().Read(ctx.key());
    if (!CheckString(ctx, e)) return;
    return ReplyBitFields(ctx, StringBytes(e).view(), operations);
  }
  auto w = ctx.db().Write(ctx.key());
  if (!CheckString(ctx, w.entry())) return;
  FieldEditor editor(w, size);
  ctx.reply().Array(operations.size());
  for (const FieldOperation& op : operations) {
    const auto result = editor.Apply(op);
    if (result) ctx.reply().Integer(*result); else ctx.reply().Null();
  }
  if (editor.changed()) w.Notify(store::kEventString, "setbit"); else w.MakeRaw();
}

void BitFieldCommand(Context& ctx) { ReadOrWriteFields(ctx, true); }
void BitFieldRo(Context& ctx) { ReadOrWriteFields(ctx, false); }

using namespace command;
// It is a read when there is nothing but GET; what makes no sense counts as a write, as in Redis.
uint32_t FieldKeyFlags(std::span<const std::string_view> args) {
  for (size_t i = 2; i < args.size();) {
    const size_t left = args.size() - i - 1;
    if (left >= 2 && command::EqualsNoCase(args[i], "GET")) {
      i += 3;
    } else if (left >= 1 && command::EqualsNoCase(args[i], "OVERFLOW")) {
      i += 2;
    } else {
      return kKeyRW | kKeyAccess | kKeyUpdate;
    }
  }
  return kKeyRO | kKeyAccess;
}

constexpr KeySpec kFieldKey[] = {Range(1, 0, 1, kKeyRW | kKeyUpdate | kKeyAccess | kKeyVariableFlags)};
constexpr CommandRow kBitFieldRows[] = {
    {"BITFIELD", -2, kWrite | kDenyOom, kFieldKey, BitFieldCommand, 0, {}, nullptr, nullptr, FieldKeyFlags},
    {"BITFIELD_RO", -2, kRead | kFast, kReadKey, BitFieldRo},
};

}  // namespace

const command::Family kBitFieldFamily = {"bitmap", kCatBitmap, kBitFieldRows};

}  // namespace pinion::commands
