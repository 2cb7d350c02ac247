// Receiving, executing and sending on one client's socket.
#include "net/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "base/log.h"
#include "net/address.h"

namespace pinion::net {
namespace {

constexpr size_t kReadPerTurn = 256 * 1024;          // bytes received before other connections have their turn
constexpr size_t kSendPerTurn = 1 << 20;             // bytes sent, likewise
constexpr size_t kFlushOutput = 1 << 20;             // replies of one read are sent in several goes beyond this
constexpr size_t kFreeOutput = 16 * 1024;            // replies the socket takes at once may have, whatever the limit
constexpr size_t kCompactOutput = 256 * 1024;        // bytes already sent that a pending buffer may drag along
constexpr size_t kSmallInput = 4096;  // an idle connection's input memory beyond this is fitted to its content
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kFlushPatience = 10 * kSecond;     // how long CloseAfterFlush waits for a peer that takes nothing

}  // namespace

Connection::Connection(Loop& loop, Socket socket, uint64_t id, const NetLimits& limits)
    : loop_(loop),
      id_(id),
      limits_(limits),
      socket_(std::move(socket)),
      descriptor_(DescriptorOf(socket_)),
      fd_(socket_.native_handle()),
      opened_at_micros_(loop.clock().WallMicros()),
      last_active_micros_(opened_at_micros_) {
  const SocketAddress local = LocalAddress(fd_);
  is_unix_ = local.family() == AF_UNIX;
  local_ = FormatAddress(local);
  if (is_unix_) {
    peer_ = local_;
  } else {
    const SocketAddress peer = PeerAddress(fd_);
    peer_ = FormatAddress(peer);
    peer_is_loopback_ = IsLoopback(peer);
  }
}

Connection::~Connection() = default;

uint64_t Connection::NextId() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

// --- Opening and closing ---------------------------------------------------------------------

void Connection::Open() {
  state_ = loop_.handler().OnOpen(*this);
  if (state_ == nullptr) {
    CloseAfterFlush();
  } else if (closing_ == Closing::kNo) {
    WaitReadable();
  }
  ShareSizes();
}

void Connection::Close() {
  closing_ = Closing::kNow;
  if (state_ != nullptr) {
    loop_.handler().OnClose(*this);
    state_.reset();
  }
  closed_ = true;
  if (lent_ != nullptr) (void)lent_->TakeBack();
  ShareAllocated(0);
  asio::error_code ignored;
  socket_.close(ignored);
}

void Connection::CloseAfterFlush() {
  if (closing_ != Closing::kNo) return;
  closing_ = Closing::kAfterFlush;
  close_deadline_ = loop_.coarse_nanos() + kFlushPatience;
  Watch();
  if (loop_.running_ != this && !dirty_) CloseIfFlushed();
}

void Connection::CloseIfFlushed() {
  if (closing_ == Closing::kAfterFlush && output_size() == 0) loop_.AddDoomed(this);
}

void Connection::Kill() {
  closing_ = Closing::kNow;
  loop_.AddDoomed(this);
}

void Connection::Fail(int error) {
  Log(LogLevel::kVerbose, "Client id={} addr={} closed connection: {}", id_, peer_, std::strerror(error));
  Kill();
}

void Connection::Exhausted() {
  Log(LogLevel::kWarning, "Client id={} addr={} closed: out of memory for its buffers.", id_, peer_);
  loop_.running_ = nullptr;
  loop_.output_.Clear();
  Kill();
}

// Runs out-of-memory errors of the buffers into the closing of this one connection.
template <typename F>
void Connection::Guarded(F&& work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    Exhausted();
  }
}

// --- Receiving and executing -----------------------------------------------------------------

void Connection::OnReadable() {
  if (closed_) return loop_.Reap(this);
  if (loop_.suspended_ == this) return;  // reads on when its request has ended
  Loop::Turn turn(loop_);
  Pump();
}

bool Connection::MayRead() const {
  return closing_ == Closing::kNo && !peer_finished_ && !paused_ && !(stalled_ && input_.size() >= kStalledInput);
}

void Connection::WaitReadable() {
  if (!read_op_.waiting()) read_op_.WaitReadable(loop_.reactor_, fd_, descriptor_);
}

void Connection::Pump(bool read_anyway) {
  Guarded([&] {
    ExecuteKept();
    size_t budget = kReadPerTurn;
    while (MayRead() && (read_anyway || !read_op_.waiting())) {
      size_t received = 0;
      const Received result = Receive(budget, &received);
      if (result == Received::kDrained) WaitReadable();
      if (result != Received::kMore) break;
      if (received >= budget) {
        loop_.AddPumpAgain(this);
        break;
      }
      budget -= received;
    }
  });
  // What could be executed has been; what waits for another event will not get its peer back.
  if (peer_finished_ && !paused_) CloseAfterFlush();
  ShareSizes();
}

Connection::Received Connection::Receive(size_t limit, size_t* received) {
  const bool kept = !input_.empty();
  if (kept && !input_.MakeRoom(parser_.needed())) {
    Exhausted();
    return Received::kEnd;
  }
  char* const to = kept ? input_.tail() : loop_.read_buffer_.get();
  const size_t room = kept ? std::min(input_.room(), limit) : Loop::kReadBufferSize;
  ssize_t n;
  do {
    n = ::recv(fd_, to, room, MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n <= 0) [[unlikely]] {
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Received::kDrained;
    if (n == 0) {
      peer_finished_ = true;
    } else {
      Fail(errno);
    }
    return Received::kEnd;
  }
  *received = static_cast<size_t>(n);
  bytes_in_.store(bytes_in() + *received, std::memory_order_relaxed);
  loop_.stats_.bytes_in.Add(n);
  loop_.stats_.reads.Add(1);
  last_active_micros_ = loop_.coarse_wall_micros();
  read_lately_ = true;
  probed_ = false;
  Watch();

  const bool filled = *received == room;
  if (kept) {
    kept_lately_ = true;
    input_.Advance(*received);
    CheckInput();
    ExecuteKept();
  } else {
    ExecuteThenKeep({to, *received}, filled);
  }
  return filled ? Received::kMore : Received::kDrained;
}

void Connection::ExecuteKept() {
  if (input_.empty() || !MayExecute()) return;
  const size_t executed = Execute(input_.view());
  Send(&loop_.output_);
  input_.Consume(executed);
}

void Connection::ExecuteThenKeep(std::string_view bytes, bool more_behind) {
  if (MayExecute()) {
    const size_t executed = Execute(bytes);
    Send(&loop_.output_);
    bytes.remove_prefix(executed);
  }
  if (bytes.empty() || closing()) return;
  kept_lately_ = true;
  if (more_behind && input_.capacity() < Loop::kReadBufferSize && !input_.SetCapacity(Loop::kReadBufferSize)) {
    return Exhausted();
  }
  if (!input_.Append(bytes)) return Exhausted();
  CheckInput();
}

// Executes the complete requests at the start of `input` for as long as the connection may, and returns the bytes
// done with.
size_t Connection::Execute(std::string_view input) {
  resp::RequestBatch& batch = loop_.batch_;
  resp::OutputBuffer& out = loop_.output_;
  parser_limits_.max_bulk_length = limits_.max_bulk_length.load(std::memory_order_relaxed);
  size_t at = 0;
  loop_.running_ = this;
  while (MayExecute()) {
    const size_t limit = batch_limit_;
    const size_t parsed = parser_.Parse(input.substr(at), parser_limits_, limit, &batch);
    if (!batch.empty()) {
      resume_asked_ = false;
      const BatchResult result = loop_.handler().OnRequests(*this, batch, &out);
      if (result.stalls) [[unlikely]] {
        parser_.Rewind();
        if (result.executed > 0) at += batch.EndOffset(result.executed - 1);
        stalled_ = true;
        const bool lends = std::exchange(lends_, false);
        if (resume_asked_) {
          Resume();
        } else if (lends) {
          Send(&out);
          if (output_size() == 0 && closing_ == Closing::kNo) lent_->Lend();
        }
        break;
      }
    }
    at += parsed;
    if (!batch.error().empty()) [[unlikely]] {
      if (closing()) break;
      loop_.handler().OnProtocolError(*this, batch.error(), &out);
      CloseAfterFlush();
      break;
    }
    // Large replies make for small batches, so that a peer that does not read is paused before much has piled up.
    if (out.size() >= kFlushOutput) [[unlikely]] {
      batch_limit_ = static_cast<uint8_t>(std::max<size_t>(1, std::min<size_t>(batch_limit_, batch.size()) / 4));
      Send(&out);
    } else if (batch_limit_ < kMaxBatch) [[unlikely]] {
      batch_limit_ = static_cast<uint8_t>(std::min<int>(kMaxBatch, batch_limit_ * 2));
    }
    if (batch.size() < limit) break;
  }
  loop_.running_ = nullptr;
  return at;
}

void Connection::Resume() {
  resume_asked_ = true;
  if (!stalled_) return;
  if (lent_ != nullptr) (void)lent_->TakeBack();  // what the connection executes from here on has replies of its own
  stalled_ = false;
  loop_.AddRunnable(this);
}

std::shared_ptr<resp::DirectOutput> Connection::Lend() {
  if (lent_ == nullptr) lent_ = std::make_shared<LentSocket>(fd_);
  lends_ = true;
  return lent_;
}

void Connection::CheckInput() {
  const auto limit = static_cast<uint64_t>(limits_.query_buffer_limit.load(std::memory_order_relaxed));
  if (input_.size() <= limit || closing()) return;
  loop_.stats_.input_limit_closed.Add(1);
  Log(LogLevel::kWarning, "Closing client that reached max query buffer length: id={} addr={} qbuf={}", id_, peer_,
      input_.size());
  Kill();
}

// --- Sending ---------------------------------------------------------------------------------

resp::OutputBuffer& Connection::Pending() {
  if (pending_ == nullptr) pending_ = std::make_unique<resp::OutputBuffer>();
  return *pending_;
}

size_t Connection::output_size() const { return pending_ ? pending_->size() - pending_sent_ : 0; }

resp::OutputBuffer& Connection::push_buffer() {
  if (loop_.running_ == this) return loop_.output_;
  resp::OutputBuffer& out = Pending();
  if (closing_ != Closing::kNow) loop_.AddDirty(this);
  return out;
}

void Connection::FlushPushed() {
  if (closing_ == Closing::kNow || pending_ == nullptr) return;
  Watch();
  const bool owes = lent_ != nullptr && !lent_->TakeBack();
  if (write_op_.waiting() || owes) {
    CheckOutput();
  } else {
    Guarded([&] { SendPending(); });
  }
  ShareSizes();
}

void Connection::SendRest(size_t sent, std::string_view rest) {
  bytes_out_.store(bytes_out() + sent, std::memory_order_relaxed);
  loop_.stats_.writes.Add(1);
  loop_.stats_.bytes_out.Add(static_cast<int64_t>(sent));
  if (rest.empty() || closing_ == Closing::kNow) return;
  lent_->Settle();
  auto all = std::make_unique<resp::OutputBuffer>();
  all->Append(rest);
  if (pending_ != nullptr) pending_->MoveTo(all.get());  // none of it was sent
  pending_ = std::move(all);
  loop_.AddDirty(this);
}

void Connection::Send(resp::OutputBuffer* out) {
  if (out->empty()) {
    if (closing()) CloseIfFlushed();
    return;
  }
  // What one batch has replied is in memory now, however much of it the socket would take at once.
  if (output_limit_.hard != 0 && out->size() > kFreeOutput) [[unlikely]] {
    const size_t size = output_size() + out->size();
    if (size >= output_limit_.hard) CloseForOutput(size);
  }
  if (closing_ != Closing::kNow) {
    if (loop_.holding_) [[unlikely]] {
      out->MoveTo(&Pending());
      loop_.AddDirty(this);
      return CheckOutput();
    }
    if (output_size() != 0) {
      out->MoveTo(pending_.get());
      if (write_op_.waiting()) return CheckOutput();
      return SendPending();
    }
    const size_t sent = SendNow(*out, 0);
    if (sent < out->size() && closing_ != Closing::kNow) {
      out->MoveTo(&Pending(), sent);
      WaitWritable();
      return CheckOutput();
    }
  }
  out->Clear();
  if (closing()) CloseIfFlushed();
}

// Sends from `skip` on as much as the socket takes, within a turn's bound, and returns the bytes sent.
size_t Connection::SendNow(const resp::OutputBuffer& out, size_t skip) {
  const size_t size = out.size() - skip;
  size_t sent = 0;
  while (sent < size && sent < kSendPerTurn) {
    iovec pieces[64];
    const size_t count = out.Gather(skip + sent, pieces, std::size(pieces));
    ssize_t n;
    size_t offered = pieces[0].iov_len;
    if (count == 1) {
      n = ::send(fd_, pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
      for (size_t i = 1; i < count; ++i) offered += pieces[i].iov_len;
      msghdr message{};
      message.msg_iov = pieces;
      message.msg_iovlen = count;
      n = ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) Fail(errno);
      break;
    }
    sent += static_cast<size_t>(n);
    loop_.stats_.writes.Add(1);
    if (static_cast<size_t>(n) < offered) break;
  }
  bytes_out_.store(bytes_out() + sent, std::memory_order_relaxed);
  loop_.stats_.bytes_out.Add(static_cast<int64_t>(sent));
  return sent;
}

void Connection::SendPending() {
  const size_t sent = SendNow(*pending_, pending_sent_);
  if (closing_ == Closing::kNow) return;
  pending_sent_ += sent;
  if (sent > 0) close_deadline_ = loop_.coarse_nanos() + kFlushPatience;
  if (pending_sent_ == pending_->size()) {
    pending_->Clear();
    pending_sent_ = 0;
  } else {
    if (pending_sent_ >= kCompactOutput && pending_sent_ >= pending_->size() / 2) {
      auto rest = std::make_unique<resp::OutputBuffer>();
      pending_->MoveTo(rest.get(), pending_sent_);
      pending_ = std::move(rest);
      pending_sent_ = 0;
    }
    WaitWritable();
  }
  CheckOutput();
  CloseIfFlushed();
}

void Connection::WaitWritable() {
  Watch();
  if (!write_op_.waiting()) write_op_.WaitWritable(loop_.reactor_, fd_, descriptor_);
}

void Connection::OnWritable() {
  if (closed_) return loop_.Reap(this);
  if (loop_.suspended_ == this) return WaitWritable();
  Loop::Turn turn(loop_);
  if (loop_.holding_) return loop_.AddDirty(this);
  if (closing_ != Closing::kNow && output_size() != 0) Guarded([&] { SendPending(); });
  ShareSizes();
}

void Connection::set_output_limit(const OutputLimit& l) {
  output_limit_ = l;
  soft_limit_passed_ = false;
}

// Applies the bounds on unsent output after it has changed, and as time goes by.
void Connection::CheckOutput() {
  const size_t size = output_size();
  if (size >= kPauseOutput) {
    paused_ = true;
  } else if (paused_ && size <= kResumeOutput) {
    paused_ = false;
    loop_.AddRunnable(this);
  }

  bool exceeded = output_limit_.hard != 0 && size >= output_limit_.hard;
  if (output_limit_.soft != 0 && size >= output_limit_.soft) {
    const int64_t now = loop_.coarse_nanos();
    if (!soft_limit_passed_) soft_limit_since_ = now;
    soft_limit_passed_ = true;
    // The clock may be a tick old: rather a little late than early.
    exceeded |= now - soft_limit_since_ > output_limit_.soft_seconds * kSecond + Loop::kTickMillis * 1'000'000;
  } else {
    soft_limit_passed_ = false;
  }
  if (exceeded) CloseForOutput(size);
}

void Connection::CloseForOutput(size_t size) {
  if (closing_ == Closing::kNow) return;
  loop_.stats_.output_limit_closed.Add(1);
  Log(LogLevel::kWarning,
      "Client id={} addr={} omem={} scheduled to be closed ASAP for overcoming of output buffer limits.",
      id_, peer_, size);
  Kill();
}

// --- Ten times a second ----------------------------------------------------------------------

void Connection::Watch() {
  if (watch_index_ == kNotWatched) loop_.AddWatched(this);
}

// While bytes keep coming there is nothing to do. After the first tick without any, memory is given back, and the
// socket is read once more: a hang-up that arrived together with the last bytes raised no event of its own.
bool Connection::OnTick(int64_t nanos) {
  if (closing_ == Closing::kAfterFlush && nanos >= close_deadline_) Kill();
  if (closing_ == Closing::kNow) return false;
  CheckOutput();
  if (!kept_lately_ && input_.empty()) (void)input_.SetCapacity(0);
  kept_lately_ = false;
  ShareSizes();
  if (read_lately_) {
    read_lately_ = false;
    return true;
  }
  ReleaseMemory();
  if (!probed_) {
    probed_ = true;
    Pump(/*read_anyway=*/true);
  }
  const bool deaf = stalled_ && !read_op_.waiting();
  if (deaf && HungUp()) Kill();
  return deaf || closing() || output_size() != 0 || read_lately_;
}

void Connection::ReleaseMemory() {
  if (pending_ != nullptr && pending_->empty()) pending_.reset();
  if (input_.capacity() > kSmallInput && input_.capacity() > 2 * input_.size()) {
    (void)input_.SetCapacity(std::max(input_.size(), kSmallInput));
  }
  ShareSizes();
}

// A connection without buffers, the common case, looks the same after every event.
void Connection::ShareSizes() {
  const bool buffered = input_.capacity() != 0 || pending_ != nullptr;
  if (!buffered && !shared_buffered_) return;
  shared_buffered_ = buffered;
  shared_.input_size.store(input_.size(), std::memory_order_relaxed);
  shared_.input_capacity.store(input_.capacity(), std::memory_order_relaxed);
  shared_.output_size.store(output_size(), std::memory_order_relaxed);
  shared_.output_capacity.store(output_capacity(), std::memory_order_relaxed);
  ShareAllocated(allocated());
}

void Connection::ShareAllocated(size_t bytes) {
  const size_t before = shared_.allocated.load(std::memory_order_relaxed);
  shared_.allocated.store(bytes, std::memory_order_relaxed);
  loop_.stats_.connection_bytes.Add(static_cast<int64_t>(bytes) - static_cast<int64_t>(before));
}

Connection::Observed Connection::observed() const {
  const auto get = [](const std::atomic<size_t>& n) { return n.load(std::memory_order_relaxed); };
  return {get(shared_.input_size),      get(shared_.input_capacity), get(shared_.output_size),
          get(shared_.output_capacity), get(shared_.allocated),      bytes_in(),
          bytes_out()};
}

bool Connection::HungUp() const {
  pollfd p{fd_, POLLRDHUP, 0};
  return ::poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

size_t Connection::allocated() const {
  const auto heap = [](const std::string& s) {
    return s.capacity() > std::string().capacity() ? s.capacity() + 1 : 0;
  };
  constexpr size_t kMapNode = 5 * sizeof(void*), kSharedCount = 2 * sizeof(void*);
  size_t bytes = sizeof(Connection) + sizeof(Reactor::descriptor_state) + kMapNode;
  bytes += heap(peer_) + heap(local_) + input_.capacity() + parser_.allocated();
  if (lent_ != nullptr) bytes += sizeof(LentSocket) + kSharedCount;
  if (pending_ != nullptr) bytes += sizeof(resp::OutputBuffer) + pending_->capacity() + pending_->blob_bytes();
  return bytes;
}

}  // namespace pinion::net
