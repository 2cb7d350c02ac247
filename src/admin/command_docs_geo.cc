// Documentation of the commands about positions.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kGeoTexts[] = {
    {"geoadd", "3.2.0", "Adds members with their positions to a sorted set, or moves them.",
     "O(log(N)) for each member, where N is the size of the set",
     "key:key [condition=NX|XX] [change=CH] <data=longitude:double latitude:double member> ..."},
    {"geodist", "3.2.0", "Tells the distance between two members.", "O(1)",
     "key:key member1 member2 [unit=M|KM|FT|MI]"},
    {"geohash", "3.2.0", "Tells members' positions as geohashes.", "O(1) for each member", "key:key [member] ..."},
    {"geopos", "3.2.0", "Tells members' longitudes and latitudes.", "O(1) for each member", "key:key [member] ..."},
    {"georadius", "3.2.0", "Finds the members within a distance of a position, and stores them if wanted.",
     "O(N+log(M)) where N is the number of members around and M the size of the set",
     "key:key longitude:double latitude:double radius:double <unit=M|KM|FT|MI> [WITHCOORD] [WITHDIST] [WITHHASH] "
     "[count-block=COUNT count:integer [ANY]] [order=ASC|DESC] [store=STORE storekey:key|STOREDIST "
     "storedistkey:key]",
     "", "GEOSEARCH and GEOSEARCHSTORE with BYRADIUS", "6.2.0"},
    {"georadius_ro", "3.2.10", "Finds the members within a distance of a position.",
     "O(N+log(M)) where N is the number of members around and M the size of the set",
     "key:key longitude:double latitude:double radius:double <unit=M|KM|FT|MI> [WITHCOORD] [WITHDIST] [WITHHASH] "
     "[count-block=COUNT count:integer [ANY]] [order=ASC|DESC]",
     "", "GEOSEARCH with BYRADIUS", "6.2.0"},
    {"georadiusbymember", "3.2.0", "Finds the members within a distance of a member, and stores them if wanted.",
     "O(N+log(M)) where N is the number of members around and M the size of the set",
     "key:key member radius:double <unit=M|KM|FT|MI> [WITHCOORD] [WITHDIST] [WITHHASH] [count-block=COUNT "
     "count:integer [ANY]] [order=ASC|DESC] [store=STORE storekey:key|STOREDIST storedistkey:key]",
     "", "GEOSEARCH and GEOSEARCHSTORE with FROMMEMBER and BYRADIUS", "6.2.0"},
    {"georadiusbymember_ro", "3.2.10", "Finds the members within a distance of a member.",
     "O(N+log(M)) where N is the number of members around and M the size of the set",
     "key:key member radius:double <unit=M|KM|FT|MI> [WITHCOORD] [WITHDIST] [WITHHASH] [count-block=COUNT "
     "count:integer [ANY]] [order=ASC|DESC]",
     "", "GEOSEARCH with FROMMEMBER and BYRADIUS", "6.2.0"},
    {"geosearch", "6.2.0", "Finds the members inside a circle, a box or a polygon.",
     "O(N+log(M)) where N is the number of members around and M the size of the set",
     "key:key [from=FROMMEMBER member|FROMLONLAT <fromlonlat=longitude:double latitude:double>] <by=BYRADIUS "
     "<circle=radius:double <unit=M|KM|FT|MI>>|BYBOX <box=width:double height:double <unit=M|KM|FT|MI>>|BYPOLYGON "
     "<polygon=num-vertices:integer <vertex=longitude:double latitude:double> ...>> [order=ASC|DESC] "
     "[count-block=COUNT count:integer [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]"},
    {"geosearchstore", "6.2.0", "Stores the members inside a circle, a box or a polygon.",
     "O(N+log(M)) where N is the number of members around and M the size of the set",
     "destination:key source:key [from=FROMMEMBER member|FROMLONLAT <fromlonlat=longitude:double latitude:double>] "
     "<by=BYRADIUS <circle=radius:double <unit=M|KM|FT|MI>>|BYBOX <box=width:double height:double "
     "<unit=M|KM|FT|MI>>|BYPOLYGON <polygon=num-vertices:integer <vertex=longitude:double latitude:double> ...>> "
     "[order=ASC|DESC] [count-block=COUNT count:integer [ANY]] [STOREDIST]"},
};

}  // namespace

const std::span<const CommandDoc> kGeoDocs = kGeoTexts;

}  // namespace pinion::admin
