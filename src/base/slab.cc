// Arenas, pages and blocks.
#include "base/slab.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>

#include "base/small_mutex.h"

namespace pinion {
#if defined(PINION_SANITIZED)

// Every block by itself, so that the sanitizers see its bounds and its life.
void* Slab::Allocate(size_t size) { return pinion::Allocate(size); }
void Slab::Free(void* block, size_t) { pinion::Free(block); }
void* Slab::AllocatePacked(size_t size) { return pinion::Allocate(size); }
void Slab::FreePacked(void* block, size_t) { pinion::Free(block); }

#else
namespace {

constexpr size_t kPageSize = 16 * 1024;
constexpr size_t kStep = 4;
constexpr size_t kClasses = Slab::kMaxSize / kStep + 1;
constexpr size_t kMinBlock = sizeof(void*);
constexpr size_t kSpares = 4;    // empty pages that an arena keeps, so that a class which comes and goes costs nothing
constexpr size_t kArenas = 64;   // more threads than this share

struct Arena;

// A block that was given back holds the address of the next such block; it may be aligned to kStep only.
void* NextOf(const void* block) {
  void* next;
  std::memcpy(&next, block, sizeof next);
  return next;
}

// The head of a page; its blocks follow.
struct Page {
  Arena* arena;
  Page* previous;      // in the arena's list of pages with room
  Page* next;
  void* free;          // blocks given back: the first
  uint32_t used;       // blocks in use
  uint32_t untouched;  // offset of the blocks never handed out: their memory is not resident yet
  uint32_t block_size;

  [[nodiscard]] bool full() const { return free == nullptr && untouched + block_size > kPageSize; }
};

struct alignas(64) Arena {
  SmallMutex mutex;
  std::array<Page*, kClasses> with_room{};   // guarded by mutex, as is all in its pages but `arena` and `block_size`
  std::array<void*, kSpares> spare{};        // guarded by mutex: the first `spares` are pages of no class
  size_t spares = 0;

  void Link(Page* p, size_t c) {
    p->previous = nullptr;
    p->next = with_room[c];
    if (p->next != nullptr) p->next->previous = p;
    with_room[c] = p;
  }
  void Unlink(Page* p, size_t c) {
    (p->previous != nullptr ? p->previous->next : with_room[c]) = p->next;
    if (p->next != nullptr) p->next->previous = p->previous;
  }
  Page* AddPage(size_t c) {
    auto* p = new (spares != 0 ? spare[--spares] : AllocateAligned(kPageSize, kPageSize)) Page{};
    p->arena = this;
    p->block_size = static_cast<uint32_t>(c * kStep);
    p->untouched = (sizeof(Page) + 7) & ~size_t{7};
    Link(p, c);
    return p;
  }
};

Arena g_arenas[kArenas];

Arena& MyArena() {
  static std::atomic<size_t> next{0};
  thread_local Arena& mine = g_arenas[next.fetch_add(1, std::memory_order_relaxed) % kArenas];
  return mine;
}

void* TakeBlock(size_t c) {
  Arena& arena = MyArena();
  std::lock_guard lock(arena.mutex);
  Page* p = arena.with_room[c];
  if (p == nullptr) p = arena.AddPage(c);
  void* block = p->free;
  if (block != nullptr) {
    p->free = NextOf(block);
  } else {
    block = reinterpret_cast<char*>(p) + p->untouched;
    p->untouched += p->block_size;
  }
  ++p->used;
  if (p->full()) arena.Unlink(p, c);
  return block;
}

void GiveBack(void* block, size_t c) {
  auto* p = reinterpret_cast<Page*>(reinterpret_cast<uintptr_t>(block) & ~(kPageSize - 1));
  Arena& arena = *p->arena;
  std::unique_lock lock(arena.mutex);
  if (p->full()) arena.Link(p, c);
  std::memcpy(block, &p->free, sizeof p->free);
  p->free = block;
  if (--p->used != 0) return;
  arena.Unlink(p, c);
  if (arena.spares < kSpares) {
    arena.spare[arena.spares++] = p;
    return;
  }
  lock.unlock();
  pinion::Free(p);
}

// Page heads take a multiple of eight bytes, so blocks of a multiple of eight stand at one.
size_t ClassOf(size_t rounded) { return std::max(rounded, kMinBlock) / kStep; }

}  // namespace

void* Slab::Allocate(size_t size) {
  if (size > kMaxSize) return pinion::Allocate(size);
  return TakeBlock(ClassOf(GoodSize(size)));
}

void Slab::Free(void* block, size_t size) {
  if (size > kMaxSize) return pinion::Free(block);
  GiveBack(block, ClassOf(GoodSize(size)));
}

void* Slab::AllocatePacked(size_t size) {
  if (size > kMaxSize) return pinion::Allocate(size);
  return TakeBlock(ClassOf(PackedSize(size)));
}

void Slab::FreePacked(void* block, size_t size) {
  if (size > kMaxSize) return pinion::Free(block);
  GiveBack(block, ClassOf(PackedSize(size)));
}

#endif
}  // namespace pinion
