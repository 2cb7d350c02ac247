// What the tests of the sorted set commands share: each runs on a listpack and on a large set.
#pragma once

#include <string>

#include "tests/commands/string_test_util.h"

namespace pinion::test {

class SortedSetTest : public StringTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }

  // Runs `body` with sorted sets that are listpacks, and again with large ones.
  template <typename F>
  void WithBothEncodings(F&& body) {
    for (const auto& [limit, encoding] : {std::pair("128", "listpack"), std::pair("0", "skiplist")}) {
      SCOPED_TRACE(encoding);
      Do("FLUSHALL");
      EXPECT_THAT(Do("CONFIG", "SET", "zset-max-listpack-entries", limit), IsOk());
      body();
    }
  }
};


}  // namespace pinion::test
