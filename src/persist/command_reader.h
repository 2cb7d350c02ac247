// Reads the commands of an append-only file, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pinion::persist {

// Over bytes that outlive it, and that the arguments point into. Lines that begin with "#" are skipped.
class CommandReader {
 public:
  enum class Got : uint8_t {
    kCommand,
    kEnd,        // behind the last command
    kTruncated,  // the bytes end within a command
    kCorrupt,    // what stands at position() is no command
  };

  explicit CommandReader(std::string_view bytes) : bytes_(bytes) {}

  // `args` has at least one element after kCommand.
  Got Next(std::vector<std::string_view>* args);
  // Behind the last command read, or the last line skipped.
  [[nodiscard]] size_t position() const { return position_; }

 private:
  // The number on a line that begins with `type`; moves `at` behind it.
  Got ReadNumber(char type, size_t* at, int64_t* number) const;
  Got ReadArgument(size_t* at, std::string_view* argument) const;

  std::string_view bytes_;
  size_t position_ = 0;
};

}  // namespace pinion::persist
