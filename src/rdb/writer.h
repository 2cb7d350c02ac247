// Writes the elements of the RDB format: numbers, lengths and strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pinion::rdb {

// Appends to a string that somebody else owns and may take from. Not thread-safe.
class Writer {
 public:
  // Strings above a few bytes are compressed with LZF if that makes them shorter and `compress` says so.
  explicit Writer(std::string* out, bool compress) : out_(*out), compress_(compress) {}

  void Byte(uint8_t b) { out_.push_back(static_cast<char>(b)); }
  // The lowest `bytes` bytes of a number, the lowest first.
  void Low(uint64_t v, size_t bytes);
  // A number as its shortest length.
  void Length(uint64_t n);
  // Bytes with their length; text that reads as a small integer as one.
  void String(std::string_view bytes);
  // Bytes alone.
  void Raw(std::string_view bytes) { out_.append(bytes); }
  void Double(double v);

 private:
  bool WriteInteger(std::string_view text);
  bool WriteCompressed(std::string_view bytes);

  std::string& out_;
  const bool compress_;
};

}  // namespace pinion::rdb
