// Fuzzes listpacks from untrusted bytes: whatever Validate lets pass can be walked, searched, copied and changed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "types/listpack.h"

namespace {

using pinion::kMaxInt64Text;
using pinion::types::Listpack;
using pinion::types::ListpackView;

void Require(bool condition) {
  if (!condition) std::abort();
}

std::string TextAt(ListpackView::Position p) {
  char scratch[kMaxInt64Text];
  return std::string(ListpackView::Get(p).View(scratch));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // An exact copy with the size put right, or nearly nothing would come past the header.
  const auto bytes = std::make_unique<uint8_t[]>(size);
  std::copy_n(data, size, bytes.get());
  if (size >= 4) {
    for (size_t i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(size >> (8 * i));
  }
  if (!ListpackView::Validate({bytes.get(), size})) return 0;

  const ListpackView view(bytes.get());
  std::vector<std::string> forward, backward;
  for (auto p = view.First(); p != nullptr; p = view.Next(p)) {
    forward.push_back(TextAt(p));
    Require(ListpackView::Equals(p, forward.back()));
    const auto found = view.Find(view.First(), forward.back());
    Require(found != nullptr && found <= p);
  }
  for (auto p = view.Last(); p != nullptr; p = view.Prev(p)) backward.push_back(TextAt(p));
  std::reverse(backward.begin(), backward.end());
  Require(forward == backward && view.size() == forward.size() && view.empty() == forward.empty());

  Listpack copy = Listpack::CopyOf(view);
  copy.Append("tail");
  copy.Prepend(int64_t{-70'000});
  copy.AppendAll(view);
  Require(copy.size() == 2 * forward.size() + 2);
  Require(copy.EraseRange(0, forward.size() + 2) == forward.size() + 2);
  size_t i = 0;
  copy.ForEach([&](const pinion::types::ListpackItem& item) {
    char scratch[kMaxInt64Text];
    Require(item.View(scratch) == forward[i++]);
  });
  Require(i == forward.size());
  Require(ListpackView::Validate({copy.data(), copy.bytes()}));
  return 0;
}
