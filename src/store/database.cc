// How a write changes table, entry, wheel and memory count, and what its commit does.
#include "store/database.h"

#include <algorithm>

#include "base/numbers.h"

namespace pinion::store {
namespace {

constexpr uint32_t kLfuStart = 5;  // new keys begin a little above zero, or the next eviction would take them

uint32_t LfuMinutes(UnixMillis now) { return static_cast<uint32_t>(now / 60000) & 0xFFFF; }

}  // namespace

uint32_t LfuInitial(UnixMillis now) { return LfuMinutes(now) << 8 | kLfuStart; }

uint32_t LfuDecayed(uint32_t clock, UnixMillis now, int decay_minutes) {
  const uint32_t counter = clock & 0xFF;
  if (decay_minutes == 0) return counter;
  const uint32_t elapsed = (LfuMinutes(now) - (clock >> 8)) & 0xFFFF;
  const uint32_t periods = elapsed / static_cast<uint32_t>(decay_minutes);
  return periods > counter ? 0 : counter - periods;
}

uint32_t LfuTouched(uint32_t clock, UnixMillis now, int decay_minutes, int log_factor, Random& random) {
  uint32_t counter = LfuDecayed(clock, now, decay_minutes);
  if (counter < 255) {
    const double base = counter > kLfuStart ? counter - kLfuStart : 0;
    if (random.Unit() < 1.0 / (base * log_factor + 1)) ++counter;
  }
  return LfuMinutes(now) << 8 | counter;
}

int64_t IdleSeconds(uint32_t clock, UnixMillis now) { return (LruClock(now) - clock) & 0xFFFFFF; }

void Database::NoteMiss(const Key& key) {
  accessor_.stats.misses.Add(1);
  if (keyspace_.settings().notify_mask.load(std::memory_order_relaxed) & kEventKeyMiss) {
    accessor_.listener->OnKeyEvent(kEventKeyMiss, "keymiss", key.text, index_);
  }
}

WriteGuard::WriteGuard(Database& db, const Key& key) : db_(db), key_(key) {
  entry_ = db.Live(key, false);
  if (entry_ != nullptr && db.accessor().touch) db.Touch(entry_);
}

void WriteGuard::CountLook() {
  if (entry_ == nullptr) return db_.NoteMiss(key_);
  db_.accessor().stats.hits.Add(1);
}

ShardDb& WriteGuard::shard_db() { return db_.keyspace().shard(key_.shard).db(db_.index()); }

void WriteGuard::EnterWheels() {
  Keyspace& keyspace = db_.keyspace();
  if (entry_->has_deadline()) keyspace.AddDeadline(key_.shard, db_.index(), entry_, db_.now(), db_.accessor());
  keyspace.AddFieldDeadline(key_.shard, db_.index(), entry_, db_.now(), db_.accessor());
  keyspace.NoteUnswept(key_.shard, db_.index(), entry_, db_.now(), db_.accessor());
}

void WriteGuard::Create(const Entry::Value& value, UnixMillis deadline) {
  entry_ = Entry::New(key_.text, value, deadline);
  entry_->set_access_clock(db_.keyspace().settings().lfu.load(std::memory_order_relaxed) ? LfuInitial(db_.now())
                                                                                           : LruClock(db_.now()));
  entry_->set_snapshot_mark(db_.keyspace().shard(key_.shard).snapshot_mark);
  ShardDb& d = shard_db();
  d.entry_bytes += static_cast<int64_t>(entry_->TotalBytes());
  d.table.Insert(key_.hash, entry_);
  EnterWheels();
  changed_ = true;
  created_ = true;
  wakes_ = true;
}

// Gives the existing entry another value or deadline, following it to its new address.
void WriteGuard::Recreate(const Entry::Value& value, UnixMillis deadline) {
  ShardDb& d = shard_db();
  wakes_ |= value.type != entry_->type();
  db_.keyspace().LeaveWheels(key_.shard, db_.index(), entry_);
  d.entry_bytes -= static_cast<int64_t>(entry_->TotalBytes());
  // The word is looked for again because another guard's insert may have moved it.
  Table::Word* const word = d.table.FindEntry(key_.hash, entry_);
  const bool keeps =
      value.pointer != nullptr && entry_->holding() >= Holding::kBlob && value.pointer == entry_->pointer();
  Preserve(keeps ? Fate::kStays : Fate::kGoes);
  Reclaimer::Job slow = keeps ? nullptr : Keyspace::TakeSlowValue(entry_);
  entry_ = Entry::Recreate(entry_, value, deadline);
  if (slow) db_.keyspace().reclaimer().Add(std::move(slow));
  Table::Replace(word, entry_);
  d.entry_bytes += static_cast<int64_t>(entry_->TotalBytes());
  EnterWheels();
  changed_ = true;
}

void WriteGuard::SetString(std::string_view bytes, UnixMillis deadline) {
  const Entry::Value value = Entry::StringValue(bytes);
  if (entry_ == nullptr) return Create(value, deadline);
  // The common overwrite: same shape, no deadline before or after. Nothing moves.
  if (deadline == kNoDeadline && !entry_->has_deadline() && value.holding == Holding::kInline &&
      entry_->holding() == Holding::kInline && !entry_->raw() && entry_->inline_bytes().size() == bytes.size()) {
    Preserve(Fate::kGoes);
    entry_->OverwriteInline(bytes);
    changed_ = true;
    return;
  }
  Recreate(value, deadline);
}

void WriteGuard::Put(const Entry::Value& value, UnixMillis deadline) {
  if (entry_ == nullptr) {
    Create(value, deadline);
  } else {
    Recreate(value, deadline);
  }
}

void WriteGuard::SetText(std::string_view text, UnixMillis deadline) { Put(Entry::TextValue(text), deadline); }

void WriteGuard::SetRaw(Blob bytes, UnixMillis deadline) {
  Entry::Value value;
  value.raw = true;
  if (bytes.size() <= kMaxInline) {
    value.bytes = bytes.view();
  } else {
    value.holding = Holding::kBlob;
    value.pointer = bytes.Release();
  }
  Put(value, deadline);
}

void WriteGuard::SetInteger(int64_t v) {
  if (entry_ != nullptr && entry_->holding() == Holding::kInteger) {
    Preserve(Fate::kGoes);
    entry_->set_integer(v);
    changed_ = true;
    return;
  }
  Entry::Value value;
  value.holding = Holding::kInteger;
  value.integer = v;
  Put(value, deadline());
}

char* WriteGuard::EditString(size_t size) {
  changed_ = true;
  ShardDb& d = shard_db();
  if (entry_ != nullptr && entry_->holding() == Holding::kInline && entry_->inline_bytes().size() == size) {
    Preserve(Fate::kIsEdited);
    entry_->set_raw();
    return const_cast<char*>(entry_->inline_bytes().data());
  }
  if (entry_ != nullptr && entry_->holding() == Holding::kBlob && size > kMaxInline) {
    // Stands outside already: grow it there, unless a reply or a snapshot still reads it (then Resize makes a copy).
    Preserve(Fate::kIsEdited);
    Blob blob = Blob::Adopt(entry_->pointer());
    const size_t old_size = blob.size();
    d.entry_bytes -= static_cast<int64_t>(blob.allocated());
    blob.Resize(size);
    if (size > old_size) std::memset(blob.data() + old_size, 0, size - old_size);
    d.entry_bytes += static_cast<int64_t>(blob.allocated());
    char* bytes = blob.data();
    entry_->set_pointer(blob.Release());
    entry_->set_raw();
    return bytes;
  }
  char scratch[kMaxInt64Text];
  const std::string_view old = entry_ ? entry_->StringView(scratch) : std::string_view();
  const size_t keep = std::min(old.size(), size);
  Entry::Value value;
  value.raw = true;
  if (size > kMaxInline) {
    Blob blob = Blob::WithSize(size);
    if (keep != 0) std::memcpy(blob.data(), old.data(), keep);
    std::memset(blob.data() + keep, 0, size - keep);
    char* bytes = blob.data();
    value.holding = Holding::kBlob;
    value.pointer = blob.Release();
    Put(value, deadline());
    return bytes;
  }
  char bytes[kMaxInline];
  if (keep != 0) std::memcpy(bytes, old.data(), keep);
  std::memset(bytes + keep, 0, size - keep);
  value.bytes = {bytes, size};
  Put(value, deadline());
  return const_cast<char*>(entry_->inline_bytes().data());
}

void WriteGuard::SetObject(ValueType type, void* word, UnixMillis deadline) {
  Entry::Value value;
  value.type = type;
  value.holding = Holding::kObject;
  value.pointer = word;
  Put(value, deadline);
}

void* WriteGuard::TakeOutObject() {
  Preserve(Fate::kIsEdited);
  db_.keyspace().DropFieldDeadline(key_.shard, db_.index(), entry_);
  return entry_->pointer();
}

void WriteGuard::PutBackObject(void* word, int64_t more_bytes) {
  entry_->set_pointer(word);
  shard_db().entry_bytes += more_bytes;
  db_.keyspace().AddFieldDeadline(key_.shard, db_.index(), entry_, db_.now(), db_.accessor());
  db_.keyspace().NoteUnswept(key_.shard, db_.index(), entry_, db_.now(), db_.accessor());
}

void WriteGuard::MakeRaw() {
  if (entry_->raw()) return;
  const bool changed = changed_;
  (void)EditString(entry_->StringLength());
  changed_ = changed;
}

void WriteGuard::SetDeadline(UnixMillis deadline) {
  Keyspace& keyspace = db_.keyspace();
  Preserve(Fate::kStays);
  if (entry_->has_deadline()) keyspace.DropDeadline(key_.shard, db_.index(), entry_);
  if (entry_->TrySetDeadline(deadline)) {
    if (deadline != kNoDeadline) keyspace.AddDeadline(key_.shard, db_.index(), entry_, db_.now(), db_.accessor());
    changed_ = true;
    return;
  }
  Recreate(entry_->value(), deadline);
}

void WriteGuard::Delete() {
  db_.keyspace().Remove(key_.shard, db_.index(), key_.hash, shard_db().table.FindEntry(key_.hash, entry_));
  entry_ = nullptr;
  changed_ = true;
  created_ = false;
  wakes_ = true;
}

void WriteGuard::CopyFrom(const Entry& from) {
  Entry::Value value = from.value();
  if (value.holding == Holding::kBlob) value.pointer = Blob::CopyOf(from.blob().view()).Release();
  if (value.holding == Holding::kObject) value.pointer = types::CloneObject(value.type, value.pointer);
  Create(value, from.deadline());
}

void WriteGuard::TakeFrom(WriteGuard& from) {
  if (entry_ != nullptr) Delete();
  Entry* const source = from.entry_;
  const Entry::Value value = source->value();
  const uint32_t clock = source->access_clock();
  from.Preserve(Fate::kStays);
  const uint8_t mark = source->snapshot_mark();
  if (value.pointer != nullptr) {
    source->set_snapshot_mark(mark & ~Entry::kLent);  // what is lent goes along
    db_.keyspace().DropFieldDeadline(from.key_.shard, from.db_.index(), source);
    // The value's bytes go with it: Create counts them here.
    from.shard_db().entry_bytes -= static_cast<int64_t>(source->TotalBytes() - source->AllocatedBytes());
    (void)source->TakePointer();
  }
  Create(value, source->deadline());
  entry_->set_access_clock(clock);
  entry_->set_snapshot_mark(mark | (entry_->snapshot_mark() & Entry::kMarkParity));
  from.Delete();
}

void WriteGuard::Notify(EventClass event_class, std::string_view event) {
  if (events_ < kMaxEvents) event_[events_++] = {event_class, event};
}

void WriteGuard::Commit() {
  Keyspace& keyspace = db_.keyspace();
  const bool seen = created_ || !hidden_;
  if (seen) keyspace.NoteChange(key_.shard, db_.index(), key_.text, Change::kCommand, db_.accessor());
  if (wakes_) keyspace.NoteReady(key_.shard, db_.index(), key_.text, db_.accessor());
  keyspace.CountBytes(key_.shard, db_.index(), db_.accessor());
  db_.accessor().stats.dirty.Add(counted_);
  const uint32_t mask = keyspace.settings().notify_mask.load(std::memory_order_relaxed);
  if (mask == 0) return;
  KeyspaceListener& listener = *db_.accessor().listener;
  if (created_ && (mask & kEventNew)) listener.OnKeyEvent(kEventNew, "new", key_.text, db_.index());
  for (size_t i = 0; i < events_; ++i) {
    if (mask & event_[i].event_class) {
      listener.OnKeyEvent(event_[i].event_class, event_[i].name, key_.text, db_.index());
    }
  }
}

}  // namespace pinion::store
