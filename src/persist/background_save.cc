// The thread that writes a snapshot's file.
#include "persist/background_save.h"

#include <utility>

#include "base/background_thread.h"

namespace pinion::persist {

BackgroundSave::BackgroundSave(store::Snapshot& snapshot, std::string preface, rdb::KeyspaceOptions options,
                               Target target)
    : snapshot_(snapshot), preface_(std::move(preface)), options_(std::move(options)), target_(std::move(target)) {
  thread_ = std::thread([this] { Run(); });
}

void BackgroundSave::Run() {
  BackgroundThread thread;
  const auto contents = [&](std::string* out, const std::function<bool()>& step) {
    return rdb::WriteSnapshot(snapshot_, preface_, options_, out, [&] {
      thread.Pause();
      return step();
    });
  };
  const auto written = WriteFile(contents, target_.options, target_.temporary, target_.path);
  if (!written) {
    error_ = written.error();
  } else if (target_.then) {
    error_ = target_.then();
  }
  finished_.store(true, std::memory_order_release);
}

}  // namespace pinion::persist
