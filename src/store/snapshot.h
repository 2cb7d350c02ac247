// The dataset as it was at one instant, taken key by key while it goes on changing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "store/entry.h"
#include "store/shard.h"

namespace pinion::store {

class Keyspace;

// What becomes of an entry's value in the change that is about to be made.
enum class Fate : uint8_t {
  kStays,     // it stays as it is, perhaps in another entry
  kIsEdited,  // it is changed in place
  kGoes,      // it is deleted or replaced
};

// Copies of entries of one database, one behind the other, with values of their own. Blobs are shared.
class EntryCopies {
 public:
  explicit EntryCopies(uint32_t db) : db_(db) {}
  ~EntryCopies();
  EntryCopies(EntryCopies&& o) noexcept
      : db_(o.db_), bytes_(std::exchange(o.bytes_, {})), value_bytes_(std::exchange(o.value_bytes_, 0)) {}
  EntryCopies& operator=(EntryCopies&&) = delete;

  [[nodiscard]] uint32_t db() const { return db_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  // Heap bytes that nobody else holds.
  [[nodiscard]] size_t bytes() const { return bytes_.size() + value_bytes_; }

  // A copy of an entry that holds a string. `alone`: the entry goes, and what it points to is held only here.
  void AddString(const Entry& e, bool alone);
  // A copy of an entry that takes over this object.
  void AddObject(const Entry& e, void* word);

  // Calls f(const Entry&) for each.
  template <typename F>
  void ForEach(F&& f) const {
    for (size_t at = 0; at < bytes_.size();) {
      const auto* e = reinterpret_cast<const Entry*>(bytes_.data() + at);
      at += e->Size();
      f(*e);
    }
  }

 private:
  uint32_t db_;
  std::string bytes_;
  size_t value_bytes_ = 0;
};

// A snapshot begins at an instant, when nobody else is inside the gate, and then comes in pieces: the loops walk over
// the shards in short slices and copy each entry (Walk), and whoever is about to change an entry that the walk has not
// come to yet copies it first (Preserve). One thread, the consumer, takes the copies (Deliver), in no particular
// order, and writes them wherever it likes. So each entry that was there at the instant is delivered once, as it was
// then, and nobody waits for more than a slice.
//
// *What has been copied* is told by one bit in the entry. Begin flips the bit that each shard holds for right
// (Shard::snapshot_mark); an entry with the other one was there at the instant and is still to be copied, and gets the
// right one when it is; new entries are made with it. The walk is a table scan, whose guarantee makes it meet every
// entry that stays. So a walk once begun is brought to its end, also when nobody wants its copies any more: then all
// entries have the right bit, and the next snapshot may begin.
//
// *Large objects* are not copied but lent: the consumer reads the object in its place, which other readers may do
// meanwhile, and a second bit in the entry says so. What is to be deleted while it is lent is left to the consumer.
// What is to be edited while the consumer reads it is waited for; where the consumer has not come to it yet, and
// where an object is edited before the walk has come to it, the editor encodes it for the consumer. That is the one
// change that costs more than others: about a tenth of a microsecond for each element, once a snapshot. (To clone it
// would cost three times as much.)
//
// *Databases* may be swapped, and emptied, meanwhile: which part of a shard is still to be walked, and under which
// number, follows the swap; an emptied part goes to the consumer as a whole.
//
// What is queued for the consumer is bounded (kQueueBytes): then the walk waits. Copies that changes bring are queued
// in any case; when the consumer is slow they may add up to what the dataset held.
//
// With the copy of entries that are about to change this is the copy-on-write of pages that a forked child has, on
// the level of entries: see Funke, Kemper and Neumann on HyPer (VLDB 2011), and the design notes of Dragonfly on
// snapshots without fork.
//
// Thread-safety: "whole" and "shard" as in Keyspace; the consumer is one thread; its mutex is a leaf.
class Snapshot {
 public:
  explicit Snapshot(Keyspace& keyspace);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // Appends an entry as the consumer would write it. Any thread calls it, as long as the snapshot runs.
  using Encoder = std::function<void(const Entry& e, std::string* out)>;

  // Whole: makes this the instant. From then on somebody must call Walk for all shards, and a consumer Deliver, until
  // it says that this is the end. REQUIRES: !running().
  void Begin(Encoder encode);
  // From Begin until Deliver has said that this is the end. Any thread.
  [[nodiscard]] bool running() const { return running_.load(std::memory_order_acquire); }

  struct Progress {
    uint64_t keys = 0, keys_done = 0;  // at the instant; copied or lent by now
    size_t held = 0, most_held = 0;    // bytes of copies that wait for the consumer, now and at most
  };
  // Of the last snapshot that has begun. Any thread; held is exact to some kilobytes a shard.
  [[nodiscard]] Progress progress() const;

  // --- the walk ---

  enum class Pace : uint8_t { kOver, kGoesOn, kWaits };
  // Takes the locks of shards [first, last) itself, one at a time, and copies entries for about `budget_micros`. kOver:
  // these shards have been walked; kWaits: the queue is full. Each shard has one caller, always the same.
  Pace Walk(uint32_t first, uint32_t last, int64_t budget_micros);

  // --- changes ---

  // Shard: see Keyspace::Preserve, which calls it for an entry whose mark is not its shard's. An object that goes may
  // be taken out of the entry.
  void Preserve(uint32_t shard, uint32_t db, Entry* e, Fate fate);
  // Whole, while it runs: the shard's parts of two databases have been exchanged; and takes over all entries of one,
  // which they leave.
  void Swap(uint32_t shard, uint32_t a, uint32_t b);
  void TakeOver(uint32_t shard, uint32_t db, ShardDb part);

  // --- the consumer ---

  enum class Delivery : uint8_t {
    kGoesOn,
    kComplete,  // all entries have been delivered
    kCutShort,  // it was discarded
  };
  // Waits for some entries, and calls write(db, const Entry&) for each, or write(db, std::string_view) for one that was
  // encoded, and pause() after each; write must not wait for anything, as somebody may be waiting for the entry. Once
  // it has said that this is the end, it must not be called again.
  template <typename Write, typename Pause>
  Delivery Deliver(Write&& write, Pause&& pause) {
    Delivery delivery = Delivery::kGoesOn;
    std::optional<Piece> piece = Next(&delivery);
    if (!piece) return delivery;
    if (const auto* copies = std::get_if<EntryCopies>(&*piece)) {
      copies->ForEach([&](const Entry& e) {
        if (wanted()) write(copies->db(), e), pause();
      });
    } else if (const auto* loan = std::get_if<std::shared_ptr<Loan>>(&*piece)) {
      if (wanted()) write((*loan)->db, (*loan)->entry());
      EndLoan(**loan);
      if (wanted()) pause();
    } else if (const auto* encoded = std::get_if<Encoded>(&*piece)) {
      if (wanted()) write(encoded->db, std::string_view(encoded->bytes)), pause();
    } else {
      auto& taken = std::get<Taken>(*piece);
      taken.part.table.ForEach([&](Entry* e) {
        if (wanted() && taken.Has(*e)) write(taken.db, *e), pause();
      });
      Free(std::move(taken));
    }
    return delivery;
  }
  // Nothing more is wanted of this snapshot; what is left is neither copied nor given to write. Any thread.
  void Discard() { wanted_.store(false, std::memory_order_relaxed); }
  // Whole: the same, and the walk is not brought to its end: the next Deliver says kCutShort. The next Begin, if there
  // is one, will take some tenths of a microsecond for each key.
  void Abandon();

 private:
  static constexpr size_t kQueueBytes = size_t{16} << 20;

  // What is left to be walked of a shard's part of a database, and its number at the instant.
  struct Part {
    uint32_t db = 0;
    bool over = true;
    uint64_t cursor = 0;
  };
  // Of one shard, guarded by its lock.
  struct ShardWalk {
    std::vector<Part> parts;  // by today's number
    std::optional<EntryCopies> copies;
    uint64_t keys_done = 0;   // not yet added to the total
    bool over = true;
  };
  // An object that the consumer may read where it stands.
  struct Loan {
    uint32_t db;
    ValueType type;
    void* word;
    std::string record;        // of the entry
    bool given = false;        // its entry is gone: the consumer frees it
    bool being_read = false;
    bool called_back = false;  // the consumer must leave it alone
    [[nodiscard]] const Entry& entry() const { return *reinterpret_cast<const Entry*>(record.data()); }
  };
  // An entry that its editor has encoded.
  struct Encoded {
    uint32_t db;
    std::string bytes;
  };
  // All entries of an emptied database in one shard; those that have the mark were copied before.
  struct Taken {
    uint32_t db;
    uint8_t mark;
    ShardDb part;
    [[nodiscard]] bool Has(const Entry& e) const { return (e.snapshot_mark() & Entry::kMarkParity) != mark; }
  };
  using Piece = std::variant<EntryCopies, std::shared_ptr<Loan>, Encoded, Taken>;

  [[nodiscard]] bool wanted() const { return wanted_.load(std::memory_order_relaxed); }
  void Keep(uint32_t shard, uint32_t db, Entry* e, Fate fate);
  EntryCopies& CopiesOf(ShardWalk& walk, uint32_t db);
  void FlushCopies(ShardWalk& walk);
  // With the shard locked; true when there is nothing left in it.
  bool WalkSome(uint32_t shard);
  void EndWalk(ShardWalk& walk);
  [[nodiscard]] Encoded Encode(uint32_t db, const Entry& e) const;
  void Lend(uint32_t db, Entry* e);
  void EndLending(Entry* e, Fate fate);
  static size_t SizeOf(const Piece& piece);
  void Push(Piece piece);
  void PushLocked(Piece piece);
  // None at the end, and which it is.
  std::optional<Piece> Next(Delivery* end);
  void EndLoan(Loan& loan);
  void DropAll();
  void Free(Taken taken);
  void MarkAll();

  Keyspace& keyspace_;
  Encoder encode_;                     // changes behind the closed gate
  std::vector<ShardWalk> walks_;
  std::atomic<bool> running_{false};
  std::atomic<bool> wanted_{false};
  std::atomic<size_t> held_{0};
  std::atomic<uint64_t> keys_{0}, keys_done_{0};
  std::atomic<size_t> most_held_{0};

  std::mutex mutex_;                   // guards what follows
  std::condition_variable changed_;    // something was queued, a loan is over, or there is nothing more to come
  std::deque<Piece> queue_;
  std::unordered_map<void*, std::shared_ptr<Loan>> loans_;  // that are not over, by the object's word
  size_t shards_left_ = 0;
  size_t being_encoded_ = 0;           // loans called back, which will be queued
  bool abandoned_ = false;
};

}  // namespace pinion::store
