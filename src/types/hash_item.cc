// How the records of a large hash are laid out, changed in place and moved.
#include "types/hash_item.h"

namespace pinion::types {

HashItem::Shape HashItem::ShapeOf(size_t field, size_t value, bool timed) {
  uint8_t head = timed ? kTimed : 0;
  if (field <= kMaxHeadLength && value <= UINT8_MAX) {
    head |= static_cast<uint8_t>(field);
    return {head, FieldAt(head) + field + value};
  }
  head |= kForm;
  if (field > UINT8_MAX) head |= kLongField;
  if (value > kMaxInline) {
    head |= kBlob;
    value = sizeof(void*);
  } else if (value > UINT8_MAX) {
    head |= kLongValue;
  }
  return {head, FieldAt(head) + field + value};
}

HashItem* HashItem::Allocate(const Shape& shape) { return static_cast<HashItem*>(Slab::AllocatePacked(shape.total)); }

void HashItem::WriteHeader(const Shape& shape, size_t field, size_t value) {
  head_ = shape.head;
  char* at = Bytes() + 1;
  if (Has(head_, kLongField)) {
    const uint64_t n = field;
    std::memcpy(at, &n, sizeof n);
  } else if (head_ & kForm) {
    *at = static_cast<char>(field);
  }
  if (Has(head_, kBlob)) return;
  at += FieldLengthSize(head_);
  if (Has(head_, kLongValue)) {
    const auto n = static_cast<uint16_t>(value);
    std::memcpy(at, &n, sizeof n);
  } else {
    *at = static_cast<char>(value);
  }
}

void HashItem::WriteValue(std::string_view value) {
  if (Has(head_, kBlob)) {
    void* word = Blob::CopyOf(value).Release();
    std::memcpy(ValueAt(), &word, sizeof word);
  } else if (!value.empty()) {
    std::memcpy(ValueAt(), value.data(), value.size());
  }
}

void HashItem::DropBlob() {
  if (Has(head_, kBlob)) (void)Blob::Adopt(BlobWord());
}

HashItem* HashItem::New(std::string_view field, std::string_view value) {
  const Shape shape = ShapeOf(field.size(), value.size(), false);
  HashItem* e = Allocate(shape);
  e->WriteHeader(shape, field.size(), value.size());
  if (!field.empty()) std::memcpy(e->Bytes() + FieldAt(shape.head), field.data(), field.size());
  e->WriteValue(value);
  return e;
}

HashItem* HashItem::CopyOf(const HashItem& from) {
  char unused[kMaxInt64Text];
  return New(from.key(), from.value().View(unused));
}

void HashItem::Delete(HashItem* e) {
  e->DropBlob();
  Slab::FreePacked(e, e->shape().total);
}

HashItem* HashItem::SetValue(HashItem* e, std::string_view value) {
  const size_t field = e->FieldLength();
  const Shape before = e->shape();
  const Shape after = ShapeOf(field, value.size(), e->timed());
  const size_t from = FieldAt(before.head), to = FieldAt(after.head);
  const uint32_t position = e->timed() ? e->heap_position() : 0;
  e->DropBlob();
  if (Slab::PackedSize(before.total) == Slab::PackedSize(after.total)) {
    if (from != to) std::memmove(e->Bytes() + to, e->Bytes() + from, field);
  } else {
    HashItem* moved = Allocate(after);
    std::memcpy(moved->Bytes() + to, e->Bytes() + from, field);
    Slab::FreePacked(e, before.total);
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
  after.head ^= kTimed;
  after.total = FieldAt(after.head) + field + value;
  const size_t from = FieldAt(before.head), to = FieldAt(after.head);
  if (Slab::PackedSize(before.total) == Slab::PackedSize(after.total)) {
    std::memmove(e->Bytes() + to, e->Bytes() + from, field + value);
  } else {
    HashItem* moved = Allocate(after);
    std::memcpy(moved->Bytes() + to, e->Bytes() + from, field + value);
    Slab::FreePacked(e, before.total);
    e = moved;
  }
  e->WriteHeader(after, field, value);
  return e;
}

size_t HashItem::AllocatedBytes() const {
  size_t bytes = Slab::PackedSize(shape().total);
  if (Has(head_, kBlob)) {
    Blob blob = Blob::Adopt(BlobWord());
    bytes += blob.allocated();
    (void)blob.Release();
  }
  return bytes;
}

}  // namespace pinion::types
