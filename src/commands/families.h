// The families of this room, for the one list in server/.
#pragma once

#include "command/row.h"

namespace pinion::commands {

extern const command::Family kStringFamily;
extern const command::Family kStringManyFamily;
extern const command::Family kStringCompareFamily;
extern const command::Family kStringRangeFamily;
extern const command::Family kStringNumberFamily;
extern const command::Family kStringIncrExFamily;
extern const command::Family kStringLcsFamily;
extern const command::Family kRateLimitFamily;
extern const command::Family kListFamily;
extern const command::Family kListMoveFamily;
extern const command::Family kStreamFamily;
extern const command::Family kStreamReadFamily;
extern const command::Family kStreamPendingFamily;
extern const command::Family kStreamGroupFamily;
extern const command::Family kStreamInfoFamily;
extern const command::Family kConnectionFamily;
extern const command::Family kPubSubFamily;
extern const command::Family kTransactionFamily;
extern const command::Family kKeyFamily;
extern const command::Family kExpireFamily;
extern const command::Family kScanFamily;
extern const command::Family kHashFamily;
extern const command::Family kHashNumberFamily;
extern const command::Family kHashScanFamily;
extern const command::Family kHashExpireFamily;
extern const command::Family kHashExFamily;
extern const command::Family kBitmapFamily;
extern const command::Family kBitOperationFamily;
extern const command::Family kBitFieldFamily;
extern const command::Family kHyperLogLogFamily;
extern const command::Family kHyperLogLogDebugFamily;
extern const command::Family kSetFamily;
extern const command::Family kSetRandomFamily;
extern const command::Family kSetOperationFamily;
extern const command::Family kSortedSetFamily;
extern const command::Family kSortedSetRangeFamily;
extern const command::Family kSortedSetPopFamily;
extern const command::Family kSortedSetAlgebraFamily;
extern const command::Family kSortedSetRandomFamily;
extern const command::Family kGeoFamily;
extern const command::Family kGeoSearchFamily;
extern const command::Family kSortFamily;

}  // namespace pinion::commands
