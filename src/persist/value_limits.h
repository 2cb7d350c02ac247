// The sizes up to which values that are read take their small forms, from the options.
#pragma once

#include "command/services.h"
#include "config/config.h"
#include "rdb/value.h"

namespace pinion::persist {

[[nodiscard]] inline rdb::ValueLimits LimitsOf(const command::Services& services) {
  const config::Settings& s = services.config.settings();
  const auto get = [](const auto& v) { return static_cast<size_t>(v.load(std::memory_order_relaxed)); };
  rdb::ValueLimits limits;
  limits.hash = {get(s.hash_max_listpack_entries), get(s.hash_max_listpack_value)};
  limits.set = {get(s.set_max_intset_entries), get(s.set_max_listpack_entries), get(s.set_max_listpack_value)};
  limits.sorted_set = {get(s.zset_max_listpack_entries), get(s.zset_max_listpack_value)};
  limits.list = types::ListLimit(s.list_max_listpack_size.load(std::memory_order_relaxed),
                                 services.keyspace.settings().large_list_element.load(std::memory_order_relaxed));
  limits.stream = {get(s.stream_node_max_bytes), s.stream_node_max_entries.load(std::memory_order_relaxed)};
  return limits;
}

}  // namespace pinion::persist
