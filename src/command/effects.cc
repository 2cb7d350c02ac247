// Collecting effects, and handing them over unit by unit.
#include "command/effects.h"

#include "base/numbers.h"
#include "command/delivery.h"

namespace pinion::command {
namespace {

constexpr size_t kKeepText = 64 * 1024;  // memory that is kept between units

}  // namespace

void Effects::Add(uint32_t db, size_t argc) {
  AppendHeader('*', argc, &text_);
  effects_.push_back({db, 0});
  missing_ = argc;
}

void Effects::Put(std::string_view argument) {
  AppendBulk(argument, &text_);
  if (--missing_ == 0) effects_.back().end = text_.size();
}

void Effects::Put(int64_t argument) {
  char digits[kMaxInt64Text];
  Put(std::string_view(digits, FormatInt64(argument, digits)));
}

void Effects::AddWhole(uint32_t db, std::span<const std::string_view> args) {
  Add(db, args.size());
  for (std::string_view a : args) Put(a);
  if (depth_ == 0) HandOver();
}

JournalEnds Effects::End() {
  if (--depth_ != 0) return {};
  return effects_.empty() ? JournalEnds{} : HandOver();
}

JournalEnds Effects::HandOver() {
  JournalEnds ends{};
  for (size_t i = 0; i < kListeners; ++i) {
    if (journals_[i] != nullptr) ends[i] = journals_[i]->Append({text_, effects_, effects_.size() > 1});
  }
  if (const uint64_t end = ends[static_cast<size_t>(Listener::kFile)]) uncommitted_ = end;
  effects_.clear();
  if (text_.capacity() > kKeepText) text_ = {};
  text_.clear();
  return ends;
}

}  // namespace pinion::command
