// Line integrals against what geometry says.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "roentgen/phantom/planes.h"
#include "roentgen/phantom/portable_math.h"
#include "roentgen/phantom/soft_shapes.h"
#include "roentgen/phantom/solids.h"

namespace roentgen {
namespace {

const Camera kCamera = Camera::Make(Camera::Beam::kToFront, 40, 180, 15, {81, 81});

Ellipsoid Ball(Vector3 centre, double radius) {
  return {centre, {radius, radius, radius}};
}

double Sum(const Plane& plane) {
  return std::accumulate(plane.values.begin(), plane.values.end(), 0.0);
}

/// cm² of the patient's middle plane in which a pixel's ray passes through it.
double PixelArea(Vector3 at) {
  return 1 / std::pow(kCamera.PixelsPerCm(at), 2);
}

TEST(Camera, ShadowsFallWhereTheRaysGo) {
  for (const auto beam : {Camera::Beam::kToFront, Camera::Beam::kToBack, Camera::Beam::kToLeft}) {
    const Camera camera = Camera::Make(beam, 40, 110, 20, {200, 150});
    const Vector3 pixel = camera.Pixel(30.25, 99.5);
    const PicturePoint at = camera.Project(camera.source + 0.6 * (pixel - camera.source));
    EXPECT_NEAR(at.column, 30.25, 1e-9);
    EXPECT_NEAR(at.row, 99.5, 1e-9);
  }
}

TEST(Camera, TheHeartIsLargerFromTheFront) {
  const Vector3 heart{2, 4, -5};
  const Camera from_behind = Camera::Make(Camera::Beam::kToFront, 40, 180, 15, {100, 100});
  const Camera from_front = Camera::Make(Camera::Beam::kToBack, 40, 110, 15, {100, 100});
  EXPECT_NEAR(from_behind.PixelsPerCm(heart), 2.5 * 180 / 169, 1e-9);
  EXPECT_NEAR(from_front.PixelsPerCm(heart), 2.5 * 110 / 91, 1e-9);
}

TEST(Camera, LeftIsOnTheRightOfThePicture) {
  const PicturePoint left = kCamera.Project({5, 0, 0});
  const PicturePoint up = kCamera.Project({0, 0, 5});
  EXPECT_GT(left.column, 40);
  EXPECT_LT(up.row, 40);
}

TEST(Solids, ARayThroughTheMiddlePassesTheDiameter) {
  const Solid ball{{Ball({0, 0, 0}, 3)}, {0.5, true}};
  const PathLengths path = IntegrateRay({&ball, 1}, kCamera, {0, 0, 0});
  EXPECT_NEAR(path.attenuation, 3, 1e-12);
  EXPECT_NEAR(path.lung, 6, 1e-12);
}

TEST(Solids, TheLastOneCountsWhereTheyLieInEachOther) {
  const std::vector<Solid> solids = {{{Ball({0, 0, 0}, 8)}, {0.2, false}},
                                     {{Ball({0, 0, 0}, 5)}, {0.05, true}},
                                     {{Ball({0, 1, 0}, 2)}, {0.3, false}}};
  const PathLengths path = IntegrateRay(solids, kCamera, {0, 0, 0});
  EXPECT_NEAR(path.attenuation, 0.2 * 6 + 0.05 * 6 + 0.3 * 4, 1e-12);
  EXPECT_NEAR(path.lung, 6, 1e-12);
}

TEST(Solids, AnIntersectionIsCutFromBothSides) {
  const Solid lens{{Ball({0, -2, 0}, 3), Ball({0, 2, 0}, 3)}, {1, false}};
  EXPECT_NEAR(IntegrateRay({&lens, 1}, kCamera, {0, 0, 0}).attenuation, 2, 1e-12);
  const Solid nothing{{Ball({0, -4, 0}, 3), Ball({0, 4, 0}, 3)}, {1, false}};
  EXPECT_EQ(IntegrateRay({&nothing, 1}, kCamera, {0, 0, 0}).attenuation, 0);
}

TEST(Solids, EqualWhatSmallStepsAlongTheRaysGive) {
  PhantomRandom random(3, 0);
  std::vector<Solid> solids;
  for (int i = 0; i < 6; ++i) {
    const auto place = [&] {
      return Vector3{random.Uniform(-5, 5), random.Uniform(-5, 5), random.Uniform(-5, 5)};
    };
    const Vector3 radii{random.Uniform(2, 6), random.Uniform(2, 6), random.Uniform(2, 6)};
    solids.push_back({{TurnedEllipsoid(place(), radii, place())}, {0.1 * (i + 1), i % 2 == 0}});
    if (i == 3) solids.back().parts.push_back(Ball(place(), 5));
  }
  Plane attenuation(kCamera.size);
  Plane lung(kCamera.size);
  IntegrateSolids(solids, kCamera, attenuation, lung);
  constexpr int kSteps = 40'000;
  for (const auto& [column, row] : {std::pair(40, 40), std::pair(36, 43), std::pair(44, 38)}) {
    const Vector3 ray = kCamera.Pixel(column, row) - kCamera.source;
    const double step = Length(ray) / kSteps;
    double expected = 0;
    double expected_lung = 0;
    for (int i = 0; i < kSteps; ++i) {
      const Vector3 at = kCamera.source + (i + 0.5) / kSteps * ray;
      for (size_t s = solids.size(); s-- > 0;) {
        if (!solids[s].Contains(at)) continue;
        expected += step * solids[s].material.attenuation;
        if (solids[s].material.lung) expected_lung += step;
        break;
      }
    }
    // At most 14 borders, each met within half a step.
    EXPECT_NEAR(attenuation.Row(row)[column], expected, 7 * step * 0.6);
    EXPECT_NEAR(lung.Row(row)[column], expected_lung, 7 * step);
    EXPECT_GT(expected, 0.5);
  }
}

TEST(Tubes, HoldTheirVolume) {
  const Tube tube{{{{-6, 0, -2}, 1}, {{1, 0, 1}, 1}, {{6, 0, -1}, 1}}, 0.5, 0};
  Plane plane(kCamera.size);
  AddTube(tube, kCamera, plane);
  const double length = std::sqrt(49 + 9) + std::sqrt(25 + 4);
  // A tube ends in half balls, and its bend is counted once.
  const double volume = M_PI * length + 4.0 / 3 * M_PI;
  EXPECT_NEAR(Sum(plane) * PixelArea({0, 0, 0}), 0.5 * volume, 0.04 * volume);
}

TEST(Tubes, AHollowOneIsDenseAtItsRim) {
  Tube tube{{{{-6, 0, 0}, 2}, {{6, 0, 0}, 2}}, 1, 0.8};
  Plane plane(kCamera.size);
  AddTube(tube, kCamera, plane);
  const auto at = [&](double z) {
    return plane.Row(static_cast<int>(std::lround(kCamera.Project({0, 0, z}).row)))[40];
  };
  EXPECT_NEAR(at(0), 2 * 2 * (1 - 0.8 * 0.8), 0.05);
  EXPECT_GT(at(1.5), at(0));
}

TEST(SoftBalls, HoldTheirVolumeAndNeedLung) {
  const SoftBall ball{{1, 0, 2}, 1.5, 0.2};
  Plane plane(kCamera.size);
  Plane lung(kCamera.size);
  AddSoftBall(ball, kCamera, lung, plane);
  EXPECT_EQ(Sum(plane), 0);
  for (double& value : lung.values) value = 10;
  AddSoftBall(ball, kCamera, lung, plane);
  const double expected = 0.2 * std::pow(2 * M_PI, 1.5) * std::pow(1.5, 3);
  EXPECT_NEAR(Sum(plane) * PixelArea({0, 0, 0}), expected, 0.02 * expected);
}

TEST(Planes, BlurKeepsTheSumAndSpreadsAsAsked) {
  for (const double deviation : {0.5, 0.8, 1.7, 3.0, 6.5}) {
    Plane plane({121, 121});
    plane.Row(60)[60] = 1;
    Blur(plane, deviation);
    double variance = 0;
    for (int row = 0; row < 121; ++row) {
      for (int column = 0; column < 121; ++column) {
        variance += plane.Row(row)[column] * (column - 60) * (column - 60);
      }
    }
    EXPECT_NEAR(Sum(plane), 1, 1e-9);
    // From four pixels on the next whole reach is near enough.
    EXPECT_NEAR(std::sqrt(variance), deviation, deviation < 4 ? 1e-9 : 0.5) << deviation;
  }
}

TEST(Planes, ASmoothFieldIsTheSameAlongARow) {
  const SmoothField field(9, 0.7);
  std::vector<double> row(50);
  field.Row(3.3, 0.21, row);
  for (size_t i = 0; i < row.size(); ++i) {
    EXPECT_NEAR(row[i], field.At(static_cast<double>(i) * 0.21, 3.3), 1e-12);
    EXPECT_LE(std::abs(row[i]), 1);
  }
}

}  // namespace
}  // namespace roentgen
