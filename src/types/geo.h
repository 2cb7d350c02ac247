// Positions on the globe as 52-bit numbers, distances between them, and the cells that cover an area.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace pinion::types {

// Degrees. Positions that can be stored lie within these limits (those of the web's Mercator maps, EPSG:3857).
struct GeoPoint {
  double longitude, latitude;
};
inline constexpr double kGeoMaxLongitude = 180, kGeoMaxLatitude = 85.05112878;
[[nodiscard]] inline bool CanBeStored(GeoPoint p) {
  return p.longitude >= -kGeoMaxLongitude && p.longitude <= kGeoMaxLongitude && p.latitude >= -kGeoMaxLatitude &&
         p.latitude <= kGeoMaxLatitude;
}

// A position's score in a sorted set: both coordinates as 26-bit fractions of their ranges, interleaved, longitude
// first. Positions that are near one another mostly have scores that begin alike. REQUIRES: CanBeStored(p).
[[nodiscard]] uint64_t EncodeGeo(GeoPoint p);
// The middle of the cell that a score stands for. Scores that no position has give some position on the map.
[[nodiscard]] GeoPoint DecodeGeo(double score);

// Metres along the great circle, on a sphere of Redis's radius.
[[nodiscard]] double GeoDistance(GeoPoint a, GeoPoint b);

// The position as the 11 characters of a standard geohash (geohash.org). The last is always '0': there are 52 bits.
[[nodiscard]] std::string GeohashText(GeoPoint p);

// Areas to search in; lengths in metres, not negative.
struct GeoCircle {
  GeoPoint center;
  double radius;
};
// As wide as `width` at every latitude, so that its sides bend; `center` is in the middle of it.
struct GeoBox {
  GeoPoint center;
  double width, height;
};
// Edges are straight lines on a map of longitudes and latitudes, and may cross one another. Does not reach over the
// 180th meridian.
class GeoPolygon {
 public:
  // REQUIRES: at least three vertices.
  explicit GeoPolygon(std::vector<GeoPoint> vertices);
  [[nodiscard]] std::span<const GeoPoint> vertices() const { return vertices_; }
  // The middle of the vertices on the sphere: distances count from there.
  [[nodiscard]] GeoPoint center() const { return center_; }

 private:
  std::vector<GeoPoint> vertices_;
  GeoPoint center_;
};
using GeoArea = std::variant<GeoCircle, GeoBox, GeoPolygon>;

// The distance from the area's center if the point lies inside, border included.
[[nodiscard]] std::optional<double> DistanceInside(const GeoArea& area, GeoPoint p);

// The same question for many points: most of those outside are told by a few multiplications.
class GeoFilter {
 public:
  // The area must outlive the filter.
  explicit GeoFilter(const GeoArea& area);
  [[nodiscard]] std::optional<double> DistanceInside(GeoPoint p) const {
    return IsFar(p) ? std::nullopt : types::DistanceInside(area_, p);
  }

 private:
  [[nodiscard]] bool IsFar(GeoPoint p) const;

  const GeoArea& area_;
  GeoPoint center_{};
  // Half the chord to the area's farthest point, squared, on a sphere of radius 1; infinite: not known.
  double farthest_;
  double least_cosines_ = 0;  // the product of the center's cosine of latitude and the least of the area
};

// Scores from `min` to before `max`.
struct GeoScoreRange {
  double min, max;
};
// Ranges of scores that hold all points of an area, disjoint, in the order in which Redis visits them: the cell of
// the center and those of its eight neighbours that the area may touch, all as large as needed to reach to its
// borders.
class GeoCover {
 public:
  explicit GeoCover(const GeoArea& area);
  [[nodiscard]] const GeoScoreRange* begin() const { return ranges_.data(); }
  [[nodiscard]] const GeoScoreRange* end() const { return ranges_.data() + count_; }

 private:
  std::array<GeoScoreRange, 9> ranges_;
  size_t count_ = 0;
};

}  // namespace pinion::types
