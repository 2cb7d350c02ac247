// The instantiation of the database's hash table.
#include "store/table.h"

#include "base/hash_table_impl.h"

namespace pinion {
template class HashTable<store::Entry>;
}
