// Walking, preserving and lending.
#include "store/snapshot.h"

#include <utility>

#include "base/prefetch.h"
#include "store/keyspace.h"

namespace pinion::store {
namespace {

// Keys that are copied under one hold of a shard's lock.
constexpr size_t kChunk = 32;

// Copies are queued in batches of about so many bytes.
constexpr size_t kBatchBytes = 32 * 1024;

// Objects above either are lent rather than copied: cloning a smaller one takes a few microseconds.
constexpr size_t kLargeBytes = 16 * 1024;
constexpr size_t kLargeAllocations = 32;

// What a loan itself takes, about.
constexpr size_t kLoanBytes = 256;

bool IsLarge(const Entry& e) {
  return types::ObjectAllocations(e.type(), e.pointer()) > kLargeAllocations ||
         types::ObjectBytes(e.type(), e.pointer()) > kLargeBytes;
}

}  // namespace

// --- Copies --------------------------------------------------------------------------------------------------

EntryCopies::~EntryCopies() {
  ForEach([](const Entry& e) {
    if (e.holding() == Holding::kBlob) (void)Blob::Adopt(e.pointer());
    if (e.holding() == Holding::kObject) types::FreeObject(e.type(), e.pointer());
  });
}

void EntryCopies::AddString(const Entry& e, bool alone) {
  if (e.holding() == Holding::kBlob) {
    Blob shared = e.blob();
    if (alone) value_bytes_ += shared.allocated();
    (void)shared.Release();  // the copy has it
  }
  bytes_.append(reinterpret_cast<const char*>(&e), e.Size());
}

void EntryCopies::AddObject(const Entry& e, void* word) {
  const size_t at = bytes_.size();
  bytes_.append(reinterpret_cast<const char*>(&e), e.Size());
  reinterpret_cast<Entry*>(bytes_.data() + at)->set_pointer(word);
  value_bytes_ += types::ObjectBytes(e.type(), word);
}

// --- Beginning and end ---------------------------------------------------------------------------------------

Snapshot::Snapshot(Keyspace& keyspace) : keyspace_(keyspace), walks_(keyspace.shard_count()) {
  for (ShardWalk& w : walks_) w.parts.resize(keyspace.database_count());
}

Snapshot::~Snapshot() { DropAll(); }

void Snapshot::Begin(Encoder encode) {
  if (shards_left_ != 0) MarkAll();
  encode_ = std::move(encode);
  uint64_t keys = 0;
  for (uint32_t i = 0; i < keyspace_.shard_count(); ++i) {
    Shard& s = keyspace_.shard(i);
    s.snapshot_mark ^= Entry::kMarkParity;
    walks_[i].over = false;
    for (uint32_t db = 0; db < keyspace_.database_count(); ++db) {
      const uint64_t here = s.db(db).table.size();
      walks_[i].parts[db] = {db, here == 0, 0};
      keys += here;
    }
  }
  keys_.store(keys, std::memory_order_relaxed);
  keys_done_.store(0, std::memory_order_relaxed);
  most_held_.store(0, std::memory_order_relaxed);
  wanted_.store(true, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  abandoned_ = false;
  shards_left_ = keyspace_.shard_count();
  running_.store(true, std::memory_order_release);
}

Snapshot::Progress Snapshot::progress() const {
  Progress p;
  p.keys = keys_.load(std::memory_order_relaxed);
  p.keys_done = keys_done_.load(std::memory_order_relaxed);
  p.held = held_.load(std::memory_order_relaxed);
  p.most_held = most_held_.load(std::memory_order_relaxed);
  return p;
}

void Snapshot::Abandon() {
  Discard();
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  changed_.notify_all();
}

// What an abandoned walk has left.
void Snapshot::MarkAll() {
  for (uint32_t i = 0; i < keyspace_.shard_count(); ++i) {
    Shard& s = keyspace_.shard(i);
    for (uint32_t db = 0; db < keyspace_.database_count(); ++db) {
      s.db(db).table.ForEach([&](Entry* e) { e->set_snapshot_mark(s.snapshot_mark); });
    }
    walks_[i].copies.reset();
  }
}

// --- The walk ------------------------------------------------------------------------------------------------

Snapshot::Pace Snapshot::Walk(uint32_t first, uint32_t last, int64_t budget_micros) {
  if (!running()) return Pace::kOver;
  const int64_t end = keyspace_.clock().MonotonicNanos() + budget_micros * 1000;
  for (uint32_t i = first; i < last; ++i) {
    while (!walks_[i].over) {
      if (held_.load(std::memory_order_relaxed) > kQueueBytes && wanted()) return Pace::kWaits;
      Shard& s = keyspace_.shard(i);
      s.mutex.lock();
      const bool over = WalkSome(i);
      s.mutex.unlock();
      if (over) EndWalk(walks_[i]);
      if (keyspace_.clock().MonotonicNanos() >= end) return Pace::kGoesOn;
    }
  }
  return Pace::kOver;
}

bool Snapshot::WalkSome(uint32_t shard) {
  Shard& s = keyspace_.shard(shard);
  ShardWalk& walk = walks_[shard];
  std::vector<Entry*> met;
  met.reserve(2 * kChunk);
  for (uint32_t db = 0; db < keyspace_.database_count(); ++db) {
    Part& part = walk.parts[db];
    if (part.over) continue;
    part.cursor = s.db(db).table.Scan(part.cursor, kChunk, [&](Entry* e) {
      PrefetchForWrite(e);
      met.push_back(e);
    });
    part.over = part.cursor == 0;
    for (Entry* e : met) {
      const uint8_t mark = e->snapshot_mark();
      if ((mark & Entry::kMarkParity) == s.snapshot_mark) continue;
      e->set_snapshot_mark(s.snapshot_mark);
      Keep(shard, db, e, Fate::kStays);
    }
    if (!part.over) return false;
    met.clear();
  }
  FlushCopies(walk);
  return true;
}

// Nothing that was there at the instant is left in the shard without its mark: nobody copies from it any more.
void Snapshot::EndWalk(ShardWalk& walk) {
  walk.over = true;
  const std::lock_guard lock(mutex_);
  if (--shards_left_ == 0) changed_.notify_all();
}

// --- Changes -------------------------------------------------------------------------------------------------

void Snapshot::Preserve(uint32_t shard, uint32_t db, Entry* e, Fate fate) {
  if (e->snapshot_mark() & Entry::kLent) EndLending(e, fate);
  const uint8_t mark = keyspace_.shard(shard).snapshot_mark;
  if ((e->snapshot_mark() & Entry::kMarkParity) == mark) return;
  e->set_snapshot_mark(mark);
  Keep(shard, db, e, fate);
}

// Copies or lends an entry that has just got its mark.
void Snapshot::Keep(uint32_t shard, uint32_t db, Entry* e, Fate fate) {
  ShardWalk& walk = walks_[shard];
  ++walk.keys_done;
  if (!wanted()) return;
  const uint32_t db_then = walk.parts[db].db;
  if (e->is_string()) {
    CopiesOf(walk, db_then).AddString(*e, fate == Fate::kGoes);
  } else if (fate == Fate::kGoes) {
    CopiesOf(walk, db_then).AddObject(*e, e->pointer());
    (void)e->TakePointer();
  } else if (IsLarge(*e)) {
    return fate == Fate::kStays ? Lend(db_then, e) : Push(Encode(db_then, *e));
  } else {
    CopiesOf(walk, db_then).AddObject(*e, types::CloneObject(e->type(), e->pointer()));
  }
  if (walk.copies->bytes() >= kBatchBytes) FlushCopies(walk);
}

EntryCopies& Snapshot::CopiesOf(ShardWalk& walk, uint32_t db) {
  if (walk.copies && walk.copies->db() != db) FlushCopies(walk);
  if (!walk.copies) walk.copies.emplace(db);
  return *walk.copies;
}

void Snapshot::FlushCopies(ShardWalk& walk) {
  keys_done_.fetch_add(std::exchange(walk.keys_done, 0), std::memory_order_relaxed);
  if (!walk.copies) return;
  Push(std::move(*walk.copies));
  walk.copies.reset();
}

void Snapshot::Swap(uint32_t shard, uint32_t a, uint32_t b) {
  std::swap(walks_[shard].parts[a], walks_[shard].parts[b]);
}

void Snapshot::TakeOver(uint32_t shard, uint32_t db, ShardDb part) {
  Part& left = walks_[shard].parts[db];
  left.over = true;
  Taken taken{left.db, keyspace_.shard(shard).snapshot_mark, std::move(part)};
  {
    const std::lock_guard lock(mutex_);
    // Behind the loans of what is in it, so that those are over before it is freed.
    if (running()) return PushLocked(std::move(taken));
  }
  Free(std::move(taken));  // it has ended meanwhile
}

// --- Loans ---------------------------------------------------------------------------------------------------

Snapshot::Encoded Snapshot::Encode(uint32_t db, const Entry& e) const {
  Encoded encoded{db, {}};
  encode_(e, &encoded.bytes);
  return encoded;
}

void Snapshot::Lend(uint32_t db, Entry* e) {
  auto loan = std::make_shared<Loan>();
  loan->db = db;
  loan->type = e->type();
  loan->word = e->pointer();
  loan->record.assign(reinterpret_cast<const char*>(e), e->Size());
  e->set_snapshot_mark(e->snapshot_mark() | Entry::kLent);
  const std::lock_guard lock(mutex_);
  loans_.emplace(loan->word, loan);
  PushLocked(std::move(loan));
}

// The mark may be older than the loan's end, or the snapshot's.
void Snapshot::EndLending(Entry* e, Fate fate) {
  std::unique_lock lock(mutex_);
  const auto it = loans_.find(e->pointer());
  if (it != loans_.end() && fate == Fate::kStays) return;
  e->set_snapshot_mark(e->snapshot_mark() & ~Entry::kLent);
  if (it == loans_.end()) return;
  const std::shared_ptr<Loan> loan = it->second;
  if (fate == Fate::kGoes) {
    loan->given = true;
    (void)e->TakePointer();
  } else if (loan->being_read) {
    changed_.wait(lock, [&] { return !loans_.contains(loan->word); });
  } else {
    loan->called_back = true;
    loans_.erase(it);
    if (!wanted()) return;
    ++being_encoded_;
    lock.unlock();
    Encoded encoded = Encode(loan->db, loan->entry());
    lock.lock();
    --being_encoded_;
    PushLocked(std::move(encoded));
  }
}

void Snapshot::EndLoan(Loan& loan) {
  {
    const std::lock_guard lock(mutex_);
    loans_.erase(loan.word);
    changed_.notify_all();
  }
  if (loan.given) types::FreeObject(loan.type, loan.word);
}

// --- The queue -----------------------------------------------------------------------------------------------

size_t Snapshot::SizeOf(const Piece& piece) {
  if (const auto* copies = std::get_if<EntryCopies>(&piece)) return copies->bytes();
  if (const auto* loan = std::get_if<std::shared_ptr<Loan>>(&piece)) return kLoanBytes + (*loan)->record.size();
  if (const auto* encoded = std::get_if<Encoded>(&piece)) return encoded->bytes.capacity();
  return static_cast<size_t>(std::get<Taken>(piece).part.Bytes());
}

void Snapshot::Push(Piece piece) {
  const std::lock_guard lock(mutex_);
  PushLocked(std::move(piece));
}

void Snapshot::PushLocked(Piece piece) {
  const size_t size = SizeOf(piece);
  const size_t held = held_.fetch_add(size, std::memory_order_relaxed) + size;
  if (held > most_held_.load(std::memory_order_relaxed)) most_held_.store(held, std::memory_order_relaxed);
  queue_.push_back(std::move(piece));
  if (queue_.size() == 1) changed_.notify_all();
}

std::optional<Snapshot::Piece> Snapshot::Next(Delivery* end) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto over = [this] { return shards_left_ == 0 && being_encoded_ == 0; };
    changed_.wait(lock, [&] { return abandoned_ || !queue_.empty() || over(); });
    if (abandoned_ || queue_.empty()) {
      DropAll();
      *end = wanted() ? Delivery::kComplete : Delivery::kCutShort;
      running_.store(false, std::memory_order_release);
      return std::nullopt;
    }
    Piece piece = std::move(queue_.front());
    queue_.pop_front();
    held_.fetch_sub(SizeOf(piece), std::memory_order_relaxed);
    if (const auto* loan = std::get_if<std::shared_ptr<Loan>>(&piece)) {
      if ((*loan)->called_back) continue;
      (*loan)->being_read = true;
    }
    return piece;
  }
}

// With the mutex locked, or nobody left.
void Snapshot::DropAll() {
  for (Piece& piece : queue_) {
    if (auto* taken = std::get_if<Taken>(&piece)) Free(std::move(*taken));
  }
  for (const auto& [word, loan] : loans_) {
    if (loan->given) types::FreeObject(loan->type, word);
  }
  queue_.clear();
  loans_.clear();
  held_.store(0, std::memory_order_relaxed);
}

void Snapshot::Free(Taken taken) {
  keyspace_.reclaimer().Add([part = std::make_shared<ShardDb>(std::move(taken.part))] {
    part->table.ForEach([](Entry* e) { Entry::Delete(e); });
  });
}

}  // namespace pinion::store
