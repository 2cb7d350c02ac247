// One event loop: a thread, its asio context, its mailbox, its connections and the buffers they share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#define ASIO_STANDALONE 1
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/counter.h"
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
};

class Loop {
 public:
  using Task = std::function<void()>;

  Loop(size_t index, const Clock& clock, RequestHandler* handler);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Start();                       // begins the thread
  void Stop();                        // thread-safe: closes every connection (flushing what the socket takes at once) and ends the thread
  void Join();

  [[nodiscard]] size_t index() const { return index_; }
  [[nodiscard]] bool InLoopThread() const;
  asio::io_context& context() { return context_; }
  const Clock& clock() const { return clock_; }
  RequestHandler& handler() { return *handler_; }
  LoopStats& stats() { return stats_; }

  // Thread-safe. Runs the task on this loop soon, in order of posting from one thread; wakes the loop at most once a batch.
  // Tasks posted to a loop that is stopping are destroyed unrun.
  void Post(Task task);

  // Sets the callback of the wake-up timer and arms it. WakeAt is thread-safe and cheap when `at` is not earlier than what is armed;
  // the callback runs on the loop at or just after `at` (wall milliseconds) and returns when to be called next
  // (kNever when nothing is due). With a due time not in the future it is called again after ready I/O was served.
  static constexpr UnixMillis kNever = INT64_MAX;
  void SetWakeCallback(std::function<UnixMillis()> callback);
  void WakeAt(UnixMillis at);

  // Loop thread only.
  Connection* Find(uint64_t connection_id);
  template <typename F> void ForEachConnection(F&& f);   // f(Connection&); f must not close connections at once
  void AddConnection(std::unique_ptr<Connection> c);
  [[nodiscard]] size_t connection_count() const;
  // Sends what connections of this loop have had appended since the last call; done by the loop after every event.
  void FlushDirty();

 private:
  // completed by the implementer
};

}  // namespace pinion::net
