// A look into HyperLogLog sketches, and a test of their machinery: PFDEBUG, PFSELFTEST.
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/hyperloglog_value.h"
#include "resp/errors.h"
#include "types/hyperloglog.h"

namespace pinion::commands {
namespace {

using command::Context;
using types::HllEditor;

// A sparse sketch's runs as text: "Z:100 v:3,1 z:5". A run that is cut short ends it.
std::string DecodeRuns(std::string_view sketch) {
  std::string text;
  for (size_t at = types::kHllHeaderSize; at < sketch.size();) {
    const auto run = types::HllRunAt(sketch, at);
    if (!run) break;
    if (!text.empty()) text += ' ';
    if (run->value != 0) {
      text += fmt::format("v:{},{}", run->value, run->length);
    } else {
      text += fmt::format("{}:{}", run->bytes == 2 ? 'Z' : 'z', run->length);
    }
    at += run->bytes;
  }
  return text;
}

// Makes the key's sketch dense. Nothing when it is corrupt, else whether it was sparse.
std::optional<bool> MakeDense(store::WriteGuard& w) {
  const StringBytes value(w.entry());
  if (types::IsDenseHll(value.view())) return false;
  HllEditor editor(value.view());
  if (!editor.MakeDense()) return std::nullopt;
  StoreHll(w, editor.bytes());
  return true;
}

void PfDebug(Context& ctx) {
  const std::string_view what = ctx.arg(1);
  auto w = ctx.db().Write(ctx.key());
  if (!w.exists()) return ctx.reply().Error("ERR The specified key does not exist");
  if (!CheckHll(ctx, *w.entry())) return;

  if (command::EqualsNoCase(what, "GETREG")) {
    if (!MakeDense(w)) return ctx.reply().Error(kCorruptHll);
    const StringBytes value(w.entry());
    ctx.reply().Array(types::kHllRegisters);
    for (size_t i = 0; i < types::kHllRegisters; ++i) ctx.reply().Integer(types::DenseHllRegister(value.view(), i));
  } else if (command::EqualsNoCase(what, "DECODE")) {
    const StringBytes value(w.entry());
    if (types::IsDenseHll(value.view())) return ctx.reply().Error("ERR HLL encoding is not sparse");
    ctx.reply().Bulk(DecodeRuns(value.view()));
  } else if (command::EqualsNoCase(what, "ENCODING")) {
    ctx.reply().Simple(types::IsDenseHll(StringBytes(w.entry()).view()) ? "dense" : "sparse");
  } else if (command::EqualsNoCase(what, "TODENSE")) {
    const auto converted = MakeDense(w);
    if (!converted) return ctx.reply().Error(kCorruptHll);
    ctx.reply().Integer(*converted);
  } else {
    ctx.reply().Error(fmt::format("ERR Unknown PFDEBUG subcommand '{}'", resp::error::UpToNul(what)));
  }
}

// Writes random registers and reads them back; an error text, or "".
std::string TestRegisters(Random& random) {
  std::string sketch(types::kHllDenseSize, '\0');
  std::array<uint8_t, types::kHllRegisters> wanted;
  for (int round = 0; round < 20; ++round) {
    for (size_t i = 0; i < wanted.size(); ++i) {
      wanted[i] = static_cast<uint8_t>(random.Below(64));
      types::SetDenseHllRegister(sketch.data(), i, wanted[i]);
    }
    for (size_t i = 0; i < wanted.size(); ++i) {
      const int found = types::DenseHllRegister(sketch, i);
      if (found != wanted[i]) {
        return fmt::format("ERR TESTFAILED Register {} should be {} but is {}", i, wanted[i], found);
      }
    }
  }
  return {};
}

// Counts up to a million different elements in a dense and in a sparse sketch; an error text, or "".
std::string TestCounts(Random& random) {
  constexpr uint64_t kMost = 1'000'000;
  constexpr size_t kMostSparse = 3000;
  HllEditor sparse, dense;
  (void)dense.MakeDense();
  const uint64_t seed = random.Next();
  uint64_t checkpoint = 1;
  for (uint64_t n = 1; n <= kMost; ++n) {
    const uint64_t element = n ^ seed;
    char bytes[sizeof element];
    std::memcpy(bytes, &element, sizeof element);
    const auto wanted = types::ObserveForHll({bytes, sizeof bytes});
    (void)dense.Raise(wanted, kMostSparse);
    (void)sparse.Raise(wanted, kMostSparse);
    if (n != checkpoint) continue;
    checkpoint *= 10;
    if (n < kMostSparse / 2 && sparse.dense()) return "ERR TESTFAILED sparse encoding not used";
    const auto count = types::CountHll(dense.bytes());
    if (types::CountHll(sparse.bytes()) != count) return "ERR TESTFAILED dense/sparse disagree";
    // Six times the standard error; one element may collide among ten.
    constexpr double kStandardError = 1.04 / 128;  // 128 is the square root of the number of registers
    const double most = n == 10 ? 1 : std::ceil(6 * kStandardError * static_cast<double>(n));
    const double error = std::abs(static_cast<double>(*count) - static_cast<double>(n));
    if (error > most) return fmt::format("ERR TESTFAILED Too big error. card:{} abserr:{}", n, error);
  }
  return {};
}

void PfSelfTest(Context& ctx) {
  Random& random = ctx.worker().accessor.random;
  std::string error = TestRegisters(random);
  if (error.empty()) error = TestCounts(random);
  if (error.empty()) ctx.reply().Ok(); else ctx.reply().Error(error);
}

using namespace command;
constexpr KeySpec kDebuggedKey[] = {Range(2, 0, 1, kKeyRW | kKeyAccess)};
constexpr CommandRow kHyperLogLogDebugRows[] = {
    {"PFDEBUG", 3, kWrite | kDenyOom | kAdmin, kDebuggedKey, PfDebug},
    {"PFSELFTEST", 1, kAdmin, {}, PfSelfTest},
};

}  // namespace

const command::Family kHyperLogLogDebugFamily = {"hyperloglog", kCatHyperLogLog, kHyperLogLogDebugRows};

}  // namespace pinion::commands
