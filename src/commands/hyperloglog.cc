// HyperLogLog sketches: PFADD, PFCOUNT, PFMERGE.
#include <optional>
#include <span>
#include <string_view>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/hyperloglog_value.h"
#include "commands/string_value.h"
#include "types/hyperloglog.h"

namespace pinion::commands {
namespace {

using command::Context;
using store::kEventString;
using types::HllEditor;

size_t MostSparse(Context& ctx) {
  return static_cast<size_t>(ctx.services().config.settings().hll_sparse_max_bytes.load(std::memory_order_relaxed));
}

// What adding elements came to; nothing when the sketch is corrupt, which then stays as it was.
using Added = std::optional<bool>;

Added AddToDense(store::WriteGuard& w, std::span<const std::string_view> elements) {
  const StringBytes value(w.entry());
  std::string_view sketch = value.view();
  char* writable = nullptr;
  for (const std::string_view element : elements) {
    const auto wanted = types::ObserveForHll(element);
    if (types::DenseHllRegister(sketch, wanted.index) >= wanted.value) continue;
    if (writable == nullptr) {
      writable = w.EditString(types::kHllDenseSize);
      sketch = {writable, types::kHllDenseSize};
      types::DropCachedHllCount(writable);
    }
    types::SetDenseHllRegister(writable, wanted.index, wanted.value);
  }
  return writable != nullptr;
}

Added AddToSparse(store::WriteGuard& w, std::span<const std::string_view> elements, size_t most_sparse) {
  // Most elements of a well-filled sketch change nothing: no copy is made before one does.
  const StringBytes value(w.entry());
  const std::string_view sketch = value.view();
  for (;; elements = elements.subspan(1)) {
    if (elements.empty()) return false;
    const auto has = types::SparseHllHas(sketch, types::ObserveForHll(elements.front()));
    if (!has) return std::nullopt;
    if (!*has) break;
  }
  HllEditor editor(sketch);
  for (const std::string_view element : elements) {
    const auto outcome = editor.Raise(types::ObserveForHll(element), most_sparse);
    if (outcome == HllEditor::Outcome::kCorrupt) return std::nullopt;
  }
  editor.DropCachedCount();
  StoreHll(w, editor.bytes());
  return true;
}

void CreateFrom(store::WriteGuard& w, std::span<const std::string_view> elements, size_t most_sparse) {
  HllEditor editor;
  for (const std::string_view element : elements) (void)editor.Raise(types::ObserveForHll(element), most_sparse);
  editor.DropCachedCount();
  StoreHll(w, editor.bytes());
}

void PfAdd(Context& ctx) {
  const auto elements = ctx.args().subspan(2);
  auto w = ctx.db().Write(ctx.key());
  Added added = true;
  if (!w.exists()) {
    CreateFrom(w, elements, MostSparse(ctx));
  } else {
    if (!CheckHll(ctx, *w.entry())) return;
    const bool dense = types::IsDenseHll(StringBytes(w.entry()).view());
    added = dense ? AddToDense(w, elements) : AddToSparse(w, elements, MostSparse(ctx));
    if (!added) return ctx.reply().Error(kCorruptHll);
  }
  if (*added) w.Notify(kEventString, "pfadd");
  ctx.reply().Integer(*added);
}

// Merges the sketches at all of the command's keys. False when a key holds none or a corrupt one: the error was
// replied. `some_dense`, if wanted, says whether one of them is dense.
[[nodiscard]] bool MergeAll(Context& ctx, types::HllRegisters* all, bool* some_dense = nullptr) {
  for (const store::Key& key : ctx.keys()) {
    const store::Entry* e = ctx.db().Read(key);
    if (e == nullptr) continue;  // as if empty
    if (!CheckHll(ctx, *e)) return false;
    const StringBytes value(e);
    if (some_dense != nullptr) *some_dense |= types::IsDenseHll(value.view());
    if (!all->Merge(value.view())) {
      ctx.reply().Error(kCorruptHll);
      return false;
    }
  }
  return true;
}

void PfCount(Context& ctx) {
  if (ctx.keys().size() > 1) {
    types::HllRegisters all;
    if (!MergeAll(ctx, &all)) return;
    return ctx.reply().Integer(static_cast<int64_t>(all.Count()));
  }
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (e == nullptr) return ctx.reply().Integer(0);
  if (!CheckHll(ctx, *e)) return;
  const StringBytes value(e);
  if (const auto cached = types::CachedHllCount(value.view())) {
    return ctx.reply().Integer(static_cast<int64_t>(*cached));
  }
  const auto count = types::CountHll(value.view());
  if (!count) return ctx.reply().Error(kCorruptHll);
  // The count is kept in the value: a change, though nobody asked for one.
  auto w = ctx.db().Write(ctx.key());
  types::CacheHllCount(w.EditString(value.view().size()), *count);
  ctx.reply().Integer(static_cast<int64_t>(*count));
}

void PfMerge(Context& ctx) {
  types::HllRegisters all;
  bool dense = false;
  if (!MergeAll(ctx, &all, &dense)) return;

  auto w = ctx.db().Write(ctx.key(0));
  std::optional<HllEditor> editor;
  if (w.exists()) {
    editor.emplace(StringBytes(w.entry()).view());
  } else {
    editor.emplace();
  }
  // Merged above: it is not corrupt, and none of its registers exceeds those of all.
  if (dense) {
    (void)editor->MakeDense();
    editor->SetRegisters(all);
  } else {
    const size_t most_sparse = MostSparse(ctx);
    for (uint16_t i = 0; i < types::kHllRegisters; ++i) {
      if (all[i] != 0) (void)editor->Raise({i, all[i]}, most_sparse);
    }
  }
  editor->DropCachedCount();
  StoreHll(w, editor->bytes());
  w.Notify(kEventString, "pfadd");
  ctx.reply().Ok();
}

using namespace command;
constexpr KeySpec kCountedKeys[] = {Range(1, -1, 1, kKeyRW | kKeyAccess)};
constexpr KeySpec kMergedKeys[] = {Range(1, 0, 1, kKeyRW | kKeyAccess | kKeyInsert),
                                   Range(2, -1, 1, kKeyRO | kKeyAccess)};
constexpr CommandRow kHyperLogLogRows[] = {
    {"PFADD", -2, kWrite | kDenyOom | kFast, kInsertKey, PfAdd},
    {"PFCOUNT", -2, kRead | kMayReplicate, kCountedKeys, PfCount},
    {"PFMERGE", -2, kWrite | kDenyOom, kMergedKeys, PfMerge},
};

}  // namespace

const command::Family kHyperLogLogFamily = {"hyperloglog", kCatHyperLogLog, kHyperLogLogRows};

}  // namespace pinion::commands
