// The version of this server.
#pragma once

namespace pinion {

inline constexpr char kVersion[] = "0.1.0";

// The Redis version whose behaviour clients may expect: what INFO and HELLO call redis_version.
inline constexpr char kRedisVersion[] = "7.2.4";

}  // namespace pinion
