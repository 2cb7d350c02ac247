// Positions as interleaved bits, and distances on the sphere.
#include "types/geo.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace pinion::types {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kDegree = kPi / 180;
constexpr double kEarthRadius = 6372797.560856;  // metres: the quadratic mean of WGS 84's ellipsoid
// Half the width of a Mercator map of the world, in metres.
constexpr double kMercatorMax = 20037726.37;
// Bits of a stored coordinate.
constexpr int kMaxBits = 26;

double Radians(double degrees) { return degrees * kDegree; }
double Degrees(double radians) { return radians / kDegree; }

// Spreads the bits of v to the even positions ("Interleave bits by Binary Magic Numbers" in Anderson's "Bit
// Twiddling Hacks").
uint64_t Spread(uint32_t v) {
  uint64_t x = v;
  x = (x | x << 16) & 0x0000FFFF0000FFFF;
  x = (x | x << 8) & 0x00FF00FF00FF00FF;
  x = (x | x << 4) & 0x0F0F0F0F0F0F0F0F;
  x = (x | x << 2) & 0x3333333333333333;
  return (x | x << 1) & 0x5555555555555555;
}

// Gathers the bits at the even positions.
uint32_t Gather(uint64_t x) {
  x &= 0x5555555555555555;
  x = (x | x >> 1) & 0x3333333333333333;
  x = (x | x >> 2) & 0x0F0F0F0F0F0F0F0F;
  x = (x | x >> 4) & 0x00FF00FF00FF00FF;
  x = (x | x >> 8) & 0x0000FFFF0000FFFF;
  return static_cast<uint32_t>(x | x >> 16);
}

// Where v lies between -most and most, in steps of 2^-bits of the whole.
uint32_t Fraction(double v, double most, int bits) {
  return static_cast<uint32_t>((v + most) / (2 * most) * static_cast<double>(uint64_t{1} << bits));
}

uint64_t Interleave(GeoPoint p, double max_latitude, int bits) {
  return Spread(Fraction(p.latitude, max_latitude, bits)) |
         Spread(Fraction(p.longitude, kGeoMaxLongitude, bits)) << 1;
}

// The place of a step, the inverse of Fraction.
double Place(uint32_t step, double most, int bits) {
  return -most + step * 1.0 / static_cast<double>(uint64_t{1} << bits) * (2 * most);
}

// A score as an integer, for all doubles as an x86-64 converts them.
uint64_t ScoreBits(double score) {
  constexpr double k2To63 = 9223372036854775808.0;
  if (score >= 2 * k2To63) return 0;
  if (score >= 0) return static_cast<uint64_t>(score);
  if (score >= -k2To63) return static_cast<uint64_t>(static_cast<int64_t>(score));
  return uint64_t{1} << 63;
}

double LatitudeDistance(double a, double b) { return kEarthRadius * std::fabs(Radians(b) - Radians(a)); }

// Whether a line from p to the west crosses the edge from a to b (Franklin, "PNPOLY - point inclusion in polygon
// test"): inside is where it crosses an odd number of edges.
bool Crosses(GeoPoint p, GeoPoint a, GeoPoint b) {
  if ((a.latitude > p.latitude) == (b.latitude > p.latitude)) return false;
  const double slope = (b.longitude - a.longitude) / (b.latitude - a.latitude);
  return p.longitude < slope * (p.latitude - a.latitude) + a.longitude;
}

std::optional<double> Inside(const GeoCircle& circle, GeoPoint p) {
  const double distance = GeoDistance(circle.center, p);
  return distance <= circle.radius ? std::optional(distance) : std::nullopt;
}

std::optional<double> Inside(const GeoBox& box, GeoPoint p) {
  if (LatitudeDistance(p.latitude, box.center.latitude) > box.height / 2) return std::nullopt;
  if (GeoDistance(p, {box.center.longitude, p.latitude}) > box.width / 2) return std::nullopt;
  return GeoDistance(box.center, p);
}

std::optional<double> Inside(const GeoPolygon& polygon, GeoPoint p) {
  bool inside = false;
  GeoPoint before = polygon.vertices().back();
  for (const GeoPoint vertex : polygon.vertices()) {
    if (Crosses(p, vertex, before)) inside = !inside;
    before = vertex;
  }
  return inside ? std::optional(GeoDistance(polygon.center(), p)) : std::nullopt;
}

// The rectangle of degrees around an area, and how far its points can be from the center.
struct Extent {
  GeoPoint center, least, most;
  double reach;  // metres
};

// Half as wide and high as given. Towards the poles a degree of longitude gets shorter: the side that is nearer to
// a pole is the longer one in degrees.
Extent ExtentAround(GeoPoint center, double half_width, double half_height, double reach) {
  const double latitudes = Degrees(half_height / kEarthRadius);
  const double widest = center.latitude < 0 ? center.latitude - latitudes : center.latitude + latitudes;
  const double longitudes = Degrees(half_width / kEarthRadius / std::cos(Radians(widest)));
  return {center,
          {center.longitude - longitudes, center.latitude - latitudes},
          {center.longitude + longitudes, center.latitude + latitudes},
          reach};
}

Extent ExtentOf(const GeoCircle& c) { return ExtentAround(c.center, c.radius, c.radius, c.radius); }

Extent ExtentOf(const GeoBox& b) {
  const double half_width = b.width / 2, half_height = b.height / 2;
  return ExtentAround(b.center, half_width, half_height,
                      std::sqrt(half_width * half_width + half_height * half_height));
}

Extent ExtentOf(const GeoPolygon& polygon) {
  Extent e = {polygon.center(), polygon.vertices()[0], polygon.vertices()[0], 0};
  for (const GeoPoint v : polygon.vertices()) {
    e.least = {std::min(e.least.longitude, v.longitude), std::min(e.least.latitude, v.latitude)};
    e.most = {std::max(e.most.longitude, v.longitude), std::max(e.most.latitude, v.latitude)};
  }
  for (const double longitude : {e.least.longitude, e.most.longitude}) {
    for (const double latitude : {e.least.latitude, e.most.latitude}) {
      e.reach = std::max(e.reach, GeoDistance(e.center, {longitude, latitude}));
    }
  }
  // A polygon around a pole has its middle beyond the map.
  e.center.latitude = std::clamp(e.center.latitude, -kGeoMaxLatitude, kGeoMaxLatitude);
  return e;
}

// How many bits a coordinate of a cell may have, so that the cell and its neighbours reach far enough.
int CellBits(double reach, double latitude) {
  if (reach == 0) return kMaxBits;
  int bits = -1;
  for (; reach < kMercatorMax && bits < 64; reach *= 2) ++bits;
  // Cells get narrower towards the poles.
  if (std::fabs(latitude) > 66) --bits;
  if (std::fabs(latitude) > 80) --bits;
  return std::clamp(bits, 1, kMaxBits);
}

// One of the rectangles into which `bits` bits a coordinate divide the map.
struct Cell {
  uint32_t x, y;  // from the west and the south; 2^bits on the very eastern or northern border
  int bits;

  static Cell At(GeoPoint p, int bits) {
    return {Fraction(p.longitude, kGeoMaxLongitude, bits), Fraction(p.latitude, kGeoMaxLatitude, bits), bits};
  }
  // So many cells to the east and to the north; the map's borders meet.
  [[nodiscard]] Cell Neighbour(int east, int north) const {
    const uint32_t mask = (uint32_t{1} << bits) - 1;
    return {(x + static_cast<uint32_t>(east)) & mask, (y + static_cast<uint32_t>(north)) & mask, bits};
  }
  [[nodiscard]] GeoPoint least() const {
    return {Place(x, kGeoMaxLongitude, bits), Place(y, kGeoMaxLatitude, bits)};
  }
  [[nodiscard]] GeoPoint most() const {
    return {Place(x + 1, kGeoMaxLongitude, bits), Place(y + 1, kGeoMaxLatitude, bits)};
  }
  [[nodiscard]] GeoScoreRange Scores() const {
    const uint64_t code = Spread(y) | Spread(x) << 1;
    const int unused = 2 * (kMaxBits - bits);
    return {static_cast<double>(code << unused), static_cast<double>((code + 1) << unused)};
  }
};

// Whether the eight cells around one reach to the area's borders.
bool ReachesAround(const Cell& cell, const Extent& e) {
  return !(cell.Neighbour(0, 1).most().latitude < e.most.latitude ||
           cell.Neighbour(0, -1).least().latitude > e.least.latitude ||
           cell.Neighbour(1, 0).most().longitude < e.most.longitude ||
           cell.Neighbour(-1, 0).least().longitude > e.least.longitude);
}

}  // namespace

uint64_t EncodeGeo(GeoPoint p) { return Interleave(p, kGeoMaxLatitude, kMaxBits); }

GeoPoint DecodeGeo(double score) {
  const uint64_t bits = ScoreBits(score);
  const Cell cell = {Gather(bits >> 1), Gather(bits), kMaxBits};
  const GeoPoint least = cell.least(), most = cell.most();
  return {std::clamp((least.longitude + most.longitude) / 2, -kGeoMaxLongitude, kGeoMaxLongitude),
          std::clamp((least.latitude + most.latitude) / 2, -kGeoMaxLatitude, kGeoMaxLatitude)};
}

double GeoDistance(GeoPoint a, GeoPoint b) {
  const double v = std::sin((Radians(b.longitude) - Radians(a.longitude)) / 2);
  if (v == 0) return LatitudeDistance(a.latitude, b.latitude);
  const double latitude_a = Radians(a.latitude), latitude_b = Radians(b.latitude);
  const double u = std::sin((latitude_b - latitude_a) / 2);
  return 2 * kEarthRadius * std::asin(std::sqrt(u * u + std::cos(latitude_a) * std::cos(latitude_b) * v * v));
}

std::string GeohashText(GeoPoint p) {
  constexpr char kAlphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  const uint64_t bits = Interleave(p, 90, kMaxBits);
  std::string text(11, '0');
  for (size_t i = 0; i < 10; ++i) text[i] = kAlphabet[bits >> (2 * kMaxBits - 5 * (i + 1)) & 31];
  return text;
}

GeoPolygon::GeoPolygon(std::vector<GeoPoint> vertices) : vertices_(std::move(vertices)) {
  double x = 0, y = 0, z = 0;
  for (const GeoPoint v : vertices_) {
    const double longitude = Radians(v.longitude), latitude = Radians(v.latitude);
    x += std::cos(latitude) * std::cos(longitude);
    y += std::cos(latitude) * std::sin(longitude);
    z += std::sin(latitude);
  }
  center_ = {Degrees(std::atan2(y, x)), Degrees(std::atan2(z, std::hypot(x, y)))};
}

std::optional<double> DistanceInside(const GeoArea& area, GeoPoint p) {
  return std::visit([p](const auto& a) { return Inside(a, p); }, area);
}

GeoFilter::GeoFilter(const GeoArea& area) : area_(area), farthest_(std::numeric_limits<double>::infinity()) {
  double reach;
  if (const auto* circle = std::get_if<GeoCircle>(&area)) {
    center_ = circle->center;
    reach = circle->radius;
  } else if (const auto* box = std::get_if<GeoBox>(&area)) {
    center_ = box->center;
    reach = box->width / 2 + box->height / 2;
  } else {
    return;
  }
  const double angle = reach / kEarthRadius;
  if (!(angle < kPi / 2)) return;
  farthest_ = std::sin(angle / 2) * std::sin(angle / 2) * (1 + 1e-9);  // more, for rounding
  const double latitude = std::fabs(Radians(center_.latitude));
  least_cosines_ = std::cos(latitude) * std::max(std::cos(std::min(latitude + angle, kPi / 2)), 0.0);
}

// The haversine of the distance is at least what is computed here: the sine of x is not below x - x^3/6, and inside
// the area no cosine of latitude is below the least. What lies beyond its latitudes is too far in any case.
bool GeoFilter::IsFar(GeoPoint p) const {
  const auto sine_from_below = [](double x) { return x - x * x * x / 6; };
  const double half_latitudes = std::fabs(Radians(p.latitude - center_.latitude)) / 2;
  double half_longitudes = std::fabs(Radians(p.longitude - center_.longitude)) / 2;
  if (half_longitudes > kPi / 2) half_longitudes = kPi - half_longitudes;
  const double u = sine_from_below(half_latitudes), v = sine_from_below(half_longitudes);
  return u * u + least_cosines_ * v * v > farthest_;
}

GeoCover::GeoCover(const GeoArea& area) {
  const Extent extent = std::visit([](const auto& a) { return ExtentOf(a); }, area);
  int bits = CellBits(extent.reach, extent.center.latitude);
  Cell center = Cell::At(extent.center, bits);
  if (bits > 1 && !ReachesAround(center, extent)) center = Cell::At(extent.center, --bits);

  // With four cells only, every neighbour may be needed.
  const bool choosy = bits >= 2;
  const bool no_south = choosy && center.least().latitude < extent.least.latitude;
  const bool no_north = choosy && center.most().latitude > extent.most.latitude;
  const bool no_west = choosy && center.least().longitude < extent.least.longitude;
  const bool no_east = choosy && center.most().longitude > extent.most.longitude;
  ranges_[count_++] = center.Scores();
  // East, north. Where the map has two cells a row, neighbours on both sides are the same.
  constexpr std::pair<int, int> kAround[] = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
  for (const auto& [east, north] : kAround) {
    if ((north < 0 && no_south) || (north > 0 && no_north)) continue;
    if ((east < 0 && no_west) || (east > 0 && no_east)) continue;
    const GeoScoreRange scores = center.Neighbour(east, north).Scores();
    if (count_ > 1 && ranges_[count_ - 1].min == scores.min) continue;
    ranges_[count_++] = scores;
  }
}

}  // namespace pinion::types
