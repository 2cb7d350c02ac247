// The scripts that EVAL and SCRIPT LOAD have brought, by text and by SHA1.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pinion::script {

struct Script {
  std::string sha;        // 40 lower-case hexadecimal digits
  std::string text;
  uint32_t flags;         // ScriptFlag
  int function;           // in the registry of the interpreter
  bool loaded = false;    // by SCRIPT LOAD: stays until SCRIPT FLUSH
  std::list<Script*>::iterator place;  // among those that may go, if not loaded
};

// Scripts that only EVAL brought go, the one not used for the longest first, when there are more than kMost: programs
// that write values into their scripts would fill the memory with them. Not thread-safe.
class ScriptCache {
 public:
  static constexpr size_t kMost = 500;

  // Either moves the script behind all others that may go. Null when there is none.
  [[nodiscard]] Script* FindText(std::string_view text);
  [[nodiscard]] Script* FindSha(std::string_view sha);   // in any case
  // REQUIRES: there is no such script.
  Script& Add(std::string sha, std::string_view text, uint32_t flags, int function, bool loaded);
  // It will not go by itself any more.
  void Keep(Script& script);
  // The one to go, when there are too many; already taken out. Null: there is room.
  [[nodiscard]] std::unique_ptr<Script> TakeSurplus();
  void Clear();

  [[nodiscard]] size_t size() const { return by_sha_.size(); }
  [[nodiscard]] int64_t bytes() const { return bytes_; }

 private:
  static int64_t BytesOf(const Script& s);
  void Touch(Script& s);

  // Found by a fast hash of the text, and then by comparing it: a SHA1 is only computed for a new text.
  std::unordered_map<uint64_t, Script*> by_text_;
  std::unordered_map<std::string_view, std::unique_ptr<Script>> by_sha_;   // the keys lie in the scripts
  std::list<Script*> may_go_;   // the next to go first
  Script* last_ = nullptr;      // found by its text
  int64_t bytes_ = 0;
};

}  // namespace pinion::script
