#include "roentgen/phantom/radiograph.h"

#include <algorithm>
#include <cmath>

#include "roentgen/phantom/planes.h"
#include "roentgen/phantom/portable_math.h"

namespace roentgen {
namespace {

enum Purpose : uint64_t { kExposure = 30, kTexture, kNoise, kCollimation };

constexpr double kBodyBegins = 0.6;  // ∫ μ dl: three centimetres of tissue

/// Fine structure that no single shape stands for: lung tissue, muscle and fat.
void AddTexture(const ThoraxScene& scene, uint64_t seed, const Plane& lung, Plane& attenuation) {
  PhantomRandom random(seed, kTexture);
  const SmoothField fine(random.Bits(), 0.28);  // cm
  const SmoothField coarse(random.Bits(), 0.8);
  const SmoothField tissue(random.Bits(), 2.5);
  const double pitch = Length(scene.camera.column_step);
  const auto width = static_cast<size_t>(lung.size.width);
  std::vector<double> fine_row(width);
  std::vector<double> coarse_row(width);
  std::vector<double> tissue_row(width);
  for (int row = 0; row < lung.size.height; ++row) {
    fine.Row(row * pitch, pitch, fine_row);
    coarse.Row(row * pitch, pitch, coarse_row);
    tissue.Row(row * pitch, pitch, tissue_row);
    for (size_t i = 0; i < width; ++i) {
      attenuation.Row(row)[i] +=
          lung.Row(row)[i] * (0.0042 * fine_row[i] + 0.0038 * coarse_row[i]) +
          attenuation.Row(row)[i] * 0.012 * tissue_row[i];
    }
  }
}

/// The quanta that the detector counts, scattered ones among them.
Plane Expose(const Plane& attenuation, double quanta, double scatter_share, uint64_t seed) {
  Plane counted(attenuation.size);
  for (size_t i = 0; i < counted.values.size(); ++i) {
    counted.values[i] = quanta * PortableExp(-attenuation.values[i]);
  }
  Plane scatter = counted;
  Blur(scatter, 0.07 * attenuation.size.width);
  for (size_t i = 0; i < counted.values.size(); ++i) {
    counted.values[i] += scatter_share * scatter.values[i];
  }
  // What is counted varies by its square root (Poisson).
  Plane deviation = counted;
  for (double& value : deviation.values) value = std::sqrt(value);
  AddWhiteNoise(counted, deviation, PhantomRandom(seed, kNoise));
  return counted;
}

/// The logarithm of what is counted, in the window in which the body lies; large differences are
/// flattened and the ends of the scale bent, as processing stations do.
Plane Develop(const Plane& counted, const Plane& attenuation, double quanta,
              PhantomRandom& random) {
  Plane picture(counted.size);
  for (size_t i = 0; i < counted.values.size(); ++i) {
    picture.values[i] = -PortableLog(std::max(counted.values[i], 1.0) / quanta);
  }
  Plane large = picture;
  for (double& value : large.values) value = std::max(value, kBodyBegins);
  Blur(large, 0.09 * counted.size.width);
  const double flatten = random.Uniform(0.3, 0.5);
  std::vector<double> body;
  for (size_t i = 0; i < picture.values.size(); ++i) {
    picture.values[i] -= flatten * large.values[i];
    if (attenuation.values[i] > kBodyBegins) body.push_back(picture.values[i]);
  }
  const double low = Quantile(body, 0.01);
  const double high = Quantile(std::move(body), 0.995);
  const double gamma = random.Uniform(0.9, 1.25);
  const double bend = random.Uniform(0.2, 0.6);
  for (size_t i = 0; i < picture.values.size(); ++i) {
    // Beside the body the film is black, however little was flattened there.
    const double inside = std::clamp(attenuation.values[i] / kBodyBegins, 0.0, 1.0);
    const double value =
        inside * std::clamp((picture.values[i] - low) / std::max(high - low, 1e-3), 0.0, 1.0);
    const double curved = value > 0 ? PortableExp(gamma * PortableLog(value)) : 0;
    picture.values[i] = curved + bend * (curved * curved * (3 - 2 * curved) - curved);
  }
  return picture;
}

/// Shutters leave the rim of some pictures dark.
void Collimate(Plane& picture, PhantomRandom random) {
  const bool shut = random.Chance(0.45);
  const auto margin = [&](int side) { return shut ? random.Uniform(-0.03, 0.05) * side : -1; };
  const double left = margin(picture.size.width);
  const double right = picture.size.width - 1 - margin(picture.size.width);
  const double top = margin(picture.size.height);
  const double bottom = picture.size.height - 1 - margin(picture.size.height);
  for (int row = 0; row < picture.size.height; ++row) {
    for (int column = 0; column < picture.size.width; ++column) {
      const double depth =
          std::min(std::min(column - left, right - column), std::min(row - top, bottom - row));
      picture.Row(row)[column] *= std::clamp(depth + 0.5, 0.0, 1.0);
    }
  }
}

PixelRectangle BoxAround(const std::vector<Extent>& extents, const Camera& camera) {
  PixelRectangle box{1e9, 1e9, -1e9, -1e9};
  for (const Extent& extent : extents) {
    const PicturePoint at = camera.Project(extent.centre);
    const double reach = extent.radius * camera.PixelsPerCm(extent.centre) + 0.5;
    box.left = std::min(box.left, at.column - reach);
    box.right = std::max(box.right, at.column + reach);
    box.top = std::min(box.top, at.row - reach);
    box.bottom = std::max(box.bottom, at.row + reach);
  }
  const double width = camera.size.width;
  const double height = camera.size.height;
  return {std::clamp(box.left, 0.0, width), std::clamp(box.top, 0.0, height),
          std::clamp(box.right, 0.0, width), std::clamp(box.bottom, 0.0, height)};
}

}  // namespace

PhantomImage TakeRadiograph(const ThoraxScene& scene, uint64_t seed) {
  const Size size = scene.camera.size;
  Plane attenuation(size);
  Plane lung(size);
  IntegrateSolids(scene.solids, scene.camera, attenuation, lung);
  for (const Tube& tube : scene.tubes) AddTube(tube, scene.camera, attenuation);
  for (const SoftBall& ball : scene.balls) AddSoftBall(ball, scene.camera, lung, attenuation);
  AddTexture(scene, seed, lung, attenuation);
  for (double& value : attenuation.values) value = std::max(value, 0.0);

  PhantomRandom random(seed, kExposure);
  const double pitch = Length(scene.camera.column_step);  // cm
  // The focal spot and the detector spread every point over half a millimetre to one.
  Blur(attenuation, random.Uniform(0.05, 0.09) / pitch);
  // So many quanta fall on a square centimetre that tens to hundreds are left behind the spine.
  const double quanta = random.Uniform(1.5e6, 5e6) * pitch * pitch;
  Plane counted = Expose(attenuation, quanta, random.Uniform(0.1, 0.3), seed);
  Blur(counted, random.Uniform(0.4, 0.6));
  Plane picture = Develop(counted, attenuation, quanta, random);
  Collimate(picture, PhantomRandom(seed, kCollimation));

  PhantomImage image;
  image.size = size;
  for (const double value : picture.values) {
    image.pixels.push_back(static_cast<uint16_t>(std::lround(value * 65535)));
  }
  for (const std::vector<Extent>& extents : scene.findings) {
    image.finding.push_back(BoxAround(extents, scene.camera));
  }
  return image;
}

}  // namespace roentgen
