// What the network layer asks of the program above it. It knows nothing of commands.
#pragma once

#include <memory>
#include <string_view>

#include "resp/output_buffer.h"
#include "resp/parser.h"

namespace pinion::net {

class Connection;
class Loop;

// What became of a batch. When it stalls, the connection keeps what was not executed, if anything, and whatever the
// peer sends then, and calls again after Connection::Resume (it drops the rest if it is closing).
struct BatchResult {
  size_t executed;       // requests done with, from the first on. All of them unless it stalls
  bool stalls = false;
};

// State that the handler keeps for a connection; owned by it, destroyed on its loop after OnClose.
class ConnectionState {
 public:
  virtual ~ConnectionState() = default;
};

// Every call comes on the loop of the connection it names. A handler never blocks on the network.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  // A connection was accepted. Returning nullptr refuses it (what was appended to it is sent first, then it is closed).
  virtual std::unique_ptr<ConnectionState> OnOpen(Connection& c) = 0;

  // Executes requests in order and replies into `out`.
  virtual BatchResult OnRequests(Connection& c, const resp::RequestBatch& batch, resp::OutputBuffer* out) = 0;

  // The peer broke the protocol; reply into `out`. The connection closes once that is sent.
  virtual void OnProtocolError(Connection& c, std::string_view message, resp::OutputBuffer* out) = 0;

  // The connection is gone (for whatever reason); no further call names it.
  virtual void OnClose(Connection& c) = 0;

  // Before what was held goes out (Loop::HoldOutput). False: it must not; the connections that it is for are closed.
  virtual bool OnRelease(Loop&) { return true; }

  // About ten times a second on every loop.
  virtual void OnTick(Loop&) {}
};

}  // namespace pinion::net
