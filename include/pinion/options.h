// How an embedding program configures a server: redis.conf directives, one by one or from a file.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pinion {

// Directives are checked when the server starts. A value is what would follow the name in redis.conf, quotes
// included where needed.
class Options {
 public:
  Options& Set(std::string name, std::string value) {
    directives_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  // A configuration file, read before the directives.
  Options& File(std::string path) {
    file_ = std::move(path);
    return *this;
  }

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& directives() const { return directives_; }
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  std::vector<std::pair<std::string, std::string>> directives_;
  std::string file_;
};

}  // namespace pinion
