// Keeping pieces until everybody has read them.
#include "repl/snapshot_pipe.h"

#include <algorithm>
#include <utility>

namespace pinion::repl {

SnapshotPipe::Reader::Reader(std::shared_ptr<SnapshotPipe> pipe) : pipe_(std::move(pipe)) {
  const std::lock_guard lock(pipe_->mutex_);
  pipe_->readers_.insert(this);
}

SnapshotPipe::Reader::~Reader() {
  const std::lock_guard lock(pipe_->mutex_);
  pipe_->readers_.erase(this);
  if (pipe_->readers_.empty()) pipe_->closed_ = true;
  pipe_->DropRead();
  pipe_->progress_.notify_all();
}

SnapshotPipe::Reader::Piece SnapshotPipe::Reader::Next(size_t most) {
  const std::lock_guard lock(pipe_->mutex_);
  uint64_t begin = pipe_->first_;
  for (const auto& piece : pipe_->pieces_) {
    if (at_ < begin + piece->size()) {
      const std::string_view bytes = std::string_view(*piece).substr(at_ - begin, most);
      Piece next{piece, bytes};
      at_ += bytes.size();
      pipe_->DropRead();
      pipe_->progress_.notify_all();
      return next;
    }
    begin += piece->size();
  }
  return {};
}

bool SnapshotPipe::Reader::AtEnd() const {
  const std::lock_guard lock(pipe_->mutex_);
  return pipe_->state_ == State::kWhole && at_ == pipe_->end_;
}

SnapshotPipe::State SnapshotPipe::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

uint64_t SnapshotPipe::size() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

uint64_t SnapshotPipe::SlowestAt() const {
  uint64_t slowest = end_;
  for (const Reader* r : readers_) slowest = std::min(slowest, r->at_);
  return slowest;
}

void SnapshotPipe::DropRead() {
  for (const uint64_t slowest = SlowestAt(); !pieces_.empty() && first_ + pieces_.front()->size() <= slowest;) {
    first_ += pieces_.front()->size();
    pieces_.pop_front();
  }
}

bool SnapshotPipe::Write(std::string bytes) {
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [this] { return closed_ || keeps_all_ || end_ - SlowestAt() < kWindow; });
  if (closed_) return false;
  end_ += bytes.size();
  pieces_.push_back(std::make_shared<const std::string>(std::move(bytes)));
  return true;
}

void SnapshotPipe::End(bool whole) {
  const std::lock_guard lock(mutex_);
  state_ = whole && !closed_ ? State::kWhole : State::kBroken;
}

void SnapshotPipe::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  progress_.notify_all();
}

}  // namespace pinion::repl
