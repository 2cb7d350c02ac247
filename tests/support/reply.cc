// Printing of replies.
#include "tests/support/reply.h"

#include <ostream>

namespace pinion::test {
namespace {

void Quote(std::ostream& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out << '"';
  for (const unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out << '\\' << c;
    } else if (c >= 0x20 && c < 0x7f) {
      out << c;
    } else {
      out << "\\x" << kHex[c >> 4] << kHex[c & 15];
    }
  }
  out << '"';
}

void List(std::ostream& out, std::string_view open, const std::vector<Reply>& elements,
          std::string_view close) {
  out << open;
  for (size_t i = 0; i < elements.size(); ++i) out << (i ? ", " : "") << elements[i];
  out << close;
}

}  // namespace

const Reply* Reply::Find(std::string_view name) const {
  for (size_t i = 0; i + 1 < elements.size(); i += 2) {
    if (elements[i].text == name) return &elements[i + 1];
  }
  return nullptr;
}

std::ostream& operator<<(std::ostream& out, const Reply& reply) {
  using Kind = Reply::Kind;
  if (!reply.attributes.empty()) List(out, "|", reply.attributes, "| ");
  switch (reply.kind) {
    case Kind::kNothing:
      return out << "(nothing: " << reply.text << ")";
    case Kind::kNil:
      return out << "(nil)";
    case Kind::kStatus:
      return out << reply.text;
    case Kind::kError:
      return out << "(error) " << reply.text;
    case Kind::kInteger:
      return out << "(integer) " << reply.integer;
    case Kind::kDouble:
      return out << "(double) " << reply.number;
    case Kind::kBoolean:
      return out << (reply.integer ? "(true)" : "(false)");
    case Kind::kBigNumber:
      return out << "(big number) " << reply.text;
    case Kind::kBulk:
      Quote(out, reply.text);
      return out;
    case Kind::kVerbatim:
      out << reply.format << ':';
      Quote(out, reply.text);
      return out;
    case Kind::kArray:
      List(out, "[", reply.elements, "]");
      return out;
    case Kind::kMap:
      List(out, "map{", reply.elements, "}");
      return out;
    case Kind::kSet:
      List(out, "set{", reply.elements, "}");
      return out;
    case Kind::kPush:
      List(out, "push[", reply.elements, "]");
      return out;
  }
  return out;
}

}  // namespace pinion::test
