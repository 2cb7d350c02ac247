// Positions, distances and covers, against Redis's figures and against checking every point.
#include "types/geo.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::types {
namespace {

constexpr GeoPoint kPalermo = {13.361389, 38.115556}, kCatania = {15.087269, 37.502669};

GeoPoint RandomPoint(Random& random) {
  return {(2 * random.Unit() - 1) * kGeoMaxLongitude, (2 * random.Unit() - 1) * kGeoMaxLatitude};
}

// How often a score lies in the cover's ranges.
size_t TimesCovered(const GeoCover& cover, double score) {
  return static_cast<size_t>(std::count_if(cover.begin(), cover.end(),
                                           [score](GeoScoreRange r) { return score >= r.min && score < r.max; }));
}

TEST(GeoTest, ScoresAreThoseOfRedis) {
  EXPECT_EQ(EncodeGeo(kPalermo), 3479099956230698u);
  EXPECT_EQ(EncodeGeo(kCatania), 3479447370796909u);
  EXPECT_EQ(EncodeGeo({-180, -kGeoMaxLatitude}), 0u);
}

TEST(GeoTest, PositionsAreDecodedToTheMiddleOfTheirCell) {
  const GeoPoint p = DecodeGeo(3479099956230698.0);
  EXPECT_DOUBLE_EQ(p.longitude, 13.36138933897018433);
  EXPECT_DOUBLE_EQ(p.latitude, 38.11555639549629859);
  Random random(1);
  for (int i = 0; i < 10'000; ++i) {
    const GeoPoint original = RandomPoint(random);
    const uint64_t score = EncodeGeo(original);
    const GeoPoint decoded = DecodeGeo(static_cast<double>(score));
    EXPECT_NEAR(decoded.longitude, original.longitude, 360.0 / (1 << 26));
    EXPECT_NEAR(decoded.latitude, original.latitude, 2 * kGeoMaxLatitude / (1 << 26));
    EXPECT_EQ(EncodeGeo(decoded), score);
  }
}

TEST(GeoTest, ScoresOfNoPositionAreOnTheMapAllTheSame) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double score :
       {-1.0, -0.5, 1e15, 1e16, 1e18, 1e19, 1e20, 1e300, -1e18, -1e300, kInfinity, -kInfinity}) {
    EXPECT_TRUE(CanBeStored(DecodeGeo(score))) << score;
  }
}

TEST(GeoTest, DistancesAreThoseOfRedis) {
  const GeoPoint a = DecodeGeo(3479099956230698.0), b = DecodeGeo(3479447370796909.0);
  EXPECT_NEAR(GeoDistance(a, b), 166274.1516, 0.00005);
  EXPECT_EQ(GeoDistance(a, a), 0);
  EXPECT_DOUBLE_EQ(GeoDistance({10, 0}, {10, 90}), 6372797.560856 * std::acos(0));
  EXPECT_NEAR(GeoDistance({-179.5, 0}, {179.5, 0}), GeoDistance({0, 0}, {1, 0}), 1e-3);
}

TEST(GeoTest, GeohashesAreStandardOnes) {
  EXPECT_EQ(GeohashText(DecodeGeo(3479099956230698.0)), "sqc8b49rny0");
  EXPECT_EQ(GeohashText(DecodeGeo(3479447370796909.0)), "sqdtr74hyu0");
}

TEST(GeoTest, ACircleHasAllPointsWithinItsRadius) {
  const GeoArea circle = GeoCircle{kPalermo, 200'000};
  EXPECT_EQ(DistanceInside(circle, kPalermo), 0);
  EXPECT_NEAR(DistanceInside(circle, kCatania).value_or(0), 166274, 5);
  EXPECT_EQ(DistanceInside(circle, {13.4, 40}), std::nullopt);
}

TEST(GeoTest, ABoxIsAsWideAtEveryLatitude) {
  const GeoArea box = GeoBox{{15, 37}, 400'000, 400'000};
  EXPECT_TRUE(DistanceInside(box, kPalermo));
  EXPECT_TRUE(DistanceInside(box, kCatania));
  EXPECT_FALSE(DistanceInside(box, {15, 39}));
  EXPECT_FALSE(DistanceInside(box, {12.7, 37}));
  EXPECT_TRUE(DistanceInside(GeoBox{{0, 80}, 100'000, 2'000'000}, {2.5, 80}));
  EXPECT_FALSE(DistanceInside(GeoBox{{0, 0}, 100'000, 2'000'000}, {2.5, 0}));
}

TEST(GeoTest, APolygonMayBeConcave) {
  // A U, open to the north.
  const GeoPolygon u({{0, 0}, {9, 0}, {9, 9}, {6, 9}, {6, 3}, {3, 3}, {3, 9}, {0, 9}});
  EXPECT_TRUE(DistanceInside(u, {1, 8}));
  EXPECT_TRUE(DistanceInside(u, {8, 8}));
  EXPECT_TRUE(DistanceInside(u, {4.5, 1}));
  EXPECT_FALSE(DistanceInside(u, {4.5, 8}));
  EXPECT_FALSE(DistanceInside(u, {-1, 1}));
  EXPECT_FALSE(DistanceInside(u, {10, 1}));
  const GeoPolygon square({{-1, -1}, {1, -1}, {1, 1}, {-1, 1}});
  EXPECT_NEAR(square.center().longitude, 0, 1e-9);
  EXPECT_NEAR(square.center().latitude, 0, 1e-9);
  EXPECT_NEAR(DistanceInside(square, {0.5, 0}).value_or(0), GeoDistance({0, 0}, {0.5, 0}), 1e-6);
}

// Areas of all sizes, wholly on the map.
GeoArea RandomArea(Random& random) {
  GeoPoint center = RandomPoint(random);
  const double size = std::pow(10, 1 + 6 * random.Unit());
  center.longitude *= 0.6;
  center.latitude *= 0.7;
  switch (random.Below(3)) {
    case 0: return GeoCircle{center, size / 2};
    case 1: return GeoBox{center, size * random.Unit(), size * random.Unit()};
    default: break;
  }
  std::vector<GeoPoint> vertices;
  const double degrees = size / 111'000;
  for (uint64_t n = 3 + random.Below(6); n != 0; --n) {
    const GeoPoint v = {center.longitude + degrees * (random.Unit() - 0.5),
                        center.latitude + degrees * (random.Unit() - 0.5)};
    vertices.push_back({std::clamp(v.longitude, -180.0, 180.0), std::clamp(v.latitude, -85.0, 85.0)});
  }
  return GeoPolygon(std::move(vertices));
}

GeoPoint CenterOf(const GeoArea& area) {
  if (const auto* polygon = std::get_if<GeoPolygon>(&area)) return polygon->center();
  if (const auto* box = std::get_if<GeoBox>(&area)) return box->center;
  return std::get<GeoCircle>(area).center;
}

TEST(GeoTest, CoversHoldEveryPointInsideOnce) {
  Random random(2);
  size_t inside = 0;
  for (int round = 0; round < 3000; ++round) {
    const GeoArea area = RandomArea(random);
    const GeoPoint center = CenterOf(area);
    const GeoCover cover(area);
    // Points at all distances from the center, most of them near enough to be inside.
    for (int i = 0; i < 20; ++i) {
      const double spread = std::pow(10, -4 + 6 * random.Unit());
      const GeoPoint p = {center.longitude + spread * (random.Unit() - 0.5),
                          center.latitude + spread * (random.Unit() - 0.5)};
      if (!CanBeStored(p)) continue;
      const size_t times = TimesCovered(cover, static_cast<double>(EncodeGeo(p)));
      EXPECT_LE(times, 1u);
      if (!DistanceInside(area, p)) continue;
      ++inside;
      EXPECT_EQ(times, 1u) << p.longitude << " " << p.latitude << " in an area around " << center.longitude << " "
                           << center.latitude;
    }
  }
  EXPECT_GT(inside, 5000u);
}

TEST(GeoTest, FiltersLoseNoPointOfTheArea) {
  Random random(4);
  size_t inside = 0;
  for (int round = 0; round < 3000; ++round) {
    const GeoArea area = RandomArea(random);
    const GeoPoint center = CenterOf(area);
    const GeoFilter filter(area);
    for (int i = 0; i < 20; ++i) {
      const double spread = std::pow(10, -4 + 6.5 * random.Unit());
      const GeoPoint p = {std::remainder(center.longitude + spread * (random.Unit() - 0.5), 360),
                          std::clamp(center.latitude + spread * (random.Unit() - 0.5), -85.0, 85.0)};
      const auto distance = DistanceInside(area, p);
      EXPECT_EQ(filter.DistanceInside(p), distance);
      inside += distance.has_value();
    }
  }
  EXPECT_GT(inside, 5000u);
}

TEST(GeoTest, FiltersKeepWhatLiesOnTheBorder) {
  Random random(5);
  for (int i = 0; i < 10'000; ++i) {
    const GeoPoint center = RandomPoint(random), p = RandomPoint(random);
    const GeoArea circle = GeoCircle{center, GeoDistance(center, p)};
    EXPECT_TRUE(GeoFilter(circle).DistanceInside(p));
  }
}

TEST(GeoTest, CoversOfTheWholeEarthHaveEveryCellOnce) {
  Random random(3);
  for (const double radius : {5e6, 1e7, 2.5e7, 1e30, std::numeric_limits<double>::infinity()}) {
    const GeoCover cover(GeoCircle{{10, 20}, radius});
    for (int i = 0; i < 1000; ++i) {
      EXPECT_LE(TimesCovered(cover, static_cast<double>(EncodeGeo(RandomPoint(random)))), 1u);
    }
  }
  const GeoCover whole(GeoCircle{{10, 20}, 2.5e7});
  EXPECT_EQ(whole.end() - whole.begin(), 4);
}

TEST(GeoTest, SmallAreasHaveSmallCovers) {
  double covered = 0;
  for (const GeoScoreRange r : GeoCover(GeoCircle{kPalermo, 1000})) covered += r.max - r.min;
  EXPECT_LT(covered / static_cast<double>(uint64_t{1} << 52), 1e-5);
  const GeoCover point(GeoCircle{kPalermo, 0});
  EXPECT_EQ(TimesCovered(point, static_cast<double>(EncodeGeo(kPalermo))), 1u);
}

TEST(GeoTest, APolygonAroundAPoleIsCovered) {
  const GeoPolygon cap({{-120, 80}, {0, 80}, {120, 80}});
  const GeoCover cover{GeoArea(cap)};
  EXPECT_EQ(TimesCovered(cover, static_cast<double>(EncodeGeo({0, 80.001}))), 1u);
}

}  // namespace
}  // namespace pinion::types
