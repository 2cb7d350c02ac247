// The keyspace as an RDB file in memory.
#include "repl/snapshot.h"

#include "base/crc64.h"
#include "command/script_engine.h"
#include "command/services.h"
#include "pinion/version.h"
#include "rdb/keyspace.h"
#include "rdb/writer.h"

namespace pinion::repl {

std::string WriteSnapshot(command::Services& services) {
  rdb::KeyspaceOptions options;
  options.version = rdb::kOldestVersion;
  options.facts = {{"redis-ver", std::string(kRedisVersion)}};
  options.libraries = services.scripts->LibraryCodes();
  options.compress = false;  // it would keep everybody waiting for longer than sending what it saves
  std::string file;
  rdb::WriteKeyspace(services.keyspace, options, &file, [] { return true; });
  rdb::Writer(&file, /*compress=*/false).Low(Crc64(0, file), sizeof(uint64_t));
  return file;
}

}  // namespace pinion::repl
