// What is told of a command: the effects that its handler named, or else the request, if it changed anything.
#include "command/journaling.h"

namespace pinion::command {
namespace {

class Unit {
 public:
  explicit Unit(Context& ctx) : ctx_(ctx) { ctx.worker().effects.Begin(); }
  ~Unit() {
    const JournalEnds ends = ctx_.worker().effects.End();
    for (size_t i = 0; i < kListeners; ++i) {
      if (ends[i] != 0) ctx_.session().journal_ends[i] = ends[i];
    }
  }
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

 private:
  Context& ctx_;
};

}  // namespace

void Listen(Services& services, Listener who, Journal* journal) {
  for (const auto& worker : services.workers) {
    worker->effects.Follow(who, journal);
    worker->accessor.journaled = worker->effects.followed();
  }
}

void RunJournaled(Context& ctx) {
  if (ctx.command().Has(kLocksItself | kTouchesArbitraryKeys)) return ctx.command().handler(ctx);
  const Unit unit(ctx);
  const Counter& dirty = ctx.worker().accessor.stats.dirty;
  const int64_t before = dirty.Get();
  ctx.command().handler(ctx);
  // DEBUG RELOAD and its kin change keys and are no commands of the data's history.
  const bool told = ctx.command().Has(kWrite | kMayReplicate);
  if (told && !ctx.effects_named() && dirty.Get() != before) ctx.EffectAsSent();
}

Effects* Context::BeginEffect(uint32_t db, size_t argc) {
  if (!journaled() || worker_.effects.muted()) return nullptr;
  effects_named_ = true;
  worker_.effects.Add(db, argc);
  return &worker_.effects;
}

void Context::EffectAsSent() {
  Effects* const e = BeginEffect(args_.size());
  if (e == nullptr) return;
  for (std::string_view a : args_) e->Put(a);
}

}  // namespace pinion::command
