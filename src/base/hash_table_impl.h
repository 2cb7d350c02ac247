// How a hash table grows, splits, shrinks and samples; included where HashTable<Item> is instantiated.
#pragma once

#include "base/hash_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "base/alloc.h"
#include "base/hash.h"

namespace pinion {

template <typename Item>
size_t HashTable<Item>::Segment::CountWords() const {
  size_t n = 0;
  for (size_t i = 0; i < buckets * kSlots; ++i) n += words[i] != 0;
  return n;
}

// The first free word from `home` on in a run of so many buckets, or null.
template <typename Item>
typename HashTable<Item>::Word* HashTable<Item>::Segment::FreeWord(size_t home, unsigned run) const {
  for (size_t b = home; run > 0; b = Next(b), --run) {
    Word* const at = Bucket(b);
    if (at[kSlots - 1] != 0) continue;
    size_t used = 0;
    for (size_t i = 0; i < kSlots - 1; ++i) used += at[i] != 0;  // without a branch to guess wrong
    return at + used;
  }
  return nullptr;
}

// Fills a new segment. What each bucket holds is counted beside it: looking for the free word costs more than the move.
template <typename Item>
class HashTable<Item>::Filler {
 public:
  explicit Filler(const Segment& s) : segment_(s) {}
  // REQUIRES: the segment has a free word.
  void Put(Word w) {
    size_t b = segment_.Home(w >> 48);
    while (used_[b] == kSlots) b = segment_.Next(b);
    segment_.Bucket(b)[used_[b]++] = w;
  }
  void PutAll(const Segment& from) {
    for (size_t i = 0; i < from.buckets * kSlots; ++i) {
      if (from.words[i] != 0) Put(from.words[i]);
    }
  }

 private:
  const Segment segment_;
  std::array<uint8_t, kHugeBuckets> used_{};
};

// False when the segment is to grow first.
template <typename Item>
bool HashTable<Item>::Segment::TryPut(Word w) {
  const size_t home = Home(w >> 48);
  Word* at = FreeWord(home, std::min(buckets, kMaxRun));
  if (at == nullptr) [[unlikely]] {
    if (CountWords() >= buckets * kSlots * 3 / 4) return false;
    at = FreeWord(home, buckets);  // tags that happen to be alike, in a segment with much room
  }
  *at = w;
  return true;
}

template <typename Item>
typename HashTable<Item>::Segment HashTable<Item>::NewSegment(unsigned depth, unsigned buckets) {
  auto* words = static_cast<Word*>(AllocateAligned(buckets * kBucketBytes, kBucketBytes));
  std::memset(words, 0, buckets * kBucketBytes);
  bytes_ += GoodSize(buckets * kBucketBytes);
  return {words, depth, buckets};
}

template <typename Item>
void HashTable<Item>::FreeSegment(const Segment& s) {
  bytes_ -= GoodSize(s.buckets * kBucketBytes);
  Free(s.words);
}

// Points every directory word of the segment's prefix at it; `index` is any of them.
template <typename Item>
void HashTable<Item>::SetDirectory(size_t index, const Segment& s) {
  const size_t span = size_t{1} << (depth_ - s.depth);
  std::fill_n(directory_ + (index & ~(span - 1)), span, Pack(s));
}

template <typename Item>
void HashTable<Item>::Insert(uint64_t hash, Item* e) {
  const Word w = MakeWord(hash, e);
  while (directory_ == nullptr || !Unpack(directory_[IndexOf(hash)]).TryPut(w)) MakeRoom(hash);
  ++count_;
}

template <typename Item>
void HashTable<Item>::MakeRoom(uint64_t hash) {
  if (directory_ == nullptr) {
    directory_ = static_cast<Word*>(Allocate(sizeof(Word)));
    bytes_ += GoodSize(sizeof(Word));
    depth_ = 0;
    deepest_ = 1;
    directory_[0] = Pack(NewSegment(0, 1));
    return;
  }
  const size_t index = IndexOf(hash);
  const Segment s = Unpack(directory_[index]);
  if (s.buckets < kMaxBuckets || (s.depth == kMaxDepth && s.buckets < kHugeBuckets)) {
    Resize(index, s, NextSize(s.buckets));
  } else if (s.depth < kMaxDepth) {
    Split(index, s);
  } else {
    throw std::bad_alloc();  // 2^28 full segments: more entries than count_ can number
  }
}

template <typename Item>
void HashTable<Item>::Resize(size_t index, const Segment& old, unsigned buckets) {
  const Segment s = NewSegment(old.depth, buckets);
  Filler(s).PutAll(old);
  SetDirectory(index, s);
  FreeSegment(old);
}

template <typename Item>
void HashTable<Item>::Split(size_t index, const Segment& old) {
  // The next bit of each hash is in its key: ask for all entries before the first is read.
  std::array<Word, kHugeBuckets * kSlots> words;
  size_t n = 0;
  for (size_t i = 0; i < old.buckets * kSlots; ++i) {
    if (old.words[i] == 0) continue;
    __builtin_prefetch(At(&old.words[i]));
    words[n++] = old.words[i];
  }
  const unsigned bit = 63 - old.depth;
  const auto middle = std::partition(words.begin(), words.begin() + n, [bit](const Word& w) {
    return (HashKey(At(&w)->key()) >> bit & 1) == 0;
  });
  if (old.depth == depth_) {
    DoubleDirectory();
    index *= 2;
  }
  const size_t half = size_t{1} << (depth_ - old.depth - 1);
  const size_t first = index & ~(2 * half - 1);
  const auto build = [&](auto from, auto to, size_t at) {
    const auto count = static_cast<size_t>(to - from);
    unsigned buckets = 1;
    while (buckets < kMaxBuckets && buckets * kSlots * 92 / 100 <= count) buckets = NextSize(buckets);
    const Segment s = NewSegment(old.depth + 1, buckets);
    Filler filler(s);
    for (auto w = from; w != to; ++w) filler.Put(*w);
    SetDirectory(at, s);
  };
  build(words.begin(), middle, first);
  build(middle, words.begin() + n, first + half);
  if (old.depth + 1 == depth_) deepest_ += 2;
  FreeSegment(old);
}

template <typename Item>
void HashTable<Item>::DoubleDirectory() {
  const size_t n = size_t{1} << depth_;
  auto* fresh = static_cast<Word*>(Allocate(2 * n * sizeof(Word)));
  for (size_t i = 0; i < n; ++i) fresh[2 * i] = fresh[2 * i + 1] = directory_[i];
  bytes_ += GoodSize(2 * n * sizeof(Word)) - GoodSize(n * sizeof(Word));
  Free(directory_);
  directory_ = fresh;
  ++depth_;
  deepest_ = 0;
}

template <typename Item>
void HashTable<Item>::Erase(uint64_t hash, Word* w) {
  const Segment s = Unpack(directory_[IndexOf(hash)]);
  const auto b = static_cast<size_t>(w - s.words) / kSlots;
  Word* bucket = s.Bucket(b);
  const bool was_full = bucket[kSlots - 1] != 0;
  size_t last = kSlots - 1;
  while (bucket[last] == 0) --last;
  *w = bucket[last];
  bucket[last] = 0;
  if (--count_ == 0) {
    Clear();
  } else if (was_full) {
    FillHole(s, b);
  } else if (last <= 3) {
    MaybeShrink(hash);  // a bucket so empty is rare in a segment that is not sparse
  }
}

// Bucket b was full and now has one free word (its last): takes back into it an entry that overflowed past it, and
// so on along the run of full buckets, so that a search may still stop at the first bucket that is not full.
template <typename Item>
void HashTable<Item>::FillHole(const Segment& s, size_t b) {
  size_t hole = b;
  size_t from_hole = 0;  // distance of p from the hole
  for (size_t p = s.Next(b); p != b; p = s.Next(p)) {
    ++from_hole;
    Word* bucket = s.Bucket(p);
    size_t last = kSlots;
    while (last > 0 && bucket[last - 1] == 0) --last;
    for (size_t i = 0; i < last; ++i) {
      const size_t home = s.Home(bucket[i] >> 48);
      const size_t from_home = (p + s.buckets - home) % s.buckets;
      if (from_home < from_hole) continue;
      s.Bucket(hole)[kSlots - 1] = bucket[i];
      bucket[i] = bucket[last - 1];
      bucket[last - 1] = 0;
      hole = p;
      from_hole = 0;
      break;
    }
    if (last < kSlots) return;  // p was not full: nothing overflowed past it
  }
}

// Gives memory back when the segment of this hash has become sparse: one segment of two, or fewer buckets.
template <typename Item>
void HashTable<Item>::MaybeShrink(uint64_t hash) {
  size_t index = IndexOf(hash);
  Segment s = Unpack(directory_[index]);
  size_t n = s.CountWords();
  // A merged segment may find a buddy that waited for it to come up to its own depth.
  while (s.depth > 0 && n <= kMergeBelow * 5 / 8) {
    const Segment buddy = Unpack(directory_[index ^ size_t{1} << (depth_ - s.depth)]);
    if (buddy.depth != s.depth) break;
    const size_t total = n + buddy.CountWords();
    if (total > kMergeBelow) break;
    s = Merge(index, s, buddy, total);
    n = total;
    index = IndexOf(hash);  // the directory may have been halved
  }
  if (n * 10 >= s.buckets * kSlots * 6) return;
  const unsigned buckets = RoomyFor(n);
  if (buckets < s.buckets) Resize(index, s, buckets);
}

// Puts two segments that differ in their last directory bit, with `total` entries, in one.
template <typename Item>
typename HashTable<Item>::Segment HashTable<Item>::Merge(size_t index, const Segment& a, const Segment& b,
                                                          size_t total) {
  const Segment merged = NewSegment(a.depth - 1, RoomyFor(total));
  Filler filler(merged);
  filler.PutAll(a);
  filler.PutAll(b);
  SetDirectory(index, merged);
  FreeSegment(a);
  FreeSegment(b);
  if (a.depth == depth_ && (deepest_ -= 2) == 0) HalveDirectory();
  return merged;
}

// Halves the directory until some segment is as deep as it.
template <typename Item>
void HashTable<Item>::HalveDirectory() {
  unsigned deepest = 0;
  uint32_t segments = 0;
  for (size_t i = 0; i < size_t{1} << depth_;) {
    const Segment s = Unpack(directory_[i]);
    if (s.depth > deepest) deepest = s.depth, segments = 0;
    if (s.depth == deepest) ++segments;
    i += size_t{1} << (depth_ - s.depth);
  }
  const size_t n = size_t{1} << deepest;
  auto* fresh = static_cast<Word*>(Allocate(n * sizeof(Word)));
  for (size_t i = 0; i < n; ++i) fresh[i] = directory_[i << (depth_ - deepest)];
  bytes_ -= GoodSize(sizeof(Word) << depth_) - GoodSize(n * sizeof(Word));
  Free(directory_);
  directory_ = fresh;
  depth_ = deepest;
  deepest_ = segments;
}

template <typename Item>
void HashTable<Item>::Clear() {
  if (directory_ == nullptr) return;
  for (size_t i = 0; i < size_t{1} << depth_;) {
    const Segment s = Unpack(directory_[i]);
    Free(s.words);
    i += size_t{1} << (depth_ - s.depth);
  }
  Free(directory_);
  directory_ = nullptr;
  depth_ = 0;
  deepest_ = 0;
  count_ = 0;
  bytes_ = 0;
}

// Rejection sampling: a directory word, then a word position; taken only if the directory word is its segment's first
// and the position is in use, so that every entry has the same chance whatever its segment's depth and size.
template <typename Item>
Item* HashTable<Item>::Sample(Random& random) const {
  if (count_ == 0) return nullptr;
  const size_t positions = size_t{depth_ == kMaxDepth ? kHugeBuckets : kMaxBuckets} * kSlots;
  for (;;) {
    const size_t i = random.Below(size_t{1} << depth_);
    const Segment s = Unpack(directory_[i]);
    const size_t span = size_t{1} << (depth_ - s.depth);
    if ((i & (span - 1)) != 0) continue;
    const size_t w = random.Below(positions);
    if (w < s.buckets * kSlots && s.words[w] != 0) return At(&s.words[w]);
  }
}

template <typename Item>
size_t HashTable<Item>::CountSegments() const {
  size_t n = 0;
  for (size_t i = 0; directory_ != nullptr && i < size_t{1} << depth_; ++n) {
    i += size_t{1} << (depth_ - Unpack(directory_[i]).depth);
  }
  return n;
}

template <typename Item>
size_t HashTable<Item>::CountBuckets() const {
  size_t n = 0;
  for (size_t i = 0; directory_ != nullptr && i < size_t{1} << depth_;) {
    const Segment s = Unpack(directory_[i]);
    n += s.buckets;
    i += size_t{1} << (depth_ - s.depth);
  }
  return n;
}

template <typename Item>
bool HashTable<Item>::CheckInvariants() const {
  size_t seen = 0, bytes = 0, deepest = 0;
  if (directory_ != nullptr) bytes += GoodSize(sizeof(Word) << depth_);
  for (size_t i = 0; directory_ != nullptr && i < size_t{1} << depth_;) {
    const Segment s = Unpack(directory_[i]);
    if (s.depth > depth_ || s.buckets == 0) return false;
    bytes += GoodSize(s.buckets * kBucketBytes);
    deepest += s.depth == depth_;
    const size_t span = size_t{1} << (depth_ - s.depth);
    for (size_t j = i; j < i + span; ++j) {
      if (directory_[j] != directory_[i]) return false;
    }
    for (size_t w = 0; w < s.buckets * kSlots; ++w) {
      if (s.words[w] == 0) continue;
      ++seen;
      if (w % kSlots != 0 && s.words[w - 1] == 0) return false;
      const Item* e = At(&s.words[w]);
      const uint64_t hash = HashKey(e->key());
      if (TagOf(hash) != s.words[w] >> 48 || IndexOf(hash) / span != i / span) return false;
      for (size_t b = s.Home(TagOf(hash)); b != w / kSlots; b = s.Next(b)) {
        if (s.Bucket(b)[kSlots - 1] == 0) return false;
      }
    }
    i += span;
  }
  return seen == count_ && bytes == bytes_ && deepest == deepest_;
}

}  // namespace pinion
