// The numbers of the RDB format: what stands in front of values and between them.
#pragma once

#include <cstddef>
#include <cstdint>

// The format is Redis's; docs/rdb.md describes what of it is read and written.
namespace pinion::rdb {

// Versions: what is written, what is written for readers as old as Redis 7.0, what is written where a hash has fields
// with deadlines, and the latest that is read.
inline constexpr int kVersion = 11, kOldestVersion = 10, kVersionWithFieldDeadlines = 12, kLatestVersion = 12;

// What a value's type and encoding are.
enum Type : uint8_t {
  kString = 0,
  kList = 1,              // read only, as are all that do not say otherwise
  kSet = 2,               // written
  kSortedSetText = 3,
  kHash = 4,              // written
  kSortedSet = 5,         // written
  kModulePreRelease = 6,  // refused
  kModule = 7,            // refused
  kHashZipmap = 9,
  kListZiplist = 10,
  kSetIntSet = 11,        // written
  kSortedSetZiplist = 12,
  kHashZiplist = 13,
  kListQuicklist = 14,    // of ziplists
  kStream1 = 15,
  kHashListpack = 16,     // written
  kSortedSetListpack = 17,  // written
  kListQuicklist2 = 18,   // written: of listpacks
  kStream2 = 19,          // written for older readers
  kSetListpack = 20,      // written
  kStream3 = 21,          // written
  kHashWithDeadlines = 24,          // written
  kHashListpackWithDeadlines = 25,  // written
};

// What stands where a value's type is expected in a file.
enum Opcode : uint8_t {
  kSlotInfo = 244,
  kFunction = 245,
  kFunctionPreRelease = 246,
  kModuleAux = 247,
  kIdle = 248,
  kFrequency = 249,
  kAux = 250,
  kResize = 251,
  kDeadlineMillis = 252,
  kDeadlineSeconds = 253,
  kSelect = 254,
  kEnd = 255,
};

// A length: in its first byte's two high bits, what kind it is.
inline constexpr uint8_t kLength6 = 0x00, kLength14 = 0x40, kLength32 = 0x80, kLength64 = 0x81, kEncoded = 0xC0;
// Strings that begin with kEncoded.
inline constexpr uint8_t kInt8 = 0xC0, kInt16 = 0xC1, kInt32 = 0xC2, kLzf = 0xC3;

// How a quicklist's nodes are.
inline constexpr uint64_t kPlainNode = 1, kPackedNode = 2;

}  // namespace pinion::rdb
