// A list: a listpack while it is small, a quicklist when it has grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "types/listpack.h"
#include "types/object.h"
#include "types/quicklist.h"

namespace pinion::types {

// What to look for with FindPositions.
struct ListSearch {
  std::string_view element;
  ListEnd from = ListEnd::kHead;
  uint64_t rank = 1;          // the first match that counts, from 1
  uint64_t most_matches = 0;  // 0: no limit
  uint64_t most_looked_at = 0;
};

// See object.h for what every type of value has. A list never holds a reference into the text it is given, and must
// not be given text of its own. Indexes REQUIRE to be within the list.
class List {
 public:
  static constexpr ValueType kType = ValueType::kList;

  List() = default;
  ~List() { Free(); }
  List(List&& o) noexcept : word_(std::exchange(o.word_, 0)) {}
  List& operator=(List&& o) noexcept { std::swap(word_, o.word_); return *this; }
  [[nodiscard]] static List Adopt(void* word) {
    List l;
    l.word_ = reinterpret_cast<uintptr_t>(word);
    return l;
  }
  [[nodiscard]] void* Release() { return reinterpret_cast<void*>(std::exchange(word_, 0)); }

  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] size_t size() const { return is_quicklist() ? quicklist().size() : view().size(); }
  [[nodiscard]] size_t AllocatedBytes() const;
  [[nodiscard]] size_t CountAllocations() const;
  [[nodiscard]] List Clone() const;
  [[nodiscard]] std::string_view EncodingName() const { return is_quicklist() ? "quicklist" : "listpack"; }

  // Of a quicklist: its nodes, and the bytes of their listpacks and large elements. All 0 for a listpack.
  struct NodeTotals {
    size_t nodes = 0, bytes = 0;
  };
  [[nodiscard]] NodeTotals CountNodes() const;

  // Pushes elements one after the other, so that the last one stands at the end.
  void Push(ListEnd end, std::span<const std::string_view> elements, const ListLimit& limit);
  void Push(ListEnd end, std::string_view element, const ListLimit& limit) { Push(end, {&element, 1}, limit); }
  // Puts an element before or behind the first one equal to `pivot`; false when there is none.
  [[nodiscard]] bool Insert(bool behind, std::string_view pivot, std::string_view element, const ListLimit& limit);
  // Replaces an element.
  void Set(size_t index, std::string_view element, const ListLimit& limit);
  // Removes `count` elements from `index` on. What is slow to free of them goes to `remains`, if there is one.
  void Erase(size_t index, size_t count, const ListLimit& limit, Remains* remains = nullptr);
  // The same at an end. REQUIRES: count <= size().
  void Pop(ListEnd end, size_t count, const ListLimit& limit, Remains* remains = nullptr) {
    Erase(end == ListEnd::kHead ? 0 : size() - count, count, limit, remains);
  }
  // Removes up to `most` elements equal to `element`, counted from an end; returns how many.
  size_t EraseMatching(std::string_view element, size_t most, ListEnd from, const ListLimit& limit);

  [[nodiscard]] ListpackItem Get(size_t index) const;
  // REQUIRES: !empty().
  [[nodiscard]] ListpackItem Peek(ListEnd end) const { return Get(end == ListEnd::kHead ? 0 : size() - 1); }
  // Calls f(const ListRun&) until all of the range was named, in order. REQUIRES: index + count <= size().
  template <typename F>
  void ForEachRun(size_t index, size_t count, F&& f) const;
  // Calls f(const ListpackItem&) for every element from an end on, until f returns false.
  template <typename F>
  void Walk(ListEnd from, F&& f) const;
  // Calls f(const ListpackItem&) for every element in order.
  template <typename F>
  void ForEach(F&& f) const {
    Walk(ListEnd::kHead, [&f](const ListpackItem& item) { f(item); return true; });
  }
  // Calls f(index) for every match wanted.
  template <typename F>
  void FindPositions(const ListSearch& search, F&& f) const;

 private:
  static constexpr uintptr_t kQuicklistTag = 1;

  [[nodiscard]] bool is_quicklist() const { return (word_ & kQuicklistTag) != 0; }
  [[nodiscard]] Quicklist& quicklist() const { return *reinterpret_cast<Quicklist*>(word_ - kQuicklistTag); }
  [[nodiscard]] ListpackView view() const { return ListpackView(reinterpret_cast<const uint8_t*>(word_)); }
  // Calls f(Listpack&) on the listpack. REQUIRES: !is_quicklist().
  template <typename F>
  decltype(auto) EditListpack(F&& f);
  void BecomeQuicklist();
  // Becomes a quicklist if it cannot take these elements as a listpack.
  void MakeRoomFor(std::span<const std::string_view> elements, const ListLimit& limit);
  // Becomes a listpack again when it has shrunk far enough.
  void Shrunk(const ListLimit& limit);
  void Free();

  uintptr_t word_ = 0;  // a listpack's address, or a quicklist's with the tag
};

// --- inline parts -------------------------------------------------------------------------------------------

template <typename F>
void List::ForEachRun(size_t index, size_t count, F&& f) const {
  if (is_quicklist()) return quicklist().ForEachRun(index, count, std::forward<F>(f));
  if (count == 0) return;
  const ListpackView all = view();
  const uint8_t* const first = all.At(static_cast<int64_t>(index));
  f(ListRun{first, count, static_cast<size_t>(all.data() + all.bytes() - first), {}});
}

template <typename F>
void List::Walk(ListEnd from, F&& f) const {
  if (is_quicklist()) return quicklist().Walk(from, std::forward<F>(f));
  const ListpackView all = view();
  const bool forward = from == ListEnd::kHead;
  auto p = forward ? all.First() : all.Last();
  for (; p != nullptr; p = forward ? all.Next(p) : all.Prev(p)) {
    if (!f(ListpackView::Get(p))) return;
  }
}

template <typename F>
void List::FindPositions(const ListSearch& search, F&& f) const {
  const ListpackNeedle needle(search.element);
  const size_t n = size();
  uint64_t looked_at = 0, matches = 0;
  Walk(search.from, [&](const ListpackItem& item) {
    if (search.most_looked_at != 0 && looked_at == search.most_looked_at) return false;
    const uint64_t at = looked_at++;
    if (!needle.Matches(item) || ++matches < search.rank) return true;
    f(search.from == ListEnd::kHead ? at : n - 1 - at);
    return search.most_matches == 0 || matches - search.rank + 1 < search.most_matches;
  });
}

}  // namespace pinion::types
