// Tests of the output buffer: order, marks, gathering and moving, against a plain string.
#include "resp/output_buffer.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::resp {
namespace {

std::string All(const OutputBuffer& out) {
  std::string text;
  out.CopySince({0, 0, 0}, &text);
  return text;
}

// What Gather tells to send, taken `n` entries at a time.
std::string Gathered(const OutputBuffer& out, size_t skip, size_t n) {
  std::string text;
  std::vector<iovec> v(n);
  for (;;) {
    const size_t filled = out.Gather(skip, v.data(), n);
    if (filled == 0) return text;
    for (size_t i = 0; i < filled; ++i) {
      EXPECT_GT(v[i].iov_len, 0u);
      text.append(static_cast<const char*>(v[i].iov_base), v[i].iov_len);
      skip += v[i].iov_len;
    }
  }
}

TEST(OutputBuffer, HoldsNothingAtFirst) {
  const OutputBuffer out;
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(out.capacity(), 0u);
  std::array<iovec, 2> v;
  EXPECT_EQ(out.Gather(0, v.data(), v.size()), 0u);
}

TEST(OutputBuffer, KeepsTheOrderOfTextAndBlobs) {
  OutputBuffer out;
  out.Append("one ");
  out.AppendBlob(Blob::CopyOf("xxtwoxx"), 2, 3);
  out.Append(' ');
  out.Append(std::string_view());
  out.AppendBlob(Blob::CopyOf("three"), 0, 5);
  out.AppendBlob(Blob::CopyOf("four"), 0, 4);
  out.AppendBlob(Blob::CopyOf("nothing"), 3, 0);
  EXPECT_EQ(out.size(), 17u);
  EXPECT_EQ(All(out), "one two threefour");
  std::array<iovec, 8> v;
  EXPECT_EQ(out.Gather(0, v.data(), v.size()), 5u);
}

TEST(OutputBuffer, SendsBlobsFromWhereTheyAre) {
  const Blob blob = Blob::CopyOf(std::string(100'000, 'x'));
  OutputBuffer out;
  out.AppendBlob(blob, 10, 99'990);
  std::array<iovec, 1> v;
  ASSERT_EQ(out.Gather(5, v.data(), v.size()), 1u);
  EXPECT_EQ(v[0].iov_base, blob.view().data() + 15);
  EXPECT_EQ(v[0].iov_len, 99'985u);
  EXPECT_LT(out.capacity(), 1000u);
  EXPECT_FALSE(blob.unique());
  out.Clear();
  EXPECT_TRUE(blob.unique());
}

TEST(OutputBuffer, WritesInPlaceWhatIsReserved) {
  OutputBuffer out;
  char* const p = out.Reserve(100);
  std::fill_n(p, 100, 'a');
  out.Advance(60);
  EXPECT_EQ(All(out), std::string(60, 'a'));
}

TEST(OutputBuffer, RefusesAReservationThatCannotBe) {
  OutputBuffer out;
  out.Append("x");
  EXPECT_THROW((void)out.Reserve(~size_t{0} - 16), std::bad_alloc);
  EXPECT_EQ(All(out), "x");
}

TEST(OutputBuffer, GathersFromEveryPosition) {
  OutputBuffer out;
  out.Append("ab");
  out.AppendBlob(Blob::CopyOf("cde"), 0, 3);
  out.AppendBlob(Blob::CopyOf("fg"), 0, 2);
  out.Append("hij");
  out.AppendBlob(Blob::CopyOf("k"), 0, 1);
  const std::string all = "abcdefghijk";
  for (size_t skip = 0; skip <= all.size(); ++skip) {
    for (size_t n = 1; n <= 6; ++n) EXPECT_EQ(Gathered(out, skip, n), all.substr(skip));
  }
  std::array<iovec, 1> v;
  EXPECT_EQ(out.Gather(all.size() + 5, v.data(), v.size()), 0u);
  EXPECT_EQ(out.Gather(0, v.data(), 0), 0u);
}

TEST(OutputBuffer, InsertAtAMarkMovesWhatFollows) {
  OutputBuffer out;
  out.Append("begin ");
  out.AppendBlob(Blob::CopyOf("blob0 "), 0, 6);
  const OutputBuffer::Mark mark = out.mark();
  out.AppendBlob(Blob::CopyOf("blob1 "), 0, 6);
  out.Append("text ");
  out.AppendBlob(Blob::CopyOf("blob2"), 0, 5);
  out.Insert(mark, "HEADER ");
  EXPECT_EQ(All(out), "begin blob0 HEADER blob1 text blob2");
  EXPECT_EQ(Gathered(out, 0, 3), All(out));
  out.Insert(mark, "");
  EXPECT_EQ(out.size(), 35u);
}

TEST(OutputBuffer, InsertWorksAtBothEnds) {
  OutputBuffer out;
  const OutputBuffer::Mark start = out.mark();
  out.Insert(start, "a");
  out.Append("c");
  out.Insert(out.mark(), "d");
  out.Insert(start, std::string(10'000, 'x'));
  EXPECT_EQ(All(out), std::string(10'000, 'x') + "acd");
}

TEST(OutputBuffer, TruncateForgetsWhatCameAfterTheMark) {
  const Blob blob = Blob::CopyOf("blob");
  OutputBuffer out;
  out.Append("keep ");
  out.AppendBlob(blob, 0, 4);
  const OutputBuffer::Mark mark = out.mark();
  out.AppendBlob(blob, 0, 4);
  out.Append("gone");
  std::string since;
  out.CopySince(mark, &since);
  EXPECT_EQ(since, "blobgone");
  out.Truncate(mark);
  EXPECT_EQ(All(out), "keep blob");
  out.Append("!");
  EXPECT_EQ(All(out), "keep blob!");
}

TEST(OutputBuffer, ShrinkFreesOnlyWhatIsTooLarge) {
  OutputBuffer out;
  out.Append(std::string(10'000, 'x'));
  out.Clear();
  const size_t capacity = out.capacity();
  EXPECT_GE(capacity, 10'000u);
  out.Shrink(capacity);
  EXPECT_EQ(out.capacity(), capacity);
  out.Shrink(1000);
  EXPECT_EQ(out.capacity(), 0u);
  out.Append("again");
  EXPECT_EQ(All(out), "again");
}

TEST(OutputBuffer, MovesByConstructionAndAssignment) {
  OutputBuffer a;
  a.Append("text");
  a.AppendBlob(Blob::CopyOf("blob"), 0, 4);
  OutputBuffer b = std::move(a);
  EXPECT_EQ(All(b), "textblob");
  EXPECT_TRUE(a.empty());  // NOLINT: a moved-from buffer is empty
  OutputBuffer c;
  c.Append("old");
  c = std::move(b);
  EXPECT_EQ(All(c), "textblob");
  EXPECT_TRUE(b.empty());  // NOLINT
  b.Append("usable");
  EXPECT_EQ(All(b), "usable");
}

TEST(OutputBuffer, MoveToSkipsBytesAndKeepsItsMemory) {
  const std::string all = "0123blob456BLOB";
  for (size_t skip = 0; skip <= all.size() + 1; ++skip) {
    OutputBuffer from;
    from.Append("0123");
    from.AppendBlob(Blob::CopyOf("blob"), 0, 4);
    from.Append("456");
    from.AppendBlob(Blob::CopyOf("xBLOB"), 1, 4);
    const size_t capacity = from.capacity();
    OutputBuffer to;
    to.Append("before ");
    to.AppendBlob(Blob::CopyOf("it "), 0, 3);
    from.MoveTo(&to, skip);
    EXPECT_EQ(All(to), "before it " + all.substr(std::min(skip, all.size())));
    EXPECT_EQ(Gathered(to, 3, 2), All(to).substr(3));
    EXPECT_TRUE(from.empty());
    EXPECT_EQ(from.capacity(), capacity);
  }
}

TEST(OutputBuffer, HandsOverALargeText) {
  OutputBuffer from;
  from.Append(std::string(1 << 20, 'x'));
  std::array<iovec, 1> before;
  ASSERT_EQ(from.Gather(0, before.data(), 1), 1u);
  OutputBuffer to;
  from.MoveTo(&to);
  std::array<iovec, 1> after;
  ASSERT_EQ(to.Gather(0, after.data(), 1), 1u);
  EXPECT_EQ(after[0].iov_base, before[0].iov_base);
  EXPECT_EQ(after[0].iov_len, size_t{1} << 20);
  EXPECT_TRUE(from.empty());
}

TEST(OutputBuffer, CountsMoreThanFourGibibytes) {
  constexpr size_t kBlob = 64 << 20;
  const Blob blob = Blob::CopyOf(std::string(kBlob, 'x'));
  OutputBuffer out;
  for (int i = 0; i < 100; ++i) {
    out.Append("#");
    out.AppendBlob(blob, 0, kBlob);
  }
  EXPECT_EQ(out.size(), 100 * (kBlob + 1));
  std::array<iovec, 4> v;
  ASSERT_EQ(out.Gather(80 * (kBlob + 1), v.data(), v.size()), 4u);
  EXPECT_EQ(v[0].iov_len, 1u);
  EXPECT_EQ(*static_cast<const char*>(v[0].iov_base), '#');
  ASSERT_EQ(out.Gather(99 * (kBlob + 1) + 11, v.data(), v.size()), 1u);
  EXPECT_EQ(v[0].iov_base, blob.view().data() + 10);
  OutputBuffer to;
  out.MoveTo(&to, 99 * (kBlob + 1) + 11);
  EXPECT_EQ(to.size(), kBlob - 10);
}

// A position in the buffer and the same in the model.
struct Position {
  OutputBuffer::Mark mark;
  size_t at;
};

TEST(OutputBuffer, BehavesAsAStringUnderRandomUse) {
  Random random(17);
  for (int round = 0; round < 300; ++round) {
    OutputBuffer out;
    std::string model;
    std::vector<Position> marks;
    for (int step = 0; step < 60; ++step) {
      std::string bytes(random.Below(random.Below(10) == 0 ? 3000 : 20), ' ');
      for (char& c : bytes) c = static_cast<char>('a' + random.Below(26));
      switch (random.Below(10)) {
        case 0:
        case 1:
        case 2:
          out.Append(bytes);
          model += bytes;
          break;
        case 3:
        case 4: {
          const size_t from = random.Below(bytes.size() + 1);
          const size_t size = random.Below(bytes.size() - from + 1);
          out.AppendBlob(Blob::CopyOf(bytes), from, size);
          model += bytes.substr(from, size);
          break;
        }
        case 5:
          marks.push_back({out.mark(), model.size()});
          break;
        case 6:
          if (!marks.empty()) {
            out.Insert(marks.back().mark, bytes);
            model.insert(marks.back().at, bytes);
          }
          break;
        case 7:
          if (!marks.empty()) {
            const Position p = marks.back();
            if (random.Below(2) == 0) {
              std::string since;
              out.CopySince(p.mark, &since);
              ASSERT_EQ(since, model.substr(p.at));
            } else {
              out.Truncate(p.mark);
              model.resize(p.at);
            }
            marks.pop_back();
          }
          break;
        case 8: {
          const size_t skip = random.Below(model.size() + 1);
          ASSERT_EQ(Gathered(out, skip, 1 + random.Below(5)), model.substr(skip));
          break;
        }
        default:
          if (random.Below(5) == 0) {
            const size_t skip = random.Below(model.size() + 1);
            OutputBuffer to;
            to.Append(bytes);
            out.MoveTo(&to, skip);
            ASSERT_TRUE(out.empty());
            out = std::move(to);
            model = bytes + model.substr(skip);
            marks.clear();
          }
          break;
      }
      ASSERT_EQ(out.size(), model.size());
      ASSERT_EQ(All(out), model);
    }
  }
}

}  // namespace
}  // namespace pinion::resp
