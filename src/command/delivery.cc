// Messages in the receiver's protocol.
#include "command/delivery.h"

#include <string_view>

#include "base/numbers.h"
#include "command/session.h"
#include "resp/output_buffer.h"
#include "resp/reply_writer.h"

namespace pinion::command {
namespace {

void AppendPayload(const Delivery& d, size_t from, resp::OutputBuffer& out) {
  const std::string_view bytes = d.payload.view().substr(from);
  if (bytes.size() < resp::kScatterThreshold) {
    out.Append(bytes);
  } else {
    out.AppendBlob(d.payload, from, bytes.size());
  }
}

void WriteInvalidation(Session& session, const Delivery& d) {
  resp::OutputBuffer& out = session.link.Push();
  if (session.protocol == 3) {
    out.Append(">2\r\n$10\r\ninvalidate\r\n");
  } else {
    out.Append("*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n");
  }
  if (!d.payload) return resp::ReplyWriter(&out, session.protocol).Null();
  AppendPayload(d, 0, out);
}

}  // namespace

void AppendHeader(char type, size_t n, std::string* out) {
  char digits[kMaxInt64Text];
  out->push_back(type);
  out->append(digits, FormatInt64(static_cast<int64_t>(n), digits));
  out->append("\r\n");
}

void AppendBulk(std::string_view text, std::string* out) {
  AppendHeader('$', text.size(), out);
  out->append(text).append("\r\n");
}

void Write(Session& session, const Delivery& d) {
  const bool resp3 = session.protocol == 3;
  switch (d.form) {
    case Delivery::Form::kPush3:
      if (!resp3) return;
      [[fallthrough]];
    case Delivery::Form::kMessage: {
      resp::OutputBuffer& out = session.link.Push();
      const char first = d.payload.view()[0];
      out.Append(first == '>' && !resp3 ? '*' : first);
      return AppendPayload(d, 1, out);
    }
    case Delivery::Form::kInvalidation:
      if (resp3) WriteInvalidation(session, d);
      return;
    case Delivery::Form::kRedirected:
      if (resp3 || session.subscribed()) WriteInvalidation(session, d);
      return;
  }
}

}  // namespace pinion::command
