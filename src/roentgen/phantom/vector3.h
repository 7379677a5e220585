#pragma once

#include <cmath>

namespace roentgen {

/// A point or direction in the patient, in centimetres: x to the patient's left, y to the front, z
/// to the head. The origin lies in the middle of the body.
struct Vector3 {
  double x = 0;
  double y = 0;
  double z = 0;
};

constexpr Vector3 operator+(Vector3 a, Vector3 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
constexpr Vector3 operator-(Vector3 a, Vector3 b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
constexpr Vector3 operator*(double factor, Vector3 v) {
  return {factor * v.x, factor * v.y, factor * v.z};
}
constexpr double Dot(Vector3 a, Vector3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline double Length(Vector3 v) {
  return std::sqrt(Dot(v, v));
}
inline Vector3 Direction(Vector3 v) {
  return 1 / Length(v) * v;
}
constexpr Vector3 Cross(Vector3 a, Vector3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

}  // namespace roentgen
