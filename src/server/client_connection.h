// A network connection and its session, tied together.
#pragma once

#include "command/client_link.h"
#include "command/session.h"
#include "config/settings.h"
#include "net/connection.h"

namespace pinion::server {

// Lives as long as the connection, on its loop.
class ClientConnection final : public net::ConnectionState, public command::ClientLink {
 public:
  ClientConnection(net::Connection& c, command::Worker& worker, const config::Settings& settings)
      : connection_(c), settings_(settings), session_(c.id(), worker, *this) {
    ApplyOutputLimit();
  }

  command::Session& session() { return session_; }

  resp::OutputBuffer& Push() override { return connection_.push_buffer(); }
  void CloseAfterReplies() override { connection_.CloseAfterFlush(); }
  void Kill() override { connection_.Kill(); }
  void Resume() override { connection_.Resume(); }
  [[nodiscard]] std::shared_ptr<resp::DirectOutput> Lend() override { return connection_.Lend(); }
  void PushRest(size_t sent, std::string_view rest) override { connection_.SendRest(sent, rest); }
  void SetAuthenticated(bool yes) override { connection_.parser_limits().authenticated = yes; }
  void SetOutputClass(OutputClass c) override;
  // Puts client-output-buffer-limit for the client's class on its connection: at once, and again when either changes
  // (not oftener: the connection then forgets since when it has been past the soft limit).
  void ApplyOutputLimit();

  [[nodiscard]] const std::string& peer() const override { return connection_.peer(); }
  [[nodiscard]] const std::string& local() const override { return connection_.local(); }
  [[nodiscard]] bool is_unix() const override { return connection_.is_unix(); }
  [[nodiscard]] bool is_loopback() const override { return connection_.peer_is_loopback(); }
  [[nodiscard]] int fd() const override { return connection_.fd(); }
  [[nodiscard]] Usage usage() const override {
    const net::Connection::Observed o = connection_.observed();
    return {o.input_size, o.input_capacity, o.output_size, o.output_capacity, o.allocated, o.bytes_in, o.bytes_out};
  }

 private:
  net::Connection& connection_;
  const config::Settings& settings_;
  command::Session session_;
  OutputClass output_class_ = OutputClass::kNormal;
};

}  // namespace pinion::server
