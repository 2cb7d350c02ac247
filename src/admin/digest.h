// Digests of the keyspace's contents, for DEBUG DIGEST.
#pragma once

#include "base/sha1.h"
#include "store/keyspace.h"

namespace pinion::admin {

// A digest of a value and its deadline's existence: equal to redis-server's for equal data. All zeros stand for no key.
[[nodiscard]] Sha1Digest DigestOfValue(const store::Entry& e);

// The same of all live keys of all databases, whatever their order. Whole: REQUIRES the gate held exclusively.
[[nodiscard]] Sha1Digest DigestOfEverything(store::Keyspace& keyspace, UnixMillis now);

}  // namespace pinion::admin
