// How a set holds its members, and when it changes from one encoding to the next.
#include "types/set.h"

#include <algorithm>
#include <array>
#include <new>

#include "base/hash.h"
#include "base/hash_table_impl.h"
#include "base/numbers.h"
#include "base/slab.h"

namespace pinion {
template class HashTable<types::SetMember>;
}

namespace pinion::types {
namespace {

size_t MaxIntSetEntries(const SetLimits& limits) { return std::min(limits.intset_entries, IntSet::kMaxSize); }

// Whether a listpack of so many entries and bytes may take one more member.
bool HasRoom(size_t entries, size_t bytes, std::string_view member, const SetLimits& limits) {
  return entries < limits.listpack_entries && member.size() <= limits.listpack_value &&
         bytes + Listpack::ElementBytes(member) <= kMaxListpackBytes;
}

size_t TextLength(int64_t v) {
  std::array<char, kMaxInt64Text> text;
  return FormatInt64(v, text.data());
}

}  // namespace

// --- reading ------------------------------------------------------------------------------------------------

size_t SetView::size() const {
  switch (encoding()) {
    case kIntSet: return intset()->size();
    case kListpack: return listpack().size();
    default: return large().table.size();
  }
}

bool SetView::Contains(std::string_view member) const {
  if (encoding() == kTable) return large().table.Find(HashKey(member), member) != nullptr;
  if (encoding() == kListpack) return listpack().Find(listpack().First(), member) != nullptr;
  const auto v = ParseInt64(member);
  return v && intset()->Contains(*v);
}

bool SetView::Contains(const ListpackItem& member) const {
  if (member.is_integer && encoding() == kIntSet) return intset()->Contains(member.integer);
  std::array<char, kMaxInt64Text> scratch;
  return Contains(member.View(scratch.data()));
}

ListpackItem SetView::Sample(Random& random) const {
  if (encoding() == kTable) return TextItem(large().table.Sample(random)->key());
  const size_t i = random.Below(size());
  if (encoding() == kIntSet) return IntegerItem(intset()->At(i));
  return ListpackView::Get(listpack().At(static_cast<int64_t>(i)));
}

size_t SetView::AllocatedBytes() const {
  switch (encoding()) {
    case kIntSet: return intset()->AllocatedBytes();
    case kListpack: return pointer() == nullptr ? 0 : Slab::GoodSize(listpack().bytes());
    default: return Slab::GoodSize(sizeof(Large)) + large().table.bytes() + large().member_bytes;
  }
}

size_t SetView::CountAllocations() const { return encoding() == kTable ? 1 + size() : 1; }

std::string_view SetView::EncodingName() const {
  switch (encoding()) {
    case kIntSet: return "intset";
    case kListpack: return "listpack";
    default: return "hashtable";
  }
}

// --- owning -------------------------------------------------------------------------------------------------

Set Set::Adopt(void* word) {
  Set s;
  s.word_ = reinterpret_cast<uintptr_t>(word);
  return s;
}

Set Set::Clone() const {
  Set copy;
  switch (encoding()) {
    case kIntSet: copy.Take(intset()->Clone()); break;
    case kListpack: copy.Take(Listpack::CopyOf(listpack())); break;
    default:
      copy.MakeTable();
      ForEach([&copy](const ListpackItem& item) { copy.AddNewToTable(item.text); });
  }
  return copy;
}

void Set::Clear() {
  if (encoding() == kTable) {
    large().table.ForEach([](SetMember* m) { SetMember::Delete(m); });
    large().~Large();
    Slab::Free(TakePointer(), sizeof(Large));
  } else if (encoding() == kListpack) {
    (void)TakeListpack();
  } else {
    (void)TakeIntSet();
  }
}

// --- changing the encoding ----------------------------------------------------------------------------------

void Set::Expect(size_t count, std::string_view first, const SetLimits& limits) {
  if (word_ == 0) {
    if (count <= limits.intset_entries && ParseInt64(first)) return;
    if (count <= limits.listpack_entries) return Take(Listpack());
    return MakeTable();
  }
  if ((encoding() == kListpack && count > limits.listpack_entries) ||
      (encoding() == kIntSet && count > limits.intset_entries)) {
    MakeTable();
  }
}

void Set::MakeListpack() {
  Listpack l;
  intset()->ForEach([&l](int64_t v) { l.Append(v); });
  Take(std::move(l));
}

void Set::MakeTable() {
  Set grown;
  grown.word_ = reinterpret_cast<uintptr_t>(new (Slab::Allocate(sizeof(Large))) Large) | kTable;
  std::array<char, kMaxInt64Text> scratch;
  ForEach([&](const ListpackItem& item) { grown.AddNewToTable(item.View(scratch.data())); });
  std::swap(word_, grown.word_);
}

void Set::CompactIntegers(const SetLimits& limits) {
  if (encoding() == kIntSet || size() > MaxIntSetEntries(limits)) return;
  IntSet s;
  ForEach([&s](const ListpackItem& item) {
    const auto v = item.is_integer ? item.integer : ParseInt64(item.text);
    if (v) s.Add(*v);
  });
  Take(std::move(s));
}

// --- changing the members -----------------------------------------------------------------------------------

bool Set::FitsListpack(std::string_view member, const SetLimits& limits) const {
  const auto s = intset();
  const size_t n = s->size();
  size_t longest = 0, widest = 0;
  if (n > 0) {
    const int64_t least = s->At(0), greatest = s->At(n - 1);
    longest = std::max(TextLength(least), TextLength(greatest));
    widest = std::max(Listpack::ElementBytes(least), Listpack::ElementBytes(greatest));
  }
  return longest <= limits.listpack_value && HasRoom(n, kListpackOverhead + n * widest, member, limits);
}

bool Set::Add(std::string_view member, const SetLimits& limits) {
  if (encoding() == kTable) return AddToTable(member);
  if (encoding() == kListpack) {
    const ListpackView view = listpack();
    if (view.Find(view.First(), member) != nullptr) return false;
    if (HasRoom(view.size(), view.bytes(), member, limits)) {
      Listpack l = TakeListpack();
      l.Append(member);
      Take(std::move(l));
      return true;
    }
  } else {
    if (const auto v = ParseInt64(member)) return AddInteger(*v, limits);
    if (FitsListpack(member, limits)) {
      MakeListpack();
      Listpack l = TakeListpack();
      l.Append(member);
      Take(std::move(l));
      return true;
    }
  }
  MakeTable();
  AddNewToTable(member);
  return true;
}

bool Set::Add(const ListpackItem& member, const SetLimits& limits) {
  if (member.is_integer && encoding() == kIntSet) return AddInteger(member.integer, limits);
  std::array<char, kMaxInt64Text> scratch;
  return Add(member.View(scratch.data()), limits);
}

bool Set::AddInteger(int64_t v, const SetLimits& limits) {
  IntSet s = TakeIntSet();
  const bool added = s.Add(v);
  Take(std::move(s));
  if (added && size() > MaxIntSetEntries(limits)) MakeTable();
  return added;
}

bool Set::AddToTable(std::string_view member) {
  const uint64_t hash = HashKey(member);
  Large& l = large();
  if (l.table.Find(hash, member) != nullptr) return false;
  SetMember* m = SetMember::New(member);
  l.member_bytes += m->AllocatedBytes();
  l.table.Insert(hash, m);
  return true;
}

void Set::AddNewToTable(std::string_view member) {
  SetMember* m = SetMember::New(member);
  large().member_bytes += m->AllocatedBytes();
  large().table.Insert(HashKey(member), m);
}

bool Set::Remove(std::string_view member) {
  if (encoding() == kTable) {
    const uint64_t hash = HashKey(member);
    HashTable<SetMember>::Word* w = large().table.Find(hash, member);
    if (w == nullptr) return false;
    EraseFromTable(hash, w);
    return true;
  }
  if (encoding() == kListpack) {
    const auto p = listpack().Find(listpack().First(), member);
    if (p == nullptr) return false;
    Listpack l = TakeListpack();
    l.Erase(p);
    Take(std::move(l));
    return true;
  }
  const auto v = ParseInt64(member);
  return v && Remove(IntegerItem(*v));
}

bool Set::Remove(const ListpackItem& member) {
  if (!member.is_integer || encoding() != kIntSet) {
    std::array<char, kMaxInt64Text> scratch;
    return Remove(member.View(scratch.data()));
  }
  IntSet s = TakeIntSet();
  const bool removed = s.Remove(member.integer);
  Take(std::move(s));
  return removed;
}

void Set::EraseFromTable(uint64_t hash, HashTable<SetMember>::Word* w) {
  SetMember* m = HashTable<SetMember>::At(w);
  large().table.Erase(hash, w);
  large().member_bytes -= m->AllocatedBytes();
  SetMember::Delete(m);
}

void Set::EraseFromTable(SetMember* m) {
  const uint64_t hash = HashKey(m->key());
  EraseFromTable(hash, large().table.FindEntry(hash, m));
}

}  // namespace pinion::types
