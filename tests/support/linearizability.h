// Whether what concurrent clients saw could have happened one operation after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace pinion::test {

// What one client did to an object and saw, between two moments of one clock.
struct Operation {
  int64_t invoked = 0, returned = 0;  // nanoseconds; invoked < returned
  // Changes the object's state as the operation does; false when in this state the reply would have been another.
  std::function<bool(std::string& state)> apply;
};

// Whether there is an order of the operations, each at a moment between its invocation and its return, in which every
// reply is right. The search is Wing and Gong's (Testing and Verifying Concurrent Objects, 1993) with Lowe's memory of
// where it has been (Testing for linearizability, 2017): exponential in how many operations overlap, not in how many
// there are. An object is what is checked together: one key, or all keys that transactions connect.
[[nodiscard]] bool IsLinearizable(std::span<const Operation> history, std::string state);

}  // namespace pinion::test
