// One client's socket on one loop: reads and parses batches, hands them on, writes each batch's replies at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#define ASIO_STANDALONE 1
#include <asio/generic/stream_protocol.hpp>

#include "net/handler.h"
#include "net/loop.h"
#include "resp/output_buffer.h"
#include "resp/parser.h"

namespace pinion::net {

// Bytes of unsent output at which a connection is closed: at once past `hard`, past `soft` for `soft_seconds`. 0 = no limit.
struct OutputLimit {
  uint64_t hard = 0;
  uint64_t soft = 0;
  int64_t soft_seconds = 0;
};

// Limits that may change while the server runs; shared by all connections.
struct NetLimits {
  std::atomic<int64_t> max_bulk_length{512ll << 20};
  std::atomic<int64_t> query_buffer_limit{1ll << 30};
};

// All members on the owning loop's thread only, except the ones said to be constant.
class Connection {
 public:
  using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

  Connection(Loop& loop, Socket socket, uint64_t id, const NetLimits& limits);
  ~Connection();

  // Constant for the connection's life.
  [[nodiscard]] uint64_t id() const { return id_; }            // unique in this process, ascending, never reused
  [[nodiscard]] Loop& loop() const { return loop_; }
  [[nodiscard]] const std::string& peer() const;               // "127.0.0.1:50112", "[::1]:50112", or the unix socket path + ":0"
  [[nodiscard]] const std::string& local() const;
  [[nodiscard]] bool is_unix() const;
  [[nodiscard]] bool peer_is_loopback() const;
  [[nodiscard]] int fd() const;
  [[nodiscard]] int64_t opened_at_micros() const;              // wall clock

  ConnectionState* state() { return state_.get(); }
  resp::ParserLimits& parser_limits() { return parser_limits_; }
  void set_output_limit(const OutputLimit& l) { output_limit_ = l; }

  // Output that is no reply of the running batch (messages, pushes). Sent after the current event, after any replies before it.
  resp::OutputBuffer& push_buffer();
  // Closes once all output is sent (at most some seconds later); no more requests are executed.
  void CloseAfterFlush();
  // Closes as soon as the current event is done; unsent output is dropped.
  void Kill();
  [[nodiscard]] bool closing() const;
  // Continues after OnRequests executed less than it was given. Also allowed when not stalled.
  void Resume();
  [[nodiscard]] bool stalled() const;

  [[nodiscard]] int64_t last_active_micros() const;            // last bytes received, wall clock
  [[nodiscard]] size_t input_size() const;                     // bytes received and not yet executed
  [[nodiscard]] size_t input_capacity() const;
  [[nodiscard]] size_t output_size() const;                    // bytes not yet taken by the socket
  [[nodiscard]] size_t output_capacity() const;
  [[nodiscard]] size_t allocated() const;                      // heap bytes of this connection, all told
  [[nodiscard]] uint64_t bytes_in() const;
  [[nodiscard]] uint64_t bytes_out() const;

 private:
  // completed by the implementer
};

}  // namespace pinion::net
