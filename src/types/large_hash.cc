// How large hashes find, change and time their fields.
#include "types/large_hash.h"


#include "base/hash.h"
#include "base/hash_table_impl.h"

namespace pinion {
template class HashTable<types::HashItem>;
}

namespace pinion::types {

LargeHash::~LargeHash() {
  table_.ForEach([](HashItem* e) { HashItem::Delete(e); });
}

std::unique_ptr<LargeHash> LargeHash::Clone() const {
  auto copy = std::make_unique<LargeHash>();
  table_.ForEach([&](const HashItem* e) {
    HashItem* item = HashItem::CopyOf(*e);
    copy->Insert(HashKey(item->key()), item);
    if (e->timed()) copy->SetDeadline(item->key(), DeadlineOf(*e));
  });
  return copy;
}

size_t LargeHash::AllocatedBytes() const {
  size_t bytes = GoodSize(sizeof(LargeHash)) + table_.bytes() + item_bytes_;
  if (timing_) bytes += GoodSize(sizeof(Timing)) + timing_->heap.bytes();
  return bytes;
}

const HashItem* LargeHash::Find(std::string_view field) const {
  const Table::Word* w = table_.Find(HashKey(field), field);
  return w == nullptr ? nullptr : Table::At(w);
}

void LargeHash::Insert(uint64_t hash, HashItem* e) {
  table_.Insert(hash, e);
  item_bytes_ += e->AllocatedBytes();
}

void LargeHash::Erase(uint64_t hash, Table::Word* w) {
  HashItem* e = Table::At(w);
  ForgetDeadline(*e);
  item_bytes_ -= e->AllocatedBytes();
  table_.Erase(hash, w);
  HashItem::Delete(e);
}

void LargeHash::ForgetDeadline(const HashItem& e) {
  if (!e.timed()) return;
  timing_->heap.Remove(e.heap_position());
  if (timing_->heap.size() == 0) timing_.reset();
}

template <typename F>
HashItem* LargeHash::Change(Table::Word* w, F&& change) {
  HashItem* e = Table::At(w);
  item_bytes_ -= e->AllocatedBytes();
  HashItem* changed = change(e);
  item_bytes_ += changed->AllocatedBytes();
  if (changed != e) Table::Replace(w, changed);
  return changed;
}

bool LargeHash::Set(std::string_view field, std::string_view value, OldDeadline old_deadline) {
  const uint64_t hash = HashKey(field);
  Table::Word* w = table_.Find(hash, field);
  if (w == nullptr) {
    Insert(hash, HashItem::New(field, value));
    return true;
  }
  if (old_deadline == OldDeadline::kDropped && Table::At(w)->timed()) SetDeadline(w, -1);
  const HashItem* e = Change(w, [value](HashItem* item) { return HashItem::SetValue(item, value); });
  if (e->timed()) timing_->heap.Moved(e->heap_position(), Table::At(w));
  return false;
}

void LargeHash::Add(std::string_view field, std::string_view value) {
  Insert(HashKey(field), HashItem::New(field, value));
}

bool LargeHash::Remove(std::string_view field) {
  const uint64_t hash = HashKey(field);
  Table::Word* w = table_.Find(hash, field);
  if (w == nullptr) return false;
  Erase(hash, w);
  return true;
}

void LargeHash::SetDeadline(std::string_view field, int64_t deadline) {
  SetDeadline(table_.Find(HashKey(field), field), deadline);
}

void LargeHash::SetDeadline(Table::Word* w, int64_t deadline) {
  const HashItem* e = Table::At(w);
  if (deadline < 0) {
    ForgetDeadline(*e);
    Change(w, [](HashItem* item) { return HashItem::SetTimed(item, false); });
  } else if (e->timed()) {
    timing_->heap.Change(e->heap_position(), deadline);
  } else {
    if (timing_ == nullptr) timing_ = std::make_unique<Timing>();
    HashItem* item = Change(w, [](HashItem* old) { return HashItem::SetTimed(old, true); });
    timing_->heap.Insert(item, deadline);
  }
}

size_t LargeHash::RemoveDue(int64_t now, size_t most, std::vector<std::string>* names) {
  size_t removed = 0;
  while (removed < most && timing_ != nullptr && timing_->heap.Earliest() <= now) {
    const HashItem* e = timing_->heap.First();
    if (names != nullptr) names->emplace_back(e->key());
    const uint64_t hash = HashKey(e->key());
    Erase(hash, table_.FindEntry(hash, e));
    ++removed;
  }
  return removed;
}

bool LargeHash::CheckInvariants() const {
  size_t bytes = 0, timed = 0;
  table_.ForEach([&](const HashItem* e) {
    bytes += e->AllocatedBytes();
    timed += e->timed();
  });
  if (bytes != item_bytes_ || !table_.CheckInvariants()) return false;
  if (timing_ == nullptr) return timed == 0;
  return timed > 0 && timed == timing_->heap.size() && timing_->heap.CheckInvariants();
}

}  // namespace pinion::types
