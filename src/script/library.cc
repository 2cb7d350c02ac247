// Linking libraries in and out.
#include "script/library.h"

#include <algorithm>
#include <utility>

#include "command/registry.h"

namespace pinion::script {

const Function* Library::Find(std::string_view function_name) const {
  const auto it = std::find_if(functions.begin(), functions.end(), [&](auto& f) { return f->name == function_name; });
  return it == functions.end() ? nullptr : it->get();
}

int64_t Library::bytes() const {
  constexpr size_t kIndexEntry = 8 * sizeof(void*);
  size_t n = sizeof(Library) + kIndexEntry + name.capacity() + code.capacity();
  for (const auto& f : functions) {
    n += sizeof(Function) + kIndexEntry + f->name.capacity() + (f->description ? f->description->capacity() : 0);
  }
  return static_cast<int64_t>(n);
}

const Function* LibrarySet::FindFunction(std::string_view name) const {
  const auto it = functions_.find(command::ToLower(name));
  return it == functions_.end() ? nullptr : it->second;
}

const Library* LibrarySet::FindLibrary(std::string_view name) const {
  const auto it = libraries_.find(name);
  return it == libraries_.end() ? nullptr : it->second.get();
}

int64_t LibrarySet::bytes() const {
  int64_t n = 0;
  for (const auto& [name, library] : libraries_) n += library->bytes();
  return n;
}

tl::expected<void, std::string> LibrarySet::Join(std::vector<std::unique_ptr<Library>>* in, bool replace,
                                                 std::vector<std::unique_ptr<Library>>* out) {
  std::string taken;
  for (const auto& library : *in) {
    if (FindLibrary(library->name) == nullptr) continue;
    if (!replace) taken = "Library " + library->name + " already exists";
    if (!taken.empty()) break;
    out->push_back(Take(library->name));
  }
  for (const auto& library : *in) {
    for (const auto& f : library->functions) {
      if (taken.empty() && FindFunction(f->name) != nullptr) taken = "Function " + f->name + " already exists";
    }
  }
  std::vector<std::unique_ptr<Library>>* const linked = taken.empty() ? in : out;
  for (auto& library : *linked) Link(std::move(library));
  linked->clear();
  if (!taken.empty()) return tl::unexpected(taken);
  return {};
}

void LibrarySet::Link(std::unique_ptr<Library> library) {
  for (const auto& f : library->functions) functions_[command::ToLower(f->name)] = f.get();
  std::string name = library->name;
  libraries_[std::move(name)] = std::move(library);
}

std::unique_ptr<Library> LibrarySet::Take(std::string_view name) {
  const auto it = libraries_.find(name);
  if (it == libraries_.end()) return nullptr;
  for (const auto& f : it->second->functions) functions_.erase(command::ToLower(f->name));
  return std::move(libraries_.extract(it).mapped());
}

void LibrarySet::TakeAll(std::vector<std::unique_ptr<Library>>* out) {
  for (auto& [name, library] : libraries_) out->push_back(std::move(library));
  libraries_.clear();
  functions_.clear();
}

}  // namespace pinion::script
