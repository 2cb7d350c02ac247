// What a session needs of its connection and of the loops, seen from below the network layer's users.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "resp/direct_output.h"
#include "resp/output_buffer.h"

namespace pinion::command {

// A session's way to its peer. Calls only on the session's loop, but for the observations, which any thread may make.
class ClientLink {
 public:
  virtual ~ClientLink() = default;
  // Output that is not a reply of the running request (messages); sent soon after the current event.
  virtual resp::OutputBuffer& Push() = 0;
  virtual void CloseAfterReplies() = 0;
  virtual void Kill() = 0;
  // Goes on with requests after the dispatcher stalled the connection.
  virtual void Resume() = 0;
  // While a command of the session runs that will stall the connection: how another thread may send the reply it waits
  // for, as long as nothing else is to be sent. Null: there is no such way.
  [[nodiscard]] virtual std::shared_ptr<resp::DirectOutput> Lend() { return nullptr; }
  // Appends the rest of a reply of which `sent` bytes went that way.
  virtual void PushRest(size_t /*sent*/, std::string_view rest) { Push().Append(rest); }
  virtual void SetAuthenticated(bool yes) = 0;      // lifts the parser's limits for strangers
  enum class OutputClass { kNormal, kPubSub, kReplica };
  virtual void SetOutputClass(OutputClass c) = 0;

  // Observations.
  [[nodiscard]] virtual const std::string& peer() const = 0;
  [[nodiscard]] virtual const std::string& local() const = 0;
  [[nodiscard]] virtual bool is_unix() const = 0;
  [[nodiscard]] virtual bool is_loopback() const = 0;
  [[nodiscard]] virtual int fd() const = 0;
  struct Usage {
    size_t input_size = 0, input_capacity = 0;    // bytes received and not executed; their buffer
    size_t output_size = 0, output_capacity = 0;  // bytes not yet sent; their buffer
    size_t allocated = 0;                         // heap bytes of the connection, all told
    uint64_t bytes_in = 0, bytes_out = 0;
  };
  [[nodiscard]] virtual Usage usage() const = 0;
};

// The loops, as far as commands know them. Any thread.
class LoopPort {
 public:
  virtual ~LoopPort() = default;
  // Runs `task` on the loop of worker `index`, soon, inside the gate.
  virtual void Post(size_t worker, std::function<void()> task) = 0;
  // Has the wake callback of that loop run at wall time `at` (milliseconds) or before.
  virtual void WakeAt(size_t worker, int64_t at) = 0;
  // From within a request on the loop of `worker`: serves what is ready on its other connections, and returns. The
  // running request's connection gets no turn.
  virtual void ServeOthers(size_t /*worker*/) {}
  // Ends that before its time. On that loop.
  virtual void StopServingOthers(size_t /*worker*/) {}
};

}  // namespace pinion::command
