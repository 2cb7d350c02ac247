// Tests of the manifest: Redis's lines in and out, what is refused, and which files come next.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persist/aof_manifest.h"

namespace pinion::persist {
namespace {

using File = AofManifest::File;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ErrorOf(std::string_view text) {
  const auto m = AofManifest::Parse(text);
  return m ? "" : m.error();
}

TEST(AofManifest, ReadsWhatRedisWrites) {
  const auto m = AofManifest::Parse(
      "file appendonly.aof.4.base.rdb seq 4 type b\n"
      "file appendonly.aof.3.base.rdb seq 3 type h\n"
      "file appendonly.aof.6.incr.aof seq 6 type i\n"
      "file appendonly.aof.7.incr.aof seq 7 type i\n");
  ASSERT_TRUE(m) << m.error();
  EXPECT_EQ(m->base, (File{"appendonly.aof.4.base.rdb", 4}));
  EXPECT_THAT(m->history, ElementsAre(File{"appendonly.aof.3.base.rdb", 3}));
  EXPECT_THAT(m->increments,
              ElementsAre(File{"appendonly.aof.6.incr.aof", 6}, File{"appendonly.aof.7.incr.aof", 7}));
}

TEST(AofManifest, WritesWhatItReads) {
  AofManifest m;
  m.base = File{"a \"b\".1.base.rdb", 1};
  m.history = {{"plain", 7}};
  m.increments = {{"i.1", 1}, {"i.3", 3}};
  EXPECT_THAT(m.Format(), HasSubstr("file plain seq 7 type h\n"));
  const auto read = AofManifest::Parse(m.Format());
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, m);
}

TEST(AofManifest, PassesOverRemarksAndWordsOfLaterVersions) {
  const auto m = AofManifest::Parse("# remark\nseq 2 type b startoffset 5 file x\n");
  ASSERT_TRUE(m) << m.error();
  EXPECT_EQ(m->base, (File{"x", 2}));
}

TEST(AofManifest, RefusesWhatItWouldMisread) {
  EXPECT_EQ(ErrorOf(""), "it is empty");
  EXPECT_EQ(ErrorOf("file a seq 1 type b"), "line 1 has no end");
  EXPECT_EQ(ErrorOf("\n"), "line 1 has an invalid format");
  EXPECT_EQ(ErrorOf("file a seq 1 type\n"), "line 1 has an invalid format");
  EXPECT_EQ(ErrorOf("file a seq 0 type b\n"), "line 1 has an invalid format");
  EXPECT_EQ(ErrorOf("file a seq 1 type x\n"), "line 1 has a type that is not known");
  EXPECT_EQ(ErrorOf("file ../a seq 1 type b\n"), "line 1 names a path where a name must be");
  EXPECT_EQ(ErrorOf("file a seq 1 type b\nfile b seq 2 type b\n"), "line 2 is a second base");
  EXPECT_EQ(ErrorOf("file a seq 2 type i\nfile b seq 2 type i\n"),
            "line 2 is not in the order of sequence numbers");
  EXPECT_EQ(ErrorOf("file " + std::string(1100, 'x') + " seq 1 type b\n"), "line 1 is too long");
}

TEST(AofManifest, NamesTheNextFiles) {
  AofManifest m;
  EXPECT_EQ(m.NextBase("f"), (File{"f.1.base.rdb", 1}));
  EXPECT_EQ(m.NextIncrement("f"), (File{"f.1.incr.aof", 1}));
  m.base = File{"f.4.base.rdb", 4};
  m.increments = {{"f.8.incr.aof", 8}};
  EXPECT_EQ(m.NextBase("f"), (File{"f.5.base.rdb", 5}));
  EXPECT_EQ(m.NextIncrement("f"), (File{"f.9.incr.aof", 9}));
}

TEST(AofManifest, ANewBaseMakesHistoryOfWhatItHolds) {
  AofManifest m;
  m.base = File{"f.1.base.rdb", 1};
  m.increments = {{"f.1.incr.aof", 1}, {"f.2.incr.aof", 2}, {"f.3.incr.aof", 3}};
  m.Replace({"f.2.base.rdb", 2}, 3);
  EXPECT_EQ(m.base, (File{"f.2.base.rdb", 2}));
  EXPECT_THAT(m.history,
              ElementsAre(File{"f.1.base.rdb", 1}, File{"f.1.incr.aof", 1}, File{"f.2.incr.aof", 2}));
  EXPECT_THAT(m.increments, ElementsAre(File{"f.3.incr.aof", 3}));
}

}  // namespace
}  // namespace pinion::persist
