// Reading and writing the manifest's lines.
#include "persist/aof_manifest.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/numbers.h"
#include "base/quoted.h"

namespace pinion::persist {
namespace {

using Error = tl::unexpected<std::string>;

constexpr size_t kLongestLine = 1024;

void AppendLine(const AofManifest::File& file, char type, std::string* out) {
  const bool plain = std::all_of(file.name.begin(), file.name.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '\'' && c != '\\';
  });
  *out += fmt::format("file {} seq {} type {}\n", plain ? file.name : Quote(file.name), file.sequence, type);
}

struct Line {
  AofManifest::File file;
  char type = 0;
};

// Words in pairs of a name and a value; names that are not known are for later versions.
tl::expected<Line, std::string> ParseLine(std::string_view text) {
  std::vector<std::string> words;
  if (!SplitQuoted(text, &words) || words.size() < 6 || words.size() % 2 != 0) return Error("has an invalid format");
  Line line;
  for (size_t i = 0; i < words.size(); i += 2) {
    const std::string& value = words[i + 1];
    if (words[i] == "file") {
      line.file.name = value;
    } else if (words[i] == "seq") {
      line.file.sequence = ParseInt64(value).value_or(0);
    } else if (words[i] == "type") {
      line.type = value.empty() ? 0 : value[0];
    }
  }
  if (line.file.name.empty() || line.file.sequence <= 0) return Error("has an invalid format");
  if (line.file.name.find('/') != std::string::npos) return Error("names a path where a name must be");
  if (line.type != 'b' && line.type != 'h' && line.type != 'i') return Error("has a type that is not known");
  return line;
}

}  // namespace

std::string AofManifest::Format() const {
  std::string out;
  if (base) AppendLine(*base, 'b', &out);
  for (const File& f : history) AppendLine(f, 'h', &out);
  for (const File& f : increments) AppendLine(f, 'i', &out);
  return out;
}

tl::expected<AofManifest, std::string> AofManifest::Parse(std::string_view text) {
  AofManifest m;
  if (text.empty()) return Error("it is empty");
  for (size_t number = 1; !text.empty(); ++number) {
    const auto wrong = [&](std::string_view why) { return Error(fmt::format("line {} {}", number, why)); };
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return wrong("has no end");
    const std::string_view line_text = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line_text.size() > kLongestLine) return wrong("is too long");
    if (line_text.starts_with('#')) continue;
    auto line = ParseLine(line_text);
    if (!line) return wrong(line.error());
    if (line->type == 'b') {
      if (m.base) return wrong("is a second base");
      m.base = std::move(line->file);
    } else if (line->type == 'h') {
      m.history.push_back(std::move(line->file));
    } else if (!m.increments.empty() && line->file.sequence <= m.increments.back().sequence) {
      return wrong("is not in the order of sequence numbers");
    } else {
      m.increments.push_back(std::move(line->file));
    }
  }
  return m;
}

AofManifest::File AofManifest::NextBase(std::string_view prefix) const {
  const int64_t sequence = base ? base->sequence + 1 : 1;
  return {fmt::format("{}.{}.base.rdb", prefix, sequence), sequence};
}

AofManifest::File AofManifest::NextIncrement(std::string_view prefix) const {
  int64_t sequence = increments.empty() ? 1 : increments.back().sequence + 1;
  for (const File& f : history) {  // the name of one that is yet to be deleted is taken
    if (f.name.ends_with(".incr.aof")) sequence = std::max(sequence, f.sequence + 1);
  }
  return {fmt::format("{}.{}.incr.aof", prefix, sequence), sequence};
}

void AofManifest::Replace(File new_base, int64_t sequence) {
  if (base) history.push_back(*std::move(base));
  base = std::move(new_base);
  const auto first = std::find_if(increments.begin(), increments.end(),
                                  [sequence](const File& f) { return f.sequence >= sequence; });
  history.insert(history.end(), increments.begin(), first);
  increments.erase(increments.begin(), first);
}

}  // namespace pinion::persist
