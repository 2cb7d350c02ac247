// What the tests of the hash commands share.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/commands/string_test_util.h"

namespace pinion::test {

inline int64_t NowMillis() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Tests run on small hashes and, with the limit of the compact form at zero, on large ones.
class HashTest : public StringTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }

  void MakeHashesLarge() {
    EXPECT_THAT(Do("CONFIG", "SET", "hash-max-listpack-entries", "0"), IsOk());
  }
  // Runs `test` with hashes that stay small, then from an empty keyspace with large ones.
  template <typename F>
  void WithBothForms(F&& test) {
    {
      SCOPED_TRACE("small");
      test();
    }
    SCOPED_TRACE("large");
    EXPECT_THAT(Do("FLUSHALL"), IsOk());
    MakeHashesLarge();
    test();
  }
};

inline constexpr const char* kWrongTypeError = "WRONGTYPE Operation against a key holding the wrong kind of value";

}  // namespace pinion::test
