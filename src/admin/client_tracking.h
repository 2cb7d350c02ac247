// CLIENT TRACKING, CACHING, GETREDIR and TRACKINGINFO: client-side caching.
#pragma once

#include <span>
#include <string_view>

#include "command/context.h"

namespace pinion::admin {

void ClientTracking(command::Context& ctx);
// Whether the arguments of CLIENT TRACKING name another client, which can only be looked for behind the closed gate.
[[nodiscard]] bool TrackingLooksAtOthers(std::span<const std::string_view> args);
void ClientCaching(command::Context& ctx);
void ClientGetRedir(command::Context& ctx);
void ClientTrackingInfo(command::Context& ctx);

}  // namespace pinion::admin
