// Items in order of (score, member): a B+ tree that counts what lies below each node.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/prefetch.h"
#include "base/slab.h"

namespace pinion::types {

// A member of a large sorted set, in one allocation: its score, its length (a byte, or 0xFF and eight bytes from
// 255 on) and its text. An item of a HashTable.
class ScoreItem {
 public:
  static ScoreItem* New(std::string_view member, double score);
  static void Delete(ScoreItem* item) { Slab::Free(item, item->Size()); }

  [[nodiscard]] std::string_view key() const {
    const char* at = reinterpret_cast<const char*>(this) + kTextAt;
    if (length_ != kLong) [[likely]] return {at, length_};
    uint64_t n;
    std::memcpy(&n, at, sizeof n);
    return {at + sizeof n, n};
  }
  [[nodiscard]] double score() const { return score_; }
  [[nodiscard]] size_t AllocatedBytes() const { return Slab::GoodSize(Size()); }

 private:
  friend class ScoreTree;
  static constexpr uint8_t kLong = 0xFF;
  static constexpr size_t kTextAt = 9;
  [[nodiscard]] static size_t SizeFor(size_t length) { return kTextAt + (length < kLong ? 0 : 8) + length; }
  [[nodiscard]] size_t Size() const { return SizeFor(key().size()); }

  double score_;
  uint8_t length_;  // the record goes on past its end
};

// A score as an integer that compares as the score does; 0 and -0 are one.
[[nodiscard]] inline uint64_t ScoreOrder(double score) {
  const auto bits = std::bit_cast<int64_t>(score + 0.0);
  return static_cast<uint64_t>(bits) ^ (static_cast<uint64_t>(bits >> 63) | uint64_t{1} << 63);
}

// Order: by score, members of equal scores by their bytes. Ranks count from 0.
//
// An inner node has up to 36 children, and of each the number of items below it and its first item with the score,
// so that a search reads no item while scores differ. A leaf is linked to its neighbours and holds up to 60 words,
// each an item's address (48 bits) under a 16-bit tag: the item's score on a scale of the leaf's own, from 0 to
// 65535 and cut off there, which a search compares before it reads an item. Leaves are allocated in steps of eight
// words, so that those of a tree grown in random order are nine tenths full. After Comer, "The Ubiquitous B-Tree"
// (1979).
//
// A search costs O(log n), and so do rank and selection by rank. Does not own its items. Not thread-safe.
class ScoreTree {
  struct Leaf;

 public:
  ScoreTree() = default;
  ~ScoreTree() { Clear(); }
  ScoreTree(ScoreTree&& o) noexcept { Swap(o); }
  ScoreTree& operator=(ScoreTree&& o) noexcept { Swap(o); return *this; }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // Heap bytes and number of the nodes.
  [[nodiscard]] size_t bytes() const { return bytes_; }
  [[nodiscard]] size_t nodes() const { return nodes_; }

  // REQUIRES: no item of that score and member is in the tree.
  void Insert(ScoreItem* item);
  // REQUIRES for both: the item is in the tree.
  void Erase(const ScoreItem* item);
  void SetScore(ScoreItem* item, double score);
  // Removes `count` items from a rank on, calling f(ScoreItem*) for each when it is out of the tree.
  // REQUIRES: first + count <= size().
  template <typename F>
  void EraseRange(size_t first, size_t count, F&& f);
  // Frees the nodes, forgetting the items.
  void Clear();

  // Leaves that were cut out of a tree, with their items.
  class Cuttings {
   public:
    static constexpr unsigned kLeafItems = 60;  // at most

    Cuttings() = default;
    ~Cuttings();
    Cuttings(const Cuttings&) = delete;
    Cuttings& operator=(const Cuttings&) = delete;

    [[nodiscard]] bool empty() const { return first_ == nullptr; }
    // Heap bytes and number of the leaves.
    [[nodiscard]] size_t bytes() const { return bytes_; }
    [[nodiscard]] size_t leaves() const { return leaves_; }
    // Frees a leaf, forgetting its items: writes them at `items` (room for kLeafItems) and returns how many there
    // were. REQUIRES: !empty().
    unsigned TakeLeaf(ScoreItem** items);
    // Calls f(const ScoreItem*) for every item; for tests.
    template <typename F>
    void ForEach(F&& f) const;

   private:
    friend class ScoreTree;
    void Add(Leaf* leaf);
    Leaf* first_ = nullptr;  // linked by `next`
    size_t bytes_ = 0;
    size_t leaves_ = 0;
  };
  // EraseRange at some 0.2 us a leaf: whole leaves go to `cuttings` without a look at their items, and f is called for
  // those of the leaves at the ends only.
  template <typename F>
  void CutRange(size_t first, size_t count, Cuttings* cuttings, F&& f);
  // Whether this very item is in the tree; it need not be.
  [[nodiscard]] bool Contains(const ScoreItem* item) const;

  // The rank of an item. REQUIRES: it is in the tree.
  [[nodiscard]] size_t Rank(const ScoreItem* item) const;
  // How many items have a lower score, or (or_equal) one not higher.
  [[nodiscard]] size_t CountBelow(double score, bool or_equal) const;
  // How many members are less, or (or_equal) not greater. REQUIRES: all scores are equal; with others the result is
  // some number up to size().
  [[nodiscard]] size_t CountBelow(std::string_view member, bool or_equal) const;

  // An item's position; dies with the next change.
  class Cursor {
   public:
    [[nodiscard]] bool valid() const { return leaf_ != nullptr; }
    [[nodiscard]] inline ScoreItem* item() const;  // REQUIRES: valid()
    inline void Next();
    inline void Prev();

   private:
    friend class ScoreTree;
    Cursor(const Leaf* leaf, unsigned at) : leaf_(leaf), at_(at) {}
    const Leaf* leaf_;
    unsigned at_;
  };
  // Not valid from size() on.
  [[nodiscard]] Cursor At(size_t rank) const;

  // True when every invariant above holds; for tests.
  [[nodiscard]] bool CheckInvariants() const;

 private:
  using Word = uint64_t;
  static constexpr Word kPointerMask = (Word{1} << 48) - 1;
  static constexpr Word kMaxTag = 0xFFFF;
  static constexpr unsigned kLeafWords = Cuttings::kLeafItems;  // with the header 512 bytes
  static constexpr unsigned kLeafStep = 8;
  static constexpr unsigned kFanout = 36;      // an inner node is 1016 bytes
  static constexpr unsigned kMaxHeight = 16;   // inner levels; 2^32 items need at most ten

  struct Leaf {
    Leaf* prev;
    Leaf* next;
    uint64_t base;  // tag = (ScoreOrder - base) >> shift
    uint16_t count;
    uint16_t capacity;
    uint8_t shift;

    [[nodiscard]] Word* words() { return reinterpret_cast<Word*>(this + 1); }
    [[nodiscard]] const Word* words() const { return reinterpret_cast<const Word*>(this + 1); }
    [[nodiscard]] ScoreItem* item(unsigned i) const {
      return reinterpret_cast<ScoreItem*>(words()[i] & kPointerMask);
    }
    [[nodiscard]] Word Tag(uint64_t order) const {
      if (order <= base) return 0;
      const uint64_t tag = (order - base) >> shift;
      return tag < kMaxTag ? tag : kMaxTag;
    }
    [[nodiscard]] Word WordOf(const ScoreItem* item) const {
      return Tag(ScoreOrder(item->score())) << 48 | reinterpret_cast<Word>(item);
    }
    void Insert(unsigned at, const ScoreItem* added);
    void Retag();
    [[nodiscard]] unsigned IndexOf(const ScoreItem* item) const;
  };

  // What an inner node knows of a child: ScoreOrder of its first item, that item, and how many items are below it.
  struct Child { uint64_t order; ScoreItem* first; void* node; uint32_t size; };

  struct Inner {
    uint32_t count;
    uint32_t sizes[kFanout];
    uint64_t orders[kFanout];
    ScoreItem* firsts[kFanout];
    void* children[kFanout];  // leaves, or inner nodes, all of one level

    void Insert(unsigned at, const Child& child);
    void Remove(unsigned at);
    void CopyTo(Inner* to, unsigned from, unsigned at, unsigned n) const;
  };

  // The way from the root to a leaf: the inner nodes from the lowest up, and the child taken in each.
  struct Step { Inner* node; unsigned at; };
  struct Path { Step steps[kMaxHeight]; };

  void Swap(ScoreTree& o) noexcept {
    std::swap(root_, o.root_);
    std::swap(height_, o.height_);
    std::swap(size_, o.size_);
    std::swap(bytes_, o.bytes_);
    std::swap(nodes_, o.nodes_);
  }

  static size_t LeafBytes(const Leaf* leaf) { return sizeof(Leaf) + leaf->capacity * sizeof(Word); }
  Leaf* NewLeaf(unsigned words);
  void FreeLeaf(Leaf* leaf);
  Inner* NewInner();
  void FreeInner(Inner* node);
  void FreeBelow(void* node, unsigned height);

  template <typename Test>
  size_t CountWhile(const Test& below) const;
  Leaf* FindLeaf(const ScoreItem* item, Path* path) const;
  Leaf* FindLeaf(size_t rank, Path* path, unsigned* at) const;

  Leaf* Resize(Leaf* leaf, unsigned words, void** slot);
  void Split(Leaf* leaf, unsigned at, ScoreItem* item, void** slot, const Path& path);
  void AddChild(const Path& path, unsigned level, const Child& added);
  void EraseAt(Leaf* leaf, unsigned at, unsigned n, const Path& path);
  void CountErased(unsigned n, const Path& path);
  void Detach(Leaf* leaf, const Path& path);
  void Rebalance(const Path& path);
  void GiveBack(Leaf* leaf, void** slot);
  static void Unlink(const Leaf* leaf);
  bool MergeLeaves(Inner* parent, unsigned left);
  bool MergeInners(Inner* parent, unsigned left);

  static bool CheckLeaf(const Leaf* leaf, const Leaf** last);
  [[nodiscard]] bool CheckNode(const void* node, unsigned height, const Leaf** last, Child* found) const;

  void* root_ = nullptr;  // a leaf when height_ is 0; null when empty
  uint32_t height_ = 0;   // levels of inner nodes
  size_t size_ = 0;
  size_t bytes_ = 0;
  size_t nodes_ = 0;
};

// --- inline parts -------------------------------------------------------------------------------------------

inline ScoreItem* ScoreTree::Cursor::item() const { return leaf_->item(at_); }

inline void ScoreTree::Cursor::Next() {
  // Items lie anywhere in memory: those to come are asked for ahead.
  constexpr unsigned kAhead = 8;
  if (++at_ + kAhead < leaf_->count) {
    PrefetchForRead(leaf_->item(at_ + kAhead));
  } else if (at_ == leaf_->count) {
    leaf_ = leaf_->next;
    at_ = 0;
  } else if (leaf_->next != nullptr) {
    PrefetchForRead(leaf_->next->item((at_ + kAhead - leaf_->count) % leaf_->next->count));
  }
}

inline void ScoreTree::Cursor::Prev() {
  constexpr unsigned kAhead = 8;
  if (at_ == 0) {
    leaf_ = leaf_->prev;
    at_ = leaf_ == nullptr ? 0 : leaf_->count - 1u;
  } else if (--at_ >= kAhead) {
    PrefetchForRead(leaf_->item(at_ - kAhead));
  }
}

template <typename F>
void ScoreTree::EraseRange(size_t first, size_t count, F&& f) {
  ScoreItem* erased[kLeafWords];
  while (count > 0) {
    Path path;
    unsigned at;
    Leaf* leaf = FindLeaf(first, &path, &at);
    const unsigned n = count < leaf->count - at ? static_cast<unsigned>(count) : leaf->count - at;
    for (unsigned i = 0; i < n; ++i) erased[i] = leaf->item(at + i);
    EraseAt(leaf, at, n, path);
    for (unsigned i = 0; i < n; ++i) f(erased[i]);
    count -= n;
  }
}

template <typename F>
void ScoreTree::CutRange(size_t first, size_t count, Cuttings* cuttings, F&& f) {
  if (count == 0) return;
  Path path;
  unsigned at;
  Leaf* leaf = FindLeaf(first, &path, &at);
  // The ends come last: a leaf that has lost some of its items may be merged with what is to be cut.
  const size_t head = at == 0 ? 0 : std::min<size_t>(count, leaf->count - at);
  size_t left = count - head;
  while (left > 0) {
    leaf = FindLeaf(first + head, &path, &at);
    if (left < leaf->count) break;
    left -= leaf->count;
    Detach(leaf, path);
    bytes_ -= Slab::GoodSize(LeafBytes(leaf));
    --nodes_;
    cuttings->Add(leaf);
  }
  EraseRange(first, head + left, f);
}

template <typename F>
void ScoreTree::Cuttings::ForEach(F&& f) const {
  for (const Leaf* leaf = first_; leaf != nullptr; leaf = leaf->next) {
    for (unsigned i = 0; i < leaf->count; ++i) f(static_cast<const ScoreItem*>(leaf->item(i)));
  }
}

}  // namespace pinion::types
