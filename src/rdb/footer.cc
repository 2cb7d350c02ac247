// Writing and checking it.
#include "rdb/footer.h"

#include "base/crc64.h"
#include "rdb/reader.h"
#include "rdb/writer.h"

namespace pinion::rdb {
namespace {

constexpr size_t kVersionBytes = 2, kChecksumBytes = 8, kFooterBytes = kVersionBytes + kChecksumBytes;

}  // namespace

void AppendFooter(int version, std::string* payload) {
  Writer out(payload, /*compress=*/false);
  out.Low(static_cast<uint64_t>(version), kVersionBytes);
  out.Low(Crc64(0, *payload), kChecksumBytes);
}

std::optional<std::string_view> CheckFooter(std::string_view payload, int latest) {
  if (payload.size() < kFooterBytes) return std::nullopt;
  const std::string_view body = payload.substr(0, payload.size() - kFooterBytes);
  Reader footer(payload.substr(body.size()));
  const uint64_t version = footer.Low(kVersionBytes), crc = footer.Low(kChecksumBytes);
  if (version > static_cast<uint64_t>(latest)) return std::nullopt;
  if (crc != Crc64(0, payload.substr(0, payload.size() - kChecksumBytes))) return std::nullopt;
  return body;
}

}  // namespace pinion::rdb
