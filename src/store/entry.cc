// Making, reshaping and freeing entries.
#include "store/entry.h"

#include "base/numbers.h"

namespace pinion::store {

Entry::Value Entry::StringValue(std::string_view bytes) {
  // The first byte rules most texts out before the parser is called.
  if (bytes.size() <= kMaxInt64Text && !bytes.empty() && (bytes[0] == '-' || (bytes[0] >= '0' && bytes[0] <= '9'))) {
    if (const auto integer = ParseInt64(bytes)) {
      Value v;
      v.holding = Holding::kInteger;
      v.integer = *integer;
      return v;
    }
  }
  return TextValue(bytes);
}

Entry::Value Entry::TextValue(std::string_view text) {
  Value v;
  if (text.size() <= kMaxInline) {
    v.bytes = text;
  } else {
    v.holding = Holding::kBlob;
    v.pointer = Blob::CopyOf(text).Release();
  }
  return v;
}

Entry::Value Entry::value() const {
  Value v;
  v.type = type();
  v.holding = holding();
  v.raw = raw();
  switch (v.holding) {
    case Holding::kInline: v.bytes = inline_bytes(); break;
    case Holding::kInteger: v.integer = integer(); break;
    case Holding::kBlob:
    case Holding::kObject: v.pointer = pointer(); break;
  }
  return v;
}

Entry::Shape Entry::ShapeOf(size_t key_length, const Value& v, UnixMillis deadline) {
  Shape s{kKeyLengthAt, 0};
  if (key_length < 256) {
    s.total += 1;
  } else {
    s.total += 8;
    s.flags |= kLongKey;
  }
  if (deadline != kNoDeadline) {
    const bool near = deadline >= kNearBase && deadline < kNearEnd;
    s.flags |= near ? kNear : kFar;
    s.total += near ? 9 : 12;
  }
  s.total += key_length;
  if (v.holding != Holding::kInline) {
    s.total += WordBytes(v.holding);
  } else if (v.bytes.size() < 256) {
    s.total += 1 + v.bytes.size();
  } else {
    s.flags |= kLongValue;
    s.total += 2 + v.bytes.size();
  }
  if (v.raw) s.flags |= kRaw;
  return s;
}

void Entry::Fill(const Shape& shape, std::string_view key, const Value& v, UnixMillis deadline) {
  head_[0] = static_cast<uint8_t>(static_cast<uint8_t>(v.type) | static_cast<uint8_t>(v.holding) << 4);
  head_[1] = shape.flags;
  if (shape.flags & kLongKey) {
    const uint64_t n = key.size();
    std::memcpy(Chars() + kKeyLengthAt, &n, 8);
  } else {
    head_[kKeyLengthAt] = static_cast<uint8_t>(key.size());
  }
  if (shape.flags & kDeadlineMask) {
    WriteDeadline(deadline);
    set_wheel_position(kNotInWheel);
  }
  std::memmove(Chars() + DeadlineAt() + DeadlineSize(), key.data(), key.size());  // may stand there already
  char* value = ValueBytes();
  switch (v.holding) {
    case Holding::kInline:
      if (shape.flags & kLongValue) {
        const auto n = static_cast<uint16_t>(v.bytes.size());
        std::memcpy(value, &n, 2);
        value += 2;
      } else {
        *value++ = static_cast<char>(v.bytes.size());
      }
      if (!v.bytes.empty()) std::memcpy(value, v.bytes.data(), v.bytes.size());
      break;
    case Holding::kInteger:
      std::memcpy(value, &v.integer, 8);
      break;
    case Holding::kBlob:
    case Holding::kObject:
      set_pointer(v.pointer);
      break;
  }
}

Entry* Entry::New(std::string_view key, const Value& value, UnixMillis deadline) {
  const Shape shape = ShapeOf(key.size(), value, deadline);
  auto* e = static_cast<Entry*>(Slab::AllocatePacked(shape.total));
  e->Fill(shape, key, value, deadline);
  e->set_access_clock(0);
  return e;
}

void Entry::FreeValue(Holding holding, ValueType type, void* pointer) {
  if (pointer == nullptr) return;
  if (holding == Holding::kBlob) {
    Blob::Adopt(pointer);
  } else if (holding == Holding::kObject) {
    types::FreeObject(type, pointer);
  }
}

void Entry::Delete(Entry* e) {
  if (e->holding() >= Holding::kBlob) FreeValue(e->holding(), e->type(), e->pointer());
  Slab::FreePacked(e, e->Size());
}

Entry* Entry::Recreate(Entry* e, const Value& value, UnixMillis deadline) {
  const std::string_view key = e->key();
  const uint32_t clock = e->access_clock();
  const uint8_t mark = e->snapshot_mark();
  const Shape shape = ShapeOf(key.size(), value, deadline);
  const Holding old_holding = e->holding();
  const ValueType old_type = e->type();
  // Freed at the end: the new value may point into it.
  void* dropped = old_holding >= Holding::kBlob && value.pointer != e->pointer() ? e->pointer() : nullptr;
  // The key keeps its place only when everything before it keeps its size, and the value must not stand in e.
  const bool same_front = (shape.flags & (kLongKey | kDeadlineMask)) == (e->head_[1] & (kLongKey | kDeadlineMask));
  const bool apart = value.holding != Holding::kInline || value.bytes.empty() ||
                     value.bytes.data() < e->Chars() || value.bytes.data() >= e->Chars() + e->Size();
  if (same_front && apart && Slab::PackedSize(shape.total) == e->AllocatedBytes()) {
    e->Fill(shape, key, value, deadline);
    e->set_snapshot_mark(mark);
    FreeValue(old_holding, old_type, dropped);
    return e;
  }
  auto* fresh = static_cast<Entry*>(Slab::AllocatePacked(shape.total));
  fresh->Fill(shape, key, value, deadline);
  fresh->set_access_clock(clock);
  fresh->set_snapshot_mark(mark);
  FreeValue(old_holding, old_type, dropped);
  Slab::FreePacked(e, e->Size());
  return fresh;
}

size_t Entry::Size() const {
  const size_t at = ValueAt();
  if (holding() != Holding::kInline) return at + WordBytes(holding());
  return at + (head_[1] & kLongValue ? 2 : 1) + inline_bytes().size();
}

size_t Entry::TotalBytes() const {
  size_t n = AllocatedBytes();
  if (holding() == Holding::kBlob) {
    n += blob().allocated();
  } else if (holding() == Holding::kObject) {
    n += types::ObjectBytes(type(), pointer());
  }
  return n;
}

size_t Entry::CountAllocations() const {
  return holding() == Holding::kObject ? types::ObjectAllocations(type(), pointer()) : 1;
}

void Entry::WriteDeadline(UnixMillis deadline) {
  char* at = Chars() + DeadlineAt();
  if ((head_[1] & kDeadlineMask) == kNear) {
    const auto v = static_cast<uint64_t>(deadline - kNearBase);
    std::memcpy(at, &v, 5);
  } else {
    std::memcpy(at, &deadline, 8);
  }
}

uint32_t Entry::wheel_position() const {
  uint32_t v;
  std::memcpy(&v, Chars() + DeadlineAt() + DeadlineSize() - 4, 4);
  return v;
}

void Entry::set_wheel_position(uint32_t position) {
  std::memcpy(Chars() + DeadlineAt() + DeadlineSize() - 4, &position, 4);
}

bool Entry::TrySetDeadline(UnixMillis deadline) {
  const uint8_t form = head_[1] & kDeadlineMask;
  const bool near = deadline >= kNearBase && deadline < kNearEnd;
  if (deadline == kNoDeadline || form != (near ? kNear : kFar)) return form == 0 && deadline == kNoDeadline;
  WriteDeadline(deadline);
  return true;
}

std::string_view Entry::StringView(char* scratch) const {
  switch (holding()) {
    case Holding::kInline:
      return inline_bytes();
    case Holding::kInteger:
      return {scratch, FormatInt64(integer(), scratch)};
    default:
      return blob().view();
  }
}

size_t Entry::StringLength() const {
  char scratch[kMaxInt64Text];
  return StringView(scratch).size();
}

void Entry::OverwriteInline(std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(const_cast<char*>(inline_bytes().data()), bytes.data(), bytes.size());
}

Blob Entry::blob() const {
  Blob mine = Blob::Adopt(pointer());
  Blob shared = mine;
  (void)mine.Release();
  return shared;
}

}  // namespace pinion::store
