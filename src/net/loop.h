// One event loop: a thread, its asio context, its mailbox, its connections and the buffers they share.
#pragma once

#include <time.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#define ASIO_STANDALONE 1
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/counter.h"
#include "net/mailbox.h"
#include "net/readiness.h"
#include "net/wake_timer.h"
#include "resp/output_buffer.h"
#include "resp/parser.h"

namespace pinion::net {

class Connection;
class RequestHandler;

// Written by the loop's own thread, read by anyone.
struct LoopStats {
  Counter accepted, rejected, closed, connections;
  Counter bytes_in, bytes_out, reads, writes;
  Counter input_limit_closed, output_limit_closed;
  Counter turns;       // events served
  Counter tick_nanos;  // spent in ticks
  Counter connection_bytes;  // heap bytes of the open connections
};

// The context takes no locks, so nothing but the loop's own thread may touch it once Start was called; other
// threads Post.
class Loop {
 public:
  using Task = Mailbox::Task;

  Loop(size_t index, const Clock& clock, RequestHandler* handler);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Start();                       // begins the thread
  // Thread-safe, also from the loop itself: takes no more requests, sends what sockets take within a second, closes
  // every connection and ends the thread.
  void Stop();
  void Join();

  [[nodiscard]] size_t index() const { return index_; }
  [[nodiscard]] bool InLoopThread() const;
  asio::io_context& context() { return context_; }
  const Clock& clock() const { return clock_; }
  RequestHandler& handler() { return *handler_; }
  LoopStats& stats() { return stats_; }

  // Thread-safe. Runs the task on this loop soon, in order of posting from one thread; wakes the loop at most once
  // a batch. Tasks posted to a loop that is stopping are destroyed unrun.
  void Post(Task task);

  // Sets the callback of the wake-up timer and arms it at once. Before Start, or on any thread after it. WakeAt is
  // thread-safe and cheap when `at` is not earlier than what is armed; the callback runs on the loop at or just
  // after `at` (wall milliseconds) and returns when to be called next (kNever when nothing is due). With a due time
  // not in the future it is called again after ready I/O was served. It may be called early and must not mind.
  static constexpr UnixMillis kNever = WakeTimer::kNever;
  void SetWakeCallback(std::function<UnixMillis()> callback);
  void WakeAt(UnixMillis at);

  // Loop thread only.
  // From within a request: serves what is ready on this loop, and returns. The connection whose request it is gets no
  // turn, nothing is closed and nobody is resumed before that request has ended. Not recursive.
  void ServeOthers();
  // From within what that serves: it serves no more.
  void StopServingOthers() { enough_ = true; }
  Connection* Find(uint64_t connection_id);
  template <typename F> void ForEachConnection(F&& f) {   // f(Connection&); f must not close connections at once
    for (auto& [id, connection] : connections_) f(*connection);
  }
  void AddConnection(std::unique_ptr<Connection> c);
  [[nodiscard]] size_t connection_count() const;
  // From within OnRequests: what connections of this loop are to send, the replies of this batch first, waits until the
  // other requests that are there by now have been executed. Then the handler is asked, once for all of them. False
  // from within what ServeOthers serves: there nothing can be held.
  [[nodiscard]] bool HoldOutput();
  // Sends what connections of this loop have had appended since the last call; done by the loop after every event.
  void FlushDirty();
  // Wall-clock and monotonic time of the last tick: at most about 100 ms old, and free.
  [[nodiscard]] int64_t coarse_wall_micros() const { return coarse_wall_micros_; }
  [[nodiscard]] int64_t coarse_nanos() const { return coarse_nanos_; }

  // Processor time that the loop's thread has taken. Any thread.
  [[nodiscard]] int64_t busy_nanos() const;

  // Connections the loop has or is about to be given. Thread-safe; the listener spreads by it.
  [[nodiscard]] int64_t assigned() const { return assigned_.load(std::memory_order_relaxed); }
  void AddAssigned(int64_t d) { assigned_.fetch_add(d, std::memory_order_relaxed); }

  // Everything that runs on the loop's thread is inside a turn; what it put off (output for other connections,
  // resumed and closed ones) is done when the outermost turn ends. The loop opens one for each event of its own,
  // asio handlers of others need none.
  class Turn {
   public:
    explicit Turn(Loop& loop) : loop_(loop) { ++loop_.depth_; }
    ~Turn() {
      if (--loop_.depth_ != 0) return;
      loop_.stats_.turns.Add(1);
      if (loop_.deferred_) loop_.EndTurn();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Loop& loop_;
  };

 private:
  friend class Connection;

  static constexpr size_t kReadBufferSize = 64 * 1024;
  static constexpr int64_t kTickMillis = 100;

  void Run();
  void ShareBusyClock(bool running);
  // Makes sure that EndTurn comes.
  void Defer();
  void EndTurn();
  void PostEndTurn();
  void ReleaseOutput();
  void PumpRunnable();
  void PumpAgain();
  void CloseDoomed();

  void OnMail();
  void WaitForMail();
  void Tick();
  void TickConnections();
  void ArmTick();
  void RingAlarm();
  void BeginStop();
  void EndIfStopped();

  // Called by connections about themselves. Each list holds a connection at most once and never a destroyed one.
  void AddDirty(Connection* c);
  void AddDoomed(Connection* c);
  void AddRunnable(Connection* c);
  void AddPumpAgain(Connection* c);
  void AddWatched(Connection* c);
  void RemoveWatched(Connection* c);
  void Forget(Connection* c);
  void Reap(Connection* c);   // destroys a closed connection whose last wait has ended

  const size_t index_;
  const Clock& clock_;
  RequestHandler* const handler_;

  // Before the context, whose destruction still touches a pending wait.
  int event_fd_ = -1;
  ReadyOp<Loop, &Loop::OnMail> mail_op_{this};

  asio::io_context context_;
  Reactor& reactor_;
  DescriptorData event_data_{};
  LoopTimer tick_timer_;
  WakeTimer alarm_;
  bool alarm_changed_ = false;      // brought forward in this turn; the timer is set once at its end
  bool alarm_posted_ = false;

  Mailbox mailbox_;
  std::vector<Task> tasks_;         // the batch being run
  std::thread thread_;
  mutable std::mutex busy_mutex_;
  clockid_t busy_clock_ = 0;        // the thread's; while it runs
  bool running_thread_ = false;
  int64_t busy_nanos_ = 0;          // in all, once it has ended
  std::atomic<bool> stop_requested_{false};
  bool stopping_ = false;
  int64_t stop_deadline_ = 0;       // monotonic nanoseconds

  // Shared by all connections, one at a time.
  std::unique_ptr<char[]> read_buffer_;
  resp::RequestBatch batch_;
  resp::OutputBuffer output_;
  Connection* running_ = nullptr;   // whose batch is being executed: its replies and pushes go to output_

  bool nested_ = false;             // in ServeOthers
  bool enough_ = false;             // it is to end with the event that runs
  Connection* suspended_ = nullptr; // whose request called it

  int depth_ = 0;
  bool deferred_ = false;
  bool end_posted_ = false;
  bool again_posted_ = false;
  bool again_put_off_ = false;      // PumpAgain came in ServeOthers
  bool holding_ = false;                // nothing is sent before ReleaseOutput
  std::vector<Connection*> dirty_;      // were appended to
  std::vector<Connection*> doomed_;     // to be closed
  std::vector<Connection*> runnable_;   // resumed in this turn
  std::vector<Connection*> again_;      // have more to read or run, after others have had their turn
  std::vector<Connection*> watched_;    // want a look at every tick
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> closed_;  // closed, a wait still to end

  int64_t coarse_wall_micros_ = 0;
  int64_t coarse_nanos_ = 0;
  std::atomic<int64_t> assigned_{0};
  LoopStats stats_;
};

}  // namespace pinion::net
