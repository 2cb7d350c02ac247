// The table of ACL categories.
#include "command/categories.h"

#include "command/registry.h"

namespace pinion::command {
namespace {

constexpr CategoryName kCategoryNames[] = {
    {kCatKeyspace, "keyspace"},
    {kCatRead, "read"},
    {kCatWrite, "write"},
    {kCatSet, "set"},
    {kCatSortedSet, "sortedset"},
    {kCatList, "list"},
    {kCatHash, "hash"},
    {kCatString, "string"},
    {kCatBitmap, "bitmap"},
    {kCatHyperLogLog, "hyperloglog"},
    {kCatGeo, "geo"},
    {kCatStream, "stream"},
    {kCatPubSub, "pubsub"},
    {kCatAdmin, "admin"},
    {kCatFast, "fast"},
    {kCatSlow, "slow"},
    {kCatBlocking, "blocking"},
    {kCatDangerous, "dangerous"},
    {kCatConnection, "connection"},
    {kCatTransaction, "transaction"},
    {kCatScripting, "scripting"},
};

}  // namespace

std::span<const CategoryName> Categories() { return kCategoryNames; }

uint32_t CategoryOf(std::string_view name) {
  for (const CategoryName& c : kCategoryNames) {
    if (EqualsNoCase(name, c.name)) return c.bit;
  }
  return 0;
}

}  // namespace pinion::command
