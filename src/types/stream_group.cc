// Consumers and pending entries of a group.
#include "types/stream_group.h"

namespace pinion::types {
namespace {

// Bytes of a consumer: the map's node with its three links and colour, and the name if it does not fit into the
// string.
size_t ConsumerBytes(const StreamGroup::Consumers::value_type& c) {
  constexpr size_t kLinks = 4 * sizeof(void*);
  const size_t name = c.first.capacity() > std::string().capacity() ? c.first.capacity() + 1 : 0;
  return kLinks + sizeof(c) + name;
}

}  // namespace

StreamGroup::~StreamGroup() {
  for (const auto& c : consumers_) use_->Remove(ConsumerBytes(c));
}

const StreamConsumer* StreamGroup::FindConsumer(std::string_view name) const {
  const auto it = consumers_.find(name);
  return it == consumers_.end() ? nullptr : &it->second;
}

StreamConsumer* StreamGroup::FindConsumer(std::string_view name) {
  return const_cast<StreamConsumer*>(std::as_const(*this).FindConsumer(name));
}

StreamConsumer& StreamGroup::CreateConsumer(std::string_view name, UnixMillis now) {
  const auto it = consumers_.try_emplace(std::string(name), use_, now).first;
  it->second.name = it->first;
  use_->Add(ConsumerBytes(*it));
  return it->second;
}

size_t StreamGroup::DeleteConsumer(StreamConsumer& consumer) {
  const size_t dropped = consumer.pending.size();
  while (const auto last = consumer.pending.Last()) RemovePending(last->id);
  const auto it = consumers_.find(consumer.name);
  use_->Remove(ConsumerBytes(*it));
  consumers_.erase(it);
  return dropped;
}

void StreamGroup::SetPending(StreamId id, StreamConsumer& consumer, UnixMillis delivered_at, int64_t deliveries) {
  PendingEntry* const p = pending_.Find(id);
  if (p == nullptr) {
    pending_.Insert({id, delivered_at, deliveries, &consumer});
    consumer.pending.Insert({id});
  } else {
    if (p->consumer != &consumer) {
      p->consumer->pending.Erase(id);
      consumer.pending.Insert({id});
    }
    if (by_delivery_ != nullptr) by_delivery_->Erase({p->delivered_at, id});
    *p = {id, delivered_at, deliveries, &consumer};
  }
  if (by_delivery_ != nullptr) by_delivery_->Insert({delivered_at, id});
}

bool StreamGroup::RemovePending(StreamId id) {
  const PendingEntry* const p = pending_.Find(id);
  if (p == nullptr) return false;
  if (by_delivery_ != nullptr) by_delivery_->Erase({p->delivered_at, id});
  p->consumer->pending.Erase(id);
  pending_.Erase(id);
  return true;
}

void StreamGroup::IndexDeliveries() {
  by_delivery_ = std::make_unique<RecordTree<Delivery>>(use_);
  for (auto p = pending_.First(); p; p.Next()) by_delivery_->Insert({p->delivered_at, p->id});
}

void StreamGroup::CopyFrom(const StreamGroup& from) {
  for (const auto& [name, consumer] : from.consumers_) {
    CreateConsumer(name, consumer.seen_at).active_at = consumer.active_at;
  }
  for (auto p = from.pending_.First(); p; p.Next()) {
    SetPending(p->id, *FindConsumer(p->consumer->name), p->delivered_at, p->deliveries);
  }
}

}  // namespace pinion::types
