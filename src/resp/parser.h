// Incremental parser of requests: RESP arrays of bulk strings, and inline commands.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pinion::resp {

// What a client may claim. AUTH changes `authenticated` in mid-stream: while it is false, parse one
// request at a time.
struct ParserLimits {
  int64_t max_bulk_length = 512 * 1024 * 1024;  // proto-max-bulk-len
  size_t max_inline_length = 64 * 1024;
  bool authenticated = true;  // else at most 10 arguments of at most 16,384 bytes
};

// Requests parsed from one buffer, in order; the arguments are views into that buffer (or, for
// inline commands with quotes, into storage the batch owns). One batch a loop is reused for every
// read. Not thread-safe.
class RequestBatch {
 public:
  [[nodiscard]] size_t size() const { return requests_.size(); }
  [[nodiscard]] bool empty() const { return requests_.empty(); }
  // Arguments of request i, the command name first; never empty.
  [[nodiscard]] std::span<const std::string_view> operator[](size_t i) const {
    const Range& r = requests_[i];
    return {args_.data() + r.first, r.count};
  }
  // Bytes of the buffer up to and with request i.
  [[nodiscard]] size_t EndOffset(size_t i) const { return requests_[i].end; }
  // Protocol error met after the last request, without "-ERR "; empty when none. May hold any byte
  // (it can quote the client's). Valid until the batch is cleared.
  [[nodiscard]] std::string_view error() const { return error_; }
  void Clear();

 private:
  friend class Parser;
  struct Range {
    uint32_t first;
    uint32_t count;
    size_t end;
  };
  std::string_view* GrowArgs(size_t used);  // more room; returns where the next argument goes
  std::vector<std::string_view> args_;  // its size is its room; the ranges say which entries count
  size_t args_used_ = 0;
  std::vector<Range> requests_;
  std::vector<std::unique_ptr<std::string>> owned_;
  std::string_view error_;
  std::string error_text_;  // for the one error that quotes the client
};

// State of one connection's request stream: only what a request cut in the middle needs (nothing
// between requests). Never allocates for a length the client claims, only for bytes it sent. Not
// thread-safe.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  // Parses complete requests at the start of `buffer` into `batch` (cleared first), at most
  // `max_requests`. Empty lines and empty arrays ("*0", "*-1") are consumed and skipped. Returns
  // the bytes consumed: the end of the last complete request or skipped line. The caller keeps the
  // rest, at the start of its buffer, and calls again with more behind it: work done on an
  // incomplete request is remembered, so a request that comes byte by byte costs O(bytes). The
  // outcome does not depend on how the bytes were cut into calls. If the caller executed only part
  // of the batch it must call Rewind and keep the unexecuted bytes. After a protocol error
  // (batch->error()) the connection must be closed; nothing more is parsed.
  size_t Parse(std::string_view buffer, const ParserLimits& limits, size_t max_requests,
               RequestBatch* batch);

  // Forgets the incomplete request (its bytes will be parsed anew).
  void Rewind();

  // How many bytes, counted from the start of the kept rest, the incomplete request is known to
  // need at the least: a hint to size the buffer for large bulks; 0 when unknown. It is what the
  // client claims, so grow with what arrives.
  [[nodiscard]] size_t needed() const { return needed_; }
  // Heap bytes held for an incomplete request.
  [[nodiscard]] size_t allocated() const;

 private:
  struct Partial;  // progress on the incomplete request, as offsets from its first byte
  enum class Step : uint8_t { kDone, kMore, kError };
  Step ParseArrays(const char* begin, const char** at, const char* end, const ParserLimits& limits,
                   size_t max_requests, RequestBatch* batch);
  Step ParseCount(const char** at, const char* end, uint32_t* count, RequestBatch* batch);
  Step ParseBulk(const char** at, const char* end, const ParserLimits& limits,
                 std::string_view* argument, RequestBatch* batch);
  Step ParseInline(const char* begin, const char** at, const char* end, const ParserLimits& limits,
                   RequestBatch* batch);
  Step Resume(const char* begin, const char** at, const char* end, const ParserLimits& limits,
              RequestBatch* batch);
  void Remember(const char* start, const char* next, uint32_t count,
                std::span<const std::string_view> arguments);
  static Step Fail(std::string_view text, RequestBatch* batch);

  std::unique_ptr<Partial> partial_;
  size_t needed_ = 0;
};

}  // namespace pinion::resp
