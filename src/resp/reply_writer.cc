// Writes replies in RESP2 or RESP3: the forms that are not hot enough to be inline.
#include "resp/reply_writer.h"

#include <algorithm>
#include <array>

namespace pinion::resp {

void ReplyWriter::Simple(std::string_view text) {
  char* const p = out_->Reserve(text.size() + 3);
  *p = '+';
  if (!text.empty()) std::memcpy(p + 1, text.data(), text.size());
  PutCrlf(p + 1 + text.size());
  out_->Advance(text.size() + 3);
}

void ReplyWriter::BulkBlob(const Blob& blob) {
  if (blob.size() < kScatterThreshold) return Bulk(blob.view());
  Header('$', blob.size());
  out_->AppendBlob(blob, 0, blob.size());
  out_->Append("\r\n");
}

void ReplyWriter::BulkInteger(int64_t v) {
  std::array<char, kMaxInt64Text> text;
  Bulk(std::string_view(text.data(), FormatInt64(v, text.data())));
}

void ReplyWriter::NullArray() {
  if (protocol_ == 2) {
    out_->Append("*-1\r\n");
  } else {
    out_->Append("_\r\n");
  }
}

void ReplyWriter::Map(size_t pairs) {
  if (protocol_ == 2) return Header('*', pairs * 2);
  Header('%', pairs);
}

void ReplyWriter::Set(size_t n) { Header(protocol_ == 2 ? '*' : '~', n); }

void ReplyWriter::Push(size_t n) { Header(protocol_ == 2 ? '*' : '>', n); }

void ReplyWriter::Attribute(size_t pairs) { Header('|', pairs); }

void ReplyWriter::Double(double v) {
  std::array<char, kMaxDoubleText> text;
  const std::string_view digits(text.data(), FormatDouble(v, text.data()));
  if (protocol_ == 2) return Bulk(digits);
  out_->Append(',');
  out_->Append(digits);
  out_->Append("\r\n");
}

void ReplyWriter::Bool(bool v) {
  if (protocol_ == 2) {
    out_->Append(v ? ":1\r\n" : ":0\r\n");
  } else {
    out_->Append(v ? "#t\r\n" : "#f\r\n");
  }
}

void ReplyWriter::BigNumber(std::string_view digits) {
  if (protocol_ == 2) return Bulk(digits);
  out_->Append('(');
  out_->Append(digits);
  out_->Append("\r\n");
}

void ReplyWriter::Verbatim(std::string_view format3, std::string_view text) {
  if (protocol_ == 2) return Bulk(text);
  Header('=', text.size() + 4);
  out_->Append(format3);
  out_->Append(':');
  out_->Append(text);
  out_->Append("\r\n");
}

void ReplyWriter::Error(std::string_view code_and_message) {
  while (!code_and_message.empty() &&
         (code_and_message.back() == '\r' || code_and_message.back() == '\n')) {
    code_and_message.remove_suffix(1);
  }
  const size_t size = code_and_message.size();
  char* const p = out_->Reserve(size + 3);
  *p = '-';
  std::transform(code_and_message.begin(), code_and_message.end(), p + 1,
                 [](char c) { return c == '\r' || c == '\n' ? ' ' : c; });
  PutCrlf(p + 1 + size);
  out_->Advance(size + 3);
  ++errors_;
  repeated_ = false;
  last_error_ = std::string_view(p + 1, size);
}

void ReplyWriter::InsertHeader(const OutputBuffer::Mark& m, char type, uint64_t n) {
  std::array<char, kMaxHeader> header;
  const char* const end = PutHeader(header.data(), type, n);
  out_->Insert(m, std::string_view(header.data(), static_cast<size_t>(end - header.data())));
}

void ReplyWriter::EndArray(const OutputBuffer::Mark& m, size_t n) { InsertHeader(m, '*', n); }

void ReplyWriter::EndMap(const OutputBuffer::Mark& m, size_t pairs) {
  if (protocol_ == 2) return InsertHeader(m, '*', pairs * 2);
  InsertHeader(m, '%', pairs);
}

void ReplyWriter::EndSet(const OutputBuffer::Mark& m, size_t n) {
  InsertHeader(m, protocol_ == 2 ? '*' : '~', n);
}

}  // namespace pinion::resp
