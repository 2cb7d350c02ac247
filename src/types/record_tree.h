// An ordered set of small records: a B+ tree to which appending costs O(1).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "base/slab.h"

namespace pinion::types {

// What a value's parts hold on the heap, summed up as they change.
struct HeapUse {
  size_t bytes = 0;
  size_t blocks = 0;
  void Add(size_t n) { bytes += n, ++blocks; }
  void Remove(size_t n) { bytes -= n, --blocks; }
};

// Leaves of up to 1 KiB hold the records in order and are linked both ways; inner nodes name each child by a key
// that is at most its smallest, and greater than all before it:
//
//   inner:  [ - | k1 | k2 ]         the first child's key says nothing
//             |    |    |
//   leaves: [a b]<>[c d]<>[e]
//
// A record that comes after all others leaves the full nodes before it as they are, so a tree that was filled in
// order is full; a leaf grows from one record by doubling, so a small tree is small. A leaf a quarter full shrinks,
// or joins its neighbour. After Bayer and McCreight, "Organization and Maintenance of Large Ordered Indices" (1972).
//
// Record is trivially copyable and has key(), an ordered value that is unique in the tree. The tree adds its heap
// use to `use`, which must outlive it. Not thread-safe.
template <typename Record>
class RecordTree {
  struct Leaf;

 public:
  using Key = std::remove_cvref_t<decltype(std::declval<const Record&>().key())>;
  static_assert(std::is_trivially_copyable_v<Record>);

  explicit RecordTree(HeapUse* use) : use_(use) {}
  ~RecordTree() { Clear(); }
  RecordTree(const RecordTree&) = delete;
  RecordTree& operator=(const RecordTree&) = delete;

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // A place in the order, or none. Valid until the tree changes.
  class Cursor {
   public:
    Cursor() = default;
    explicit operator bool() const { return leaf_ != nullptr; }
    // The record may be changed, all but its key.
    Record& operator*() const { return leaf_->records()[at_]; }
    Record* operator->() const { return &**this; }
    void Next() {
      if (++at_ < leaf_->count) return;
      leaf_ = leaf_->next;
      at_ = 0;
    }
    void Previous() {
      if (at_ == 0) {
        leaf_ = leaf_->previous;
        at_ = leaf_ == nullptr ? 1 : leaf_->count;
      }
      --at_;
    }

   private:
    friend class RecordTree;
    Cursor(Leaf* leaf, unsigned at) : leaf_(leaf), at_(at) {}
    Leaf* leaf_ = nullptr;
    unsigned at_ = 0;
  };

  [[nodiscard]] Cursor First() const;
  [[nodiscard]] Cursor Last() const;
  // The first record whose key is not less; the last whose key is not greater.
  [[nodiscard]] Cursor AtOrAfter(const Key& key) const;
  [[nodiscard]] Cursor AtOrBefore(const Key& key) const;
  // The record of this key, or null. Valid until the tree changes.
  [[nodiscard]] Record* Find(const Key& key) const;

  // False, changing nothing, when a record of its key is there.
  bool Insert(const Record& record);
  // Whether there was one.
  bool Erase(const Key& key);
  void Clear();

  // Whether all that is said above holds; for tests.
  [[nodiscard]] bool CheckInvariants() const;

 private:
  struct Leaf {
    uint16_t count;
    uint16_t capacity;
    Leaf* previous;
    Leaf* next;
    Record* records() { return reinterpret_cast<Record*>(this + 1); }
    [[nodiscard]] bool full() const { return count == capacity; }
    // Index of the first record whose key is not less.
    unsigned Seek(const Key& key) {
      Record* const begin = records();
      if (count > 0 && begin[count - 1].key() < key) return count;
      return static_cast<unsigned>(
          std::lower_bound(begin, begin + count, key, [](const Record& r, const Key& k) { return r.key() < k; }) -
          begin);
    }
  };
  static constexpr size_t kNodeBytes = 1024;
  static constexpr unsigned kMaxRecords = (kNodeBytes - sizeof(Leaf)) / sizeof(Record);

  struct Child {
    Key key;
    void* node;
  };
  static constexpr unsigned kMaxChildren = (kNodeBytes - 8) / sizeof(Child);
  struct Inner {
    unsigned count;
    Child children[kMaxChildren];
    // Index of the child whose subtree a key belongs to.
    unsigned Seek(const Key& key) const {
      return static_cast<unsigned>(std::upper_bound(children + 1, children + count, key,
                                                    [](const Key& k, const Child& c) { return k < c.key; }) -
                                   children) -
             1;
    }
  };
  static_assert(kMaxRecords >= 8 && kMaxChildren >= 8);

  // The way from the root to a leaf.
  struct Step {
    Inner* node;
    unsigned at;
  };
  static constexpr unsigned kMaxHeight = 24;
  using Path = std::array<Step, kMaxHeight>;

  static size_t LeafBytes(unsigned capacity) { return sizeof(Leaf) + capacity * sizeof(Record); }
  Leaf* NewLeaf(unsigned capacity);
  void FreeLeaf(Leaf* leaf);
  Inner* NewInner();
  void FreeInner(Inner* node);
  void FreeSubtree(void* node, unsigned height);
  [[nodiscard]] Leaf* Descend(const Key& key, Path* path = nullptr) const;
  Leaf* Resize(Leaf* leaf, unsigned capacity, const Path& path);
  void LinkAfter(Leaf* leaf, Leaf* fresh);
  void Unlink(Leaf* leaf);
  static void Put(Leaf* leaf, unsigned at, const Record& record);
  void SplitFor(Leaf* leaf, unsigned at, const Record& record, const Path& path);
  void AddChild(const Path& path, unsigned level, const Key& key, void* child);
  void RemoveChild(const Path& path, unsigned level, unsigned at);
  void JoinLeaves(const Path& path);
  void JoinInners(const Path& path, unsigned level);
  [[nodiscard]] bool CheckSubtree(void* node, unsigned height, const Key* low, const Key* high, Leaf** last,
                                  size_t* records) const;

  void* root_ = nullptr;  // a leaf when height_ is 0
  size_t size_ = 0;
  HeapUse* use_;
  unsigned height_ = 0;   // inner levels above the leaves
};

// --- nodes --------------------------------------------------------------------------------------------------

template <typename Record>
auto RecordTree<Record>::NewLeaf(unsigned capacity) -> Leaf* {
  const size_t bytes = LeafBytes(capacity);
  auto* leaf = static_cast<Leaf*>(Slab::Allocate(bytes));
  *leaf = {0, static_cast<uint16_t>(capacity), nullptr, nullptr};
  use_->Add(Slab::GoodSize(bytes));
  return leaf;
}

template <typename Record>
void RecordTree<Record>::FreeLeaf(Leaf* leaf) {
  const size_t bytes = LeafBytes(leaf->capacity);
  use_->Remove(Slab::GoodSize(bytes));
  Slab::Free(leaf, bytes);
}

template <typename Record>
auto RecordTree<Record>::NewInner() -> Inner* {
  auto* node = static_cast<Inner*>(Slab::Allocate(sizeof(Inner)));
  node->count = 0;
  use_->Add(Slab::GoodSize(sizeof(Inner)));
  return node;
}

template <typename Record>
void RecordTree<Record>::FreeInner(Inner* node) {
  use_->Remove(Slab::GoodSize(sizeof(Inner)));
  Slab::Free(node, sizeof(Inner));
}

template <typename Record>
void RecordTree<Record>::FreeSubtree(void* node, unsigned height) {
  if (height == 0) return FreeLeaf(static_cast<Leaf*>(node));
  auto* inner = static_cast<Inner*>(node);
  for (unsigned i = 0; i < inner->count; ++i) FreeSubtree(inner->children[i].node, height - 1);
  FreeInner(inner);
}

template <typename Record>
void RecordTree<Record>::Clear() {
  if (root_ != nullptr) FreeSubtree(root_, height_);
  root_ = nullptr;
  size_ = 0;
  height_ = 0;
}

// --- looking ------------------------------------------------------------------------------------------------

template <typename Record>
auto RecordTree<Record>::Descend(const Key& key, Path* path) const -> Leaf* {
  void* node = root_;
  for (unsigned level = 0; level < height_; ++level) {
    auto* inner = static_cast<Inner*>(node);
    const unsigned at = inner->Seek(key);
    if (path != nullptr) (*path)[level] = {inner, at};
    node = inner->children[at].node;
  }
  return static_cast<Leaf*>(node);
}

template <typename Record>
auto RecordTree<Record>::First() const -> Cursor {
  if (empty()) return {};
  void* node = root_;
  for (unsigned level = 0; level < height_; ++level) node = static_cast<Inner*>(node)->children[0].node;
  return {static_cast<Leaf*>(node), 0};
}

template <typename Record>
auto RecordTree<Record>::Last() const -> Cursor {
  if (empty()) return {};
  void* node = root_;
  for (unsigned level = 0; level < height_; ++level) {
    auto* inner = static_cast<Inner*>(node);
    node = inner->children[inner->count - 1].node;
  }
  auto* leaf = static_cast<Leaf*>(node);
  return {leaf, leaf->count - 1u};
}

template <typename Record>
auto RecordTree<Record>::AtOrAfter(const Key& key) const -> Cursor {
  if (empty()) return {};
  Leaf* leaf = Descend(key);
  const unsigned at = leaf->Seek(key);
  if (at == leaf->count) return {leaf->next, 0};
  return {leaf, at};
}

template <typename Record>
auto RecordTree<Record>::AtOrBefore(const Key& key) const -> Cursor {
  if (empty()) return {};
  Leaf* leaf = Descend(key);
  const unsigned at = leaf->Seek(key);
  Cursor c(leaf, at);
  if (at == leaf->count || key < leaf->records()[at].key()) c.Previous();
  return c;
}

template <typename Record>
Record* RecordTree<Record>::Find(const Key& key) const {
  if (empty()) return nullptr;
  Leaf* leaf = Descend(key);
  const unsigned at = leaf->Seek(key);
  if (at == leaf->count || key < leaf->records()[at].key()) return nullptr;
  return &leaf->records()[at];
}

// --- inserting ----------------------------------------------------------------------------------------------

template <typename Record>
bool RecordTree<Record>::Insert(const Record& record) {
  if (root_ == nullptr) root_ = NewLeaf(1);
  Path path;
  const Key key = record.key();
  Leaf* leaf = Descend(key, &path);
  const unsigned at = leaf->Seek(key);
  if (at < leaf->count && !(key < leaf->records()[at].key())) return false;
  ++size_;
  if (leaf->full()) {
    if (leaf->capacity == kMaxRecords) {
      SplitFor(leaf, at, record, path);
      return true;
    }
    leaf = Resize(leaf, std::min<unsigned>(leaf->capacity * 2u, kMaxRecords), path);
  }
  Put(leaf, at, record);
  return true;
}

template <typename Record>
void RecordTree<Record>::Put(Leaf* leaf, unsigned at, const Record& record) {
  Record* const place = leaf->records() + at;
  std::memmove(place + 1, place, (leaf->count - at) * sizeof(Record));
  *place = record;
  ++leaf->count;
}

// The leaf with another capacity, in its place in the list and under its parent.
template <typename Record>
auto RecordTree<Record>::Resize(Leaf* leaf, unsigned capacity, const Path& path) -> Leaf* {
  Leaf* fresh = NewLeaf(capacity);
  fresh->count = leaf->count;
  fresh->previous = leaf->previous;
  fresh->next = leaf->next;
  std::memcpy(fresh->records(), leaf->records(), leaf->count * sizeof(Record));
  if (fresh->previous != nullptr) fresh->previous->next = fresh;
  if (fresh->next != nullptr) fresh->next->previous = fresh;
  if (height_ == 0) {
    root_ = fresh;
  } else {
    const Step& step = path[height_ - 1];
    step.node->children[step.at].node = fresh;
  }
  FreeLeaf(leaf);
  return fresh;
}

template <typename Record>
void RecordTree<Record>::LinkAfter(Leaf* leaf, Leaf* fresh) {
  fresh->previous = leaf;
  fresh->next = leaf->next;
  if (leaf->next != nullptr) leaf->next->previous = fresh;
  leaf->next = fresh;
}

template <typename Record>
void RecordTree<Record>::Unlink(Leaf* leaf) {
  if (leaf->previous != nullptr) leaf->previous->next = leaf->next;
  if (leaf->next != nullptr) leaf->next->previous = leaf->previous;
}

// Puts the record into a full leaf by splitting it.
template <typename Record>
void RecordTree<Record>::SplitFor(Leaf* leaf, unsigned at, const Record& record, const Path& path) {
  const bool append = at == leaf->count && leaf->next == nullptr;
  Leaf* right = NewLeaf(append ? 1 : kMaxRecords);
  LinkAfter(leaf, right);
  if (append) {
    Put(right, 0, record);
  } else {
    const unsigned keep = leaf->count / 2u;
    right->count = static_cast<uint16_t>(leaf->count - keep);
    std::memcpy(right->records(), leaf->records() + keep, right->count * sizeof(Record));
    leaf->count = static_cast<uint16_t>(keep);
    if (at <= keep) {
      Put(leaf, at, record);
    } else {
      Put(right, at - keep, record);
    }
  }
  AddChild(path, height_, right->records()[0].key(), right);
}

// Adds a child after the one that the path leads through at level - 1; at level 0 a new root is made.
template <typename Record>
void RecordTree<Record>::AddChild(const Path& path, unsigned level, const Key& key, void* child) {
  if (level == 0) {
    Inner* root = NewInner();
    root->children[0] = {key, root_};
    root->children[1] = {key, child};
    root->count = 2;
    root_ = root;
    ++height_;
    return;
  }
  const auto put = [](Inner* node, unsigned at, const Child& c) {
    std::memmove(node->children + at + 1, node->children + at, (node->count - at) * sizeof(Child));
    node->children[at] = c;
    ++node->count;
  };
  Inner* node = path[level - 1].node;
  const unsigned at = path[level - 1].at + 1;
  if (node->count < kMaxChildren) return put(node, at, {key, child});

  Inner* right = NewInner();
  const unsigned keep = at == node->count ? node->count : node->count / 2;
  right->count = node->count - keep;
  std::memcpy(right->children, node->children + keep, right->count * sizeof(Child));
  node->count = keep;
  // What would be the right node's first child goes to its left: there its key is known to be a bound.
  if (at <= keep && right->count > 0) {
    put(node, at, {key, child});
  } else {
    put(right, at - keep, {key, child});
  }
  AddChild(path, level - 1, right->children[0].key, right);
}

// --- erasing ------------------------------------------------------------------------------------------------

template <typename Record>
bool RecordTree<Record>::Erase(const Key& key) {
  if (empty()) return false;
  Path path;
  Leaf* leaf = Descend(key, &path);
  const unsigned at = leaf->Seek(key);
  if (at == leaf->count || key < leaf->records()[at].key()) return false;
  Record* const place = leaf->records() + at;
  std::memmove(place, place + 1, (leaf->count - at - 1u) * sizeof(Record));
  --leaf->count;
  if (--size_ == 0) {
    Clear();
  } else if (leaf->count == 0) {
    Unlink(leaf);
    FreeLeaf(leaf);
    RemoveChild(path, height_ - 1, path[height_ - 1].at);
  } else if (leaf->count <= leaf->capacity / 4u) {
    Resize(leaf, leaf->capacity / 2u, path);
    if (height_ > 0) JoinLeaves(path);
  }
  return true;
}

// Removes a child of the inner node at `level` of the path; a node without children goes too.
template <typename Record>
void RecordTree<Record>::RemoveChild(const Path& path, unsigned level, unsigned at) {
  Inner* node = path[level].node;
  std::memmove(node->children + at, node->children + at + 1, (node->count - at - 1) * sizeof(Child));
  --node->count;
  if (level > 0) {
    if (node->count == 0) {
      FreeInner(node);
      RemoveChild(path, level - 1, path[level - 1].at);
    } else if (node->count <= kMaxChildren / 4) {
      JoinInners(path, level);
    }
    return;
  }
  while (height_ > 0 && static_cast<Inner*>(root_)->count == 1) {
    auto* old = static_cast<Inner*>(root_);
    root_ = old->children[0].node;
    --height_;
    FreeInner(old);
  }
}

// Joins the path's leaf with a neighbour under the same parent, if both fill no more than three quarters of one.
template <typename Record>
void RecordTree<Record>::JoinLeaves(const Path& path) {
  const auto& [parent, at] = path[height_ - 1];
  if (parent->count < 2) return;
  const unsigned left_at = at + 1 < parent->count ? at : at - 1;
  auto* left = static_cast<Leaf*>(parent->children[left_at].node);
  auto* right = static_cast<Leaf*>(parent->children[left_at + 1].node);
  const unsigned total = left->count + right->count;
  if (total > kMaxRecords * 3 / 4) return;
  if (left->capacity < total) {
    Path to_left = path;
    to_left[height_ - 1].at = left_at;
    left = Resize(left, std::max<unsigned>(total, right->capacity), to_left);
  }
  std::memcpy(left->records() + left->count, right->records(), right->count * sizeof(Record));
  left->count = static_cast<uint16_t>(total);
  Unlink(right);
  FreeLeaf(right);
  RemoveChild(path, height_ - 1, left_at + 1);
}

// The same of the path's inner node at `level`, which is not the root.
template <typename Record>
void RecordTree<Record>::JoinInners(const Path& path, unsigned level) {
  const auto& [parent, at] = path[level - 1];
  if (parent->count < 2) return;
  const unsigned left_at = at + 1 < parent->count ? at : at - 1;
  auto* left = static_cast<Inner*>(parent->children[left_at].node);
  auto* right = static_cast<Inner*>(parent->children[left_at + 1].node);
  if (left->count + right->count > kMaxChildren * 3 / 4) return;
  right->children[0].key = parent->children[left_at + 1].key;
  std::memcpy(left->children + left->count, right->children, right->count * sizeof(Child));
  left->count += right->count;
  FreeInner(right);
  RemoveChild(path, level - 1, left_at + 1);
}

// --- checking -----------------------------------------------------------------------------------------------

template <typename Record>
bool RecordTree<Record>::CheckSubtree(void* node, unsigned height, const Key* low, const Key* high, Leaf** last,
                                      size_t* records) const {
  if (height == 0) {
    auto* leaf = static_cast<Leaf*>(node);
    if (leaf->count == 0 || leaf->count > leaf->capacity || leaf->capacity > kMaxRecords) return false;
    if (leaf->previous != *last || (*last != nullptr && (*last)->next != leaf)) return false;
    *last = leaf;
    *records += leaf->count;
    for (unsigned i = 0; i < leaf->count; ++i) {
      const Key key = leaf->records()[i].key();
      if ((low != nullptr && key < *low) || (high != nullptr && !(key < *high))) return false;
      if (i > 0 && !(leaf->records()[i - 1].key() < key)) return false;
    }
    return true;
  }
  auto* inner = static_cast<Inner*>(node);
  if (inner->count == 0 || inner->count > kMaxChildren) return false;
  for (unsigned i = 0; i < inner->count; ++i) {
    const Key* from = i == 0 ? low : &inner->children[i].key;
    const Key* to = i + 1 == inner->count ? high : &inner->children[i + 1].key;
    if (!CheckSubtree(inner->children[i].node, height - 1, from, to, last, records)) return false;
  }
  return true;
}

template <typename Record>
bool RecordTree<Record>::CheckInvariants() const {
  if (root_ == nullptr) return size_ == 0 && height_ == 0;
  if (height_ > 0 && static_cast<Inner*>(root_)->count < 2) return false;
  Leaf* last = nullptr;
  size_t records = 0;
  if (!CheckSubtree(root_, height_, nullptr, nullptr, &last, &records)) return false;
  return records == size_ && last->next == nullptr;
}

}  // namespace pinion::types
