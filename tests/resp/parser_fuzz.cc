// Fuzzes the request parser: bytes cut into chunks must give the same requests and error as the
// same bytes in one piece.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "resp/parser.h"

namespace {

using pinion::resp::Parser;
using pinion::resp::ParserLimits;
using pinion::resp::RequestBatch;

void Require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  std::vector<std::vector<std::string>> requests;
  std::string error;
  size_t consumed = 0;
};

// Parses as long as the bytes at hand give requests, into `outcome`; returns the bytes consumed.
size_t ParseAll(Parser* parser, std::string_view bytes, const ParserLimits& limits, size_t at_once,
                Outcome* outcome) {
  RequestBatch batch;
  size_t done = 0;
  do {
    // An exact copy, so that the address sanitizer sees every read past the end.
    const std::vector<char> buffer(bytes.begin() + static_cast<ptrdiff_t>(done), bytes.end());
    const size_t needed = parser->needed();
    const size_t used = parser->Parse({buffer.data(), buffer.size()}, limits, at_once, &batch);
    Require(used <= buffer.size());
    Require(used == 0 || needed <= used);  // needed() never asks for more than the request has
    size_t end = 0;
    for (size_t i = 0; i < batch.size(); ++i) {
      Require(!batch[i].empty() && batch.EndOffset(i) > end && batch.EndOffset(i) <= used);
      end = batch.EndOffset(i);
      outcome->requests.emplace_back(batch[i].begin(), batch[i].end());
    }
    outcome->error = batch.error();
    done += used;
  } while (batch.size() == at_once && outcome->error.empty());
  outcome->consumed += done;
  Require(parser->allocated() <= 1024 + 8 * bytes.size());
  return done;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kControl = 4;
  if (size < kControl) return 0;
  // The first bytes choose the limits and seed the cuts.
  ParserLimits limits;
  limits.authenticated = data[0] % 4 != 0;
  if (data[0] & 0x80) limits.max_bulk_length = 100;
  if (data[0] & 0x40) limits.max_inline_length = 50;
  const size_t at_once = 1 + data[1] % 8;
  const size_t most = 1 + data[2];
  pinion::Random random(data[3]);
  const std::string_view stream(reinterpret_cast<const char*>(data) + kControl, size - kControl);

  Outcome whole;
  Parser one_shot;
  (void)ParseAll(&one_shot, stream, limits, stream.size() + 1, &whole);

  Outcome cut;
  Parser parser;
  std::string pending;
  for (size_t at = 0; at < stream.size() && cut.error.empty();) {
    const size_t n = std::min<size_t>(1 + random.Below(most), stream.size() - at);
    pending += stream.substr(at, n);
    at += n;
    const size_t done = ParseAll(&parser, pending, limits, at_once, &cut);
    pending.erase(0, done);
    if (random.Below(16) == 0) parser.Rewind();
  }
  Require(cut.requests == whole.requests);
  Require(cut.error == whole.error);
  Require(cut.consumed == whole.consumed);
  return 0;
}
