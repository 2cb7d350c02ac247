// LCS: the longest common subsequence of two strings.
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/string_value.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

// The table of L(i, j), the length of the longest common subsequence of the first i bytes of `a` and the first j of
// `b`, with one bit a cell: a zero where L(i, j) is greater than L(i, j - 1). Along a row the length never rises by
// more than one, so the zeros say all, and a row follows from the one above by an addition over whole words (Hyyro,
// "Bit-parallel LCS-length computation revisited", 2004): sixty-four cells in a handful of instructions.
class LcsTable {
 public:
  // With `all_rows` the table can be walked; else only length() is known. Check ok(): memory may not suffice.
  LcsTable(std::string_view a, std::string_view b, bool all_rows) : words_((b.size() + 63) / 64) {
    if (!MarkBytes(a, b)) return;
    const size_t rows = all_rows ? a.size() + 1 : 2;
    cells_.reset(new (std::nothrow) uint64_t[rows * words_ + 1]);
    if (!cells_) return;
    std::fill_n(cells_.get(), words_, ~uint64_t{0});
    const uint64_t* above = cells_.get();
    for (size_t i = 1; i <= a.size(); ++i) {
      uint64_t* const row = cells_.get() + (i % rows) * words_;
      NextRow(above, MaskOf(a[i - 1]), row);
      above = row;
    }
    for (size_t w = 0; w < words_; ++w) length_ += static_cast<size_t>(__builtin_popcountll(~above[w]));
  }

  [[nodiscard]] bool ok() const { return cells_ != nullptr; }
  [[nodiscard]] size_t length() const { return length_; }
  // Whether L(i, j) > L(i, j - 1). REQUIRES: all rows were kept; i, j >= 1.
  [[nodiscard]] bool Rises(size_t i, size_t j) const {
    return !(cells_[i * words_ + (j - 1) / 64] >> ((j - 1) % 64) & 1);
  }

 private:
  // For each byte of `a`, the positions where it stands in `b`.
  [[nodiscard]] bool MarkBytes(std::string_view a, std::string_view b) {
    mask_of_.fill(kNoMask);
    uint32_t masks = 0;
    for (const char c : a) {
      if (uint32_t& m = mask_of_[static_cast<uint8_t>(c)]; m == kNoMask) m = masks++;
    }
    masks_.reset(new (std::nothrow) uint64_t[masks * words_ + 1]());
    if (!masks_) return false;
    for (size_t j = 0; j < b.size(); ++j) {
      const uint32_t m = mask_of_[static_cast<uint8_t>(b[j])];
      if (m != kNoMask) masks_[m * words_ + j / 64] |= uint64_t{1} << (j % 64);
    }
    return true;
  }
  [[nodiscard]] const uint64_t* MaskOf(char c) const {
    return masks_.get() + mask_of_[static_cast<uint8_t>(c)] * words_;
  }
  // Bits past the end of `b` stay ones: no mask has them.
  void NextRow(const uint64_t* above, const uint64_t* mask, uint64_t* row) const {
    unsigned long long carry = 0;
    for (size_t w = 0; w < words_; ++w) {
      const unsigned long long v = above[w];
      const unsigned long long matches = v & mask[w];
      unsigned long long sum;
      const bool over1 = __builtin_uaddll_overflow(v, matches, &sum);
      const bool over2 = __builtin_uaddll_overflow(sum, carry, &sum);
      carry = over1 || over2;
      row[w] = sum | (v & ~mask[w]);
    }
  }

  static constexpr uint32_t kNoMask = UINT32_MAX;
  const size_t words_;
  std::array<uint32_t, 256> mask_of_;
  std::unique_ptr<uint64_t[]> masks_;
  std::unique_ptr<uint64_t[]> cells_;
  size_t length_ = 0;
};

// A run of bytes that stand in both strings: `length` of them, from here on.
struct Match {
  size_t in_a, in_b, length;
};

// The matching runs of the subsequence Redis picks, from the last to the first. Walks back from the ends; where the
// bytes differ it steps back in `a` only if that keeps more of the length than stepping back in `b`.
std::vector<Match> FindMatches(std::string_view a, std::string_view b, const LcsTable& table) {
  std::vector<Match> matches;
  size_t i = a.size(), j = b.size();
  bool in_run = false;
  while (i > 0 && j > 0) {
    if (a[i - 1] == b[j - 1]) {
      --i;
      --j;
      if (!in_run) matches.push_back({i, j, 0});
      Match& run = matches.back();
      run = {i, j, run.length + 1};
      in_run = true;
    } else {
      if (table.Rises(i, j))
        --i;
      else
        --j;
      in_run = false;
    }
  }
  return matches;
}

struct LcsOptions {
  bool indexes = false, length = false, with_lengths = false;
  int64_t shortest = 0;
};

void ReplyIndexes(resp::ReplyWriter& reply, const std::vector<Match>& matches, size_t length,
                  const LcsOptions& options) {
  reply.Map(2);
  reply.Bulk("matches");
  const auto begin = reply.Begin();
  size_t shown = 0;
  const auto range = [&](size_t from, size_t n) {
    reply.Array(2);
    reply.Integer(static_cast<int64_t>(from));
    reply.Integer(static_cast<int64_t>(from + n - 1));
  };
  for (const Match& m : matches) {
    if (static_cast<int64_t>(m.length) < options.shortest) continue;
    reply.Array(options.with_lengths ? 3 : 2);
    range(m.in_a, m.length);
    range(m.in_b, m.length);
    if (options.with_lengths) reply.Integer(static_cast<int64_t>(m.length));
    ++shown;
  }
  reply.EndArray(begin, shown);
  reply.Bulk("len");
  reply.Integer(static_cast<int64_t>(length));
}

void ReplySubsequence(resp::ReplyWriter& reply, std::string_view a, const std::vector<Match>& matches,
                      size_t length) {
  std::string text;
  text.reserve(length);
  for (auto m = matches.rbegin(); m != matches.rend(); ++m) text.append(a, m->in_a, m->length);
  reply.Bulk(text);
}

// The error for strings whose table would be too big, empty when all is well. The limit is on a table of four bytes
// a cell, as in Redis, though ours is smaller.
std::string_view CheckSizes(Context& ctx, std::string_view a, std::string_view b) {
  constexpr size_t kLongest = std::numeric_limits<uint32_t>::max() - 1;
  if (a.size() >= kLongest || b.size() >= kLongest) return "ERR String too long for LCS";
  size_t bytes;
  if (__builtin_mul_overflow(a.size() + 1, b.size() + 1, &bytes) || __builtin_mul_overflow(bytes, 4, &bytes)) {
    return "ERR Insufficient memory, failed allocating transient memory for LCS";
  }
  if (bytes > MaxStringLength(ctx)) {
    return "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";
  }
  return {};
}

void Lcs(Context& ctx) {
  ArgReader args(ctx, 3);
  LcsOptions options;
  while (args.more()) {
    if (args.Accept("IDX")) {
      options.indexes = true;
    } else if (args.Accept("LEN")) {
      options.length = true;
    } else if (args.Accept("WITHMATCHLEN")) {
      options.with_lengths = true;
    } else if (args.Accept("MINMATCHLEN")) {
      options.shortest = args.NextInt();
    } else {
      args.Fail(error::kSyntax);
    }
  }
  if (options.indexes && options.length) {
    args.Fail("ERR If you want both the length and indexes, please just use IDX.");
  }

  // The type counts before the options.
  const store::Entry* entry_a = ctx.db().Read(ctx.key(0));
  const store::Entry* entry_b = ctx.db().Read(ctx.key(1));
  if ((entry_a && !entry_a->is_string()) || (entry_b && !entry_b->is_string())) {
    return ctx.reply().Error("ERR The specified keys must contain string values");
  }
  if (!args.Finish()) return;
  const StringBytes bytes_a(entry_a), bytes_b(entry_b);
  const std::string_view a = bytes_a.view(), b = bytes_b.view();
  if (const auto too_big = CheckSizes(ctx, a, b); !too_big.empty()) return ctx.reply().Error(too_big);

  const LcsTable table(a, b, /*all_rows=*/!options.length);
  if (!table.ok()) return ctx.reply().Error("ERR Insufficient memory, failed allocating transient memory for LCS");
  if (options.length) return ctx.reply().Integer(static_cast<int64_t>(table.length()));
  const std::vector<Match> matches = FindMatches(a, b, table);
  if (options.indexes) return ReplyIndexes(ctx.reply(), matches, table.length(), options);
  ReplySubsequence(ctx.reply(), a, matches, table.length());
}

using namespace command;
constexpr KeySpec kTwoReadKeys[] = {Range(1, 1, 1, kKeyRO | kKeyAccess)};
constexpr CommandRow kStringLcsRows[] = {
    {"LCS", -3, kRead, kTwoReadKeys, Lcs},
};

}  // namespace

const command::Family kStringLcsFamily = {"string", kCatString, kStringLcsRows};

}  // namespace pinion::commands
