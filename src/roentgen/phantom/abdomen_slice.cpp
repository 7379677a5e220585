#include "roentgen/phantom/abdomen_slice.h"

#include <cmath>

#include "roentgen/phantom/portable_math.h"
#include "roentgen/phantom/slice.h"

namespace roentgen {
namespace {

enum Purpose : uint64_t { kAbdomen = 70, kBowel, kVessels, kImage };

// Hounsfield units.
constexpr double kFat = -100;
constexpr double kMuscle = 55;
constexpr double kBone = 450;
constexpr double kMarrow = 190;
constexpr double kGas = -900;
constexpr double kStone = 700;

/// CT numbers that contrast agent changes.
struct Enhancement {
  double liver;
  double lesion;
  double spleen;
  double cortex;
  double medulla;
  double pelvis;
  double vessels;
  double gland;
};
constexpr Enhancement kNative{58, 22, 48, 34, 30, 8, 42, 40};
constexpr Enhancement kPortal{108, 52, 118, 175, 140, 30, 165, 92};

class AbdomenSlice {
 public:
  AbdomenSlice(const Patient& patient, Size size)
      : patient_(patient),
        random_(patient.seed, kAbdomen),
        slice_(size, random_.Uniform(37, 41)),
        tissue_(random_.Chance(0.5) ? kPortal : kNative) {}

  PhantomImage Draw() {
    scale_ = random_.Uniform(0.93, 1.06);
    fat_ = random_.Uniform(0.7, 1.5);
    AddWall();
    AddSpine();
    AddBowel();
    AddStomach();
    AddLiver();
    AddSpleen();
    AddVessels();
    for (const Side side : {Side::kRight, Side::kLeft}) AddKidney(side);
    // Drawn one after the other: the order in which a call's arguments are computed is open.
    const double blur = random_.Uniform(0.06, 0.09);
    const double noise = random_.Uniform(7, 13);
    PhantomImage image = slice_.Develop({40, 400}, blur, noise, SplitMix64(patient_.seed + kImage));
    for (const ImagingFinding& finding : patient_.findings) image.finding.push_back(BoxOf(finding));
    return image;
  }

 private:
  Outline Organ(double x, double y, double radius_x, double radius_y, double angle = 0,
                double waves = 0.05) const {
    return {{x * scale_, y * scale_},
            radius_x * scale_,
            radius_y * scale_,
            angle,
            waves,
            1,
            patient_.seed + static_cast<uint64_t>(std::lround(100 * (x + 30) + y))};
  }

  void AddWall() {
    slice_.Fill(Organ(0, 0, 15.4 + fat_, 10.9 + fat_, 0, 0.012), 15);
    slice_.Fill(Organ(0, 0, 15.2 + fat_, 10.7 + fat_, 0, 0.012), kFat);
    slice_.Fill(Organ(0, -0.2, 15.0, 10.5, 0, 0.015), kMuscle);
    cavity_ = Organ(0, 0.5, 13.9, 8.9, 0, 0.015);
    slice_.Fill(cavity_, kFat);
    for (int i = 0; i < 9; ++i) {  // ribs, cut across
      const double angle = (-30 + 27 * i) * 3.14159265358979 / 180;
      for (const auto& [radius, number] : {std::pair(0.62, kBone), std::pair(0.38, kMarrow)}) {
        slice_.Fill({{14.4 * scale_ * PortableCos(angle), 9.7 * scale_ * PortableSin(angle)},
                     0.9 * radius * scale_,
                     1.5 * radius * scale_,
                     angle,
                     0,
                     1,
                     0},
                    number);
      }
    }
  }

  void AddSpine() {
    for (const double side : {-1.0, 1.0}) {
      slice_.Fill(Organ(side * 3.4, -8.3, 2.9, 2.0, -side * 0.25, 0.06), kMuscle + 4);
      slice_.Fill(Organ(side * 3.6, -5.3, 1.4, 1.3, 0, 0.06), kMuscle);  // psoas, crus
      slice_.Line({side * 1.3 * scale_, -6.9 * scale_}, {side * 3.4 * scale_, -7.4 * scale_}, 0.7,
                  kBone);
      slice_.Line({side * 1.2 * scale_, -7.2 * scale_}, {0, -8.9 * scale_}, 0.6, kBone);
    }
    slice_.Line({0, -8.8 * scale_}, {0, -10 * scale_}, 0.6, kBone);
    slice_.Fill(Organ(0, -5.3, 2.3, 1.85, 0, 0.02), kBone);
    slice_.Fill(Organ(0, -5.3, 2.05, 1.62, 0, 0.02), kMarrow);
    slice_.Fill(Organ(0, -7.55, 1.0, 0.85, 0, 0.02), 28);
  }

  void AddBowel() {
    PhantomRandom random(patient_.seed, kBowel);
    for (int i = 0; i < 9; ++i) {
      const Outline loop{{random.Uniform(0.5, 10) * scale_, random.Uniform(-1.2, 6.2) * scale_},
                         random.Uniform(0.9, 1.5),
                         random.Uniform(0.8, 1.3),
                         random.Uniform(0, 3),
                         0.12,
                         1,
                         random.Bits()};
      slice_.FillInside(cavity_, loop, 48);
      Outline content = loop;
      content.radius_x *= 0.78;
      content.radius_y *= 0.78;
      slice_.FillInside(cavity_, content, random.Chance(0.35) ? kGas : 22);
    }
  }

  void AddStomach() {
    Outline stomach = Organ(6.6, 4.6, 4.6, 3.0, -0.35, 0.06);
    slice_.FillInside(cavity_, stomach, 50);
    stomach.radius_x -= 0.4;
    stomach.radius_y -= 0.4;
    slice_.FillInside(cavity_, stomach, 18);
    slice_.FillAbove(random_.Uniform(5.0, 6.2) * scale_, stomach, kGas);
    slice_.Fill(Organ(1.6, 0.6, 4.4, 0.95, 0.2, 0.2), tissue_.gland);  // pancreas
  }

  /// The liver's two lobes; lesions lie in the right one.
  Outline RightLobe() const { return Organ(-7.4, 0.9, 6.8, 7.9, 0.1, 0.05); }

  void AddLiver() {
    Outline inside = cavity_;
    inside.radius_x -= 0.25;
    inside.radius_y -= 0.25;
    slice_.FillInside(inside, Organ(-1.5, 5.0, 6.2, 3.1, -0.12, 0.06), tissue_.liver);
    slice_.FillInside(inside, RightLobe(), tissue_.liver);
    slice_.Line({-3.9 * scale_, 7.4 * scale_}, {-3.4 * scale_, 3.2 * scale_}, 0.3, kFat + 30);
    PhantomRandom random(patient_.seed, kVessels);
    const double vessel = tissue_.liver + (tissue_.vessels - tissue_.liver) * 0.6;
    for (int i = 0; i < 6; ++i) {
      const double angle = random.Uniform(1.7, 4.4);
      const SlicePoint from{-3.6 * scale_, 0.3 * scale_};
      const double length = random.Uniform(2.5, 5) * scale_;
      slice_.Line(from,
                  {from.x + length * PortableCos(angle), from.y + length * PortableSin(angle)},
                  random.Uniform(0.25, 0.5), vessel);
    }
    if (const ImagingFinding* lesions = patient_.Find(FindingKind::kLiverLesion)) {
      for (const Lesion& lesion : LesionsOf(*lesions)) {
        slice_.FillInside(
            inside, {lesion.at, lesion.radius, 0.92 * lesion.radius, 0.4, 0.07, 1, lesions->seed},
            tissue_.lesion);
      }
    }
  }

  struct Lesion {
    SlicePoint at;
    double radius;
  };
  /// The largest first; none touches another or the rim.
  std::vector<Lesion> LesionsOf(const ImagingFinding& finding) const {
    PhantomRandom random(finding.seed, 1);
    // Places that lie apart from each other and from the rim of the lobe, whatever its size.
    constexpr SlicePoint kPlaces[] = {{-10.6, -1.9}, {-8.6, 2.2}, {-6.1, 5.3}};
    const int first = random.Pick(3);
    std::vector<Lesion> lesions;
    double radius = finding.size_mm / 20;
    for (int i = 0; i < finding.count; ++i) {
      const SlicePoint place = kPlaces[(first + i) % 3];
      lesions.push_back({{(place.x + random.Uniform(-0.2, 0.2)) * scale_,
                          (place.y + random.Uniform(-0.2, 0.2)) * scale_},
                         radius});
      radius = finding.size_mm / 20 * random.Uniform(0.6, 0.9);
    }
    return lesions;
  }

  void AddSpleen() {
    Outline inside = cavity_;
    inside.radius_x -= 0.25;
    inside.radius_y -= 0.25;
    slice_.FillInside(inside, Organ(11.2, -1.6, 2.5, 5.0, -0.35, 0.07), tissue_.spleen);
  }

  void AddVessels() {
    slice_.Fill(Organ(0.9, -2.4, 1.15, 1.1, 0, 0.03), tissue_.vessels);           // aorta
    slice_.Fill(Organ(-2.0, -2.2, 1.35, 0.95, 0.2, 0.05), tissue_.vessels - 10);  // vena cava
    slice_.Fill(Organ(-1.0, 0.6, 0.75, 0.7, 0, 0.05), tissue_.vessels);           // portal vein
  }

  SlicePoint KidneyAt(Side side) const {
    const double sign = side == Side::kLeft ? 1 : -1;
    return {sign * 6.0 * scale_, (side == Side::kLeft ? -4.2 : -4.7) * scale_};
  }

  void AddKidney(Side side) {
    const double sign = side == Side::kLeft ? 1 : -1;
    const SlicePoint at = KidneyAt(side);
    const double x = at.x / scale_;
    const double y = at.y / scale_;
    slice_.Fill(Organ(x, y, 3.1, 2.9, 0, 0.04), kFat);
    slice_.Fill(Organ(x, y, 2.6, 2.4, 0, 0.05), tissue_.cortex);
    slice_.Fill(Organ(x - sign * 0.35, y, 1.75, 1.55, 0, 0.12), tissue_.medulla);
    slice_.Fill(Organ(x - sign * 1.0, y + 0.1, 1.3, 0.75, 0, 0.15), kFat + 40);
    slice_.Fill(Organ(x - sign * 1.2, y + 0.1, 0.8, 0.32, 0, 0.1), tissue_.pelvis);
    const ImagingFinding* stone = patient_.Find(FindingKind::kKidneyStone);
    if (stone != nullptr && stone->side == side) {
      const double radius = stone->size_mm / 20;
      slice_.Fill({StoneAt(*stone), radius, 0.9 * radius, 0.5, 0.08, 1, stone->seed}, kStone);
    }
  }

  SlicePoint StoneAt(const ImagingFinding& stone) const {
    PhantomRandom random(stone.seed, 1);
    const double sign = stone.side == Side::kLeft ? 1 : -1;
    const SlicePoint kidney = KidneyAt(stone.side);
    return {kidney.x - sign * random.Uniform(0.1, 0.6) * scale_,
            kidney.y + random.Uniform(-0.6, 0.6) * scale_};
  }

  PixelRectangle BoxOf(const ImagingFinding& finding) const {
    if (finding.kind == FindingKind::kKidneyStone) {
      return slice_.BoxAround(StoneAt(finding), finding.size_mm / 20 + 0.1);
    }
    PixelRectangle all;
    bool first = true;
    for (const Lesion& lesion : LesionsOf(finding)) {
      const PixelRectangle box = slice_.BoxAround(lesion.at, lesion.radius);
      all = first
                ? box
                : PixelRectangle{std::min(all.left, box.left), std::min(all.top, box.top),
                                 std::max(all.right, box.right), std::max(all.bottom, box.bottom)};
      first = false;
    }
    return all;
  }

  const Patient& patient_;
  PhantomRandom random_;
  Slice slice_;
  Enhancement tissue_;
  Outline cavity_;
  double scale_ = 1;
  double fat_ = 1;
};

}  // namespace

PhantomImage DrawAbdomenSlice(const Patient& patient, Size size) {
  return AbdomenSlice(patient, size).Draw();
}

}  // namespace roentgen
