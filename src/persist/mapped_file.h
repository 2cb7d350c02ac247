// A file's bytes, read through the page cache.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <sys/mman.h>
#include <tl/expected.hpp>

namespace pinion::persist {

// Whoever shortens the file meanwhile has the process ended by SIGBUS; files of saves are replaced as a whole.
class MappedFile {
 public:
  // The error is an errno.
  [[nodiscard]] static tl::expected<MappedFile, int> Open(const std::string& path);
  ~MappedFile() {
    if (at_ != MAP_FAILED) munmap(at_, size_);
  }
  MappedFile(MappedFile&& o) noexcept : at_(std::exchange(o.at_, MAP_FAILED)), size_(o.size_) {}
  MappedFile& operator=(MappedFile&&) = delete;

  [[nodiscard]] std::string_view bytes() const {
    return at_ == MAP_FAILED ? std::string_view() : std::string_view(static_cast<const char*>(at_), size_);
  }

 private:
  MappedFile() = default;
  void* at_ = MAP_FAILED;
  size_t size_ = 0;
};

}  // namespace pinion::persist
