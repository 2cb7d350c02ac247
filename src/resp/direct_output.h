// The way of one reply to its socket from another thread than the one that owns the connection.
#pragma once

#include <cstddef>
#include <string_view>

namespace pinion::resp {

// A connection that executes nothing before it has a certain reply lends this to whoever makes the reply.
class DirectOutput {
 public:
  virtual ~DirectOutput() = default;
  // Any thread. Sends the first of these bytes, without waiting, if the connection is lent and has not been taken back;
  // returns how many. The rest, often all, is left to the connection's own thread.
  [[nodiscard]] virtual size_t Send(std::string_view bytes) = 0;
};

}  // namespace pinion::resp
