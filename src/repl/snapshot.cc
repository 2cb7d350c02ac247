// An empty data set in RDB format.
#include "repl/snapshot.h"

#include <algorithm>

#include "base/crc64.h"

namespace pinion::repl {
namespace {

class TextSnapshot final : public Snapshot {
 public:
  explicit TextSnapshot(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] bool Read(uint64_t at, size_t count, std::string* out) const override {
    out->append(bytes_, std::min<size_t>(at, bytes_.size()), count);
    return true;
  }

 private:
  const std::string bytes_;
};

}  // namespace

std::string EmptyRdb() {
  std::string rdb = "REDIS0010\xFF";
  const uint64_t checksum = Crc64(0, rdb);
  for (int shift = 0; shift < 64; shift += 8) rdb.push_back(static_cast<char>(checksum >> shift));
  return rdb;
}

void EmptySnapshots::Take(command::Worker&, std::function<void()> at_moment,
                          std::function<void(std::shared_ptr<const Snapshot>)> done) {
  at_moment();
  done(std::make_shared<TextSnapshot>(EmptyRdb()));
}

}  // namespace pinion::repl
