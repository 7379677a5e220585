#include "roentgen/phantom/head_slice.h"

#include <array>
#include <cmath>

#include "roentgen/phantom/portable_math.h"
#include "roentgen/phantom/slice.h"

namespace roentgen {
namespace {

enum Purpose : uint64_t { kHead = 50, kSulci, kImage };

// Hounsfield units.
constexpr double kSkin = 35;
constexpr double kFat = -70;
constexpr double kBone = 1100;
constexpr double kMarrow = 450;
constexpr double kFluid = 8;
constexpr double kGrey = 38;
constexpr double kWhite = 29;
constexpr double kFalx = 52;
constexpr double kCalcified = 160;
constexpr double kBlood = 63;
constexpr double kOedema = 19;

class HeadSlice {
 public:
  HeadSlice(const Patient& patient, Size size)
      : patient_(patient), random_(patient.seed, kHead), slice_(size, random_.Uniform(20, 22.5)) {}

  PhantomImage Draw() {
    scale_ = random_.Uniform(0.94, 1.06);
    AddSkull();
    if (const ImagingFinding* shift = patient_.Find(FindingKind::kMidlineShift)) {
      const double sign = shift->side == Side::kLeft ? 1 : -1;
      slice_.PushSideways(sign * shift->size_mm / 10, 6.3 * scale_, 8.1 * scale_);
    }
    AddBrain();
    AddVentricles();
    // A bleed takes its place among what was pushed aside.
    if (const ImagingFinding* bleed = patient_.Find(FindingKind::kHemorrhage)) AddBleed(*bleed);
    // Drawn one after the other: the order in which a call's arguments are computed is open.
    const double blur = random_.Uniform(0.06, 0.09);
    const double noise = random_.Uniform(1.6, 3);
    PhantomImage image = slice_.Develop({40, 80}, blur, noise, SplitMix64(patient_.seed + kImage));
    for (const ImagingFinding& finding : patient_.findings) image.finding.push_back(BoxOf(finding));
    return image;
  }

 private:
  Outline Ring(double radius_x, double radius_y, double waves = 0, double detail = 1) const {
    return {{0, 0}, radius_x * scale_, radius_y * scale_, 0, waves, detail, patient_.seed};
  }
  /// The same shape on both sides.
  void Pair(double x, double y, double radius_x, double radius_y, double angle, double ct_number,
            double waves = 0.06) {
    for (const double side : {-1.0, 1.0}) {
      slice_.Fill({{side * x * scale_, y * scale_},
                   radius_x * scale_,
                   radius_y * scale_,
                   side * angle,
                   waves,
                   1,
                   patient_.seed + (side > 0 ? 1 : 2)},
                  ct_number);
    }
  }

  void AddSkull() {
    const double thick = random_.Uniform(0.85, 1.2);
    slice_.Fill(Ring(7.5, 9.4, 0.01), kSkin);
    slice_.Fill(Ring(7.27, 9.17, 0.01), kFat);
    slice_.Fill(Ring(6.95, 8.85), kBone);
    slice_.Fill(Ring(6.95 - 0.18 * thick, 8.85 - 0.2 * thick), kMarrow);
    slice_.Fill(Ring(6.95 - 0.38 * thick, 8.85 - 0.45 * thick), kBone);
    slice_.Fill(Ring(6.95 - 0.55 * thick, 8.85 - 0.62 * thick), kFluid);
  }

  void AddBrain() {
    slice_.Fill(Ring(6.2, 8.02, 0.012, 0.25), kGrey);
    slice_.Fill(Ring(5.35, 7.15, 0.11, 0.16), kWhite);
    AddSulci();
    Pair(1.75, 2.1, 0.55, 1.15, -0.3, kGrey);   // caudate nucleus
    Pair(2.75, 0.7, 0.85, 1.75, -0.35, kGrey);  // lentiform nucleus
    Pair(1.15, -0.9, 0.85, 1.35, 0.35, kGrey);  // thalamus
    Pair(4.35, 1.2, 0.35, 2.1, -0.15, kGrey);   // insula
    for (const double side : {-1.0, 1.0}) {     // Sylvian fissure
      slice_.Line({side * 6.2 * scale_, 2.6 * scale_}, {side * 4.9 * scale_, 1.9 * scale_}, 0.28,
                  kFluid);
      slice_.Line({side * 4.9 * scale_, 1.9 * scale_}, {side * 4.75 * scale_, -0.3 * scale_}, 0.2,
                  kFluid);
    }
    for (const double end : {-1.0, 1.0}) {  // the fissure between the hemispheres, with the falx
      slice_.Line({0, end * 8.1 * scale_}, {0, end * 3.9 * scale_}, 0.3, kFluid + 8);
      slice_.Line({0, end * 8.3 * scale_}, {0, end * 4.1 * scale_}, 0.12, kFalx);
    }
  }

  void AddSulci() {
    PhantomRandom random(patient_.seed, kSulci);
    const double width = random.Uniform(0.09, 0.2);  // wider with age
    constexpr int kSulcuses = 46;
    for (int i = 0; i < kSulcuses; ++i) {
      const double angle = (i + random.Uniform(-0.3, 0.3)) * 2 * 3.14159265358979 / kSulcuses;
      const double deep = random.Uniform(0.78, 0.92);
      const double bent = angle + random.Uniform(-0.06, 0.06);
      slice_.Line(
          {6.3 * scale_ * PortableCos(angle), 8.1 * scale_ * PortableSin(angle)},
          {deep * 6.3 * scale_ * PortableCos(bent), deep * 8.1 * scale_ * PortableSin(bent)}, width,
          kFluid + 6);
    }
  }

  void AddVentricles() {
    const double wide = random_.Uniform(0.75, 1.35);
    Pair(1.0, 2.35, 0.5 * wide, 1.65, -0.33, kFluid);  // frontal horns
    Pair(1.75, -2.75, 0.5 * wide, 1.95, 0.4, kFluid);  // atria and occipital horns
    slice_.Fill({{0, -0.2 * scale_}, 0.2 * wide, 1.05 * scale_, 0, 0, 1, 0}, kFluid);
    if (random_.Chance(0.7)) {
      slice_.Fill({{0, -2.3 * scale_}, 0.22, 0.2, 0, 0, 1, 0}, kCalcified);
    }
    if (random_.Chance(0.5)) Pair(1.95, -3.1, 0.25, 0.3, 0, kCalcified, 0.2);
  }

  SlicePoint PlaceOf(const ImagingFinding& bleed) const {
    PhantomRandom random(bleed.seed, 1);
    const double sign = bleed.side == Side::kLeft ? 1 : -1;
    return {sign * random.Uniform(2.9, 3.7) * scale_, random.Uniform(-3.6, 4) * scale_};
  }

  void AddBleed(const ImagingFinding& bleed) {
    const SlicePoint at = PlaceOf(bleed);
    const double radius = bleed.size_mm / 20;
    slice_.Fill({at, 1.35 * radius, 1.45 * radius, 0.3, 0.12, 1, bleed.seed}, kOedema);
    slice_.Fill({at, 0.95 * radius, radius, 0.3, 0.14, 0.8, bleed.seed + 1}, kBlood);
  }

  PixelRectangle BoxOf(const ImagingFinding& finding) const {
    if (finding.kind == FindingKind::kHemorrhage) {
      return slice_.BoxAround(PlaceOf(finding), finding.size_mm / 20);
    }
    const PixelRectangle ends = slice_.BoxAround({0, 0}, 5 * scale_);
    const PixelRectangle middle = slice_.BoxAround({0, 0}, finding.size_mm / 10 + 1);
    return {middle.left, ends.top, middle.right, ends.bottom};
  }

  const Patient& patient_;
  PhantomRandom random_;
  Slice slice_;
  double scale_ = 1;
};

}  // namespace

PhantomImage DrawHeadSlice(const Patient& patient, Size size) {
  return HeadSlice(patient, size).Draw();
}

}  // namespace roentgen
