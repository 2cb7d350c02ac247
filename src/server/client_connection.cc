// The bound on a client's unsent output.
#include "server/client_connection.h"

namespace pinion::server {
namespace {

config::ClientClass ClassOf(command::ClientLink::OutputClass c) {
  switch (c) {
    case command::ClientLink::OutputClass::kPubSub:
      return config::ClientClass::kPubsub;
    case command::ClientLink::OutputClass::kReplica:
      return config::ClientClass::kReplica;
    case command::ClientLink::OutputClass::kNormal:
      break;
  }
  return config::ClientClass::kNormal;
}

}  // namespace

void ClientConnection::SetOutputClass(OutputClass c) {
  if (c == output_class_) return;
  output_class_ = c;
  ApplyOutputLimit();
}

void ClientConnection::ApplyOutputLimit() {
  const config::OutputBufferLimit& limit =
      settings_.client_output_buffer_limit[static_cast<size_t>(ClassOf(output_class_))];
  connection_.set_output_limit({limit.hard_bytes.load(std::memory_order_relaxed),
                                limit.soft_bytes.load(std::memory_order_relaxed),
                                limit.soft_seconds.load(std::memory_order_relaxed)});
}

}  // namespace pinion::server
