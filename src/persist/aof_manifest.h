// The manifest of an append-only file: which files it consists of, in the order in which they are read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace pinion::persist {

// As Redis 7 writes it: a line "file NAME seq NUMBER type b|h|i" for each file. The base comes first and has everything
// up to some instant; the increments go on from there, one after the other; history is what a rewrite has made
// superfluous and that is to be deleted.
struct AofManifest {
  struct File {
    std::string name;  // within the directory of the append-only file
    int64_t sequence = 0;
    friend bool operator==(const File&, const File&) = default;
  };
  std::optional<File> base;
  std::vector<File> history;
  std::vector<File> increments;  // by sequence

  [[nodiscard]] bool empty() const { return !base && increments.empty(); }
  [[nodiscard]] std::string Format() const;
  // The error is a sentence for the log. Lines that begin with "#" say nothing.
  [[nodiscard]] static tl::expected<AofManifest, std::string> Parse(std::string_view text);

  // The files that come next, for an append-only file of this name.
  [[nodiscard]] File NextBase(std::string_view prefix) const;
  [[nodiscard]] File NextIncrement(std::string_view prefix) const;
  // Puts a base in the place of the old one and of the increments below `sequence`, which are history from then on.
  void Replace(File new_base, int64_t sequence);

  friend bool operator==(const AofManifest&, const AofManifest&) = default;
};

}  // namespace pinion::persist
