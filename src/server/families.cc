// Every family the server serves.
#include "server/families.h"

#include "admin/families.h"
#include "commands/families.h"
#include "persist/families.h"
#include "repl/families.h"
#include "script/families.h"

namespace pinion::server {

std::span<const command::Family> AllFamilies() {
  static const command::Family families[] = {
      commands::kStringFamily,
      commands::kStringManyFamily,
      commands::kStringCompareFamily,
      commands::kStringRangeFamily,
      commands::kStringNumberFamily,
      commands::kStringIncrExFamily,
      commands::kStringLcsFamily,
      commands::kRateLimitFamily,
      commands::kListFamily,
      commands::kListMoveFamily,
      commands::kStreamFamily,
      commands::kStreamReadFamily,
      commands::kStreamPendingFamily,
      commands::kStreamGroupFamily,
      commands::kStreamInfoFamily,
      commands::kConnectionFamily,
      commands::kPubSubFamily,
      commands::kTransactionFamily,
      admin::kClientFamily,
      admin::kMonitorFamily,
      commands::kKeyFamily,
      commands::kExpireFamily,
      commands::kScanFamily,
      commands::kHashFamily,
      commands::kHashNumberFamily,
      commands::kHashScanFamily,
      commands::kHashExpireFamily,
      commands::kHashExFamily,
      commands::kBitmapFamily,
      commands::kBitOperationFamily,
      commands::kBitFieldFamily,
      commands::kHyperLogLogFamily,
      commands::kHyperLogLogDebugFamily,
      commands::kSetFamily,
      commands::kSetRandomFamily,
      commands::kSetOperationFamily,
      commands::kSortFamily,
      commands::kSortedSetFamily,
      commands::kSortedSetRangeFamily,
      commands::kSortedSetPopFamily,
      commands::kSortedSetAlgebraFamily,
      commands::kSortedSetRandomFamily,
      commands::kGeoFamily,
      commands::kGeoSearchFamily,
      script::kEvalFamily,
      script::kScriptFamily,
      script::kFCallFamily,
      script::kFunctionFamily,
      admin::kAclFamily,
      admin::kClusterFamily,
      admin::kCommandFamily,
      admin::kConfigFamily,
      admin::kInfoFamily,
      admin::kLatencyFamily,
      admin::kModuleFamily,
      admin::kShutdownFamily,
      admin::kSlowLogFamily,
      admin::kDebugFamily,
      admin::kKeyspaceFamily,
      admin::kLolwutFamily,
      admin::kMemoryFamily,
      admin::kObjectFamily,
      admin::kTimeFamily,
      persist::kSaveFamily,
      persist::kDumpFamily,
      persist::kMigrateFamily,
      persist::kRestoreAskingFamily,
      persist::kRewriteFamily,
      repl::kSyncFamily,
      repl::kRoleFamily,
      repl::kWaitFamily,
  };
  return families;
}

}  // namespace pinion::server
