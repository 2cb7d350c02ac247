// Waiting for a descriptor to become ready, without asio's per-operation costs; the only file that uses asio's
// inner parts.
//
// asio's public calls cannot wait for readiness at the price of one system call a request: async_receive tries a
// second recv after every message (that is how it learns of a hang-up that came with the data), and async_wait calls
// epoll_ctl each time. The operation below lives inside its owner, allocates nothing, and only reports that the
// descriptor is ready; the owner does its own reads and writes. Its side of the bargain with the edge-triggered
// epoll set: before it waits again it has seen the descriptor drained (EAGAIN or a short read), and it probes now
// and then for a hang-up that came together with the last bytes (Connection::OnTick).
#pragma once

#define ASIO_STANDALONE 1
#include <asio/detail/reactor.hpp>
#include <asio/detail/reactor_op.hpp>
#include <asio/io_context.hpp>

#if !defined(ASIO_HAS_EPOLL)
#error "the network layer needs asio's epoll reactor"
#endif

namespace pinion::net {

using Reactor = asio::detail::reactor;
using DescriptorData = Reactor::per_descriptor_data;

// Calls (owner->*Method)() on the context's thread when a descriptor is ready, in error or closed. One wait at a time.
// REQUIRES: the owner outlives a wait that was begun: deregistering the descriptor ends the wait with a last call.
template <typename Owner, void (Owner::*Method)()>
class ReadyOp final : public asio::detail::reactor_op {
 public:
  explicit ReadyOp(Owner* owner) : reactor_op(asio::error_code(), &Perform, &Complete), owner_(owner) {}

  // Waits for data. The descriptor must have been drained since it last was ready.
  void WaitReadable(Reactor& reactor, int fd, DescriptorData& data) {
    waiting_ = true;
    reactor.start_op(Reactor::read_op, fd, data, this, /*is_continuation=*/false, /*allow_speculative=*/true);
  }

  // Waits for room to write; costs one epoll_ctl, which looks at the descriptor's state anew.
  void WaitWritable(Reactor& reactor, int fd, DescriptorData& data) {
    waiting_ = true;
    reactor.start_op(Reactor::write_op, fd, data, this, /*is_continuation=*/false, /*allow_speculative=*/false);
  }

  // From the begin of the wait until just before the owner is called.
  [[nodiscard]] bool waiting() const { return waiting_; }

 private:
  // "Exhausted" tells the reactor not to try again by itself before the next event.
  static status Perform(reactor_op*) { return done_and_exhausted; }

  // `context` is null when the context is being destroyed: then nobody is to be called.
  static void Complete(void* context, asio::detail::operation* base, const asio::error_code&, std::size_t) {
    auto* self = static_cast<ReadyOp*>(base);
    self->waiting_ = false;
    if (context != nullptr) (self->owner_->*Method)();
  }

  Owner* owner_;
  bool waiting_ = false;
};

// The reactor of a context, ready for use. Loop thread (or before the loop's thread begins).
inline Reactor& ReactorOf(asio::io_context& context) {
  Reactor& reactor = asio::use_service<Reactor>(context);
  reactor.init_task();
  return reactor;
}

// The registration that a socket of asio keeps.
template <typename Socket>
DescriptorData& DescriptorOf(Socket& socket) {
  struct Access : Socket {
    static auto Member() { return &Access::impl_; }
  };
  return (socket.*Access::Member()).get_implementation().reactor_data_;
}

}  // namespace pinion::net
