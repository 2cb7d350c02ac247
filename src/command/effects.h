// What the commands of one worker did to the data, as commands that do it again: what a journal is given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinion::command {

// A command in the text of a unit, ending at `end` and beginning where the one before ends.
struct Effect {
  uint32_t db;
  size_t end;
};

// Effects that took place together: nobody saw some of them without the others.
struct EffectUnit {
  std::string_view text;             // whole requests as a client would send them, one behind the other
  std::span<const Effect> effects;   // at least one
  bool transaction;                  // several must be replayed as one: between MULTI and EXEC
};

// Where effects go. Units that concern the same key come in the order in which they took place.
class Journal {
 public:
  virtual ~Journal() = default;
  // Takes a unit over. Returns the end of the journal behind it. Any thread, with the shards locked that the effects
  // concern: it must be quick, must not wait, and touches neither keys nor sessions.
  virtual uint64_t Append(const EffectUnit& unit) = 0;
};

// Who may listen to effects, each on its own.
enum class Listener : uint8_t { kReplicas, kFile };
inline constexpr size_t kListeners = 2;

// Where each listener's journal ends behind a unit; 0: there is none, or no unit.
using JournalEnds = std::array<uint64_t, kListeners>;

// The effects of one worker's running unit: a command with all that is called from within it (EXEC, a script). What
// happens outside of a unit, as when a deadline passes, is one by itself. Used on the worker's thread only, but for
// `Follow`, which needs the closed gate.
class Effects {
 public:
  // From now on the listener's units go there; null: it listens no more. While nobody does nothing may be added.
  void Follow(Listener who, Journal* journal) { journals_[static_cast<size_t>(who)] = journal; }
  [[nodiscard]] bool followed() const { return journals_ != std::array<Journal*, kListeners>{}; }

  void Begin() { ++depth_; }
  // Ends what Begin began; the outermost hands the unit over. Returns the ends of the journals then.
  JournalEnds End();

  // Adds a command: its database and number of arguments, then each of them.
  void Add(uint32_t db, size_t argc);
  void Put(std::string_view argument);
  void Put(int64_t argument);
  // A whole one. Outside of a unit it is handed over at once.
  void AddWhole(uint32_t db, std::span<const std::string_view> args);

  // While muted, commands add nothing (redis.set_repl); keys that expire still do.
  void Mute(bool yes) { muted_ = yes; }
  [[nodiscard]] bool muted() const { return muted_; }

  // Where the file ends behind the last unit since this was taken last; 0: there was none. Before a reply says that
  // something was done, it is to be in the file, if that is wanted (AppendOnly::Commit).
  [[nodiscard]] uint64_t uncommitted() const { return uncommitted_; }
  [[nodiscard]] uint64_t TakeUncommitted() { return std::exchange(uncommitted_, 0); }

 private:
  JournalEnds HandOver();

  std::array<Journal*, kListeners> journals_{};
  uint64_t uncommitted_ = 0;
  uint32_t depth_ = 0;
  bool muted_ = false;
  size_t missing_ = 0;   // arguments that the last command still lacks
  std::string text_;
  std::vector<Effect> effects_;
};

}  // namespace pinion::command
