// The snapshot with which a replica begins: where it comes from, and how its bytes are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pinion::command {
struct Worker;
}

namespace pinion::repl {

// A whole data set in RDB format. One reader; several replicas read one each.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  [[nodiscard]] virtual uint64_t size() const = 0;
  // Appends bytes [at, at + count), as many as there are. False when they cannot be read.
  [[nodiscard]] virtual bool Read(uint64_t at, size_t count, std::string* out) const = 0;
};

// Takes snapshots, one at a time.
class SnapshotTaker {
 public:
  virtual ~SnapshotTaker() = default;
  // What the snapshot shows is the moment at which `at_moment` is called: everybody else is outside of the gate then.
  // `done` follows on some loop, inside the gate, with null when it failed. REQUIRES: `worker` is alone.
  virtual void Take(command::Worker& worker, std::function<void()> at_moment,
                    std::function<void(std::shared_ptr<const Snapshot>)> done) = 0;
};

// Snapshots without a key, for as long as nothing writes the data set into a file.
class EmptySnapshots final : public SnapshotTaker {
 public:
  void Take(command::Worker& worker, std::function<void()> at_moment,
            std::function<void(std::shared_ptr<const Snapshot>)> done) override;
};

// Magic and version, the end, and the checksum.
[[nodiscard]] std::string EmptyRdb();

}  // namespace pinion::repl
