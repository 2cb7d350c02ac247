// CONFIG REWRITE.
#include <fmt/format.h>

#include "config/config.h"
#include "config/option_values.h"
#include "config/rewrite_document.h"

namespace pinion::config {
namespace {

constexpr std::string_view kNoFile = "ERR The server is running without a config file";

tl::unexpected<std::string> Failed(const std::error_code& error) {
  return tl::unexpected(fmt::format("ERR Rewriting config file: {}", error.message()));
}

}  // namespace

Config::Result Config::Rewrite(bool all_options) {
  const std::lock_guard change(change_mutex_);
  if (config_file_.empty()) return tl::unexpected(std::string(kNoFile));
  auto old_text = files_.Read(config_file_);
  if (!old_text && old_text.error() != std::errc::no_such_file_or_directory) return Failed(old_text.error());

  RewriteDocument document(old_text.value_or(""));
  for (const Option& option : AllOptions()) RewriteOption(option, all_options, &document);
  if (user_lines_) document.PutUsers(user_lines_());
  if (const std::error_code error = files_.Replace(config_file_, document.Text())) return Failed(error);
  for (Slot& slot : slots_) slot.stated_behind_include = slot.set_by_include;
  return {};
}

void Config::RewriteOption(const Option& option, bool all_options, RewriteDocument* document) const {
  const Slot& slot = SlotOf(option);
  if (slot.set_by_include) {
    // The include stays, so the value must be stated behind it, even if it is the default.
    const std::vector<std::string> lines = RewriteLines(option, slot.value, RewriteStyle::kOverride);
    document->ForgetAllButLast(option, LinesBehindInclude(slot, lines.size()));
    document->Put(option, lines);
    return;
  }
  const bool wanted = all_options || option.Has(kAlwaysRewrite) || slot.value.text != slot.default_text;
  if (wanted || document->Mentions(option)) {
    document->Put(option, RewriteLines(option, slot.value, RewriteStyle::kOnTopOfDefaults));
  }
}

// How many of an option's last lines, of `needed`, are known to stand behind the include that sets it too.
size_t Config::LinesBehindInclude(const Slot& slot, size_t needed) {
  if (slot.stated_behind_include) return needed;
  return slot.include_was_last || needed > 1 ? 0 : 1;
}

}  // namespace pinion::config
