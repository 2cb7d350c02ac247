// The index of a quicklist's nodes, against a vector of nodes' sizes.
#include "types/node_index.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/random.h"

namespace pinion::types {
namespace {

// A node of `n` elements that all read as `mark`.
ListNode NodeOf(size_t n, int64_t mark) {
  ListNode node = ListNode::Of(ListpackElement(mark));
  while (node.count() < n) node.PushBack(ListpackElement(mark), 256);
  return node;
}

int64_t MarkOf(const ListNode& node) { return ListpackView::Get(node.view().First()).integer; }

struct Expected {
  size_t count;
  int64_t mark;
};

void Check(const NodeIndex& index, const std::vector<Expected>& nodes) {
  ASSERT_EQ(index.nodes(), nodes.size());
  size_t elements = 0, bytes = 0, i = 0;
  if (!nodes.empty()) {
    for (auto p = index.first(); p != index.end(); p = index.Next(p), ++i) {
      const ListNode& node = index.at(p);
      ASSERT_EQ(MarkOf(node), nodes[i].mark) << i;
      for (size_t e = 0; e < node.count(); ++e) {
        const auto found = index.Find(elements + e);
        ASSERT_TRUE(found.place == p);
        ASSERT_EQ(found.index, e);
      }
      if (i != 0) {
        ASSERT_TRUE(index.Next(index.Prev(p)) == p);
      }
      elements += node.count();
      bytes += node.AllocatedBytes();
    }
    ASSERT_TRUE(index.Prev(index.end()) == index.last());
    ASSERT_EQ(MarkOf(index.at(index.last())), nodes.back().mark);
  }
  ASSERT_EQ(i, nodes.size());
  ASSERT_EQ(index.elements(), elements);
  ASSERT_GE(index.AllocatedBytes(), bytes);
}

NodeIndex::Place PlaceOf(const NodeIndex& index, size_t node) {
  auto p = index.segments() == 0 ? index.end() : index.first();
  for (; node != 0; --node) p = index.Next(p);
  return p;
}

// Grows and shrinks past several segments, at the ends and in the middle.
TEST(NodeIndexTest, AgreesWithAVectorUnderRandomInsertionsAndErasures) {
  Random random(7);
  NodeIndex index;
  std::vector<Expected> nodes;
  int64_t mark = 0;
  bool growing = true;
  for (int i = 0; i < 4000; ++i) {
    if (nodes.size() > 400) growing = false;
    if (nodes.empty()) growing = true;
    const bool insert = nodes.empty() || random.Below(10) < (growing ? 8u : 2u);
    const uint64_t where = random.Below(6);
    const size_t at = where == 0 ? 0 : where == 1 ? nodes.size() : random.Below(nodes.size() + 1);
    if (insert) {
      const Expected node{1 + random.Below(3), mark++};
      const auto p = index.Insert(PlaceOf(index, at), NodeOf(node.count, node.mark));
      nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(at), node);
      ASSERT_EQ(MarkOf(index.at(p)), node.mark);
    } else {
      const size_t erased = std::min(at, nodes.size() - 1);
      const auto p = index.Erase(PlaceOf(index, erased));
      nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(erased));
      ASSERT_EQ(p == index.end(), erased == nodes.size());
      if (p != index.end()) {
        ASSERT_EQ(MarkOf(index.at(p)), nodes[erased].mark);
      }
    }
    if (i % 40 == 0) Check(index, nodes);
    if (HasFatalFailure()) return;
  }
  Check(index, nodes);
}

TEST(NodeIndexTest, EditingANodeKeepsTheSums) {
  NodeIndex index;
  for (int64_t i = 0; i < 200; ++i) index.Insert(index.end(), NodeOf(2, i));
  const size_t before = index.AllocatedBytes();
  const auto place = PlaceOf(index, 150);
  index.Edit(place, [](ListNode& node) {
    for (int i = 0; i < 100; ++i) node.PushFront(ListpackElement(int64_t{150}), 4096);
  });
  EXPECT_EQ(index.elements(), 500u);
  EXPECT_GE(index.AllocatedBytes(), before + 200);
  EXPECT_TRUE(index.Find(399).place == place);
  EXPECT_TRUE(index.Find(402).place == index.Next(place));
}

TEST(NodeIndexTest, GivesMemoryBackAsItEmpties) {
  NodeIndex index;
  for (int64_t i = 0; i < 5000; ++i) index.Insert(i % 2 == 0 ? index.end() : index.first(), NodeOf(1, i));
  while (index.nodes() > 50) index.Erase(PlaceOf(index, index.nodes() / 2));
  EXPECT_LE(index.segments(), 4u);
  while (index.nodes() != 0) index.Erase(index.last());
  EXPECT_EQ(index.segments(), 0u);
  EXPECT_EQ(index.elements(), 0u);
}

}  // namespace
}  // namespace pinion::types
