// The files of an append-only file: their names, the manifest on the disk, and what is done to them in which order.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include <tl/expected.hpp>

#include "persist/aof_manifest.h"

namespace pinion::persist {

// Whatever happens to the process in between, the manifest on the disk names files that are there, and a whole dataset.
// Thread-safe; its mutex is taken behind the one of the file that is written. Errors are errnos.
class AofDirectory {
 public:
  // The directory, an absolute path, and what the files are called.
  AofDirectory(std::string directory, std::string file_name)
      : directory_(std::move(directory)), file_name_(std::move(file_name)) {}

  // Reads the manifest, if there is one. The error is a sentence.
  [[nodiscard]] tl::expected<void, std::string> Open();
  // Makes an append-only file of one file without a manifest, from before Redis 7, the base. True if there was one at
  // `path`. The error is a sentence.
  [[nodiscard]] tl::expected<bool, std::string> TakeIn(const std::string& path);

  [[nodiscard]] AofManifest manifest() const;
  [[nodiscard]] const std::string& path() const { return directory_; }
  [[nodiscard]] std::string PathOf(const std::string& name) const { return directory_ + '/' + name; }
  // Where increments go before there is a base.
  [[nodiscard]] std::string TemporaryIncrement() const { return PathOf("temp-" + file_name_ + ".incr"); }

  [[nodiscard]] tl::expected<void, int> Create();
  // The last increment; if there is none, the first.
  [[nodiscard]] tl::expected<AofManifest::File, int> LastIncrement();
  // Makes one more, empty.
  [[nodiscard]] tl::expected<AofManifest::File, int> AddIncrement();
  [[nodiscard]] AofManifest::File NextBase() const;
  // The base, which has been written, takes the place of the old one and of the increments below `sequence`.
  // `adds_temporary`: the temporary increment becomes one. What is superfluous is deleted.
  [[nodiscard]] tl::expected<void, int> Adopt(const AofManifest::File& base, int64_t sequence, bool adds_temporary);
  // Bytes of base and increments.
  [[nodiscard]] uint64_t TotalBytes() const;

 private:
  [[nodiscard]] std::string ManifestPath() const { return PathOf(file_name_ + ".manifest"); }
  // With mutex_ held.
  [[nodiscard]] tl::expected<void, int> Put(AofManifest manifest);
  [[nodiscard]] tl::expected<AofManifest::File, int> AddIncrementLocked();
  void DeleteHistory();

  const std::string directory_, file_name_;
  mutable std::mutex mutex_;
  AofManifest manifest_;  // as it is on the disk
};

}  // namespace pinion::persist
