// Writes replies in RESP2 or RESP3 straight into an output buffer.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/blob.h"
#include "base/numbers.h"
#include "resp/errors.h"
#include "resp/output_buffer.h"

namespace pinion::resp {

// Values of this many bytes or more are sent from where they are instead of being copied.
inline constexpr size_t kScatterThreshold = 16 * 1024;

// One reply, or the pieces of one: an aggregate header is followed by exactly that many replies
// (twice as many for Map). RESP2 forms of RESP3 types: map -> flat array, set -> array, push ->
// array, double -> bulk, bool -> 0/1, null -> $-1, big number and verbatim -> bulk. Not
// thread-safe.
class ReplyWriter {
 public:
  ReplyWriter(OutputBuffer* out, int protocol) : out_(out), protocol_(protocol) {}

  [[nodiscard]] int protocol() const { return protocol_; }
  void set_protocol(int v) { protocol_ = v; }
  [[nodiscard]] OutputBuffer& out() { return *out_; }

  void Ok() { out_->Append("+OK\r\n"); }
  void Simple(std::string_view text);  // +text; text has no CR or LF
  void Integer(int64_t v);             // :v
  void Bulk(std::string_view bytes);   // $n
  void BulkBlob(const Blob& blob);     // $n, referenced when large
  void BulkInteger(int64_t v);         // an integer as a bulk string
  void Null();                         // _ or $-1
  void NullArray();                    // _ or *-1
  void Array(size_t n);                // *n
  void EmptyArray() { Array(0); }
  void Map(size_t pairs);                                          // %n or *2n
  void Set(size_t n);                                              // ~n or *n
  void Push(size_t n);                                             // >n or *n
  void Attribute(size_t pairs);                                    // |n; REQUIRES protocol() == 3
  void Double(double v);                                           // ,v or a bulk
  void Bool(bool v);                                               // #t or :1
  void BigNumber(std::string_view digits);                         // (n or a bulk
  void Verbatim(std::string_view format3, std::string_view text);  // =n\r\nfmt:text or a bulk
  void Raw(std::string_view protocol_bytes) { out_->Append(protocol_bytes); }

  // For many bulk strings in a row: writes one at p, where out() has reserved room for it, and returns its end. It
  // takes at most kMaxBulkOverhead beside its bytes.
  static char* PutBulk(char* p, std::string_view bytes) {
    p = PutHeader(p, '$', bytes.size());
    if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
    return PutCrlf(p + bytes.size());
  }

  // "-CODE message"; CR and LF inside become spaces, at the end they are dropped. Counted in
  // error_count() under its first word.
  void Error(std::string_view code_and_message);
  // The same for one that was counted where it arose.
  void RepeatedError(std::string_view code_and_message) {
    Error(code_and_message);
    repeated_ = true;
  }

  // An aggregate whose length is known only at its end: m = Begin(); ... EndArray(m, n).
  [[nodiscard]] OutputBuffer::Mark Begin() const { return out_->mark(); }
  void EndArray(const OutputBuffer::Mark& m, size_t n);
  void EndMap(const OutputBuffer::Mark& m, size_t pairs);
  void EndSet(const OutputBuffer::Mark& m, size_t n);

  // The longest header line: a type, a number and CRLF.
  static constexpr size_t kMaxHeader = 1 + kMaxInt64Text + 2;
  static constexpr size_t kMaxBulkOverhead = kMaxHeader + 2;

  // Errors written through this writer since it was made, and the last one's text position (valid
  // until the buffer moves).
  [[nodiscard]] uint32_t error_count() const { return errors_; }
  [[nodiscard]] std::string_view last_error() const { return last_error_; }
  [[nodiscard]] bool last_error_repeated() const { return repeated_; }

 private:
  static char* PutCrlf(char* p) {
    std::memcpy(p, "\r\n", 2);
    return p + 2;
  }
  static char* PutHeader(char* p, char type, uint64_t n) {
    *p = type;
    return PutCrlf(p + 1 + FormatUint64(n, p + 1));
  }
  void Header(char type, uint64_t n) {
    char* const p = out_->Reserve(kMaxHeader);
    out_->Advance(static_cast<size_t>(PutHeader(p, type, n) - p));
  }
  void InsertHeader(const OutputBuffer::Mark& m, char type, uint64_t n);

  OutputBuffer* out_;
  int protocol_;
  uint32_t errors_ = 0;
  bool repeated_ = false;
  std::string_view last_error_;
};

inline void ReplyWriter::Integer(int64_t v) {
  char* const p = out_->Reserve(kMaxHeader);
  *p = ':';
  out_->Advance(static_cast<size_t>(PutCrlf(p + 1 + FormatInt64(v, p + 1)) - p));
}

inline void ReplyWriter::Bulk(std::string_view bytes) {
  char* const start = out_->Reserve(kMaxBulkOverhead + bytes.size());
  out_->Advance(static_cast<size_t>(PutBulk(start, bytes) - start));
}

inline void ReplyWriter::Null() {
  if (protocol_ == 2) {
    out_->Append("$-1\r\n");
  } else {
    out_->Append("_\r\n");
  }
}

inline void ReplyWriter::Array(size_t n) { Header('*', n); }

}  // namespace pinion::resp
