// What the commands about positions share: reading positions, units and lengths, and replying them.
#pragma once

#include <string>
#include <string_view>

#include "command/args.h"
#include "resp/reply_writer.h"
#include "types/geo.h"

namespace pinion::commands {

// Reads the next two arguments as longitude and latitude. The error of a position that cannot be stored is made at
// `text`, which must outlive the reader.
[[nodiscard]] types::GeoPoint NextPosition(command::ArgReader& args, std::string* text);

// Reads the next argument as a unit of length: its metres.
double NextUnit(command::ArgReader& args);

// A longitude or latitude: up to 17 digits behind the point.
void ReplyCoordinate(resp::ReplyWriter& reply, double degrees);
inline void ReplyPosition(resp::ReplyWriter& reply, types::GeoPoint p) {
  reply.Array(2);
  ReplyCoordinate(reply, p.longitude);
  ReplyCoordinate(reply, p.latitude);
}

// A distance, with four digits behind the point. REQUIRES: from 0 to 10^14.
void ReplyDistance(resp::ReplyWriter& reply, double distance);

}  // namespace pinion::commands
