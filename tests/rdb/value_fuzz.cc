// Reads any bytes as a value of any type; what can be read is written and reads the same.
#include <cstdint>
#include <string>

#include "rdb/value.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pinion;
  if (size == 0) return 0;
  rdb::Reader in({reinterpret_cast<const char*>(data) + 1, size - 1});
  std::optional<rdb::Value> value = rdb::ReadValue(data[0], in, {});
  if (!value || value->empty()) return 0;
  const auto write = [](rdb::Value& v) {
    void* const word = v.Release();
    const rdb::ValueView view{v.type(), v.text(), word};
    std::string bytes(1, static_cast<char>(rdb::TypeOf(view)));
    rdb::Writer out(&bytes, true);
    rdb::WriteValue(view, rdb::TypeOf(view), out);
    if (word != nullptr) types::FreeObject(v.type(), word);
    return bytes;
  };
  const std::string once = write(*value);
  rdb::Reader again(std::string_view(once).substr(1));
  std::optional<rdb::Value> second = rdb::ReadValue(static_cast<uint8_t>(once[0]), again, {});
  if (!second || again.remaining() != 0) __builtin_trap();
  if (write(*second).size() != once.size()) __builtin_trap();
  return 0;
}
