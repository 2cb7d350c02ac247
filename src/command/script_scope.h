// What a request that uses the interpreter holds while it runs.
#pragma once

#include <cstdint>
#include <vector>

#include "command/services.h"
#include "command/worker.h"

namespace pinion::command {

// Made once the script turn is taken, and ended behind the request's locks: then the turn is given back, or is the next
// script's of the same batch. A script runs beside all other traffic as long as it keeps to the shards that its request
// has locked. What lies outside them it may touch only alone: BecomeAlone upgrades the gate with the locks kept, so
// that nobody sees half of its work.
class ScriptScope {
 public:
  // Waits for the turn outside the gate if it must. Throws store::ScriptBusy.
  ScriptScope(Services& services, Worker& worker);
  ~ScriptScope();
  ScriptScope(const ScriptScope&) = delete;
  ScriptScope& operator=(const ScriptScope&) = delete;

  // The shards that the request has locked, sorted; they stay so.
  void SetShards(const std::vector<uint32_t>& shards) { shards_ = &shards; }
  [[nodiscard]] bool Covers(uint32_t shard) const;
  void BecomeAlone();
  // The script has run for too long: becomes alone and throws out whoever waits for it.
  void BecomeBusy();

 private:
  Services& services_;
  Worker& worker_;
  const std::vector<uint32_t>* shards_ = nullptr;
  bool upgraded_ = false;
};

}  // namespace pinion::command
