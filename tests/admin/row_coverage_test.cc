// A check that every command the server serves is exercised by some test.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "command/registry.h"
#include "server/families.h"

namespace pinion {
namespace {

// All C++ sources under tests/, in upper case.
std::string TestSources() {
  std::ostringstream all;
  const auto tests = std::filesystem::path(__FILE__).parent_path().parent_path();
  for (const auto& file : std::filesystem::recursive_directory_iterator(tests)) {
    if (file.path().extension() == ".cc") all << std::ifstream(file.path()).rdbuf() << '\n';
  }
  return command::ToUpper(all.str());
}

// A test sends a command as arguments ("CONFIG", "GET") or as a line ("CONFIG GET x").
bool Mentions(const std::string& sources, const command::Command& c) {
  const std::string name = command::ToUpper(c.name);
  if (c.parent == nullptr) {
    return sources.find('"' + name + '"') != std::string::npos ||
           sources.find('"' + name + ' ') != std::string::npos;
  }
  const std::string parent = '"' + command::ToUpper(c.parent->name);
  return sources.find(parent + "\", \"" + name + '"') != std::string::npos ||
         sources.find(parent + ' ' + name + '"') != std::string::npos ||
         sources.find(parent + ' ' + name + ' ') != std::string::npos;
}

TEST(RowCoverage, EveryCommandIsSentByATest) {
  const std::string sources = TestSources();
  ASSERT_FALSE(sources.empty());
  const command::Registry registry(server::AllFamilies());
  registry.ForEach([&](const command::Command& c) {
    if (!c.subcommands.empty()) return;  // its subcommands are the commands
    EXPECT_TRUE(Mentions(sources, c)) << c.full_name << " occurs in no test";
  });
}

}  // namespace
}  // namespace pinion
