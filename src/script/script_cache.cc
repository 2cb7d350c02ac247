// Finding scripts, and letting go of those that nobody will miss.
#include "script/script_cache.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/hash.h"

namespace pinion::script {

Script* ScriptCache::FindText(std::string_view text) {
  if (last_ != nullptr && last_->text == text) return last_;  // and has not been behind any other since
  const auto it = by_text_.find(HashKey(text));
  if (it == by_text_.end() || it->second->text != text) return nullptr;
  Touch(*it->second);
  return last_ = it->second;
}

Script* ScriptCache::FindSha(std::string_view sha) {
  std::array<char, 40> lower;
  if (sha.size() != lower.size()) return nullptr;
  std::transform(sha.begin(), sha.end(), lower.begin(), LowerAscii);
  const auto it = by_sha_.find(std::string_view(lower.data(), lower.size()));
  if (it == by_sha_.end()) return nullptr;
  Touch(*it->second);
  return it->second.get();
}

Script& ScriptCache::Add(std::string sha, std::string_view text, uint32_t flags, int function, bool loaded) {
  auto owned = std::make_unique<Script>(Script{std::move(sha), std::string(text), flags, function, loaded, {}});
  Script& s = *owned;
  last_ = nullptr;
  by_sha_.emplace(s.sha, std::move(owned));
  by_text_[HashKey(s.text)] = &s;
  if (!loaded) s.place = may_go_.insert(may_go_.end(), &s);
  bytes_ += BytesOf(s);
  return s;
}

void ScriptCache::Keep(Script& s) {
  if (std::exchange(s.loaded, true)) return;
  may_go_.erase(s.place);
}

std::unique_ptr<Script> ScriptCache::TakeSurplus() {
  if (may_go_.size() <= kMost) return nullptr;
  Script& s = *may_go_.front();
  may_go_.pop_front();
  last_ = nullptr;
  const auto by_text = by_text_.find(HashKey(s.text));
  if (by_text != by_text_.end() && by_text->second == &s) by_text_.erase(by_text);
  bytes_ -= BytesOf(s);
  return std::move(by_sha_.extract(s.sha).mapped());
}

void ScriptCache::Clear() {
  last_ = nullptr;
  by_text_.clear();
  may_go_.clear();
  by_sha_.clear();
  bytes_ = 0;
}

int64_t ScriptCache::BytesOf(const Script& s) {
  constexpr size_t kIndexes = 3 * 5 * sizeof(void*);
  return static_cast<int64_t>(sizeof(Script) + kIndexes + s.sha.capacity() + s.text.capacity() + 2);
}

void ScriptCache::Touch(Script& s) {
  last_ = nullptr;
  if (!s.loaded && s.place != std::prev(may_go_.end())) may_go_.splice(may_go_.end(), may_go_, s.place);
}

}  // namespace pinion::script
