// Deadlines of hash fields: entering and leaving the field wheel, and removing fields in time.
#include <algorithm>
#include <array>

#include "store/keyspace.h"
#include "types/hash.h"

namespace pinion::store {
namespace {

// Hashes looked at, and fields of one hash removed, under one hold of a shard's lock.
constexpr size_t kHashes = 16;
constexpr size_t kFields = 64;

}  // namespace

void Keyspace::AddFieldDeadline(uint32_t shard, uint32_t db, Entry* e, UnixMillis now, Accessor& accessor) {
  if (e->type() != ValueType::kHash) return;
  const bool timed = FieldDeadline::Of(e) >= 0;
  e->set_field_deadlines(timed);
  if (!timed) return;
  ShardDb& d = shards_[shard].db(db);
  if (!d.field_wheel) d.field_wheel = std::make_unique<FieldWheel>(now, WheelPhase(shard));
  NoteDue(shard, db, d.field_wheel->Insert(e, now), accessor);
}

void Keyspace::DropFieldDeadline(uint32_t shard, uint32_t db, Entry* e) {
  if (!e->has_field_deadlines()) return;
  e->set_field_deadlines(false);
  shards_[shard].db(db).field_wheel->Remove(e);
}

size_t Keyspace::RemoveDueFields(uint32_t shard, uint32_t db, Entry* e, UnixMillis now, size_t most,
                                 Accessor& accessor) {
  Preserve(shard, db, e, Fate::kIsEdited);
  auto hash = types::Hash::Adopt(e->pointer());
  const UnixMillis deadline = hash.NextDeadline();
  const size_t bytes_before = hash.AllocatedBytes();
  std::vector<std::string> fields;
  const size_t removed = hash.RemoveDue(now, most, accessor.journaled ? &fields : nullptr);
  ShardDb& d = shards_[shard].db(db);
  d.entry_bytes += static_cast<int64_t>(hash.AllocatedBytes()) - static_cast<int64_t>(bytes_before);
  e->set_pointer(hash.Release());
  if (removed == 0) return 0;
  if (accessor.journaled) accessor.listener->OnFieldsExpired(e->key(), db, fields);

  accessor.stats.expire_lag_us.Record(
      static_cast<uint64_t>(std::max<int64_t>(clock_.WallMicros() - deadline * 1000, 0)));
  accessor.stats.expired_fields.Add(static_cast<int64_t>(removed));
  NoteChange(shard, db, e->key(), Change::kServer, accessor);
  CountBytes(shard, db, accessor);
  if (settings_.notify_mask.load(std::memory_order_relaxed) & kEventHash) {
    accessor.listener->OnKeyEvent(kEventHash, "hexpired", e->key(), db);
  }
  return removed;
}

bool Keyspace::ExpireFields(const Key& key, uint32_t db, Entry* e, UnixMillis now, Accessor& accessor) {
  if (FieldDeadline::Of(e) > now) return true;
  DropFieldDeadline(key.shard, db, e);
  RemoveDueFields(key.shard, db, e, now, SIZE_MAX, accessor);
  if (types::Borrowed<types::Hash>(e->pointer())->empty()) {
    RemoveEmptied(key.shard, db, e, accessor);
    return false;
  }
  AddFieldDeadline(key.shard, db, e, now, accessor);
  return true;
}

void Keyspace::RemoveEmptied(uint32_t shard, uint32_t db, Entry* e, Accessor& accessor) {
  if (settings_.notify_mask.load(std::memory_order_relaxed) & kEventGeneric) {
    accessor.listener->OnKeyEvent(kEventGeneric, "del", e->key(), db);
  }
  const uint64_t hash = HashKey(e->key());
  Remove(shard, db, hash, shards_[shard].db(db).table.FindEntry(hash, e));
  CountBytes(shard, db, accessor);
}

void Keyspace::AdvanceFieldWheel(uint32_t shard, uint32_t db, UnixMillis now, Accessor& accessor) {
  FieldWheel& wheel = *shards_[shard].db(db).field_wheel;
  // The wheel must not be touched while it advances, so hashes go back into it afterwards.
  std::array<Entry*, kHashes> due;
  size_t n = 0;
  wheel.Advance(now, kHashes, [&](Entry* e) { due[n++] = e; });
  for (size_t i = 0; i < n; ++i) {
    Entry* e = due[i];
    e->set_field_deadlines(false);
    RemoveDueFields(shard, db, e, now, kFields, accessor);
    if (types::Borrowed<types::Hash>(e->pointer())->empty()) {
      RemoveEmptied(shard, db, e, accessor);
    } else {
      AddFieldDeadline(shard, db, e, now, accessor);
    }
  }
}

}  // namespace pinion::store
