// The snapshot with which a replica begins: where it comes from, and how its bytes are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pinion::command {
struct Services;
struct Worker;
}
namespace pinion::store {
class Keyspace;
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

// Snapshots in memory, written on the spot: everybody waits meanwhile, some seconds for each gigabyte.
class KeyspaceSnapshots final : public SnapshotTaker {
 public:
  explicit KeyspaceSnapshots(command::Services& services) : services_(services) {}
  void Take(command::Worker& worker, std::function<void()> at_moment,
            std::function<void(std::shared_ptr<const Snapshot>)> done) override;

 private:
  command::Services& services_;
};

// The function libraries of these codes and all keys of all databases as an RDB file, of the oldest version that can
// hold them: a replica may be older than this server. REQUIRES: the gate is held exclusively.
[[nodiscard]] std::string WriteSnapshot(store::Keyspace& keyspace,
                                        const std::vector<std::string_view>& libraries);

}  // namespace pinion::repl
