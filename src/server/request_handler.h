// The network layer's requests, handed to the command layer through the gate.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "command/dispatcher.h"
#include "command/services.h"
#include "net/handler.h"
#include "server/client_connection.h"

namespace pinion::server {

// One for the server; every call comes on a loop's thread, and enters the gate as that loop's participant.
class RequestHandler final : public net::RequestHandler {
 public:
  explicit RequestHandler(command::Services& services) : services_(services) {}

  std::unique_ptr<net::ConnectionState> OnOpen(net::Connection& c) override;
  net::BatchResult OnRequests(net::Connection& c, const resp::RequestBatch& batch, resp::OutputBuffer* out) override;
  void OnProtocolError(net::Connection& c, std::string_view message, resp::OutputBuffer* out) override;
  void OnClose(net::Connection& c) override;
  bool OnRelease(net::Loop& loop) override;
  void OnTick(net::Loop& loop) override;

  // What is due on this loop: deadlines of its shards, their walk for a snapshot, eviction, paused clients. Returns
  // when to be called next.
  UnixMillis OnWake(size_t worker);

  // Runs what was posted to this loop, inside the gate.
  void OnPosted(size_t worker, const std::function<void()>& task);

  // After client-output-buffer-limit has changed: puts it on the loop's connections. On that loop.
  void ApplyOutputLimits(net::Loop& loop);

 private:
  class InsideGate;
  command::Worker& WorkerOf(net::Connection& c);
  bool Commit(command::Worker& worker);
  void KeepLimits(command::Worker& worker);
  void SampleRates();
  UnixMillis WalkSnapshot(size_t index, UnixMillis now);
  UnixMillis EvictExcess(command::Worker& worker, UnixMillis now);
  command::Services& services_;
};

}  // namespace pinion::server
