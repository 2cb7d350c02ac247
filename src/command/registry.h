// All commands by name. Built once at start-up from the families; read by every thread afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "command/row.h"

namespace pinion::command {

// A row with what is derived from it. Lives as long as the registry.
struct Command {
  const CommandRow* row = nullptr;
  const Command* parent = nullptr;    // the container of a subcommand
  std::string name;                   // lower case, a subcommand alone: "list"
  std::string full_name;              // lower case: "client|list"
  std::string_view group;
  uint32_t id = 0;                    // dense index, for statistics
  uint32_t categories = 0;
  uint64_t flags = 0;
  int arity = 0;
  Handler handler = nullptr;
  // The usual key layout taken apart for the dispatcher; first_key == 0 when keys need the specs or there are none.
  int first_key = 0, last_key = 0, key_step = 0;
  std::vector<std::unique_ptr<Command>> subcommands;

  [[nodiscard]] bool Has(uint64_t f) const { return (flags & f) != 0; }
  [[nodiscard]] bool RunsAlone(std::span<const std::string_view> args) const {
    return Has(kAlone) || (row->alone_with != nullptr && row->alone_with(args));
  }
  // Whether `argc` arguments (with the name) fit the arity.
  [[nodiscard]] bool FitsArity(size_t argc) const {
    return arity >= 0 ? argc == static_cast<size_t>(arity) : argc >= static_cast<size_t>(-arity);
  }
  [[nodiscard]] const Command* FindSubcommand(std::string_view sub_name) const;
};

class Registry {
 public:
  explicit Registry(std::span<const Family> families);

  // The command of this name in any case, or null. No allocation.
  [[nodiscard]] const Command* Find(std::string_view name) const {
    if (name.size() > sizeof(Folded) || name.empty() || name.back() == '\0') [[unlikely]] return FindLong(name);
    const Folded f = Fold(name);
    for (size_t i = SlotOf(f);; i = (i + 1) % kSlots) {
      const Slot& s = slots_[i];
      if (s.command == nullptr) return nullptr;
      if (s.name.a == f.a && s.name.b == f.b) return s.command;
    }
  }
  // The same for a name with a subcommand: "client|list".
  [[nodiscard]] const Command* FindFull(std::string_view full_name) const;

  // The same by the names the commands have in their rows, whatever rename-command did.
  [[nodiscard]] const Command* FindOriginal(std::string_view full_name) const;

  // What these arguments call: the command, or if it has subcommands and one is named, that. Null: there is none.
  [[nodiscard]] const Command* FindCall(std::span<const std::string_view> args) const {
    const Command* const c = Find(args[0]);
    return c == nullptr || c->subcommands.empty() || args.size() < 2 ? c : c->FindSubcommand(args[1]);
  }

  [[nodiscard]] const std::vector<std::unique_ptr<Command>>& commands() const { return commands_; }
  // Commands and subcommands together: one more than the highest id.
  [[nodiscard]] size_t id_count() const { return id_count_; }
  // Calls f(const Command&) for every command and subcommand.
  template <typename F>
  void ForEach(F&& f) const {
    for (const auto& c : commands_) {
      f(*c);
      for (const auto& s : c->subcommands) f(*s);
    }
  }
  // rename-command: gives a command another name; an empty one takes it away. False when there is no such command
  // or the name is in use.
  bool Rename(std::string_view from, std::string_view to);

 private:
  struct Folded { uint64_t a = 0, b = 0; };
  struct Slot { Folded name; const Command* command = nullptr; };
  static constexpr size_t kSlots = 2048;

  // Lower-cases 8 ASCII bytes at once: adds 0x20 to exactly the bytes 'A'..'Z'.
  static uint64_t FoldWord(uint64_t w) {
    constexpr uint64_t kOnes = 0x0101010101010101ull;
    const uint64_t low = w & (kOnes * 0x7F);
    const uint64_t past_a = low + kOnes * (0x80 - 'A');
    const uint64_t past_z = low + kOnes * (0x80 - 'Z' - 1);
    return w + (((past_a & ~past_z & ~w & kOnes * 0x80)) >> 2);
  }
  // Up to 16 bytes, zero-padded. A name sent with trailing zero bytes folds like the one without: Find would take
  // it for that command, so such names go the long way.
  static Folded Fold(std::string_view name) {
    Folded f;
    if (name.size() >= 8) {
      std::memcpy(&f.a, name.data(), 8);
      uint64_t tail = 0;
      std::memcpy(&tail, name.data() + name.size() - 8, 8);
      const size_t over = name.size() - 8;
      f.b = over == 0 ? 0 : tail >> (8 * (8 - over));
    } else if (name.size() >= 4) {
      uint32_t head, tail;
      std::memcpy(&head, name.data(), 4);
      std::memcpy(&tail, name.data() + name.size() - 4, 4);
      f.a = head | static_cast<uint64_t>(tail) << (8 * (name.size() - 4));
    } else {
      for (size_t i = 0; i < name.size(); ++i) f.a |= static_cast<uint64_t>(static_cast<uint8_t>(name[i])) << (8 * i);
    }
    f.a = FoldWord(f.a);
    f.b = FoldWord(f.b);
    return f;
  }
  static size_t SlotOf(const Folded& f) {
    return ((f.a ^ f.b * 0x9E3779B97F4A7C15ull) * 0xD6E8FEB86659FD93ull) >> 53;
  }
  [[nodiscard]] const Command* FindLong(std::string_view name) const;
  void Index(std::string_view name, const Command* c);
  void Reindex();

  std::array<Slot, kSlots> slots_;
  std::unordered_map<std::string, const Command*> long_names_;
  std::vector<std::unique_ptr<Command>> commands_;
  std::unordered_map<std::string, std::string> renamed_;  // lower-case original -> name in use, empty when taken away
  size_t id_count_ = 0;
};

// Lower-cases ASCII.
[[nodiscard]] std::string ToLower(std::string_view text);
[[nodiscard]] std::string ToUpper(std::string_view text);
// Compares with `lower`, a lower- or upper-case literal, without regard to ASCII case.
[[nodiscard]] bool EqualsNoCase(std::string_view text, std::string_view other);

}  // namespace pinion::command
