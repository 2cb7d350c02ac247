// Words with quotes: one small cursor over the line, one function a kind of word part.
#include "base/quoted.h"

#include <cstddef>

namespace pinion {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Bytes that end an unquoted word. Vertical tab and form feed separate words but do not end one: Redis's rule.
bool EndsBareWord(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char Unescape(char c) {
  switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    default: return c;
  }
}

class Splitter {
 public:
  explicit Splitter(std::string_view line) : rest_(line.substr(0, line.find('\0'))) {}

  bool Run(std::vector<std::string>* words) {
    while (SkipBlanks()) {
      std::string word;
      if (!ReadWord(&word)) return false;
      words->push_back(std::move(word));
    }
    return true;
  }

 private:
  // False at the end of the line.
  bool SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
    return !rest_.empty();
  }

  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool ReadWord(std::string* word) {
    while (!rest_.empty()) {
      const char c = Take();
      if (EndsBareWord(c)) return true;
      if (c == '"') return ReadDoubleQuoted(word);
      if (c == '\'') return ReadSingleQuoted(word);
      word->push_back(c);
    }
    return true;
  }

  bool ReadDoubleQuoted(std::string* word) {
    while (!rest_.empty()) {
      const char c = Take();
      if (c == '"') return AtWordEnd();
      if (c == '\\' && !rest_.empty()) {
        ReadEscape(word);
      } else {
        word->push_back(c);
      }
    }
    return false;
  }

  void ReadEscape(std::string* word) {
    if (rest_.size() >= 3 && rest_[0] == 'x' && HexDigit(rest_[1]) >= 0 && HexDigit(rest_[2]) >= 0) {
      word->push_back(static_cast<char>(HexDigit(rest_[1]) * 16 + HexDigit(rest_[2])));
      rest_.remove_prefix(3);
    } else {
      word->push_back(Unescape(Take()));
    }
  }

  bool ReadSingleQuoted(std::string* word) {
    while (!rest_.empty()) {
      const char c = Take();
      if (c == '\'') return AtWordEnd();
      if (c == '\\' && !rest_.empty() && rest_.front() == '\'') {
        word->push_back(Take());
      } else {
        word->push_back(c);
      }
    }
    return false;
  }

  bool AtWordEnd() const { return rest_.empty() || IsBlank(rest_.front()); }

  std::string_view rest_;
};

}  // namespace

bool SplitQuoted(std::string_view line, std::vector<std::string>* words) {
  words->clear();
  if (Splitter(line).Run(words)) return true;
  words->clear();
  return false;
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '\\':
      case '"': out += '\\'; out += c; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      default:
        if (c >= ' ' && c <= '~') {
          out += c;
        } else {
          const auto byte = static_cast<unsigned char>(c);
          out += "\\x";
          out += kHexDigits[byte >> 4];
          out += kHexDigits[byte & 15];
        }
    }
  }
  out += '"';
  return out;
}

std::string_view Trim(std::string_view line, std::string_view blanks) {
  const size_t first = line.find_first_not_of(blanks);
  if (first == std::string_view::npos) return "";
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

}  // namespace pinion
