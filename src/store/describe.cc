// Names of types and encodings.
#include "store/describe.h"

namespace pinion::store {
namespace {

// The longest string Redis calls "embstr": it fits a 64-byte allocation there together with its headers.
constexpr size_t kMaxEmbedded = 44;

}  // namespace

std::string_view TypeName(ValueType type) {
  switch (type) {
    case ValueType::kString: return "string";
    case ValueType::kList: return "list";
    case ValueType::kSet: return "set";
    case ValueType::kSortedSet: return "zset";
    case ValueType::kHash: return "hash";
    case ValueType::kStream: return "stream";
  }
  return "none";
}

std::string_view EncodingName(const Entry& e) {
  if (e.holding() == Holding::kObject) return types::ObjectEncoding(e.type(), e.pointer());
  if (e.holding() == Holding::kInteger) return "int";
  return e.raw() || e.StringLength() > kMaxEmbedded ? "raw" : "embstr";
}

}  // namespace pinion::store
