// How the tree of scores is searched, split and merged.
#include "types/score_tree.h"

#include <algorithm>
#include <new>

#include "base/alloc.h"

namespace pinion::types {
namespace {

// What a search asks of an item: whether it stands before the place that is looked for. `order` is the item's
// ScoreOrder. kByOrder: never true of a higher order than `order`, never false of a lower one.
struct KeyBelow {
  static constexpr bool kByOrder = true;
  uint64_t order;
  std::string_view member;
  bool or_equal;
  bool operator()(uint64_t other, const ScoreItem* item) const {
    if (other != order) [[likely]] return other < order;
    const int compared = item->key().compare(member);
    return compared < 0 || (or_equal && compared == 0);
  }
};
struct ScoreBelow {
  static constexpr bool kByOrder = true;
  uint64_t order;
  bool or_equal;
  bool operator()(uint64_t other, const ScoreItem*) const {
    return other < order || (or_equal && other == order);
  }
};
struct MemberBelow {
  static constexpr bool kByOrder = false;
  std::string_view member;
  bool or_equal;
  bool operator()(uint64_t, const ScoreItem* item) const {
    const int compared = item->key().compare(member);
    return compared < 0 || (or_equal && compared == 0);
  }
};

KeyBelow Below(const ScoreItem* item, bool or_equal) { return {ScoreOrder(item->score()), item->key(), or_equal}; }

// The child of an inner node in which the place is: the last one whose first item is below, or the first.
template <typename Inner, typename Test>
unsigned ChildFor(const Inner* node, const Test& below) {
  unsigned low = 1, high = node->count;
  while (low < high) {
    const unsigned middle = (low + high) / 2;
    if (below(node->orders[middle], node->firsts[middle])) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

// How many items of a leaf are below.
template <typename Leaf, typename Test>
unsigned PlaceIn(const Leaf* leaf, const Test& below) {
  uint64_t tag = 0;
  if constexpr (Test::kByOrder) tag = leaf->Tag(below.order);
  const auto* words = leaf->words();
  unsigned low = 0, high = leaf->count;
  while (low < high) {
    const unsigned middle = (low + high) / 2;
    bool is_below;
    if (Test::kByOrder && words[middle] >> 48 != tag) {
      is_below = words[middle] >> 48 < tag;
    } else {
      const ScoreItem* item = leaf->item(middle);
      is_below = below(ScoreOrder(item->score()), item);
    }
    if (is_below) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Asks for a leaf of `count` items behind a header of 32 bytes.
void PrefetchLeaf(const void* leaf, size_t count) {
  const char* at = static_cast<const char*>(leaf);
  for (size_t i = 0; i < 32 + 8 * count; i += 64) PrefetchForRead(at + i);
}

// The capacities of leaves: 4, 12, 20 ... 60, so that a leaf is a number of cache lines.
constexpr unsigned CapacityFor(unsigned count) { return (count + 3) / 8 * 8 + 4; }

}  // namespace

ScoreItem* ScoreItem::New(std::string_view member, double score) {
  auto* item = static_cast<ScoreItem*>(Slab::Allocate(SizeFor(member.size())));
  char* at = reinterpret_cast<char*>(item) + kTextAt;
  item->score_ = score;
  if (member.size() < kLong) {
    item->length_ = static_cast<uint8_t>(member.size());
  } else {
    const uint64_t n = member.size();
    item->length_ = kLong;
    std::memcpy(at, &n, sizeof n);
    at += sizeof n;
  }
  if (!member.empty()) std::memcpy(at, member.data(), member.size());
  return item;
}

// --- nodes --------------------------------------------------------------------------------------------------

// Chooses the scale anew: what is there takes the middle half of it, so that there is room at both ends.
void ScoreTree::Leaf::Retag() {
  for (unsigned i = 0; i < count; ++i) PrefetchForRead(item(i));
  const uint64_t low = ScoreOrder(item(0)->score());
  const uint64_t span = ScoreOrder(item(count - 1u)->score()) - low;
  shift = static_cast<uint8_t>(std::max<uint64_t>(std::bit_width(span), 15) - 15);
  base = low - std::min(low, uint64_t{0x4000} << shift);
  for (unsigned i = 0; i < count; ++i) words()[i] = WordOf(item(i));
}

unsigned ScoreTree::Leaf::IndexOf(const ScoreItem* wanted) const {
  unsigned i = 0;
  while (item(i) != wanted) ++i;
  return i;
}

ScoreTree::Leaf* ScoreTree::NewLeaf(unsigned words) {
  const unsigned capacity = CapacityFor(words);
  const size_t size = sizeof(Leaf) + capacity * sizeof(Word);
  auto* leaf = new (Slab::Allocate(size)) Leaf{};
  leaf->capacity = static_cast<uint16_t>(capacity);
  bytes_ += Slab::GoodSize(size);
  ++nodes_;
  return leaf;
}

void ScoreTree::FreeLeaf(Leaf* leaf) {
  const size_t size = LeafBytes(leaf);
  bytes_ -= Slab::GoodSize(size);
  --nodes_;
  Slab::Free(leaf, size);
}

ScoreTree::Inner* ScoreTree::NewInner() {
  auto* node = static_cast<Inner*>(Allocate(sizeof(Inner)));
  node->count = 0;
  bytes_ += GoodSize(sizeof(Inner));
  ++nodes_;
  return node;
}

void ScoreTree::FreeInner(Inner* node) {
  bytes_ -= GoodSize(sizeof(Inner));
  --nodes_;
  Free(node);
}

void ScoreTree::FreeBelow(void* node, unsigned height) {
  if (height == 0) return FreeLeaf(static_cast<Leaf*>(node));
  auto* inner = static_cast<Inner*>(node);
  for (unsigned i = 0; i < inner->count; ++i) FreeBelow(inner->children[i], height - 1);
  FreeInner(inner);
}

void ScoreTree::Clear() {
  if (root_ != nullptr) FreeBelow(root_, height_);
  root_ = nullptr;
  height_ = 0;
  size_ = 0;
}

void ScoreTree::Inner::Insert(unsigned at, const Child& child) {
  CopyTo(this, at, at + 1, count - at);
  orders[at] = child.order;
  firsts[at] = child.first;
  children[at] = child.node;
  sizes[at] = child.size;
  ++count;
}

void ScoreTree::Inner::Remove(unsigned at) {
  --count;
  CopyTo(this, at + 1, at, count - at);
}

// Copies n children from `from` on to `at` of another node or this one; the counts are the caller's to set.
void ScoreTree::Inner::CopyTo(Inner* to, unsigned from, unsigned at, unsigned n) const {
  std::memmove(to->orders + at, orders + from, n * sizeof *orders);
  std::memmove(to->firsts + at, firsts + from, n * sizeof *firsts);
  std::memmove(to->children + at, children + from, n * sizeof *children);
  std::memmove(to->sizes + at, sizes + from, n * sizeof *sizes);
}

// --- searching ----------------------------------------------------------------------------------------------

template <typename Test>
size_t ScoreTree::CountWhile(const Test& below) const {
  if (root_ == nullptr) return 0;
  size_t n = 0;
  const void* node = root_;
  for (unsigned height = height_; height > 0; --height) {
    const auto* inner = static_cast<const Inner*>(node);
    const unsigned child = ChildFor(inner, below);
    node = inner->children[child];
    if (height == 1) PrefetchLeaf(node, inner->sizes[child]);
    for (unsigned i = 0; i < child; ++i) n += inner->sizes[i];
  }
  return n + PlaceIn(static_cast<const Leaf*>(node), below);
}

size_t ScoreTree::CountBelow(double score, bool or_equal) const {
  return CountWhile(ScoreBelow{ScoreOrder(score), or_equal});
}

size_t ScoreTree::CountBelow(std::string_view member, bool or_equal) const {
  return CountWhile(MemberBelow{member, or_equal});
}

// The leaf in which an item of the tree stands, and the way to it.
ScoreTree::Leaf* ScoreTree::FindLeaf(const ScoreItem* item, Path* path) const {
  const KeyBelow below = Below(item, true);
  void* node = root_;
  for (unsigned height = height_; height-- > 0;) {
    auto* inner = static_cast<Inner*>(node);
    const unsigned child = ChildFor(inner, below);
    path->steps[height] = {inner, child};
    node = inner->children[child];
    if (height == 0) PrefetchLeaf(node, inner->sizes[child]);
  }
  return static_cast<Leaf*>(node);
}

// The same for the item of a rank; *at is its index. REQUIRES: rank < size().
ScoreTree::Leaf* ScoreTree::FindLeaf(size_t rank, Path* path, unsigned* at) const {
  void* node = root_;
  for (unsigned height = height_; height-- > 0;) {
    auto* inner = static_cast<Inner*>(node);
    unsigned child = 0;
    while (rank >= inner->sizes[child]) rank -= inner->sizes[child++];
    path->steps[height] = {inner, child};
    node = inner->children[child];
  }
  *at = static_cast<unsigned>(rank);
  return static_cast<Leaf*>(node);
}

size_t ScoreTree::Rank(const ScoreItem* item) const {
  Path path;
  const Leaf* leaf = FindLeaf(item, &path);
  size_t rank = leaf->IndexOf(item);
  for (unsigned level = 0; level < height_; ++level) {
    const auto [node, child] = path.steps[level];
    for (unsigned i = 0; i < child; ++i) rank += node->sizes[i];
  }
  return rank;
}

ScoreTree::Cursor ScoreTree::At(size_t rank) const {
  if (rank >= size_) return {nullptr, 0};
  Path path;
  unsigned at;
  const Leaf* leaf = FindLeaf(rank, &path, &at);
  return {leaf, at};
}

// --- growing ------------------------------------------------------------------------------------------------

// Moves a leaf to an allocation for `words` items; *slot is what points to it from above.
ScoreTree::Leaf* ScoreTree::Resize(Leaf* leaf, unsigned words, void** slot) {
  Leaf* moved = NewLeaf(words);
  const uint16_t capacity = moved->capacity;
  *moved = *leaf;
  moved->capacity = capacity;
  std::memcpy(moved->words(), leaf->words(), leaf->count * sizeof(Word));
  if (moved->prev != nullptr) moved->prev->next = moved;
  if (moved->next != nullptr) moved->next->prev = moved;
  *slot = moved;
  FreeLeaf(leaf);
  return moved;
}

void ScoreTree::Leaf::Insert(unsigned at, const ScoreItem* added) {
  std::memmove(words() + at + 1, words() + at, (count - at) * sizeof(Word));
  words()[at] = WordOf(added);
  ++count;
}

void ScoreTree::Insert(ScoreItem* item) {
  ++size_;
  if (root_ == nullptr) {
    Leaf* leaf = NewLeaf(1);
    leaf->count = 1;
    leaf->words()[0] = reinterpret_cast<Word>(item);
    leaf->Retag();
    root_ = leaf;
    return;
  }
  const KeyBelow below = Below(item, false);
  Path path;
  void** slot = &root_;
  for (unsigned height = height_; height-- > 0;) {
    auto* inner = static_cast<Inner*>(*slot);
    const unsigned child = ChildFor(inner, below);
    path.steps[height] = {inner, child};
    slot = &inner->children[child];
    if (height == 0) PrefetchLeaf(*slot, inner->sizes[child]);
    ++inner->sizes[child];
    if (child == 0 && !below(inner->orders[0], inner->firsts[0])) {
      inner->orders[0] = below.order;
      inner->firsts[0] = item;
    }
  }
  auto* leaf = static_cast<Leaf*>(*slot);
  const unsigned at = PlaceIn(leaf, below);
  if (leaf->count == kLeafWords) return Split(leaf, at, item, slot, path);
  if (leaf->count == leaf->capacity) {
    leaf = Resize(leaf, leaf->count + 1u, slot);
    // Items that keep coming at an end run out of the scale.
    if (leaf->words()[leaf->count - 1] >> 48 == kMaxTag || leaf->words()[0] >> 48 == 0) leaf->Retag();
  }
  leaf->Insert(at, item);
}

// Puts an item into a full leaf, of which one half moves to a new leaf; all stays when items come in order.
void ScoreTree::Split(Leaf* leaf, unsigned at, ScoreItem* item, void** slot, const Path& path) {
  const bool at_end = at == kLeafWords && leaf->next == nullptr;
  const unsigned kept = at_end ? kLeafWords : kLeafWords / 2;
  const unsigned moved = kLeafWords - kept;
  Leaf* right = NewLeaf(moved + 1);
  std::memcpy(right->words(), leaf->words() + kept, moved * sizeof(Word));
  right->count = static_cast<uint16_t>(moved);
  leaf->count = static_cast<uint16_t>(kept);
  right->prev = leaf;
  right->next = leaf->next;
  if (right->next != nullptr) right->next->prev = right;
  leaf->next = right;
  if (!at_end) leaf = Resize(leaf, kept + 1, slot);
  if (at > kept || at_end) {
    right->Insert(at - kept, item);
  } else {
    leaf->Insert(at, item);
  }
  leaf->Retag();
  right->Retag();
  ScoreItem* first = right->item(0);
  AddChild(path, 0, {ScoreOrder(first->score()), first, right, right->count});
}

// Puts a node behind the one that the path leads to on a level, from which it was split; the nodes above count the
// items of both in the one.
void ScoreTree::AddChild(const Path& path, unsigned level, const Child& added) {
  if (level == height_) {
    Inner* root = NewInner();
    Child old = {0, nullptr, root_, static_cast<uint32_t>(size_ - added.size)};
    if (height_ == 0) {
      old.first = static_cast<Leaf*>(root_)->item(0);
      old.order = ScoreOrder(old.first->score());
    } else {
      old.first = static_cast<Inner*>(root_)->firsts[0];
      old.order = static_cast<Inner*>(root_)->orders[0];
    }
    root->Insert(0, old);
    root->Insert(1, added);
    root_ = root;
    ++height_;
    return;
  }
  const auto [node, split] = path.steps[level];
  node->sizes[split] -= added.size;
  const unsigned at = split + 1;
  if (node->count < kFanout) return node->Insert(at, added);

  constexpr unsigned kKept = kFanout / 2;
  Inner* right = NewInner();
  node->CopyTo(right, kKept, 0, kFanout - kKept);
  node->count = kKept;
  right->count = kFanout - kKept;
  if (at > kKept) {
    right->Insert(at - kKept, added);
  } else {
    node->Insert(at, added);
  }
  uint32_t size = 0;
  for (unsigned i = 0; i < right->count; ++i) size += right->sizes[i];
  AddChild(path, level + 1, {right->orders[0], right->firsts[0], right, size});
}

// --- shrinking ----------------------------------------------------------------------------------------------

void ScoreTree::Erase(const ScoreItem* item) {
  Path path;
  Leaf* leaf = FindLeaf(item, &path);
  EraseAt(leaf, leaf->IndexOf(item), 1, path);
}

void ScoreTree::CountErased(unsigned n, const Path& path) {
  size_ -= n;
  for (unsigned level = 0; level < height_; ++level) path.steps[level].node->sizes[path.steps[level].at] -= n;
}

// Takes a leaf out of the tree as it is; bytes and number of the nodes are the caller's to set.
void ScoreTree::Detach(Leaf* leaf, const Path& path) {
  CountErased(leaf->count, path);
  if (height_ == 0) {
    root_ = nullptr;
    return;
  }
  Unlink(leaf);
  path.steps[0].node->Remove(path.steps[0].at);
  Rebalance(path);
}

// Removes n words of a leaf, from index `at` on.
void ScoreTree::EraseAt(Leaf* leaf, unsigned at, unsigned n, const Path& path) {
  if (n == leaf->count) {
    Detach(leaf, path);
    return FreeLeaf(leaf);
  }
  std::memmove(leaf->words() + at, leaf->words() + at + n, (leaf->count - at - n) * sizeof(Word));
  leaf->count = static_cast<uint16_t>(leaf->count - n);
  CountErased(n, path);
  if (height_ == 0) return GiveBack(leaf, &root_);
  const auto [parent, child] = path.steps[0];
  if (at == 0) {
    parent->firsts[child] = leaf->item(0);
    parent->orders[child] = ScoreOrder(leaf->item(0)->score());
  }
  const bool merged = (child + 1 < parent->count && MergeLeaves(parent, child)) ||
                      (child > 0 && MergeLeaves(parent, child - 1));
  if (!merged) GiveBack(leaf, &parent->children[child]);
  Rebalance(path);
}

bool ScoreTree::Contains(const ScoreItem* item) const {
  if (root_ == nullptr) return false;
  Path path;
  const Leaf* leaf = FindLeaf(item, &path);
  for (unsigned i = 0; i < leaf->count; ++i) {
    if (leaf->item(i) == item) return true;
  }
  return false;
}

// Sets right what the inner nodes of the path say of each other, after a change in the lowest of them.
void ScoreTree::Rebalance(const Path& path) {
  for (unsigned level = 0; level + 1 < height_; ++level) {
    Inner* node = path.steps[level].node;
    const auto [parent, child] = path.steps[level + 1];
    if (node->count == 0) {
      FreeInner(node);
      parent->Remove(child);
      continue;
    }
    parent->orders[child] = node->orders[0];
    parent->firsts[child] = node->firsts[0];
    if (child + 1 < parent->count && MergeInners(parent, child)) continue;
    if (child > 0) (void)MergeInners(parent, child - 1);
  }
  while (height_ > 0 && static_cast<Inner*>(root_)->count == 1) {
    auto* root = static_cast<Inner*>(root_);
    root_ = root->children[0];
    --height_;
    FreeInner(root);
  }
}

// Moves a leaf with two steps of room or more to a smaller allocation.
void ScoreTree::GiveBack(Leaf* leaf, void** slot) {
  if (leaf->count + 2 * kLeafStep <= leaf->capacity) (void)Resize(leaf, leaf->count + 1u, slot);
}

void ScoreTree::Unlink(const Leaf* leaf) {
  if (leaf->prev != nullptr) leaf->prev->next = leaf->next;
  if (leaf->next != nullptr) leaf->next->prev = leaf->prev;
}

// Puts children `left` and `left` + 1 in one if that leaves a quarter of it free. False when it does not.
bool ScoreTree::MergeLeaves(Inner* parent, unsigned left) {
  const unsigned total = parent->sizes[left] + parent->sizes[left + 1];
  if (total > kLeafWords * 3 / 4) return false;
  auto* a = static_cast<Leaf*>(parent->children[left]);
  auto* b = static_cast<Leaf*>(parent->children[left + 1]);
  if (a->capacity < total) a = Resize(a, total, &parent->children[left]);
  std::memcpy(a->words() + a->count, b->words(), b->count * sizeof(Word));
  a->count = static_cast<uint16_t>(total);
  a->Retag();
  Unlink(b);
  FreeLeaf(b);
  parent->Remove(left + 1);
  parent->sizes[left] = total;
  return true;
}

bool ScoreTree::MergeInners(Inner* parent, unsigned left) {
  auto* a = static_cast<Inner*>(parent->children[left]);
  auto* b = static_cast<Inner*>(parent->children[left + 1]);
  if (a->count + b->count > kFanout * 3 / 4) return false;
  b->CopyTo(a, 0, a->count, b->count);
  a->count += b->count;
  parent->sizes[left] += parent->sizes[left + 1];
  parent->Remove(left + 1);
  FreeInner(b);
  return true;
}

// Most changes of a score leave the item between its neighbours.
void ScoreTree::SetScore(ScoreItem* item, double score) {
  Path path;
  Leaf* leaf = FindLeaf(item, &path);
  const unsigned at = leaf->IndexOf(item);
  const KeyBelow below = {ScoreOrder(score), item->key(), false};
  const auto is_below = [&](unsigned i) { return below(ScoreOrder(leaf->item(i)->score()), leaf->item(i)); };
  const bool after_previous = at == 0 ? leaf->prev == nullptr : is_below(at - 1);
  const bool before_next = at + 1u == leaf->count ? leaf->next == nullptr : !is_below(at + 1);
  if (!after_previous || !before_next) {
    EraseAt(leaf, at, 1, path);
    item->score_ = score;
    return Insert(item);
  }
  item->score_ = score;
  leaf->words()[at] = leaf->WordOf(item);
  if (at != 0) return;
  for (unsigned level = 0; level < height_; ++level) {
    const auto [node, child] = path.steps[level];
    node->orders[child] = below.order;
    if (child != 0) return;
  }
}

// --- checking -----------------------------------------------------------------------------------------------

bool ScoreTree::CheckLeaf(const Leaf* leaf, const Leaf** last) {
  if (leaf->prev != *last || (*last != nullptr && (*last)->next != leaf)) return false;
  if (leaf->count == 0 || leaf->count > leaf->capacity || leaf->capacity > kLeafWords) return false;
  const ScoreItem* previous = *last == nullptr ? nullptr : (*last)->item((*last)->count - 1u);
  for (unsigned i = 0; i < leaf->count; ++i) {
    const ScoreItem* item = leaf->item(i);
    if (leaf->words()[i] != leaf->WordOf(item)) return false;
    if (previous != nullptr && !Below(item, false)(ScoreOrder(previous->score()), previous)) return false;
    previous = item;
  }
  *last = leaf;
  return true;
}

// Counts the items below a node and tells the first. *last is the leaf before, then the last one below.
bool ScoreTree::CheckNode(const void* node, unsigned height, const Leaf** last, Child* found) const {
  if (height == 0) {
    const auto* leaf = static_cast<const Leaf*>(node);
    if (!CheckLeaf(leaf, last)) return false;
    *found = {ScoreOrder(leaf->item(0)->score()), leaf->item(0), nullptr, leaf->count};
    return true;
  }
  const auto* inner = static_cast<const Inner*>(node);
  if (inner->count == 0 || inner->count > kFanout) return false;
  uint32_t total = 0;
  for (unsigned i = 0; i < inner->count; ++i) {
    Child child;
    if (!CheckNode(inner->children[i], height - 1, last, &child)) return false;
    if (child.size != inner->sizes[i] || child.first != inner->firsts[i] || child.order != inner->orders[i]) {
      return false;
    }
    total += child.size;
  }
  *found = {inner->orders[0], inner->firsts[0], nullptr, total};
  return true;
}

bool ScoreTree::CheckInvariants() const {
  if (root_ == nullptr) return size_ == 0 && height_ == 0 && bytes_ == 0 && nodes_ == 0;
  if (height_ > 0 && static_cast<const Inner*>(root_)->count < 2) return false;
  const Leaf* last = nullptr;
  Child whole;
  return CheckNode(root_, height_, &last, &whole) && last->next == nullptr && whole.size == size_;
}

}  // namespace pinion::types
