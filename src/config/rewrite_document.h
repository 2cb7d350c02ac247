// The text of a configuration file while CONFIG REWRITE edits it: lines, and which option each one sets.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/option.h"

namespace pinion::config {

// Usage: read the old text, call Put once an option, take the new text. Comments, blank lines and directives
// that are no options stay where they are; a line that cannot be understood becomes a comment ("# ??? ...").
class RewriteDocument {
 public:
  explicit RewriteDocument(std::string_view text);

  [[nodiscard]] bool Mentions(const Option& option) const { return lines_of_.contains(&option); }

  // Gives `option` these lines: the first ones take the places of its old lines, in order; further ones go to
  // the end; old lines left over disappear.
  void Put(const Option& option, const std::vector<std::string>& lines);

  // The same for the `user` lines, which are no option.
  void PutUsers(const std::vector<std::string>& lines);

  // Removes all of the option's old lines but the last `kept`: Put writes to the places of those, then to the end.
  void ForgetAllButLast(const Option& option, size_t kept);

  // The new text. Runs of blank lines become one.
  [[nodiscard]] std::string Text() const;

 private:
  void AddLine(std::string_view line);
  void PutInto(const std::vector<size_t>& places, const std::vector<std::string>& lines);
  void Append(const std::string& line);
  void Blank(size_t line) { lines_[line].clear(); }

  std::vector<std::string> lines_;
  std::map<const Option*, std::vector<size_t>> lines_of_;
  std::vector<size_t> user_lines_;
  bool has_signature_ = false;
};

}  // namespace pinion::config
