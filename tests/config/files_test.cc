// The machine's files.
#include "config/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"

namespace pinion::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SystemFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "pinion-files-XXXXXX").string();
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return (directory_ / name).string(); }
  void Write(const std::string& name, const std::string& content) const { std::ofstream(Path(name)) << content; }
  mode_t Mode(const std::string& name) const {
    struct stat info = {};
    EXPECT_EQ(stat(Path(name).c_str(), &info), 0);
    return info.st_mode & 07777;
  }

  std::filesystem::path directory_;
  Files& files_ = SystemFiles();
};

TEST_F(SystemFilesTest, ReadsAFileAsAWhole) {
  const std::string content(100'000, 'x');
  Write("a", content);
  EXPECT_EQ(files_.Read(Path("a")), content);
  EXPECT_EQ(files_.Read(Path("none")).error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(files_.Read(directory_).error(), std::errc::is_a_directory);
}

TEST_F(SystemFilesTest, RefusesFilesWithoutEnd) {
  EXPECT_EQ(files_.Read("/dev/zero").error(), std::errc::file_too_large);
}

TEST_F(SystemFilesTest, MatchesPatternsInOrder) {
  Write("b.conf", "");
  Write("a.conf", "");
  Write("c.txt", "");
  EXPECT_THAT(files_.Match(Path("*.conf")), ElementsAre(Path("a.conf"), Path("b.conf")));
  EXPECT_THAT(files_.Match(Path("*.none")), IsEmpty());
}

TEST_F(SystemFilesTest, ReplacesContentAndKeepsTheMode) {
  Write("a", "old");
  ASSERT_EQ(chmod(Path("a").c_str(), 0600), 0);
  EXPECT_FALSE(files_.Replace(Path("a"), "new"));
  EXPECT_EQ(files_.Read(Path("a")), "new");
  EXPECT_EQ(Mode("a"), 0600u);
  EXPECT_FALSE(files_.Replace(Path("b"), "fresh"));
  EXPECT_EQ(Mode("b"), 0644u);
}

TEST_F(SystemFilesTest, LeavesNothingBehindWhenItCannotReplace) {
  std::filesystem::create_directory(directory_ / "taken");
  Write("taken/inside", "");
  EXPECT_TRUE(files_.Replace(Path("taken"), "x"));
  EXPECT_TRUE(files_.Replace(Path("no/such/place"), "x"));
  EXPECT_THAT(files_.Match(Path("*")), ElementsAre(Path("taken")));
}

TEST_F(SystemFilesTest, EntersDirectories) {
  const std::string before = files_.CurrentDirectory();
  EXPECT_FALSE(files_.EnterDirectory(directory_));
  EXPECT_EQ(std::filesystem::path(files_.CurrentDirectory()), std::filesystem::canonical(directory_));
  EXPECT_EQ(files_.EnterDirectory(Path("none")), std::errc::no_such_file_or_directory);
  EXPECT_FALSE(files_.EnterDirectory(before));
}

TEST_F(SystemFilesTest, CarryAConfigThroughLoadAndRewrite) {
  Write("main.conf", "port 1\ninclude " + Path("d*.conf") + "\n");
  Write("d1.conf", "timeout 2\n");
  Config config;
  ASSERT_TRUE(config.LoadFile(Path("main.conf")));
  EXPECT_EQ(config.settings().timeout, 2);
  ASSERT_TRUE(config.Set({{"hz", "20"}}));
  ASSERT_TRUE(config.Rewrite());
  EXPECT_THAT(files_.Read(Path("main.conf")).value(), testing::HasSubstr("\nhz 20\n"));
}

}  // namespace
}  // namespace pinion::config
