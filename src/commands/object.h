// How handlers read and change a key whose value is not a string.
#pragma once

#include <string_view>
#include <utility>

#include "command/context.h"
#include "resp/errors.h"
#include "store/database.h"
#include "types/object.h"

namespace pinion::commands {

// A key's value as a const T, empty when the key is absent:
//
//   const Reading<types::Set> set(ctx, ctx.key());
//   if (set.wrong_type()) return;
//   ctx.reply().Integer(set->size());
//
// Valid until the next write to the key.
template <typename T>
class Reading {
 public:
  // Looks the key up, as Database::Read does; when it holds another type, WRONGTYPE is replied.
  Reading(command::Context& ctx, const store::Key& key) : Reading(ctx, ctx.db().Read(key)) {}
  // The same for an entry found otherwise, or null.
  Reading(command::Context& ctx, const store::Entry* e) : value_(WordOf(e)), exists_(e != nullptr) {
    if (e == nullptr || e->type() == T::kType) [[likely]] return;
    wrong_type_ = true;
    ctx.reply().Error(resp::error::kWrongType);
  }

  [[nodiscard]] bool wrong_type() const { return wrong_type_; }
  [[nodiscard]] bool exists() const { return exists_; }
  [[nodiscard]] const T& operator*() const { return *value_; }
  [[nodiscard]] const T* operator->() const { return &*value_; }

 private:
  static void* WordOf(const store::Entry* e) { return e != nullptr && e->type() == T::kType ? e->pointer() : nullptr; }

  types::Borrowed<T> value_;
  bool exists_;
  bool wrong_type_ = false;
};

// A key's value to be changed in place through the write guard:
//
//   Editing<types::Set> set(ctx, ctx.key());
//   if (set.wrong_type()) return;
//   if (set->Add(member)) set.Notify(store::kEventSet, "sadd");
//
// When it goes out of scope, the value is put back: an emptied one deletes its key, with event "del" after those
// named (but a stream may be empty), one that was filled creates it. What is changed must be told by Notify or
// MarkChanged. At most one a key at a time, and none beside a WriteGuard of the same key.
template <typename T>
class Editing {
 public:
  // When the key holds another type, WRONGTYPE is replied.
  Editing(command::Context& ctx, const store::Key& key) : guard_(ctx.db(), key) {
    const store::Entry* e = guard_.entry();
    if (e == nullptr) return;
    if (e->type() != T::kType) {
      wrong_type_ = true;
      ctx.reply().Error(resp::error::kWrongType);
      return;
    }
    existed_ = true;
    value_ = T::Adopt(guard_.TakeOutObject());
    bytes_before_ = value_.AllocatedBytes();
  }
  ~Editing() {
    if (!wrong_type_) PutBack();
  }
  Editing(const Editing&) = delete;
  Editing& operator=(const Editing&) = delete;

  [[nodiscard]] bool wrong_type() const { return wrong_type_; }
  [[nodiscard]] bool existed() const { return existed_; }
  [[nodiscard]] T& operator*() { return value_; }
  [[nodiscard]] T* operator->() { return &value_; }

  // Empties the value, however large it is, without a wait for its memory to be freed.
  void Clear() { guard_.Discard(T::kType, value_.Release()); }
  // The key was changed, with or without an event.
  void Notify(store::EventClass event_class, std::string_view event) {
    guard_.MarkChanged();
    guard_.Notify(event_class, event);
  }
  void MarkChanged() { guard_.MarkChanged(); }
  // See WriteGuard.
  void CountLook() { guard_.CountLook(); }
  void HideFromWatchers() { guard_.HideFromWatchers(); }
  void WakeWaiters() { guard_.WakeWaiters(); }
  void LeaveUncounted() { guard_.LeaveUncounted(); }
  // Makes a key exist though its value is empty, as a new stream may be. REQUIRES: T::kMayBeEmpty.
  void Keep() { keep_ = true; }

 private:
  static constexpr bool MayBeEmpty() {
    if constexpr (requires { T::kMayBeEmpty; }) return T::kMayBeEmpty;
    return false;
  }

  void PutBack() {
    if (!existed_) {
      if (!value_.empty() || keep_) guard_.SetObject(T::kType, value_.Release(), store::kNoDeadline);
      return;
    }
    const bool emptied = !MayBeEmpty() && value_.empty();
    const auto more_bytes = static_cast<int64_t>(value_.AllocatedBytes() - bytes_before_);
    guard_.PutBackObject(value_.Release(), more_bytes);
    if (!emptied) return;
    guard_.Delete();
    guard_.Notify(store::kEventGeneric, "del");
  }

  store::WriteGuard guard_;
  T value_;
  size_t bytes_before_ = 0;
  bool existed_ = false;
  bool wrong_type_ = false;
  bool keep_ = false;
};

// Makes `value` what the key holds, whatever it held before, without a deadline; an empty value deletes the key.
// The event is published for a value that was stored, "del" for a key that was deleted.
template <typename T>
void StoreObject(command::Context& ctx, const store::Key& key, T value, store::EventClass event_class,
                 std::string_view event) {
  auto w = ctx.db().Write(key);
  if (!value.empty()) {
    w.SetObject(T::kType, value.Release(), store::kNoDeadline);
    w.Notify(event_class, event);
  } else if (w.exists()) {
    w.Delete();
    w.Notify(store::kEventGeneric, "del");
  }
}

}  // namespace pinion::commands
