// A message on its way to one client, and how it is written there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/blob.h"

namespace pinion::command {

struct BlockedRequest;
struct Session;

struct Delivery {
  enum class Form : uint8_t {
    kMessage,       // a push, which begins with '>' as RESP3 has it and with '*' for a RESP2 client; or a monitor's
                    // line, which begins with '+' and goes out as it is
    kPush3,         // a push for RESP3 clients only
    kInvalidation,  // an array of keys, empty for all keys: RESP3 clients are told to forget them
    kRedirected,    // the same for another client's keys: a RESP2 client gets it as a message if it has subscribed
  };
  uint64_t session;
  Blob payload;
  std::shared_ptr<const BlockedRequest> ends = nullptr;  // the wait that this reply ends
  Form form = Form::kMessage;
  size_t sent = 0;                                       // so much of the reply has been sent directly
};

// For making payloads: a type with a count ("*2", "$5"), and a bulk string.
void AppendHeader(char type, size_t n, std::string* out);
void AppendBulk(std::string_view text, std::string* out);

// Appends the message to the session's output, or nothing if its client cannot take it. On the session's loop.
void Write(Session& session, const Delivery& d);

}  // namespace pinion::command
