// The loop's thread: its events, and what is done at the end of each.
#include "net/loop.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <asio/post.hpp>

#include "net/connection.h"
#include "net/handler.h"

namespace pinion::net {
namespace {

thread_local const Loop* t_loop = nullptr;

constexpr size_t kKeepOutput = 256 * 1024;              // memory the shared output keeps between batches
constexpr int kNestedEvents = 64;                       // served in one go from within a long request
constexpr int64_t kStopPatienceNanos = 1'000'000'000;   // how long Stop waits for sockets to take what is pending

int64_t NanosOf(clockid_t clock) {
  timespec t{};
  if (::clock_gettime(clock, &t) != 0) return 0;
  return static_cast<int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

int MakeEventFd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

Loop::Loop(size_t index, const Clock& clock, RequestHandler* handler)
    : index_(index),
      clock_(clock),
      handler_(handler),
      event_fd_(MakeEventFd()),
      context_(ASIO_CONCURRENCY_HINT_UNSAFE),
      reactor_(ReactorOf(context_)),
      tick_timer_(context_),
      alarm_(context_, clock),
      read_buffer_(std::make_unique_for_overwrite<char[]>(kReadBufferSize)),
      coarse_wall_micros_(clock.WallMicros()),
      coarse_nanos_(clock.MonotonicNanos()) {
  if (const int error = reactor_.register_descriptor(event_fd_, event_data_); error != 0) {
    ::close(event_fd_);
    throw std::system_error(error, std::generic_category(), "epoll_ctl");
  }
}

Loop::~Loop() {
  Stop();
  Join();
  if (!connections_.empty()) {  // a loop that never ran: its waits have to end before their owners go
    for (auto& [id, connection] : connections_) connection->Close();
    context_.poll();
    connections_.clear();
  }
  reactor_.deregister_descriptor(event_fd_, event_data_, /*closing=*/false);
  reactor_.cleanup_descriptor_data(event_data_);
  ::close(event_fd_);
}

// --- The thread ------------------------------------------------------------------------------

void Loop::Start() { thread_ = std::thread([this] { Run(); }); }

void Loop::Join() {
  if (thread_.joinable()) thread_.join();
}

bool Loop::InLoopThread() const { return t_loop == this; }

int64_t Loop::busy_nanos() const {
  std::lock_guard lock(busy_mutex_);
  return running_thread_ ? NanosOf(busy_clock_) : busy_nanos_;
}

void Loop::ShareBusyClock(bool running) {
  std::lock_guard lock(busy_mutex_);
  running_thread_ = running && ::pthread_getcpuclockid(::pthread_self(), &busy_clock_) == 0;
  if (!running) busy_nanos_ = NanosOf(CLOCK_THREAD_CPUTIME_ID);
}

void Loop::Run() {
  t_loop = this;
  ShareBusyClock(true);
  pthread_setname_np(pthread_self(), ("loop-" + std::to_string(index_)).c_str());
  coarse_wall_micros_ = clock_.WallMicros();
  coarse_nanos_ = clock_.MonotonicNanos();
  WaitForMail();
  ArmTick();
  if (alarm_.has_callback()) RingAlarm();
  context_.run();
  ShareBusyClock(false);
  t_loop = nullptr;
}

void Loop::Stop() {
  if (stop_requested_.exchange(true, std::memory_order_acq_rel)) return;
  Post([this] { BeginStop(); });
}

// Runs in the last batch of tasks. From here on the ticks see to it that the connections go.
void Loop::BeginStop() {
  std::vector<Task> unrun;
  mailbox_.Close(&unrun);
  stopping_ = true;
  stop_deadline_ = clock_.MonotonicNanos() + kStopPatienceNanos;
  for (auto& [id, connection] : connections_) connection->CloseAfterFlush();
  Defer();
}

void Loop::EndIfStopped() {
  if (!connections_.empty() || !closed_.empty()) return;
  tick_timer_.cancel();
  alarm_.Cancel();
  context_.stop();
}

// --- Tasks from other threads ----------------------------------------------------------------

void Loop::Post(Task task) {
  if (mailbox_.Leave(task) != Mailbox::Put::kFirst) return;
  // The descriptor is edge-triggered and never read: each write is one wake-up.
  const uint64_t one = 1;
  while (::write(event_fd_, &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

void Loop::WaitForMail() { mail_op_.WaitReadable(reactor_, event_fd_, event_data_); }

void Loop::OnMail() {
  Turn turn(*this);
  WaitForMail();
  mailbox_.TakeAll(&tasks_);
  for (Task& task : tasks_) {
    if (!stopping_) task();
    task = nullptr;
  }
  tasks_.clear();
}

// --- Others, while a request takes long ------------------------------------------------------

// The running batch lies in the shared buffers, which are set aside with it.
void Loop::ServeOthers() {
  ReleaseOutput();
  FlushDirty();
  auto read_buffer = std::exchange(read_buffer_, std::make_unique_for_overwrite<char[]>(kReadBufferSize));
  resp::RequestBatch batch;
  std::swap(batch, batch_);
  resp::OutputBuffer output = std::exchange(output_, resp::OutputBuffer());
  suspended_ = std::exchange(running_, nullptr);
  const int depth = std::exchange(depth_, 0);
  nested_ = true;
  enough_ = false;
  for (int i = 0; i < kNestedEvents && !enough_ && context_.poll_one() != 0; ++i) {
  }
  nested_ = false;
  if (std::exchange(again_put_off_, false)) asio::post(context_, [this] { PumpAgain(); });
  depth_ = depth;
  deferred_ = true;  // what was left for the end of the turn
  running_ = std::exchange(suspended_, nullptr);
  output_ = std::move(output);
  std::swap(batch, batch_);
  read_buffer_ = std::move(read_buffer);
}

// --- Time ------------------------------------------------------------------------------------

void Loop::ArmTick() {
  tick_timer_.expires_after(std::chrono::milliseconds(kTickMillis));
  tick_timer_.async_wait([this](const asio::error_code& error) {
    if (!error) Tick();
  });
}

void Loop::Tick() {
  Turn turn(*this);
  ArmTick();
  coarse_wall_micros_ = clock_.WallMicros();
  coarse_nanos_ = clock_.MonotonicNanos();
  if (nested_) return;
  TickConnections();
  if (output_.empty()) output_.Shrink(kKeepOutput);
  handler_->OnTick(*this);
  // A wall clock that was set forward moves deadlines nearer than the alarm knows.
  if (alarm_.has_callback() && alarm_.Due()) RingAlarm();
  if (stopping_ && coarse_nanos_ >= stop_deadline_) {
    for (auto& [id, connection] : connections_) connection->Kill();
  }
  stats_.tick_nanos.Add(clock_.MonotonicNanos() - coarse_nanos_);
}

void Loop::TickConnections() {
  for (size_t i = 0; i < watched_.size();) {
    Connection* c = watched_[i];
    if (c->OnTick(coarse_nanos_)) {
      ++i;
    } else {
      RemoveWatched(c);
    }
  }
}

void Loop::SetWakeCallback(std::function<UnixMillis()> callback) {
  if (thread_.joinable() && !InLoopThread()) {
    return Post([this, callback = std::move(callback)]() mutable { SetWakeCallback(std::move(callback)); });
  }
  alarm_.set_callback(std::move(callback));
  if (InLoopThread()) RingAlarm();
}

void Loop::WakeAt(UnixMillis at) {
  if (!alarm_.BringForward(at)) return;
  if (!InLoopThread()) {
    return Post([this] {
      alarm_changed_ = true;
      Defer();
    });
  }
  alarm_changed_ = true;
  Defer();
}

void Loop::RingAlarm() {
  Turn turn(*this);
  if (alarm_.Ring()) {
    if (std::exchange(alarm_posted_, true)) return;
    asio::post(context_, [this] {
      alarm_posted_ = false;
      RingAlarm();
    });
  } else {
    alarm_changed_ = true;
    Defer();
  }
}

// --- The end of a turn -----------------------------------------------------------------------

void Loop::Defer() {
  deferred_ = true;
  if (depth_ == 0) PostEndTurn();
}

void Loop::PostEndTurn() {
  if (std::exchange(end_posted_, true)) return;
  asio::post(context_, [this] {
    end_posted_ = false;
    Turn turn(*this);
    deferred_ = true;
  });
}

void Loop::EndTurn() {
  ++depth_;
  if (nested_) {
    FlushDirty();
    deferred_ = false;
    --depth_;
    return;
  }
  PumpRunnable();
  while (!doomed_.empty() || (!dirty_.empty() && !holding_)) {
    if (!holding_) FlushDirty();
    CloseDoomed();
  }
  // Those resumed meanwhile wait for the next turn, so that two that resume each other do not starve the rest.
  for (Connection* c : runnable_) {
    c->runnable_ = false;
    AddPumpAgain(c);
  }
  runnable_.clear();
  if (std::exchange(alarm_changed_, false)) alarm_.Arm([this] { RingAlarm(); });
  deferred_ = false;
  --depth_;
  if (stopping_) EndIfStopped();
}

bool Loop::HoldOutput() {
  if (nested_) return false;
  // Posted behind the events that are known to be ready.
  if (!std::exchange(holding_, true)) asio::post(context_, [this] { ReleaseOutput(); });
  return true;
}

void Loop::ReleaseOutput() {
  if (!holding_) return;
  Turn turn(*this);
  holding_ = false;
  deferred_ = true;
  if (handler_->OnRelease(*this)) return;
  for (Connection* c : dirty_) c->Kill();
}

void Loop::PumpRunnable() {
  const size_t count = runnable_.size();  // more may be added meanwhile
  for (size_t i = 0; i < count; ++i) {
    runnable_[i]->runnable_ = false;
    runnable_[i]->Pump();
  }
  runnable_.erase(runnable_.begin(), runnable_.begin() + static_cast<ptrdiff_t>(count));
}

void Loop::FlushDirty() {
  for (Connection* c : dirty_) {
    if (c == suspended_) continue;
    c->dirty_ = false;
    c->FlushPushed();
  }
  std::erase_if(dirty_, [](const Connection* c) { return !c->dirty_; });
}

void Loop::CloseDoomed() {
  for (size_t i = 0; i < doomed_.size(); ++i) {  // the handler may close more
    Connection* const c = doomed_[i];
    c->Close();
    Forget(c);
    auto node = connections_.extract(c->id());
    if (c->waiting()) closed_.emplace(c, std::move(node.mapped()));
    stats_.closed.Add(1);
    stats_.connections.Set(static_cast<int64_t>(connections_.size()));
    AddAssigned(-1);
  }
  doomed_.clear();
}

// --- Connections -----------------------------------------------------------------------------

Connection* Loop::Find(uint64_t connection_id) {
  const auto it = connections_.find(connection_id);
  return it == connections_.end() ? nullptr : it->second.get();
}

size_t Loop::connection_count() const { return connections_.size(); }

void Loop::AddConnection(std::unique_ptr<Connection> c) {
  Turn turn(*this);
  AddAssigned(1);
  Connection& connection = *c;
  connections_.emplace(connection.id(), std::move(c));
  stats_.accepted.Add(1);
  stats_.connections.Set(static_cast<int64_t>(connections_.size()));
  if (stopping_) return connection.Kill();
  connection.Open();
}

void Loop::AddDirty(Connection* c) {
  if (std::exchange(c->dirty_, true)) return;
  dirty_.push_back(c);
  Defer();
}

void Loop::AddDoomed(Connection* c) {
  if (std::exchange(c->doomed_, true)) return;
  doomed_.push_back(c);
  Defer();
}

void Loop::AddRunnable(Connection* c) {
  if (c->again_ || std::exchange(c->runnable_, true)) return;
  runnable_.push_back(c);
  Defer();
}

void Loop::AddPumpAgain(Connection* c) {
  if (std::exchange(c->again_, true)) return;
  again_.push_back(c);
  if (std::exchange(again_posted_, true)) return;
  asio::post(context_, [this] { PumpAgain(); });
}

void Loop::PumpAgain() {
  if (nested_) {  // later: the connection that waits for its request may be among them
    again_put_off_ = true;
    return;
  }
  Turn turn(*this);
  again_posted_ = false;
  std::vector<Connection*> batch;
  batch.swap(again_);
  for (Connection* c : batch) {
    c->again_ = false;
    c->Pump(/*read_anyway=*/true);
  }
}

void Loop::AddWatched(Connection* c) {
  c->watch_index_ = static_cast<uint32_t>(watched_.size());
  watched_.push_back(c);
}

void Loop::RemoveWatched(Connection* c) {
  Connection* last = watched_.back();
  watched_[c->watch_index_] = last;
  last->watch_index_ = c->watch_index_;
  watched_.pop_back();
  c->watch_index_ = Connection::kNotWatched;
}

// Takes a connection that was just closed off all lists.
void Loop::Forget(Connection* c) {
  if (c->dirty_) std::erase(dirty_, c);
  if (c->runnable_) std::erase(runnable_, c);
  if (c->again_) std::erase(again_, c);
  if (c->watch_index_ != Connection::kNotWatched) RemoveWatched(c);
}

void Loop::Reap(Connection* c) {
  if (c->waiting()) return;
  closed_.erase(c);
  if (stopping_ && closed_.empty()) EndIfStopped();
}

}  // namespace pinion::net
