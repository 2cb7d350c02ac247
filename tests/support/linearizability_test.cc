// Histories known to be right and known to be wrong.
#include "tests/support/linearizability.h"

#include <vector>

#include <gtest/gtest.h>

namespace pinion::test {
namespace {

Operation Write(int64_t invoked, int64_t returned, std::string value) {
  return {invoked, returned, [value](std::string& state) {
            state = value;
            return true;
          }};
}
Operation Read(int64_t invoked, int64_t returned, std::string value) {
  return {invoked, returned, [value](std::string& state) { return state == value; }};
}
// Appends, and saw so many bytes then.
Operation Append(int64_t invoked, int64_t returned, std::string value, size_t size) {
  return {invoked, returned, [value, size](std::string& state) {
            state += value;
            return state.size() == size;
          }};
}
bool Check(std::vector<Operation> history) { return IsLinearizable(history, "0"); }

TEST(Linearizability, WhatFollowsOneAnotherIsInOrder) {
  EXPECT_TRUE(Check({}));
  EXPECT_TRUE(Check({Read(1, 2, "0"), Write(3, 4, "1"), Read(5, 6, "1")}));
  EXPECT_FALSE(Check({Read(1, 2, "1")}));
  EXPECT_FALSE(Check({Write(3, 4, "1"), Read(5, 6, "0")}));  // stale
}

TEST(Linearizability, WhatOverlapsMayHappenInAnyOrder) {
  EXPECT_TRUE(Check({Write(1, 9, "1"), Read(2, 3, "0"), Read(4, 5, "1")}));
  EXPECT_TRUE(Check({Write(1, 9, "1"), Read(2, 8, "0")}));
  EXPECT_TRUE(Check({Write(1, 9, "1"), Write(2, 8, "2"), Read(10, 11, "1")}));
  EXPECT_TRUE(Check({Write(1, 9, "1"), Write(2, 8, "2"), Read(10, 11, "2")}));
}

TEST(Linearizability, TimeDoesNotGoBack) {
  EXPECT_FALSE(Check({Write(1, 9, "1"), Read(2, 3, "1"), Read(4, 5, "0")}));
  EXPECT_FALSE(Check({Write(1, 9, "1"), Write(2, 8, "2"), Read(10, 11, "1"), Read(12, 13, "2")}));
}

TEST(Linearizability, NothingIsLostOrDoubled) {
  EXPECT_TRUE(Check({Append(1, 9, "a", 3), Append(2, 8, "b", 2), Read(10, 11, "0ba")}));
  EXPECT_FALSE(Check({Append(1, 9, "a", 2), Append(2, 8, "b", 2)}));                      // both saw the first state
  EXPECT_FALSE(Check({Append(1, 2, "a", 2), Append(3, 4, "b", 3), Read(5, 6, "0b")}));    // one is gone
  EXPECT_FALSE(Check({Append(1, 9, "a", 2), Append(2, 8, "b", 3), Read(10, 11, "0ba")}));  // both came first
}

TEST(Linearizability, LongHistoriesAreNoTrouble) {
  // Two writers that always overlap, and a reader behind them.
  std::vector<Operation> history;
  for (int64_t i = 0; i < 1000; ++i) {
    history.push_back(Write(10 * i + 1, 10 * i + 5, "a" + std::to_string(i)));
    history.push_back(Write(10 * i + 2, 10 * i + 4, "b" + std::to_string(i)));
    history.push_back(Read(10 * i + 6, 10 * i + 7, (i % 3 ? "a" : "b") + std::to_string(i)));
  }
  EXPECT_TRUE(Check(history));
  history.push_back(Read(20'000, 20'001, "a998"));
  EXPECT_FALSE(Check(history));
}

}  // namespace
}  // namespace pinion::test
