// The hash table of one shard's database.
#pragma once

#include "base/hash_table.h"
#include "store/entry.h"

namespace pinion {
extern template class HashTable<store::Entry>;
}

namespace pinion::store {

// The shard's lock guards it. Does not own its entries.
using Table = HashTable<Entry>;

}  // namespace pinion::store
