// Parsing and judging the options of SET and its kin.
#include "commands/string_options.h"

#include "base/hash.h"
#include "base/numbers.h"
#include "commands/string_value.h"
#include "resp/errors.h"

namespace pinion::commands {

namespace error = resp::error;
using command::ArgReader;
using command::Context;

namespace {

constexpr std::string_view kDigestLength = "ERR must be exactly 16 hexadecimal characters";

struct ExpireWord { std::string_view text; ExpireOption::Word word; };
constexpr ExpireWord kExpireWords[] = {
    {"EX", ExpireOption::kEx},     {"PX", ExpireOption::kPx},           {"EXAT", ExpireOption::kExAt},
    {"PXAT", ExpireOption::kPxAt}, {"KEEPTTL", ExpireOption::kKeepTtl}, {"PERSIST", ExpireOption::kPersist},
};

struct ConditionWord { std::string_view text; Condition::Word word; };
constexpr ConditionWord kConditionWords[] = {
    {"NX", Condition::Word::kNx},     {"XX", Condition::Word::kXx},
    {"IFEQ", Condition::Word::kIfEq}, {"IFDEQ", Condition::Word::kIfDigestEq},
    {"IFNE", Condition::Word::kIfNe}, {"IFDNE", Condition::Word::kIfDigestNe},
};

}  // namespace

bool ExpireOption::Accept(ArgReader& args) {
  for (const ExpireWord& w : kExpireWords) {
    if (!(known_ & w.word) || !args.Accept(w.text)) continue;
    if (word_ != kNone && !(repeatable_ && word_ == w.word)) args.Fail(error::kSyntax);
    word_ = w.word;
    if (has_time()) time_ = args.Next();
    return true;
  }
  return false;
}

std::optional<UnixMillis> ExpireOption::Resolve(Context& ctx, Word word, std::string_view time) {
  const auto given = ParseInt64(time);
  if (!given) {
    ctx.reply().Error(error::kNotInteger);
    return std::nullopt;
  }
  int64_t at = *given;
  bool valid = at > 0;
  if (word & (kEx | kExAt)) valid = valid && !__builtin_mul_overflow(at, int64_t{1000}, &at);
  if (word & (kEx | kPx)) valid = valid && !__builtin_add_overflow(at, ctx.now(), &at);
  if (valid) return at;
  ctx.reply().Error(error::InvalidExpire(ctx.command().full_name));
  return std::nullopt;
}

bool Condition::Accept(ArgReader& args) {
  for (const ConditionWord& w : kConditionWords) {
    if (!args.Accept(w.text)) continue;
    const bool again = word_ == w.word && !compares();
    if (word_ != Word::kNone && !again) args.Fail(error::kSyntax);
    word_ = w.word;
    if (compares()) operand_ = args.Next();
    return true;
  }
  return false;
}

std::optional<bool> Condition::Holds(Context& ctx, const store::Entry* e) const {
  switch (word_) {
    case Word::kNone: return true;
    case Word::kNx: return e == nullptr;
    case Word::kXx: return e != nullptr;
    default: break;
  }
  const bool wants_equal = word_ == Word::kIfEq || word_ == Word::kIfDigestEq;
  if (e == nullptr) return !wants_equal;
  if (!CheckString(ctx, e)) return std::nullopt;
  const StringBytes value(e);
  if (word_ == Word::kIfEq || word_ == Word::kIfNe) return (value.view() == operand_) == wants_equal;
  if (operand_.size() != kDigestText) {
    ctx.reply().Error(kDigestLength);
    return std::nullopt;
  }
  char digest[kDigestText];
  FormatDigest(value.view(), digest);
  return command::EqualsNoCase({digest, kDigestText}, operand_) == wants_equal;
}

void FormatDigest(std::string_view bytes, char* out) {
  constexpr char kHex[] = "0123456789abcdef";
  uint64_t digest = Digest64(bytes);
  for (size_t i = kDigestText; i-- > 0; digest >>= 4) out[i] = kHex[digest & 15];
}

}  // namespace pinion::commands
