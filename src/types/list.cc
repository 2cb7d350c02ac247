// A list in either encoding, and the way from one to the other.
#include "types/list.h"


#include "types/listpack_element.h"

namespace pinion::types {

template <typename F>
decltype(auto) List::EditListpack(F&& f) {
  // Gives the listpack back to the word when f is done with it.
  struct Loan {
    explicit Loan(List* list) : owner(list), listpack(Listpack::Adopt(list->Release())) {}
    ~Loan() { owner->word_ = reinterpret_cast<uintptr_t>(listpack.Release()); }
    List* owner;
    Listpack listpack;
  } loan(this);
  return f(loan.listpack);
}

void List::Free() {
  if (is_quicklist()) {
    delete &quicklist();
  } else {
    (void)Listpack::Adopt(Release());
  }
  word_ = 0;
}

size_t List::AllocatedBytes() const {
  if (is_quicklist()) return quicklist().AllocatedBytes();
  return word_ == 0 ? 0 : Slab::GoodSize(view().bytes());
}

size_t List::CountAllocations() const {
  return is_quicklist() ? quicklist().CountAllocations() : static_cast<size_t>(word_ != 0);
}

List::NodeTotals List::CountNodes() const {
  NodeTotals totals;
  if (!is_quicklist()) return totals;
  const NodeIndex& nodes = quicklist().nodes();
  for (auto p = nodes.first(); p != nodes.end(); p = nodes.Next(p)) {
    ++totals.nodes;
    totals.bytes += nodes.at(p).plain() ? nodes.at(p).plain_text().size() : nodes.at(p).bytes();
  }
  return totals;
}

List List::Clone() const {
  List copy;
  if (is_quicklist()) {
    copy.word_ = reinterpret_cast<uintptr_t>(quicklist().Clone()) + kQuicklistTag;
  } else {
    copy.word_ = reinterpret_cast<uintptr_t>(Listpack::CopyOf(view()).Release());
  }
  return copy;
}

void List::BecomeQuicklist() {
  word_ = reinterpret_cast<uintptr_t>(new Quicklist(Listpack::Adopt(Release()))) + kQuicklistTag;
}

void List::MakeRoomFor(std::span<const std::string_view> elements, const ListLimit& limit) {
  if (is_quicklist()) return;
  size_t bytes = view().bytes();
  for (const std::string_view e : elements) bytes += e.size();
  if (limit.Exceeded(bytes, view().size() + elements.size())) BecomeQuicklist();
}

void List::Shrunk(const ListLimit& limit) {
  if (!is_quicklist()) return;
  const NodeIndex& nodes = quicklist().nodes();
  if (nodes.nodes() != 1) return;
  const ListNode& only = nodes.at(nodes.first());
  if (only.plain() || !limit.FitsHalf(only.bytes(), only.count())) return;
  Listpack copy = Listpack::CopyOf(only.view());
  Free();
  word_ = reinterpret_cast<uintptr_t>(copy.Release());
}

void List::Push(ListEnd end, std::span<const std::string_view> elements, const ListLimit& limit) {
  MakeRoomFor(elements, limit);
  if (is_quicklist()) {
    for (const std::string_view e : elements) quicklist().Push(end, e, limit);
    return;
  }
  EditListpack([&](Listpack& l) { end == ListEnd::kHead ? l.PrependEach(elements) : l.AppendEach(elements); });
}

bool List::Insert(bool behind, std::string_view pivot, std::string_view element, const ListLimit& limit) {
  MakeRoomFor({&element, 1}, limit);
  if (!is_quicklist()) {
    return EditListpack([&](Listpack& l) {
      const auto at = l.Find(l.First(), pivot);
      if (at != nullptr) behind ? l.InsertAfter(at, element) : l.InsertBefore(at, element);
      return at != nullptr;
    });
  }
  bool found = false;
  size_t index = 0;
  FindPositions({.element = pivot, .most_matches = 1}, [&](uint64_t i) {
    found = true;
    index = i;
  });
  if (found) quicklist().Insert(index, behind, element, limit);
  return found;
}

void List::Set(size_t index, std::string_view element, const ListLimit& limit) {
  MakeRoomFor({&element, 1}, limit);
  if (is_quicklist()) {
    quicklist().Replace(index, element, limit);
    Shrunk(limit);
  } else {
    EditListpack([&](Listpack& l) { l.Replace(l.At(static_cast<int64_t>(index)), element); });
  }
}

void List::Erase(size_t index, size_t count, const ListLimit& limit, Remains* remains) {
  if (is_quicklist()) {
    quicklist().Erase(index, count, remains);
    Shrunk(limit);
  } else {
    EditListpack([&](Listpack& l) { l.EraseRange(static_cast<int64_t>(index), count); });
  }
}

size_t List::EraseMatching(std::string_view element, size_t most, ListEnd from, const ListLimit& limit) {
  const ListpackNeedle needle(element);
  if (is_quicklist()) {
    const size_t erased = quicklist().EraseMatching(needle, most, from);
    if (erased != 0) Shrunk(limit);
    return erased;
  }
  return EditListpack([&](Listpack& l) {
    size_t erased = 0;
    const bool forward = from == ListEnd::kHead;
    auto p = forward ? l.First() : l.Last();
    while (p != nullptr && erased < most) {
      if (!needle.Matches(ListpackView::Get(p))) {
        p = forward ? l.Next(p) : l.Prev(p);
        continue;
      }
      p = l.Erase(p);
      ++erased;
      if (!forward) p = p == nullptr ? l.Last() : l.Prev(p);
    }
    return erased;
  });
}

ListpackItem List::Get(size_t index) const {
  if (is_quicklist()) return quicklist().Get(index);
  return ListpackView::Get(view().At(static_cast<int64_t>(index)));
}

}  // namespace pinion::types
