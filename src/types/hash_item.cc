// How the records of a large hash are laid out, changed in place and moved.
#include "types/hash_item.h"

namespace pinion::types {

HashItem::Shape HashItem::ShapeOf(size_t field, size_t value, bool timed) {
  uint8_t flags = timed ? kTimed : 0;
  if (field > UINT8_MAX) flags |= kLongField;
  if (value > kMaxInline) {
    flags |= kBlob;
    value = sizeof(void*);
  } else if (value > UINT8_MAX) {
    flags |= kLongValue;
  }
  return {flags, FieldAt(flags) + field + value};
}

HashItem* HashItem::Allocate(const Shape& shape) { return static_cast<HashItem*>(Slab::Allocate(shape.total)); }

void HashItem::WriteHeader(const Shape& shape, size_t field, size_t value) {
  flags_ = shape.flags;
  char* at = Bytes() + 1;
  if (flags_ & kLongField) {
    const uint64_t n = field;
    std::memcpy(at, &n, sizeof n);
  } else {
    *at = static_cast<char>(field);
  }
  if (flags_ & kBlob) return;
  at += FieldLengthSize(flags_);
  if (flags_ & kLongValue) {
    const auto n = static_cast<uint16_t>(value);
    std::memcpy(at, &n, sizeof n);
  } else {
    *at = static_cast<char>(value);
  }
}

void HashItem::WriteValue(std::string_view value) {
  if (flags_ & kBlob) {
    void* word = Blob::CopyOf(value).Release();
    std::memcpy(ValueAt(), &word, sizeof word);
  } else if (!value.empty()) {
    std::memcpy(ValueAt(), value.data(), value.size());
  }
}

void HashItem::DropBlob() {
  if (flags_ & kBlob) (void)Blob::Adopt(BlobWord());
}

HashItem* HashItem::New(std::string_view field, std::string_view value) {
  const Shape shape = ShapeOf(field.size(), value.size(), false);
  HashItem* e = Allocate(shape);
  e->WriteHeader(shape, field.size(), value.size());
  if (!field.empty()) std::memcpy(e->Bytes() + FieldAt(shape.flags), field.data(), field.size());
  e->WriteValue(value);
  return e;
}

HashItem* HashItem::CopyOf(const HashItem& from) {
  char unused[kMaxInt64Text];
  return New(from.key(), from.value().View(unused));
}

void HashItem::Delete(HashItem* e) {
  e->DropBlob();
  Slab::Free(e, e->shape().total);
}

HashItem* HashItem::SetValue(HashItem* e, std::string_view value) {
  const size_t field = e->FieldLength();
  const Shape before = e->shape();
  const Shape after = ShapeOf(field, value.size(), e->timed());
  const size_t from = FieldAt(before.flags), to = FieldAt(after.flags);
  const uint32_t position = e->timed() ? e->heap_position() : 0;
  e->DropBlob();
  if (Slab::GoodSize(before.total) == Slab::GoodSize(after.total)) {
    if (from != to) std::memmove(e->Bytes() + to, e->Bytes() + from, field);
  } else {
    HashItem* moved = Allocate(after);
    std::memcpy(moved->Bytes() + to, e->Bytes() + from, field);
    Slab::Free(e, before.total);
    e = moved;
  }
  e->WriteHeader(after, field, value.size());
  if (e->timed()) e->set_heap_position(position);
  e->WriteValue(value);
  return e;
}

HashItem* HashItem::SetTimed(HashItem* e, bool timed) {
  if (e->timed() == timed) return e;
  const size_t field = e->FieldLength(), value = e->ValueBytes();
  const Shape before = e->shape();
  Shape after = before;
  after.flags ^= kTimed;
  after.total = FieldAt(after.flags) + field + value;
  const size_t from = FieldAt(before.flags), to = FieldAt(after.flags);
  if (Slab::GoodSize(before.total) == Slab::GoodSize(after.total)) {
    std::memmove(e->Bytes() + to, e->Bytes() + from, field + value);
  } else {
    HashItem* moved = Allocate(after);
    std::memcpy(moved->Bytes() + to, e->Bytes() + from, field + value);
    Slab::Free(e, before.total);
    e = moved;
  }
  e->WriteHeader(after, field, value);
  return e;
}

size_t HashItem::AllocatedBytes() const {
  size_t bytes = Slab::GoodSize(shape().total);
  if (flags_ & kBlob) {
    Blob blob = Blob::Adopt(BlobWord());
    bytes += blob.allocated();
    (void)blob.Release();
  }
  return bytes;
}

}  // namespace pinion::types
