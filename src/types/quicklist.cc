// Where a long list puts its elements.
#include "types/quicklist.h"

#include <utility>

namespace pinion::types {
namespace {

// What an element is taken to need beyond its text when a node is judged to have room.
constexpr size_t kAssumedOverhead = 8;
// A replacement may make a node larger than the limit, but not than this.
constexpr size_t kLargestReplaced = size_t{1} << 20;

}  // namespace

Quicklist::Quicklist(Listpack from) {
  if (!from.empty()) nodes_.Insert(nodes_.end(), ListNode::Take(std::move(from)));
}

size_t Quicklist::AllocatedBytes() const { return Slab::GoodSize(sizeof *this) + nodes_.AllocatedBytes(); }

Quicklist* Quicklist::Clone() const {
  auto* copy = new Quicklist();
  if (nodes_.nodes() == 0) return copy;
  for (Place p = nodes_.first(); p != nodes_.end(); p = nodes_.Next(p)) {
    copy->nodes_.Insert(copy->nodes_.end(), nodes_.at(p).Clone());
  }
  return copy;
}

bool Quicklist::HasRoom(const ListNode& node, std::string_view element, const ListLimit& limit) const {
  return !node.plain() && !limit.IsLarge(element) &&
         !limit.Exceeded(node.bytes() + element.size() + kAssumedOverhead, node.count() + 1);
}

bool Quicklist::Joinable(Place front, const ListLimit& limit) const {
  const Place back = nodes_.Next(front);
  if (back == nodes_.end()) return false;
  const ListNode& a = nodes_.at(front);
  const ListNode& b = nodes_.at(back);
  return !a.plain() && !b.plain() &&
         !limit.Exceeded(a.bytes() + b.bytes() - kListpackOverhead, a.count() + b.count());
}

ListNode Quicklist::NodeOf(std::string_view element, const ListLimit& limit) {
  return limit.IsLarge(element) ? ListNode::Plain(element) : ListNode::Of(ListpackElement(element));
}

void Quicklist::Push(ListEnd end, std::string_view element, const ListLimit& limit) {
  const bool at_head = end == ListEnd::kHead;
  if (nodes_.nodes() == 0) {
    nodes_.Insert(nodes_.end(), NodeOf(element, limit));
    return;
  }
  const Place p = at_head ? nodes_.first() : nodes_.last();
  if (HasRoom(nodes_.at(p), element, limit)) {
    const ListpackElement e(element);
    nodes_.Edit(p, [&](ListNode& n) { at_head ? n.PushFront(e, limit.bytes()) : n.PushBack(e, limit.bytes()); });
  } else {
    nodes_.Edit(p, [](ListNode& n) { n.TrimToSize(); });  // it has stopped growing
    nodes_.Insert(at_head ? p : nodes_.end(), NodeOf(element, limit));
  }
}

Quicklist::Place Quicklist::Split(Place p, size_t index) {
  ListNode rest;
  nodes_.Edit(p, [&](ListNode& n) { rest = n.SplitOff(index); });
  return nodes_.Prev(nodes_.Insert(nodes_.Next(p), std::move(rest)));
}

Quicklist::Place Quicklist::Join(Place front) {
  ListNode taken;
  const Place back = nodes_.Next(front);
  nodes_.Edit(back, [&](ListNode& n) { taken = std::move(n); });
  nodes_.Edit(front, [&](ListNode& n) { n.Append(std::move(taken)); });
  return nodes_.Prev(nodes_.Erase(back));
}

void Quicklist::JoinAround(Place centre, const ListLimit& limit) {
  if (centre != nodes_.first()) {
    const Place before = nodes_.Prev(centre);
    if (before != nodes_.first() && Joinable(nodes_.Prev(before), limit)) {
      centre = nodes_.Next(Join(nodes_.Prev(before)));
    }
  }
  if (const Place behind = nodes_.Next(centre); behind != nodes_.end() && Joinable(behind, limit)) {
    centre = nodes_.Prev(Join(behind));
  }
  if (centre != nodes_.first() && Joinable(nodes_.Prev(centre), limit)) centre = Join(nodes_.Prev(centre));
  if (Joinable(centre, limit)) Join(centre);
}

void Quicklist::Insert(size_t index, bool behind, std::string_view element, const ListLimit& limit) {
  const auto [p, at] = nodes_.Find(index);
  const size_t count = nodes_.at(p).count();
  const size_t to = behind ? at + 1 : at;  // number of the new element in the node
  if (HasRoom(nodes_.at(p), element, limit)) {
    nodes_.Edit(p, [&](ListNode& n) { n.Insert(to, ListpackElement(element)); });
    return;
  }
  if (behind ? to == count : to == 0) {
    // At the node's edge: into the neighbour if that has room, else between the two.
    const bool has_neighbour = behind ? p != nodes_.last() : p != nodes_.first();
    const Place neighbour = behind ? nodes_.Next(p) : has_neighbour ? nodes_.Prev(p) : p;
    if (has_neighbour && HasRoom(nodes_.at(neighbour), element, limit)) {
      nodes_.Edit(neighbour, [&](ListNode& n) { n.Insert(behind ? 0 : n.count(), ListpackElement(element)); });
    } else {
      nodes_.Insert(behind ? nodes_.Next(p) : p, NodeOf(element, limit));
    }
    return;
  }
  const Place front = Split(p, to);
  if (limit.IsLarge(element)) {
    nodes_.Insert(nodes_.Next(front), ListNode::Plain(element));
    return;
  }
  // The new element goes to the part that does not have the one it was put beside.
  const Place back = nodes_.Next(front);
  nodes_.Edit(behind ? back : front,
              [&](ListNode& n) { n.Insert(behind ? 0 : n.count(), ListpackElement(element)); });
  JoinAround(behind ? front : back, limit);
}

void Quicklist::Replace(size_t index, std::string_view element, const ListLimit& limit) {
  const auto [p, at] = nodes_.Find(index);
  const ListNode& node = nodes_.at(p);
  const bool large = limit.IsLarge(element);
  if (node.plain()) {
    if (large) {
      nodes_.Edit(p, [&](ListNode& n) { n = ListNode::Plain(element); });
    } else {
      Insert(index, true, element, limit);
      Erase(index, 1);
    }
    return;
  }
  if (!large && node.bytes() + element.size() <= std::max(limit.bytes(), kLargestReplaced)) {
    nodes_.Edit(p, [&, at = at](ListNode& n) { n.Replace(at, ListpackElement(element)); });
    return;
  }
  if (node.count() == 1) {
    nodes_.Edit(p, [&](ListNode& n) { n = NodeOf(element, limit); });
    return;
  }
  // The new element gets a node to itself in the place of the old one.
  const Place front = at + 1 < node.count() ? Split(p, at + 1) : p;
  const Place back = nodes_.Next(front);
  if (nodes_.at(front).count() == 1) {
    nodes_.Edit(front, [&](ListNode& n) { n = NodeOf(element, limit); });
    return;
  }
  nodes_.Edit(front, [](ListNode& n) { n.Erase(n.count() - 1, 1); });
  JoinAround(nodes_.Insert(back, NodeOf(element, limit)), limit);
}

void Quicklist::Erase(size_t index, size_t count, Remains* remains) {
  if (count == 0) return;
  auto [p, at] = nodes_.Find(index);
  while (count != 0) {
    const size_t n = std::min(count, nodes_.at(p).count() - at);
    if (n == nodes_.at(p).count()) {
      if (remains != nullptr) nodes_.Edit(p, [remains](ListNode& node) { node.LeaveTo(remains); });
      p = nodes_.Erase(p);
    } else {
      nodes_.Edit(p, [&, at = at](ListNode& node) { node.Erase(at, n); });
      p = nodes_.Next(p);
    }
    count -= n;
    at = 0;
  }
}

size_t Quicklist::EraseMatching(const ListpackNeedle& needle, size_t most, ListEnd from) {
  const bool forward = from == ListEnd::kHead;
  size_t erased = 0;
  Place p = forward || nodes_.nodes() == 0 ? nodes_.first() : nodes_.last();
  for (size_t left = nodes_.nodes(); left != 0 && erased < most; --left) {
    size_t here = 0;
    bool emptied = false;
    if (nodes_.at(p).plain()) {
      here = needle.Matches(ListpackItem{nodes_.at(p).plain_text(), 0, false});
      emptied = here != 0;
    } else {
      nodes_.Edit(p, [&](ListNode& n) {
        here = n.EraseMatching(needle, most - erased, !forward);
        emptied = n.count() == 0;
      });
    }
    erased += here;
    const Place following = emptied ? nodes_.Erase(p) : nodes_.Next(p);
    if (forward) {
      p = following;
    } else if (left > 1) {
      p = nodes_.Prev(emptied ? following : p);
    }
  }
  return erased;
}

ListpackItem Quicklist::Get(size_t index) const {
  const auto [p, at] = nodes_.Find(index);
  const ListNode& node = nodes_.at(p);
  if (node.plain()) return {node.plain_text(), 0, false};
  return ListpackView::Get(node.view().At(static_cast<int64_t>(at)));
}

}  // namespace pinion::types
