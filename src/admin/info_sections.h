// The sections of INFO: one function each, writing "name:value" lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "admin/memory_use.h"
#include "command/context.h"

namespace pinion::admin {

// The text being made, and what several sections need, found out once and only if one does.
class InfoText {
 public:
  explicit InfoText(command::Context& ctx) : ctx_(ctx) {}

  [[nodiscard]] command::Context& ctx() { return ctx_; }
  [[nodiscard]] command::Services& services() { return ctx_.services(); }
  [[nodiscard]] const std::string& text() const { return text_; }

  // "# Title"; an empty line stands between sections.
  void Title(std::string_view title) {
    text_ += fmt::format("{}# {}\r\n", text_.empty() ? "" : "\r\n", title);
  }
  // A line "name:value" of anything fmt can write; bool is 1 or 0.
  template <typename T>
  void Line(std::string_view name, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      text_ += fmt::format("{}:{}\r\n", name, value ? 1 : 0);
    } else {
      text_ += fmt::format("{}:{}\r\n", name, value);
    }
  }
  // A line of bytes and one "name_human" of the same in K, M or G.
  void Bytes(std::string_view name, int64_t bytes);
  // Lines that say zero: figures of features this server does not have, which clients expect to
  // find.
  void Zeros(std::initializer_list<std::string_view> names) {
    for (std::string_view n : names) Line(n, 0);
  }

  const ClientUse& clients() {
    if (!clients_) clients_ = CountClients(ctx_);
    return *clients_;
  }
  const MemoryUse& memory() {
    if (!memory_) memory_ = CountMemory(ctx_, clients());
    return *memory_;
  }

 private:
  command::Context& ctx_;
  std::string text_;
  std::optional<ClientUse> clients_;
  std::optional<MemoryUse> memory_;
};

void InfoServer(InfoText& out);
void InfoClients(InfoText& out);
void InfoMemory(InfoText& out);
void InfoPersistence(InfoText& out);
void InfoStats(InfoText& out);
void InfoReplication(InfoText& out);
void InfoCpu(InfoText& out);
void InfoModules(InfoText& out);
void InfoCommandStats(InfoText& out);
void InfoErrorStats(InfoText& out);
void InfoLatencyStats(InfoText& out);
void InfoCluster(InfoText& out);
void InfoKeyspace(InfoText& out);
void InfoDebug(InfoText& out);

}  // namespace pinion::admin
