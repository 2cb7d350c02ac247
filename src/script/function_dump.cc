// Libraries as payloads: each an opcode and its code as a string, and a footer (rdb/footer.h) behind them all.
#include "script/function_dump.h"

#include "rdb/footer.h"
#include "rdb/format.h"
#include "rdb/reader.h"
#include "rdb/writer.h"

namespace pinion::script {
namespace {

using Error = tl::unexpected<std::string>;

}  // namespace

std::string DumpLibraries(const std::vector<std::string_view>& codes) {
  std::string payload;
  rdb::Writer out(&payload, /*compress=*/false);
  for (std::string_view code : codes) {
    out.Byte(rdb::kFunction);
    out.String(code);
  }
  rdb::AppendFooter(rdb::kVersion, &payload);
  return payload;
}

tl::expected<std::vector<std::string>, std::string> ParseLibraries(std::string_view payload) {
  const auto body = rdb::CheckFooter(payload, rdb::kVersion);
  if (!body) return Error(std::string(rdb::kBadFooter));
  std::vector<std::string> codes;
  std::string scratch;
  for (rdb::Reader in(*body); in.remaining() != 0;) {
    const uint8_t type = in.Byte();
    if (type == rdb::kFunctionPreRelease) return Error("ERR Pre-GA function format not supported");
    if (type != rdb::kFunction) return Error("ERR given type is not a function");
    codes.emplace_back(in.String(&scratch));
    if (!in.ok()) return Error("ERR Failed loading library payload");
  }
  return codes;
}

}  // namespace pinion::script
