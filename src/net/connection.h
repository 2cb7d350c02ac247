// One client's socket on one loop: reads and parses batches, hands them on, writes each batch's replies at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#define ASIO_STANDALONE 1
#include <asio/generic/stream_protocol.hpp>

#include "net/handler.h"
#include "net/input_buffer.h"
#include "net/lent_socket.h"
#include "net/loop.h"
#include "net/readiness.h"
#include "resp/output_buffer.h"
#include "resp/parser.h"

namespace pinion::net {

// Bytes of unsent output at which a connection is closed: at once past `hard`, past `soft` for `soft_seconds`. 0 =
// no limit.
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

// All members on the owning loop's thread only, except the ones said to be constant and observed().
//
// An idle connection owns no buffer at all: bytes are received into its loop's buffer and executed from there, and
// only the tail of a request cut in the middle is kept here. Replies are written into the loop's output and sent from
// there; only what the socket would not take is kept here. The bounds on what one connection may hold:
//  - unsent output past kPauseOutput stops its reading and executing until it is below kResumeOutput;
//  - while stalled, at most about kStalledInput bytes of further requests are read (a peer that has sent so much more
//    that the kernel's buffer is full as well can hang up unnoticed until the connection goes on: its FIN is held up);
//  - the limits of NetLimits and OutputLimit close it.
class Connection {
 public:
  using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

  // The socket must be connected and belong to the loop's context. Served once it is given to Loop::AddConnection.
  Connection(Loop& loop, Socket socket, uint64_t id, const NetLimits& limits);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The next id. Thread-safe.
  [[nodiscard]] static uint64_t NextId();

  // Constant for the connection's life.
  [[nodiscard]] uint64_t id() const { return id_; }            // unique in this process, ascending, never reused
  [[nodiscard]] Loop& loop() const { return loop_; }
  // "127.0.0.1:50112", "[::1]:50112", or the unix socket path + ":0"
  [[nodiscard]] const std::string& peer() const { return peer_; }
  [[nodiscard]] const std::string& local() const { return local_; }
  [[nodiscard]] bool is_unix() const { return is_unix_; }
  [[nodiscard]] bool peer_is_loopback() const { return peer_is_loopback_; }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] int64_t opened_at_micros() const { return opened_at_micros_; }  // wall clock

  ConnectionState* state() { return state_.get(); }
  resp::ParserLimits& parser_limits() { return parser_limits_; }
  void set_output_limit(const OutputLimit& l);

  // Output that is no reply of the running batch (messages, pushes). Sent after the current event, after any
  // replies before it. While this connection's own batch runs it is the batch's output itself, so order is kept
  // there too.
  // REQUIRES: used before control returns to the loop; not kept.
  resp::OutputBuffer& push_buffer();
  // Closes once all output is sent (or none could be sent for some seconds); no more requests are executed.
  void CloseAfterFlush();
  // Closes as soon as the current event is done; unsent output is dropped.
  void Kill();
  [[nodiscard]] bool closing() const { return closing_ != Closing::kNo; }
  // Continues after OnRequests had it stall. Also allowed when not stalled.
  void Resume();
  [[nodiscard]] bool stalled() const { return stalled_; }

  // From within OnRequests, for a batch that stalls: lends the socket to whoever makes the reply it stalls for, as soon
  // as the batch's own replies are sent. What is appended meanwhile takes it back, or goes out behind the reply.
  [[nodiscard]] std::shared_ptr<resp::DirectOutput> Lend();
  // `sent` bytes of a reply went that way. Sends the rest, ahead of what was appended since. REQUIRES: not yet resumed.
  void SendRest(size_t sent, std::string_view rest);

  // last bytes received, wall clock (to 0.1 s)
  [[nodiscard]] int64_t last_active_micros() const { return last_active_micros_; }
  [[nodiscard]] size_t input_size() const { return input_.size(); }        // bytes received and not yet executed
  [[nodiscard]] size_t input_capacity() const { return input_.capacity(); }
  [[nodiscard]] size_t output_size() const;                    // bytes not yet taken by the socket
  [[nodiscard]] size_t output_capacity() const { return pending_ ? pending_->capacity() : 0; }
  // Heap bytes of this connection, all told. A value that is sent from where it is counts in full: it may have no other
  // owner by now.
  [[nodiscard]] size_t allocated() const;
  [[nodiscard]] uint64_t bytes_in() const { return bytes_in_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t bytes_out() const { return bytes_out_.load(std::memory_order_relaxed); }

  // What other threads may know of the connection: sizes as they were when its last event ended.
  struct Observed {
    size_t input_size, input_capacity, output_size, output_capacity, allocated;
    uint64_t bytes_in, bytes_out;
  };
  [[nodiscard]] Observed observed() const;  // any thread

  static constexpr size_t kPauseOutput = 4 << 20;
  static constexpr size_t kResumeOutput = 1 << 20;
  static constexpr size_t kStalledInput = 1 << 20;

 private:
  friend class Loop;

  enum class Closing : uint8_t { kNo, kAfterFlush, kNow };
  enum class Received : uint8_t { kDrained, kMore, kEnd };

  // For the loop.
  void Open();                          // tells the handler and begins to read
  void Close();                         // tells the handler and closes the socket
  // Executes, reads and sends until the socket is drained or others must have a turn. Reads even while waiting for
  // data when told to.
  void Pump(bool read_anyway = false);
  void FlushPushed();
  bool OnTick(int64_t nanos);           // false: no more to watch
  [[nodiscard]] bool waiting() const { return read_op_.waiting() || write_op_.waiting(); }

  void OnReadable();
  void OnWritable();

  template <typename F> void Guarded(F&& work);
  [[nodiscard]] bool MayExecute() const { return closing_ == Closing::kNo && !stalled_ && !paused_; }
  [[nodiscard]] bool MayRead() const;
  Received Receive(size_t limit, size_t* received);
  size_t Execute(std::string_view input);
  void ExecuteKept();
  void ExecuteThenKeep(std::string_view bytes, bool more_behind);
  void CheckInput();
  void WaitReadable();

  void Send(resp::OutputBuffer* out);   // the loop's output: to the socket, the rest behind what is pending
  size_t SendNow(const resp::OutputBuffer& out, size_t skip);
  void SendPending();
  void WaitWritable();
  void CheckOutput();
  void CloseForOutput(size_t size);     // they have too much unsent
  void CloseIfFlushed();
  resp::OutputBuffer& Pending();
  void Watch();
  void Fail(int error);                 // the socket is broken
  void Exhausted();                     // memory ran out
  void ReleaseMemory();
  void ShareSizes();
  void ShareAllocated(size_t bytes);
  [[nodiscard]] bool HungUp() const;

  Loop& loop_;
  const uint64_t id_;
  const NetLimits& limits_;
  Socket socket_;
  DescriptorData& descriptor_;
  const int fd_;
  bool is_unix_ = false;
  bool peer_is_loopback_ = false;
  std::string peer_, local_;

  Closing closing_ = Closing::kNo;
  bool closed_ = false;
  bool stalled_ = false;                // the handler wants no requests before Resume
  bool lends_ = false;                  // the socket, as soon as this batch is over
  bool resume_asked_ = false;           // Resume was called while the batch that stalls was still running
  bool paused_ = false;                 // too much unsent output
  bool peer_finished_ = false;          // end of stream was received
  bool soft_limit_passed_ = false;
  // In which of the loop's lists this is.
  bool dirty_ = false, doomed_ = false, runnable_ = false, again_ = false;
  bool read_lately_ = false;            // since the last tick
  bool kept_lately_ = false;            // used input_ since the last tick
  bool probed_ = false;                 // since bytes were last received

  static constexpr uint8_t kMaxBatch = 128;
  uint8_t batch_limit_ = kMaxBatch;     // requests parsed before the first of them is executed

  static constexpr uint32_t kNotWatched = UINT32_MAX;
  uint32_t watch_index_ = kNotWatched;
  ReadyOp<Connection, &Connection::OnReadable> read_op_{this};
  ReadyOp<Connection, &Connection::OnWritable> write_op_{this};

  resp::Parser parser_;
  InputBuffer input_;
  std::unique_ptr<resp::OutputBuffer> pending_;
  size_t pending_sent_ = 0;             // bytes at the front of pending_ that the socket has taken
  std::shared_ptr<LentSocket> lent_;    // of those that ever lent it

  std::unique_ptr<ConnectionState> state_;
  resp::ParserLimits parser_limits_;
  OutputLimit output_limit_;
  int64_t soft_limit_since_ = 0;        // monotonic nanoseconds
  int64_t close_deadline_ = 0;          // monotonic nanoseconds; moved by every byte sent

  const int64_t opened_at_micros_;
  int64_t last_active_micros_;
  // Written by the loop's thread alone, read by any.
  std::atomic<uint64_t> bytes_in_{0};
  std::atomic<uint64_t> bytes_out_{0};
  struct SharedSizes {
    std::atomic<size_t> input_size{0}, input_capacity{0}, output_size{0}, output_capacity{0}, allocated{0};
  };
  SharedSizes shared_;
  bool shared_buffered_ = true;         // the sizes shared last were not all those of an idle connection
};

}  // namespace pinion::net
