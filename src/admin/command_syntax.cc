// A recursive-descent reader of the argument notation.
#include "admin/command_syntax.h"

#include <algorithm>

#include "command/registry.h"

namespace pinion::admin {
namespace {

bool IsTokenWord(std::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<std::vector<Argument>> ReadAll() {
    std::vector<Argument> all;
    if (!ReadSequence(&all)) return std::nullopt;
    SkipSpaces();
    if (at_ != text_.size()) return std::nullopt;
    return all;
  }

 private:
  void SkipSpaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  [[nodiscard]] char Peek() {
    SkipSpaces();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool Accept(std::string_view literal) {
    SkipSpaces();
    if (!text_.substr(at_).starts_with(literal)) return false;
    at_ += literal.size();
    return true;
  }
  std::string_view Word() {
    SkipSpaces();
    const size_t end = std::min(text_.find_first_of(" []<>|='", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }
  [[nodiscard]] bool AtSequenceEnd() {
    const char c = Peek();
    return c == '\0' || c == '|' || c == ']' || c == '>';
  }

  bool ReadSequence(std::vector<Argument>* out) {
    while (!AtSequenceEnd()) {
      Argument a;
      if (!ReadArgument(&a)) return false;
      if (Accept("...+")) {
        a.multiple = a.multiple_token = true;
      } else if (Accept("...")) {
        a.multiple = true;
      }
      out->push_back(std::move(a));
    }
    return true;
  }

  bool ReadArgument(Argument* a) {
    if (Peek() == '[' || Peek() == '<') return ReadGroup(a);
    const std::string_view word = Word();
    if (word.empty()) return false;
    if (at_ < text_.size() && text_[at_] == '\'') return ReadLiteral(word, a);
    if (!IsTokenWord(word)) {
      SetNameAndType(word, a);
      return true;
    }
    // A token belongs to the value behind it, if there is one in this sequence.
    if (Peek() == '<') {
      if (!ReadGroup(a)) return false;
    } else if (!AtSequenceEnd() && Peek() != '[' && Peek() != '.' && !IsTokenWord(PeekWord())) {
      SetNameAndType(Word(), a);
    } else {
      a->type = "pure-token";
      a->name = command::ToLower(word);
    }
    a->token = word;
    return true;
  }

  // The quoted text of a token that is no word.
  bool ReadLiteral(std::string_view name, Argument* a) {
    const size_t end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return false;
    a->name = name;
    a->type = "pure-token";
    a->token = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return true;
  }

  std::string_view PeekWord() {
    const size_t before = at_;
    const std::string_view word = Word();
    at_ = before;
    return word;
  }

  static void SetNameAndType(std::string_view word, Argument* a) {
    const size_t colon = word.find(':');
    a->name = word.substr(0, colon);
    a->type = colon == std::string_view::npos ? "string" : word.substr(colon + 1);
  }

  bool ReadGroup(Argument* a) {
    const bool optional = Accept("[");
    if (!optional && !Accept("<")) return false;
    const std::string label = ReadLabel();
    std::vector<Argument> alternatives;
    do {
      std::vector<Argument> sequence;
      if (!ReadSequence(&sequence) || sequence.empty()) return false;
      alternatives.push_back(AsOne(std::move(sequence)));
    } while (Accept("|"));
    if (!Accept(optional ? "]" : ">")) return false;
    if (alternatives.size() == 1) {
      *a = std::move(alternatives[0]);
    } else {
      a->type = "oneof";
      a->name = alternatives[0].name;
      a->children = std::move(alternatives);
    }
    if (!label.empty()) a->name = label;
    a->optional |= optional;
    return true;
  }

  std::string ReadLabel() {
    const size_t before = at_;
    std::string label(Word());
    if (!label.empty() && Accept("=")) return label;
    at_ = before;
    return {};
  }

  // Several arguments in a row stand or fall together.
  static Argument AsOne(std::vector<Argument> sequence) {
    if (sequence.size() == 1) return std::move(sequence[0]);
    Argument block;
    block.type = "block";
    block.name = sequence[0].name;
    block.children = std::move(sequence);
    return block;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<Argument>> ParseSyntax(std::string_view syntax) {
  return Reader(syntax).ReadAll();
}

}  // namespace pinion::admin
