// GEOADD, GEODIST, GEOHASH, GEOPOS and the searches over a connection.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kBadUnit = "ERR unsupported unit provided. please use M, KM, FT, MI";
constexpr const char* kNoMember = "ERR could not decode requested zset member";
class GeoTest : public StringTest {
 protected:
  void AddSicily() {
    EXPECT_THAT(Do("GEOADD", "Sicily", "13.361389", "38.115556", "Palermo", "15.087269", "37.502669", "Catania"),
                IsInt(2));
  }
  // The members found, nearest first.
  template <typename... Args>
  std::vector<std::string> Found(const Args&... args) {
    std::vector<std::string> names;
    const Reply reply = Do(args...);
    EXPECT_EQ(reply.kind, Reply::Kind::kArray) << reply;
    for (const Reply& name : reply.elements) names.push_back(name.text);
    return names;
  }
};

TEST_F(GeoTest, AddingCountsNewMembersOrChangedOnes) {
  EXPECT_THAT(Do("GEOADD", "g", 1, 2, "a", 3, 4, "b"), IsInt(2));
  EXPECT_THAT(Do("GEOADD", "g", 1, 2, "a", 3, 5, "b"), IsInt(0));
  EXPECT_THAT(Do("GEOADD", "g", "CH", 1, 2, "a", 3, 6, "b", 5, 6, "c"), IsInt(2));
  EXPECT_THAT(Do("GEOADD", "g", "nx", "ch", 9, 9, "a", 9, 9, "d"), IsInt(1));
  EXPECT_THAT(Do("GEOADD", "g", "XX", "CH", 9, 9, "a", 9, 9, "e"), IsInt(1));
  EXPECT_THAT(Do("GEOPOS", "g", "e"), IsArray(IsNil()));
  EXPECT_THAT(Do("GEOADD", "none", "XX", 9, 9, "a"), IsInt(0));
  EXPECT_THAT(Do("EXISTS", "none"), IsInt(0));
  EXPECT_THAT(Do("TYPE", "g"), IsStatus("zset"));
}

TEST_F(GeoTest, AddingChecksEverythingFirst) {
  EXPECT_THAT(Do("GEOADD", "g", 1, 2, "a", 181, 2, "b"),
              IsError("ERR invalid longitude,latitude pair 181.000000,2.000000"));
  EXPECT_THAT(Do("GEOADD", "g", "-180", "85.06", "a"),
              IsError("ERR invalid longitude,latitude pair -180.000000,85.060000"));
  EXPECT_THAT(Do("GEOADD", "g", "inf", "0", "a"), IsError("ERR invalid longitude,latitude pair inf,0.000000"));
  EXPECT_THAT(Do("GEOADD", "g", 1, "x", "a"), IsError(kNotAFloat));
  EXPECT_THAT(Do("GEOADD", "g", "nan", 1, "a"), IsError(kNotAFloat));
  EXPECT_THAT(Do("GEOADD", "g", "NX", "XX", 1, 2, "a"), IsError(kSyntaxError));
  EXPECT_THAT(Do("GEOADD", "g", "FOO", 1, 2, "a"), IsError(kSyntaxError));
  EXPECT_THAT(Do("GEOADD", "g", "CH", "CH", "CH"), IsError(kSyntaxError));
  EXPECT_THAT(Do("GEOADD", "g", 1, 2, "a", 3), IsError(kSyntaxError));
  EXPECT_THAT(Do("EXISTS", "g"), IsInt(0));
}

TEST_F(GeoTest, TheWholeMapCanBeStored) {
  EXPECT_THAT(Do("GEOADD", "g", "180", "85.05112878", "ne", "-180", "-85.05112878", "sw"), IsInt(2));
  EXPECT_THAT(Do("GEOPOS", "g", "ne"), IsArray(IsArray("180", "85.0511287799999991")));
  EXPECT_THAT(Found("GEOSEARCH", "g", "FROMLONLAT", "180", "85.05112878", "BYRADIUS", 10, "M"), ElementsAre("ne"));
  EXPECT_THAT(Found("GEOSEARCH", "g", "FROMMEMBER", "sw", "BYRADIUS", 10, "M"), ElementsAre("sw"));
}

TEST_F(GeoTest, PositionsAreRepliedWithAllTheirDigits) {
  AddSicily();
  EXPECT_THAT(Do("GEOPOS", "Sicily", "Palermo", "none", "Catania"),
              IsArray(IsArray("13.36138933897018433", "38.11555639549629859"), IsNil(),
                      IsArray("15.08726745843887329", "37.50266842333162032")));
  EXPECT_THAT(Do("GEOPOS", "Sicily"), IsArray());
  EXPECT_THAT(Do("GEOPOS", "none", "a", "b"), IsArray(IsNil(), IsNil()));
  auto resp3 = Connect(3);
  resp3.Send("GEOPOS", "Sicily", "Palermo", "none");
  const Reply positions = resp3.ReadReply();
  ASSERT_THAT(positions, HasElements(SizeIs(2)));
  EXPECT_THAT(positions.elements[0], IsArray(IsDouble(13.361389338970184), IsDouble(38.1155563954963)));
  EXPECT_THAT(positions.elements[1], IsNil());
}

TEST_F(GeoTest, HashesAreStandardOnes) {
  AddSicily();
  EXPECT_THAT(Do("GEOHASH", "Sicily", "Palermo", "none", "Catania"),
              IsArray("sqc8b49rny0", IsNil(), "sqdtr74hyu0"));
  EXPECT_THAT(Do("GEOHASH", "none", "a"), IsArray(IsNil()));
  EXPECT_THAT(Do("GEOHASH", "Sicily"), IsArray());
}

TEST_F(GeoTest, DistancesHaveFourDigits) {
  AddSicily();
  EXPECT_THAT(Do("GEODIST", "Sicily", "Palermo", "Catania"), IsBulk("166274.1516"));
  EXPECT_THAT(Do("GEODIST", "Sicily", "Palermo", "Catania", "KM"), IsBulk("166.2742"));
  EXPECT_THAT(Do("GEODIST", "Sicily", "Palermo", "Catania", "mi"), IsBulk("103.3182"));
  EXPECT_THAT(Do("GEODIST", "Sicily", "Palermo", "Catania", "ft"), IsBulk("545518.8700"));
  EXPECT_THAT(Do("GEODIST", "Sicily", "Palermo", "Palermo"), IsBulk("0.0000"));
  EXPECT_THAT(Do("GEODIST", "Sicily", "Palermo", "none"), IsNil());
  EXPECT_THAT(Do("GEODIST", "none", "Palermo", "Catania"), IsNil());
  EXPECT_THAT(Do("GEODIST", "none", "Palermo", "Catania", "cm"), IsError(kBadUnit));
  EXPECT_THAT(Do("GEODIST", "none", "Palermo", "Catania", "km", "x"), IsError(kSyntaxError));
}

TEST_F(GeoTest, SearchesFindWhatLiesInACircleOrABox) {
  AddSicily();
  Do("GEOADD", "Sicily", "12.758489", "38.788135", "edge1", "17.241510", "38.788135", "edge2");
  EXPECT_THAT(Found("GEOSEARCH", "Sicily", "FROMLONLAT", 15, 37, "BYRADIUS", 200, "km", "ASC"),
              ElementsAre("Catania", "Palermo"));
  EXPECT_THAT(Found("GEOSEARCH", "Sicily", "FROMLONLAT", 15, 37, "BYBOX", 400, 400, "km", "DESC"),
              ElementsAre("edge1", "edge2", "Palermo", "Catania"));
  EXPECT_THAT(Found("GEOSEARCH", "Sicily", "BYRADIUS", 200, "km", "FROMMEMBER", "Palermo", "asc"),
              ElementsAre("Palermo", "edge1", "Catania"));
  EXPECT_THAT(Found("GEORADIUS", "Sicily", 15, 37, 200, "km", "ASC"), ElementsAre("Catania", "Palermo"));
  EXPECT_THAT(Found("GEORADIUS_RO", "Sicily", 15, 37, 100, "mi"), ElementsAre("Catania"));
  EXPECT_THAT(Found("GEORADIUSBYMEMBER", "Sicily", "Catania", 167, "km", "DESC"),
              ElementsAre("Palermo", "Catania"));
  EXPECT_THAT(Found("GEORADIUSBYMEMBER_RO", "Sicily", "Catania", 0, "m"), ElementsAre("Catania"));
  EXPECT_THAT(Found("GEOSEARCH", "none", "FROMMEMBER", "x", "BYRADIUS", 1, "m"), IsEmpty());
  EXPECT_THAT(Found("GEORADIUSBYMEMBER", "none", "x", "x", "x"), IsEmpty());
}

TEST_F(GeoTest, SearchesFindWhatLiesInAPolygon) {
  AddSicily();
  Do("GEOADD", "Sicily", "14.1", "37.6", "Enna");
  EXPECT_THAT(Found("GEOSEARCH", "Sicily", "BYPOLYGON", 3, 13, 39, 15, "37.4", 13, "37.4", "ASC"),
              ElementsAre("Palermo", "Enna"));
  EXPECT_THAT(Found("GEOSEARCH", "Sicily", "BYPOLYGON", 4, 12, 37, 12, 39, 16, 39, 16, 37, "COUNT", 1),
              ElementsAre("Enna"));
  EXPECT_THAT(Do("GEOSEARCHSTORE", "to", "Sicily", "BYPOLYGON", 4, 12, 37, 12, 39, 16, 39, 16, 37), IsInt(3));
  constexpr const char* kTooFew = "ERR GEOSEARCH BYPOLYGON must have at least 3 vertices";
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "BYPOLYGON", 2, 12, 37, 12, 39), IsError(kTooFew));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "BYPOLYGON", 3, 12, 37, 12, 39, 16), IsError(kTooFew));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "BYPOLYGON", "x", 12, 37, 12), IsError("ERR invalid number of vertices"));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "BYPOLYGON", 3, 12, 37, 12, 39, 16, 99),
              IsError("ERR invalid longitude,latitude pair 16.000000,99.000000"));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "BYPOLYGON", 3, 12, 37, 12, 39, 16, 39, "FROMLONLAT", 1, 2),
              IsError(kSyntaxError));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "FROMLONLAT", 1, 2, "BYPOLYGON", 3, 12, 37, 12, 39, 16, 39),
              IsError(kSyntaxError));
}

TEST_F(GeoTest, SearchesReplyWhatIsAskedFor) {
  AddSicily();
  const auto palermo = IsArray("Palermo", "190.4424", 3479099956230698,
                               IsArray("13.36138933897018433", "38.11555639549629859"));
  const auto catania = IsArray("Catania", "56.4413", 3479447370796909,
                               IsArray("15.08726745843887329", "37.50266842333162032"));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "WITHCOORD", "FROMLONLAT", 15, 37, "BYRADIUS", 200, "km", "WITHHASH", "ASC",
                 "WITHDIST"),
              IsArray(catania, palermo));
  EXPECT_THAT(Do("GEORADIUS", "Sicily", 15, 37, 200, "km", "WITHDIST", "DESC"),
              IsArray(IsArray("Palermo", "190.4424"), IsArray("Catania", "56.4413")));
}

TEST_F(GeoTest, ACountKeepsTheNearest) {
  for (int i = 1; i <= 20; ++i) Do("GEOADD", "g", i, 0, i);
  EXPECT_THAT(Found("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYRADIUS", 5000, "km", "COUNT", 3),
              ElementsAre("1", "2", "3"));
  EXPECT_THAT(Found("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYRADIUS", 5000, "km", "COUNT", 2, "DESC"),
              ElementsAre("20", "19"));
  EXPECT_THAT(Found("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYRADIUS", 5000, "km", "COUNT", 7, "ANY"), SizeIs(7));
  EXPECT_THAT(Found("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYRADIUS", 5000, "km", "COUNT", 100), SizeIs(20));
  for (const char* count : {"0", "-1"}) {
    EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, 1, "km", "COUNT", count), IsError("ERR COUNT must be > 0"));
  }
  EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, 1, "km", "COUNT", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, 1, "km", "ANY"), IsError("ERR the ANY argument requires COUNT argument"));
  EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, 1, "km", "COUNT"), IsError(kSyntaxError));
}

TEST_F(GeoTest, SearchesSeeTheWholeOfLargeSets) {
  std::vector<std::string> add = {"GEOADD", "g"};
  for (int i = 0; i < 1000; ++i) {
    add.insert(add.end(), {std::to_string(0.001 * i), "0", "m" + std::to_string(i)});
  }
  EXPECT_THAT(client().Command(add), IsInt(1000));
  EXPECT_THAT(Found("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYRADIUS", "11.2", "km"), SizeIs(101));
  EXPECT_THAT(Found("GEOSEARCH", "g", "FROMLONLAT", "0.5", 0, "BYBOX", "22.3", 1, "km"), SizeIs(201));
}

TEST_F(GeoTest, WhatIsFoundCanBeStored) {
  AddSicily();
  Do("SET", "to", "x", "EX", 100);
  EXPECT_THAT(Do("GEOSEARCHSTORE", "to", "Sicily", "FROMLONLAT", 15, 37, "BYRADIUS", 200, "km"), IsInt(2));
  EXPECT_THAT(Do("GEODIST", "to", "Palermo", "Catania"), IsBulk("166274.1516"));
  EXPECT_THAT(Do("TTL", "to"), IsInt(-1));
  EXPECT_THAT(Do("GEORADIUS", "Sicily", 15, 37, 200, "km", "STORE", "to", "COUNT", 1), IsInt(1));
  EXPECT_THAT(Do("GEOPOS", "to", "Palermo"), IsArray(IsNil()));
  EXPECT_THAT(Do("GEORADIUSBYMEMBER", "Sicily", "Palermo", 1, "km", "STOREDIST", "to"), IsInt(1));
  EXPECT_THAT(Do("GEORADIUSBYMEMBER", "Sicily", "Palermo", 200, "km", "STORE", "Sicily", "COUNT", 1), IsInt(1));
  EXPECT_THAT(Do("GEOPOS", "Sicily", "Catania"), IsArray(IsNil()));
  EXPECT_THAT(Do("GEOSEARCHSTORE", "to", "Sicily", "FROMLONLAT", 0, 0, "BYRADIUS", 1, "m"), IsInt(0));
  EXPECT_THAT(Do("EXISTS", "to"), IsInt(0));
  EXPECT_THAT(Do("GEORADIUS", "none", 0, 0, 1, "m", "STORE", "Sicily"), IsInt(0));
  EXPECT_THAT(Do("EXISTS", "Sicily"), IsInt(0));
}

TEST_F(GeoTest, ChangesAreAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("GEOADD", "g", 1, 2, "a");
                Do("GEOADD", "g", 1, 2, "a");
                Do("GEOSEARCHSTORE", "to", "g", "FROMMEMBER", "a", "BYRADIUS", 1, "m");
                Do("GEORADIUS", "g", 1, 2, 1, "km", "STORE", "to");
                Do("GEORADIUS", "g", 9, 9, 1, "km", "STORE", "to");
                Do("GEORADIUS", "g", 9, 9, 1, "km", "STORE", "to");
              }),
              ElementsAre("zadd g", "geosearchstore to", "georadiusstore to", "del to"));
}

TEST_F(GeoTest, ASearchNeedsOneCenterAndOneShape) {
  AddSicily();
  constexpr const char* kOneFrom = "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for geosearch";
  constexpr const char* kOneBy = "ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH";
  EXPECT_THAT(Do("geosearch", "Sicily", "BYRADIUS", 1, "km", "ASC", "DESC"), IsError(kOneFrom));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "FROMLONLAT", 1, 2, "ASC", "DESC"), IsError(kOneBy));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "FROMLONLAT", 1, 2, "FROMMEMBER", "Palermo", "BYRADIUS", 1, "km"),
              IsError(kSyntaxError));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "FROMLONLAT", 1, 2, "BYRADIUS", 1, "km", "BYBOX", 1, 1, "km"),
              IsError(kSyntaxError));
  EXPECT_THAT(Do("GEOSEARCH", "Sicily", "FROMMEMBER", "none", "BYRADIUS", 1, "km"), IsError(kNoMember));
  EXPECT_THAT(Do("GEORADIUSBYMEMBER", "Sicily", "none", "x", "km"), IsError(kNoMember));
}

TEST_F(GeoTest, LengthsAreNumbersWithAUnit) {
  EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, "x", "km"), IsError("ERR need numeric radius"));
  EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, -1, "km"), IsError("ERR radius cannot be negative"));
  EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, 1, "cm"), IsError(kBadUnit));
  EXPECT_THAT(Do("GEORADIUS", "g", 200, 0, 1, "km"),
              IsError("ERR invalid longitude,latitude pair 200.000000,0.000000"));
  EXPECT_THAT(Do("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYBOX", "x", 1, "km"), IsError("ERR need numeric width"));
  EXPECT_THAT(Do("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYBOX", 1, "x", "km"), IsError("ERR need numeric height"));
  EXPECT_THAT(Do("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYBOX", 1, -1, "km"),
              IsError("ERR height or width cannot be negative"));
}

TEST_F(GeoTest, StoringAndDetailsExcludeEachOther) {
  EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, 1, "km", "STORE", "to", "WITHDIST"),
              IsError("ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD "
                      "options"));
  EXPECT_THAT(Do("GEOSEARCHSTORE", "to", "g", "FROMLONLAT", 0, 0, "BYRADIUS", 1, "km", "WITHHASH"),
              IsError("ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"));
  EXPECT_THAT(Do("GEORADIUS_RO", "g", 0, 0, 1, "km", "STORE", "to"), IsError(kSyntaxError));
  EXPECT_THAT(Do("GEORADIUSBYMEMBER_RO", "g", "m", 1, "km", "STOREDIST", "to"), IsError(kSyntaxError));
  EXPECT_THAT(Do("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYRADIUS", 1, "km", "STOREDIST"), IsError(kSyntaxError));
  EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, 1, "km", "STORE"), IsError(kSyntaxError));
  EXPECT_THAT(Do("GEORADIUS", "g", 0, 0, 1, "km", "STORE", "a", "STORE", "b"), IsError(kSyntaxError));
}

TEST_F(GeoTest, PositionsAreOnlyInSortedSets) {
  Do("SET", "s", "x");
  for (const auto& reply :
       {Do("GEOADD", "s", 1, 2, "a"), Do("GEODIST", "s", "a", "b"), Do("GEOHASH", "s"), Do("GEOPOS", "s"),
        Do("GEOSEARCH", "s", "x", "x", "x", "x", "x"), Do("GEOSEARCHSTORE", "to", "s", "x", "x", "x", "x", "x"),
        Do("GEORADIUS", "s", "x", "x", "x", "x"), Do("GEORADIUSBYMEMBER_RO", "s", "x", "x", "x")}) {
    EXPECT_THAT(reply, IsError(kWrongKind));
  }
}

}  // namespace
}  // namespace pinion::test
