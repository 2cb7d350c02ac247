// A command is a row: name, arity, flags, keys and handler, and all else that dispatcher, COMMAND, ACL and cluster
// must know.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pinion::command {

class Context;
struct Services;
using Handler = void (*)(Context&);

// The first group has the meaning, and in COMMAND INFO the name, of Redis's flags; the second is ours.
enum CommandFlag : uint64_t {
  kWrite = 1ull << 0,
  kRead = 1ull << 1,
  kDenyOom = 1ull << 2,
  kAdmin = 1ull << 3,
  kPubSub = 1ull << 4,
  kNoScript = 1ull << 5,
  kBlocking = 1ull << 6,
  kLoading = 1ull << 7,
  kStale = 1ull << 8,
  kSkipMonitor = 1ull << 9,
  kSkipSlowlog = 1ull << 10,
  kAsking = 1ull << 11,
  kFast = 1ull << 12,
  kNoAuth = 1ull << 13,
  kMayReplicate = 1ull << 14,
  kSentinel = 1ull << 15,
  kNoMandatoryKeys = 1ull << 16,
  kProtected = 1ull << 17,
  kNoAsyncLoading = 1ull << 18,
  kNoMulti = 1ull << 19,
  kAllowBusy = 1ull << 20,
  kTouchesArbitraryKeys = 1ull << 21,
  kModule = 1ull << 22,

  kAlone = 1ull << 40,         // runs with the gate held exclusively: may touch any key and any session
  kLocksItself = 1ull << 41,   // visits shards on its own, one at a time (KEYS, SCAN, DBSIZE); alone in a transaction
  kLocksQueued = 1ull << 42,   // EXEC: holds the shards of every queued command and watched key
  kNotQueued = 1ull << 43,     // runs at once inside MULTI
  kInSubscribed = 1ull << 44,  // allowed to a RESP2 client that has subscribed
  kPushes = 1ull << 45,        // what it writes are pushes rather than a reply: CLIENT REPLY does not silence them
  // Argument 2 (or 3) is looked up in the hash, set or sorted set at the first key: its memory may be asked for ahead.
  kMemberIsArg2 = 1ull << 46,
  kMemberIsArg3 = 1ull << 47,
  kInterpreter = 1ull << 48,   // uses the interpreter: one at a time, chosen before any shard is locked
  kKeepsCaching = 1ull << 49,  // leaves what CLIENT CACHING asked for to the next command
};

// ACL categories, in the order ACL CAT lists them.
enum Category : uint32_t {
  kCatKeyspace = 1 << 0, kCatRead = 1 << 1, kCatWrite = 1 << 2, kCatSet = 1 << 3, kCatSortedSet = 1 << 4,
  kCatList = 1 << 5, kCatHash = 1 << 6, kCatString = 1 << 7, kCatBitmap = 1 << 8, kCatHyperLogLog = 1 << 9,
  kCatGeo = 1 << 10, kCatStream = 1 << 11, kCatPubSub = 1 << 12, kCatAdmin = 1 << 13, kCatFast = 1 << 14,
  kCatSlow = 1 << 15, kCatBlocking = 1 << 16, kCatDangerous = 1 << 17, kCatConnection = 1 << 18,
  kCatTransaction = 1 << 19, kCatScripting = 1 << 20,
};

enum KeyFlag : uint32_t {
  kKeyRO = 1 << 0, kKeyRW = 1 << 1, kKeyOW = 1 << 2, kKeyRM = 1 << 3, kKeyAccess = 1 << 4, kKeyUpdate = 1 << 5,
  kKeyInsert = 1 << 6, kKeyDelete = 1 << 7, kKeyNotKey = 1 << 8, kKeyIncomplete = 1 << 9, kKeyVariableFlags = 1 << 10,
};

// Where keys stand among the arguments, as COMMAND INFO's key specifications describe it.
struct KeySpec {
  enum class Begin : uint8_t { kIndex, kKeyword, kUnknown };
  enum class Find : uint8_t { kRange, kKeyNum, kUnknown };
  Begin begin;
  Find find;
  uint32_t flags;
  int index;                  // kIndex: position; kKeyword: where the search starts (negative: from the end, backwards)
  std::string_view keyword;   // kKeyword
  int last, step, limit;      // kRange: last is relative to the first (negative: from the end); limit divides if -1
  int key_num, first;         // kKeyNum: where the count and the first key are, relative to the beginning; step above
};

constexpr KeySpec Range(int index, int last, int step, uint32_t flags, int limit = 0) {
  return {KeySpec::Begin::kIndex, KeySpec::Find::kRange, flags, index, {}, last, step, limit, 0, 0};
}
constexpr KeySpec KeyNum(int index, int key_num, int first, int step, uint32_t flags) {
  return {KeySpec::Begin::kIndex, KeySpec::Find::kKeyNum, flags, index, {}, 0, step, 0, key_num, first};
}
constexpr KeySpec Keyword(std::string_view word, int from, int last, int step, uint32_t flags, int limit = 0) {
  return {KeySpec::Begin::kKeyword, KeySpec::Find::kRange, flags, from, word, last, step, limit, 0, 0};
}
constexpr KeySpec UnknownKeys(uint32_t flags) {
  return {KeySpec::Begin::kUnknown, KeySpec::Find::kUnknown, flags, 0, {}, 0, 0, 0, 0, 0};
}

// The commonest: one key behind the name, and every argument behind the name.
inline constexpr KeySpec kReadKey[] = {Range(1, 0, 1, kKeyRO | kKeyAccess)};
inline constexpr KeySpec kPeekKey[] = {Range(1, 0, 1, kKeyRO)};
inline constexpr KeySpec kUpdateKey[] = {Range(1, 0, 1, kKeyRW | kKeyUpdate)};
inline constexpr KeySpec kReadUpdateKey[] = {Range(1, 0, 1, kKeyRW | kKeyAccess | kKeyUpdate)};
inline constexpr KeySpec kReadDeleteKey[] = {Range(1, 0, 1, kKeyRW | kKeyAccess | kKeyDelete)};
inline constexpr KeySpec kInsertKey[] = {Range(1, 0, 1, kKeyRW | kKeyInsert)};
inline constexpr KeySpec kOverwriteKey[] = {Range(1, 0, 1, kKeyOW | kKeyUpdate)};
inline constexpr KeySpec kDeleteKey[] = {Range(1, 0, 1, kKeyRW | kKeyDelete)};
inline constexpr KeySpec kReadAllKeys[] = {Range(1, -1, 1, kKeyRO | kKeyAccess)};
inline constexpr KeySpec kPeekAllKeys[] = {Range(1, -1, 1, kKeyRO)};
inline constexpr KeySpec kSubcommandKey[] = {Range(2, 0, 1, kKeyRO)};

// An argument that is a key.
struct KeyPosition {
  uint32_t argument;
  uint32_t flags;   // KeyFlag bits of its specification
};

// Arguments that are channels to send to or to listen to, for ACL. `first` 0: there are none.
struct ChannelArguments {
  enum class Kind : uint8_t { kName, kPattern };
  uint8_t first = 0;
  bool all = false;   // and every one behind it
  Kind kind = Kind::kName;
};

struct CommandRow {
  std::string_view name;                        // upper case
  int arity;                                    // arguments with the name; negative: at least that many
  uint64_t flags;
  std::span<const KeySpec> keys;
  Handler handler;                              // null for a pure container (CONFIG, CLIENT...)
  uint32_t categories = 0;                      // beyond those the flags imply
  std::span<const CommandRow> subcommands = {};
  // Whether these arguments, with the name, make the command run alone though it is not kAlone. Null: none do.
  bool (*alone_with)(std::span<const std::string_view> args) = nullptr;
  // Appends the keys that no specification can describe (UnknownKeys stands for them). Null: there are none.
  void (*more_keys)(std::span<const std::string_view> args, std::vector<KeyPosition>* out) = nullptr;
  // What these arguments do with the keys that are marked kKeyVariableFlags, as KeyFlag bits. Null: what the mark
  // stands beside.
  uint32_t (*key_flags)(std::span<const std::string_view> args) = nullptr;
  ChannelArguments channels = {};
  // Whether a call that may write, as far as the row knows, declares that it does not: it goes on when writes are
  // paused. Null: no call does. REQUIRES of the callers: they have the script turn.
  bool (*only_reads)(Services& services, std::span<const std::string_view> args) = nullptr;
};

// A file's worth of rows. `group` is COMMAND DOCS's group name and names the family's ACL category.
struct Family {
  std::string_view group;
  uint32_t category;                            // added to every row of the family; 0 for none
  std::span<const CommandRow> rows;
};

}  // namespace pinion::command
