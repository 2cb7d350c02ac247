// The stream type: an append-only log of field-value entries with IDs, and its consumer groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "types/object.h"
#include "types/record_tree.h"
#include "types/remains.h"
#include "types/stream_group.h"
#include "types/stream_id.h"
#include "types/stream_node.h"

namespace pinion::types {

// When the last node is full and an entry begins a new one.
struct StreamNodeLimits {
  size_t bytes = 4096;   // 0: no limit
  int64_t entries = 100; // 0: no limit
};

// What becomes of the places where groups have an entry pending, when the entry is deleted.
enum class References : uint8_t {
  kKeep,          // they stay
  kDrop,          // they are dropped with it
  kMustBeSettled, // it is deleted only if every group was given it and has acknowledged it
};

// Which entries to drop from the beginning of a stream.
struct StreamTrim {
  enum class By : uint8_t { kNothing, kLength, kId };
  By by = By::kNothing;
  bool whole_nodes = false;     // only where a whole node can go
  uint64_t length = 0;          // By::kLength: how many stay
  StreamId first;               // By::kId: what is below goes
  int64_t limit = 0;            // no more than this many; 0: no limit
  References references = References::kKeep;
};

// Entries stand in nodes (types/stream_node.h) under an ordered index of master IDs. One word wide: see object.h
// for what a value type offers. A stream may be empty and still hold IDs and groups.
class Stream {
 public:
  static constexpr ValueType kType = ValueType::kStream;
  static constexpr bool kMayBeEmpty = true;
  using Groups = std::map<std::string, StreamGroup, std::less<>>;

  Stream() = default;
  ~Stream() { Free(); }
  Stream(Stream&& o) noexcept : rep_(std::exchange(o.rep_, nullptr)) {}
  Stream& operator=(Stream&& o) noexcept { std::swap(rep_, o.rep_); return *this; }
  [[nodiscard]] static Stream Adopt(void* word);
  [[nodiscard]] void* Release() { return std::exchange(rep_, nullptr); }

  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] size_t size() const;
  [[nodiscard]] size_t AllocatedBytes() const;
  [[nodiscard]] size_t CountAllocations() const;
  [[nodiscard]] Stream Clone() const;
  [[nodiscard]] std::string_view EncodingName() const { return "stream"; }

  // --- IDs and counts ---
  [[nodiscard]] StreamId last_id() const;         // the greatest there ever was, or what SetIds says
  [[nodiscard]] StreamId first_id() const;        // of the first entry; zero when empty
  [[nodiscard]] StreamId max_deleted_id() const;  // the greatest that Erase removed
  [[nodiscard]] uint64_t entries_added() const;   // ever
  [[nodiscard]] size_t node_count() const;
  void SetIds(StreamId last, std::optional<uint64_t> entries_added, std::optional<StreamId> max_deleted);
  // The ID that an entry added at `now` gets; that of one added at a given millisecond. nullopt: none is left.
  [[nodiscard]] std::optional<StreamId> NextId(UnixMillis now) const;
  [[nodiscard]] std::optional<StreamId> NextIdIn(uint64_t ms) const;

  // --- entries ---
  // Appends an entry of these fields and values, an even number of texts. REQUIRES: id > last_id(), and all of them
  // together are at most kMaxEntryBytes.
  static constexpr size_t kMaxEntryBytes = size_t{1} << 30;
  void Append(StreamId id, std::span<const std::string_view> pairs, const StreamNodeLimits& limits);
  // Adds a node behind all others, with what is deleted in it. False when its ID is not above all there are.
  // REQUIRES: ValidateStreamNode.
  bool AddNode(StreamId master, Listpack node);
  // Calls f(StreamId master, ListpackView node) for each node in order.
  template <typename F>
  void ForEachNode(F&& f) const {
    if (rep_ == nullptr) return;
    for (auto node = rep_->nodes.First(); node; node.Next()) f(node->master, node->view());
  }
  [[nodiscard]] bool Contains(StreamId id) const;
  enum class Erased : int8_t { kAbsent = -1, kErased = 1, kReferenced = 2 };
  Erased Erase(StreamId id, References references = References::kKeep);
  // Returns how many entries went. Whole nodes go to `remains`, if there is one.
  size_t Trim(const StreamTrim& trim, Remains* remains = nullptr);

  // --- groups ---
  // Drops an entry from all that is pending in any group. Whether it was there.
  bool DropReferences(StreamId id);
  [[nodiscard]] const Groups& groups() const;
  [[nodiscard]] StreamGroup* FindGroup(std::string_view name);
  [[nodiscard]] const StreamGroup* FindGroup(std::string_view name) const;
  // False when there is one of that name.
  bool CreateGroup(std::string_view name, StreamId last_delivered, int64_t entries_read);
  bool DeleteGroup(std::string_view name);
  // How many entries there ever were up to this ID, or kUnknownEntriesRead.
  [[nodiscard]] int64_t CountUpTo(StreamId id) const;
  // Moves the group on to an entry that it is being given.
  void AdvanceGroup(StreamGroup& group, StreamId id) const;
  // How many entries are still to be given to the group; nullopt when deletions make that unknowable.
  [[nodiscard]] std::optional<int64_t> Lag(const StreamGroup& group) const;

 private:
  friend class StreamReader;
  struct Node {
    StreamId master;
    const uint8_t* list;
    [[nodiscard]] StreamId key() const { return master; }
    [[nodiscard]] ListpackView view() const { return ListpackView(list); }
  };
  struct Rep {
    HeapUse use;
    RecordTree<Node> nodes{&use};
    uint64_t length = 0;
    uint64_t entries_added = 0;
    StreamId last_id, first_id, max_deleted_id;
    std::unique_ptr<Groups> groups;
  };
  class NodeEditor;

  Rep& Made();
  void Free();
  void FreeNode(Node node, Remains* remains = nullptr);
  void FindFirstId();
  // Whether an entry was deleted from the middle at or after this ID.
  [[nodiscard]] bool HasGapFrom(StreamId id) const;
  [[nodiscard]] bool IsReferenced(StreamId id) const;
  size_t TrimNode(Node& node, const StreamTrim& trim);

  Rep* rep_ = nullptr;
};

// The entries of a range of IDs, in order or in reverse:
//
//   StreamReader reader(stream, first, last);
//   while (reader.Next()) { ... reader.entry().id() ... }
//
// Valid until the stream changes.
class StreamReader {
 public:
  enum class Order : uint8_t { kForward, kReverse };
  StreamReader(const Stream& stream, StreamId first, StreamId last, Order order = Order::kForward);

  // Goes to the next entry; false when there is none, and then always.
  [[nodiscard]] bool Next();
  [[nodiscard]] StreamNodeCursor& entry() { return entry_; }

 private:
  [[nodiscard]] bool NextForward();
  [[nodiscard]] bool NextReverse();

  StreamId first_, last_;
  Order order_;
  bool in_node_ = false;
  RecordTree<Stream::Node>::Cursor node_;
  StreamNodeCursor entry_;
};

}  // namespace pinion::types
