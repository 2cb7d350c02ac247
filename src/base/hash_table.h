// The hash table of everything large: extendible hashing over small segments of cache-line buckets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/prefetch.h"
#include "base/random.h"

namespace pinion {

// A directory of 2^depth words maps the top bits of a hash to a segment. A segment is 1 to 40 buckets of one cache
// line; a bucket is 8 words, each an item's address (48 bits) under a 16-bit tag (the hash's low bits). The tag
// also names the home bucket inside the segment (tag * buckets >> 16), so a segment is resized from its tags alone,
// without touching an entry. A full bucket overflows into the next; buckets are filled from word 0, so a last word
// of zero ends a search.
//
//   hash:            [ directory index | ........ shard ........ | tag ]
//   directory word:  [ buckets | depth | segment address ]
//
// When a new entry finds ten full buckets from its home on, its segment grows by a step; that is so at a load of about
// 0.92, and saves counting what is in it. At 40 buckets it splits in two by the next directory bit. One
// that is less than 0.6 full loses buckets, or merges with its buddy. No step touches more than a segment or its pair
// (some 300 entries). The load is 0.78 to 0.88, on average 0.84, while keys come, and some 0.65 while they go. The
// directory is as deep as the deepest segment, about 8 bytes for a hundred and fifty keys; it doubles and halves in one
// go. After Fagin et al., "Extendible Hashing" (1979), with segments sized as in Lu et al., "Dash" (2020).
//
// Item has key(), whose HashKey is the hash; it stands at an address of 48 bits. The cold half stands in
// hash_table_impl.h, for the one file that instantiates the table for its items.
//
// Not thread-safe. Does not own its items, which are called entries here.
template <typename Item>
class HashTable {
 public:
  using Word = uint64_t;

  HashTable() = default;
  ~HashTable() { Clear(); }
  HashTable(HashTable&& o) noexcept { Swap(o); }
  HashTable& operator=(HashTable&& o) noexcept { Swap(o); return *this; }
  void Swap(HashTable& o) noexcept {
    std::swap(directory_, o.directory_);
    const uint32_t depth = depth_, deepest = deepest_;
    depth_ = o.depth_, deepest_ = o.deepest_;
    o.depth_ = depth, o.deepest_ = deepest;
    std::swap(count_, o.count_);
    std::swap(bytes_, o.bytes_);
  }

  [[nodiscard]] size_t size() const { return count_; }
  // Heap bytes of directory and segments.
  [[nodiscard]] size_t bytes() const { return bytes_; }

  // The word that holds the entry of this key, or null. Valid until the next Insert or Erase.
  [[nodiscard]] Word* Find(uint64_t hash, std::string_view key) const;
  // The word that holds this very entry (its address is compared, not its key), or null.
  [[nodiscard]] Word* FindEntry(uint64_t hash, const Item* e) const;
  [[nodiscard]] static Item* At(const Word* w) { return reinterpret_cast<Item*>(*w & kPointerMask); }

  // REQUIRES: no entry of that key is in the table, and HashKey(e->key()) == hash.
  void Insert(uint64_t hash, Item* e);
  // Puts another entry of the same key in place.
  static void Replace(Word* w, Item* e) { *w = (*w & ~kPointerMask) | reinterpret_cast<Word>(e); }
  // Removes the word's entry from the table.
  void Erase(uint64_t hash, Word* w);
  // Frees directory and segments, forgetting the entries.
  void Clear();

  // Asks the cache for the bucket, and then (when the bucket has come) for the entry, of a hash.
  void PrefetchBucket(uint64_t hash) const;
  void PrefetchEntry(uint64_t hash) const;

  // Calls f(Item*) for entries from `cursor` on, in hash order, until at least `count` were seen or the end is
  // reached, and returns the next cursor (0 at the end; begin with 0). An entry that stays in the table from the
  // first call to the last is seen at least once, however the table grows, splits and shrinks in between. Cursors
  // are below 2^kCursorBits. f must not change the table.
  template <typename F>
  uint64_t Scan(uint64_t cursor, size_t count, F&& f) const;
  static constexpr int kCursorBits = 16 + 28;

  // Calls f(Item*) for every entry; f must not change the table.
  template <typename F>
  void ForEach(F&& f) const;
  // Calls f(Item*) for every entry of the segment that directory word i names, once a segment; returns the next i,
  // or 0 at the end. For emptying a table in slices.
  template <typename F>
  size_t ForEachInSegment(size_t i, F&& f) const;

  // An entry, every one equally likely. Null when empty.
  [[nodiscard]] Item* Sample(Random& random) const;

  // Number of buckets and segments, for DEBUG and tests.
  [[nodiscard]] size_t CountBuckets() const;
  [[nodiscard]] size_t CountSegments() const;
  // True when every invariant above holds; for tests.
  [[nodiscard]] bool CheckInvariants() const;

 private:
  static constexpr Word kPointerMask = (Word{1} << 48) - 1;
  static constexpr size_t kSlots = 8;
  static constexpr size_t kBucketBytes = kSlots * sizeof(Word);
  static constexpr unsigned kMaxBuckets = 40;
  static constexpr unsigned kMaxRun = 10;  // full buckets from a new entry's home on
  static constexpr size_t kMergeBelow = 144;   // entries; half of what makes a segment split
  static constexpr unsigned kMaxDepth = 27;   // past it segments grow on, to kHugeBuckets
  static constexpr unsigned kHugeBuckets = 254;

  // A directory word taken apart.
  struct Segment {
    Word* words;
    unsigned depth;
    unsigned buckets;
    [[nodiscard]] Word* Bucket(size_t b) const { return words + b * kSlots; }
    [[nodiscard]] size_t Home(Word tag) const { return static_cast<size_t>(tag * buckets >> 16); }
    [[nodiscard]] size_t Next(size_t b) const { return b + 1 == buckets ? 0 : b + 1; }
    [[nodiscard]] size_t CountWords() const;
    [[nodiscard]] Word* FreeWord(size_t home, unsigned run) const;
    [[nodiscard]] bool TryPut(Word w);
  };
  class Filler;
  static Segment Unpack(Word d) {
    return {reinterpret_cast<Word*>(d & kPointerMask), static_cast<unsigned>(d >> 48 & 0xFF),
            static_cast<unsigned>(d >> 56)};
  }
  static Word Pack(const Segment& s) {
    return reinterpret_cast<Word>(s.words) | Word{s.depth} << 48 | Word{s.buckets} << 56;
  }
  static Word TagOf(uint64_t hash) { return hash & 0xFFFF; }
  static Word MakeWord(uint64_t hash, const Item* e) { return TagOf(hash) << 48 | reinterpret_cast<Word>(e); }
  // Buckets for a segment that shrinks to n entries: at most 0.8 full, so that it does not grow again at once.
  static unsigned RoomyFor(size_t n) {
    unsigned buckets = 1;
    while (n * 10 > buckets * kSlots * 8) buckets = NextSize(buckets);
    return buckets;
  }
  // 1, 2, 4, 8, 16, then 20, 24, 28, 32, 40: each a size class of the allocator, so nothing is rounded up.
  static unsigned NextSize(unsigned buckets) {
    if (buckets < 16) return buckets * 2;
    return buckets < 32 ? buckets + 4 : buckets + 8;
  }
  [[nodiscard]] size_t IndexOf(uint64_t hash) const { return (hash >> 1) >> (63 - depth_); }

  // A bit for each of a bucket's words under this tag; empty words stand under tag 0.
  static unsigned MatchTags(const Word* bucket, Word tag);
  template <typename Match>
  Word* Search(uint64_t hash, Match&& match) const;
  Segment NewSegment(unsigned depth, unsigned buckets);
  void FreeSegment(const Segment& s);
  void SetDirectory(size_t index, const Segment& s);
  void MakeRoom(uint64_t hash);
  void Resize(size_t index, const Segment& old, unsigned buckets);
  void Split(size_t index, const Segment& old);
  void DoubleDirectory();
  void FillHole(const Segment& s, size_t b);
  void MaybeShrink(uint64_t hash);
  Segment Merge(size_t index, const Segment& a, const Segment& b, size_t total);
  void HalveDirectory();

  Word* directory_ = nullptr;  // null while nothing was ever inserted
  uint32_t count_ = 0;
  uint32_t depth_ : 5 = 0;
  uint32_t deepest_ : 27 = 0;  // segments of depth depth_; none is deeper
  size_t bytes_ = 0;
};

// --- inline parts -------------------------------------------------------------------------------------------

template <typename Item>
inline unsigned HashTable<Item>::MatchTags(const Word* w, Word tag) {
#if defined(__SSE2__)
  // Four compares of two words each; the results are narrowed to a bit a word.
  const __m128i wanted = _mm_set1_epi64x(static_cast<int64_t>(tag));
  const auto equal = [&](int i) {
    const __m128i pair = _mm_load_si128(reinterpret_cast<const __m128i*>(w + 2 * i));
    return _mm_cmpeq_epi32(_mm_srli_epi64(pair, 48), wanted);
  };
  const __m128i low = _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(equal(0)), _mm_castsi128_ps(equal(1)), 0x88));
  const __m128i high = _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(equal(2)), _mm_castsi128_ps(equal(3)), 0x88));
  return static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(low)) | _mm_movemask_ps(_mm_castsi128_ps(high)) << 4);
#else
  unsigned hits = 0;
  for (size_t i = 0; i < kSlots; ++i) hits |= static_cast<unsigned>(w[i] >> 48 == tag) << i;
  return hits;
#endif
}

template <typename Item>
template <typename Match>
inline typename HashTable<Item>::Word* HashTable<Item>::Search(uint64_t hash, Match&& match) const {
  if (directory_ == nullptr) return nullptr;
  const Segment s = Unpack(directory_[IndexOf(hash)]);
  const Word tag = TagOf(hash);
  size_t b = s.Home(tag);
  for (unsigned probes = 0; probes < s.buckets; ++probes) {
    Word* w = s.Bucket(b);
    for (unsigned hits = MatchTags(w, tag); hits != 0; hits &= hits - 1) {
      Word* at = &w[__builtin_ctz(hits)];
      if (*at != 0 && match(At(at))) return at;
    }
    if (w[kSlots - 1] == 0) return nullptr;
    b = s.Next(b);
  }
  return nullptr;
}

template <typename Item>
inline typename HashTable<Item>::Word* HashTable<Item>::Find(uint64_t hash, std::string_view key) const {
  return Search(hash, [key](const Item* e) { return e->key() == key; });
}

template <typename Item>
inline typename HashTable<Item>::Word* HashTable<Item>::FindEntry(uint64_t hash, const Item* wanted) const {
  return Search(hash, [wanted](const Item* e) { return e == wanted; });
}

template <typename Item>
inline void HashTable<Item>::PrefetchBucket(uint64_t hash) const {
  if (directory_ == nullptr) return;
  const Segment s = Unpack(directory_[IndexOf(hash)]);
  const Word* const home = s.Bucket(s.Home(TagOf(hash)));
  PrefetchForRead(home);
  PrefetchForRead(home + kSlots);  // two in five are full and go on there
}

template <typename Item>
inline void HashTable<Item>::PrefetchEntry(uint64_t hash) const {
  if (directory_ == nullptr) return;
  const Segment s = Unpack(directory_[IndexOf(hash)]);
  const Word tag = TagOf(hash);
  const Word* w = s.Bucket(s.Home(tag));
  for (unsigned hits = MatchTags(w, tag); hits != 0; hits &= hits - 1) {
    const uintptr_t at = w[__builtin_ctz(hits)] & kPointerMask;  // 0 where an empty word is like the tag
    PrefetchForRead(reinterpret_cast<const void*>(at));
    PrefetchForRead(reinterpret_cast<const void*>(at + 64));
  }
}

template <typename Item>
template <typename F>
size_t HashTable<Item>::ForEachInSegment(size_t i, F&& f) const {
  if (directory_ == nullptr) return 0;
  const Segment s = Unpack(directory_[i]);
  for (size_t w = 0; w < s.buckets * kSlots; ++w) {
    if (s.words[w] != 0) f(At(&s.words[w]));
  }
  const size_t next = i + (size_t{1} << (depth_ - s.depth));
  return next == size_t{1} << depth_ ? 0 : next;
}

template <typename Item>
template <typename F>
void HashTable<Item>::ForEach(F&& f) const {
  size_t i = 0;
  do {
    i = ForEachInSegment(i, f);
  } while (i != 0);
}

// A cursor is a position in the order (segment's prefix, tag): a segment stands for a range of hashes with one
// prefix, and inside it entries come by home bucket, that is by ranges of tags. When a segment has split or grown
// meanwhile, what was not yet seen still lies at or after the position; what lies there and was seen is reported
// again. A segment that has merged with the next one also holds unseen entries of smaller tags, and is begun again:
// a cursor tells how deep its segment was. It reads, from the top: the prefix, a one bit, zeros up to kMaxDepth + 1
// bits, and the tag in 16 bits.
template <typename Item>
template <typename F>
uint64_t HashTable<Item>::Scan(uint64_t cursor, size_t count, F&& f) const {
  if (directory_ == nullptr) return 0;
  constexpr uint64_t kEnd = uint64_t{1} << kMaxDepth;
  const auto cursor_at = [](uint64_t prefix, unsigned depth, uint64_t tag) {
    return (prefix << 1 | uint64_t{1} << (kMaxDepth - depth)) << 16 | tag;
  };
  const uint64_t place = cursor >> 16 & (2 * kEnd - 1);
  uint64_t prefix = (place & (place - 1)) >> 1;  // kMaxDepth bits
  uint64_t tag = cursor & 0xFFFF;
  const unsigned zeros = place == 0 ? kMaxDepth : static_cast<unsigned>(__builtin_ctzll(place));
  if (Unpack(directory_[prefix >> (kMaxDepth - depth_)]).depth + zeros < kMaxDepth) {
    tag = 0;
  }
  size_t seen = 0;
  while (prefix < kEnd) {
    const Segment s = Unpack(directory_[prefix >> (kMaxDepth - depth_)]);
    for (size_t home = s.Home(tag); home < s.buckets; ++home) {
      size_t b = home;
      for (unsigned probes = 0; probes < s.buckets; ++probes) {
        const Word* w = s.Bucket(b);
        for (size_t i = 0; i < kSlots && w[i] != 0; ++i) {
          if (s.Home(w[i] >> 48) == home) {
            f(At(&w[i]));
            ++seen;
          }
        }
        if (w[kSlots - 1] == 0) break;
        b = s.Next(b);
      }
      if (seen >= count && home + 1 < s.buckets) {
        const uint64_t first_of_next_home = (((home + 1) << 16) + s.buckets - 1) / s.buckets;
        return cursor_at(prefix & ~((kEnd >> s.depth) - 1), s.depth, first_of_next_home);
      }
    }
    tag = 0;
    prefix = ((prefix >> (kMaxDepth - s.depth)) + 1) << (kMaxDepth - s.depth);
    if (seen >= count && prefix < kEnd) return cursor_at(prefix, s.depth, 0);
  }
  return 0;
}

}  // namespace pinion
