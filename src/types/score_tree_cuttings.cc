// Leaves cut out of a tree of scores.
#include "types/score_tree.h"

namespace pinion::types {

ScoreTree::Cuttings::~Cuttings() {
  ScoreItem* forgotten[kLeafItems];
  while (!empty()) (void)TakeLeaf(forgotten);
}

void ScoreTree::Cuttings::Add(Leaf* leaf) {
  leaf->next = first_;
  first_ = leaf;
  bytes_ += Slab::GoodSize(LeafBytes(leaf));
  ++leaves_;
}

unsigned ScoreTree::Cuttings::TakeLeaf(ScoreItem** items) {
  Leaf* const leaf = first_;
  const unsigned n = leaf->count;
  for (unsigned i = 0; i < n; ++i) items[i] = leaf->item(i);
  first_ = leaf->next;
  bytes_ -= Slab::GoodSize(LeafBytes(leaf));
  --leaves_;
  Slab::Free(leaf, LeafBytes(leaf));
  return n;
}

}  // namespace pinion::types
