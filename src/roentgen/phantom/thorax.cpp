#include "roentgen/phantom/thorax.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "roentgen/phantom/portable_math.h"

namespace roentgen {
namespace {

enum Purpose : uint64_t { kBody = 10, kVessels, kBones, kBeam, kLeads };

// 1/cm.
constexpr double kFat = 0.182;
constexpr double kMuscle = 0.205;
constexpr double kBlood = 0.212;
constexpr double kSpongyBone = 0.315;
constexpr double kBoneAboveTissue = 0.24;
constexpr double kMetal = 3.0;

constexpr double kDegree = std::numbers::pi / 180;
constexpr int kRibs = 10;
constexpr int kRibPoints = 33;

/// The part of the chest wall that a rib runs along, from the spine to its front end.
struct RibPath {
  std::vector<Vector3> points;
};

class ThoraxBuilder {
 public:
  ThoraxBuilder(const Patient& patient, Size size)
      : patient_(patient),
        lateral_(patient.view == View::kLateral),
        from_front_(patient.view == View::kAnteroposterior) {
    DrawBody();
    PlaceBeam(size);
  }

  ThoraxScene Build() {
    AddTrunk();
    AddLung(Side::kRight);
    AddLung(Side::kLeft);
    AddAbdomen();
    AddMediastinum();
    AddHeart();
    AddSpine();
    AddAirways();
    for (const Side side : {Side::kRight, Side::kLeft}) {
      AddVessels(side);
      AddRibs(side);
      AddShoulder(side);
    }
    if (lateral_) AddSternum();
    if (from_front_) AddLeads();
    AddMarker();
    for (const ImagingFinding& finding : patient_.findings)
      scene_.findings.push_back(Place(finding));
    return std::move(scene_);
  }

 private:
  static double Sign(Side side) { return side == Side::kLeft ? 1 : -1; }

  void DrawBody() {
    PhantomRandom random(patient_.seed, kBody);
    scale_ = random.Uniform(0.93, 1.07);
    female_ = random.Chance(0.5);
    lung_attenuation_ = random.Uniform(0.052, 0.068);
    lung_x_ = random.Uniform(7.1, 7.6) * scale_;
    lung_radii_ = scale_ * Vector3{random.Uniform(6.1, 6.6), random.Uniform(8.4, 9.2),
                                   random.Uniform(18.0, 19.0)};
    lung_z_ = -5 * scale_;
    // Who lies cannot breathe in as deeply as who stands.
    right_dome_ = (from_front_ ? random.Uniform(-8.3, -6.6) : random.Uniform(-10.5, -8.6)) * scale_;
    left_dome_ = right_dome_ - random.Uniform(0.8, 1.7) * scale_;
    trunk_radii_ = scale_ * Vector3{random.Uniform(16.8, 19), random.Uniform(11, 12.8), 44};
    mediastinum_ = random.Uniform(2.6, 3.1) * scale_;
    const double usual_ratio = random.Uniform(0.41, 0.47);
    const double enlarged_ratio = random.Uniform(0.57, 0.66);
    scene_.cardiothoracic_ratio =
        patient_.Find(FindingKind::kEnlargedHeart) != nullptr ? enlarged_ratio : usual_ratio;
    const double widened = random.Uniform(1.75, 2.1) * mediastinum_;
    upper_mediastinum_ =
        patient_.Find(FindingKind::kWidenedMediastinum) != nullptr ? widened : mediastinum_;
  }

  void PlaceBeam(Size size) {
    PhantomRandom random(patient_.seed, kBeam);
    const auto beam = lateral_      ? Camera::Beam::kToLeft
                      : from_front_ ? Camera::Beam::kToBack
                                    : Camera::Beam::kToFront;
    // Drawn one after the other: the order in which a call's arguments are computed is open.
    const double field = random.Uniform(38.5, 43) * (from_front_ ? 1.06 : 1) * scale_;
    const double distance = from_front_ ? random.Uniform(100, 120) : 180;
    scene_.camera = Camera::Make(beam, field, distance, lateral_ ? 20 : 14.5, size);
    // Nobody is centred exactly. The middle of the chest lies a little above that of the picture.
    const Vector3 aim{random.Uniform(-0.8, 0.8), random.Uniform(-0.6, 0.6) + (lateral_ ? 0.5 : 0),
                      random.Uniform(-1.2, 0.4)};
    const Vector3 shift{lateral_ ? 0 : aim.x, lateral_ ? aim.y : 0, aim.z};
    scene_.camera.source = scene_.camera.source + shift;
    scene_.camera.first_pixel = scene_.camera.first_pixel + shift;
  }

  void Put(const Ellipsoid& part, double attenuation) {
    scene_.solids.push_back({{part}, {attenuation, false}});
  }
  void PutInside(const Ellipsoid& space, const Ellipsoid& part, double attenuation, bool lung) {
    scene_.solids.push_back({{space, part}, {attenuation, lung}});
  }

  void AddTrunk() {
    Put({{0, 0, -8 * scale_}, trunk_radii_}, kFat);
    if (!lateral_) {
      for (const double side : {-1.0, 1.0}) {
        Put(TurnedEllipsoid(scale_ * Vector3{side * 11.5, -1, 15}, scale_ * Vector3{5.5, 6.5, 11},
                            {side, 0, -0.32}),
            kMuscle);
        Put({scale_ * Vector3{side * 21.5, -0.5, 2}, scale_ * Vector3{4.4, 4.8, 17}}, kMuscle);
      }
    }
    Put({scale_ * Vector3{0, -1.5, 24}, scale_ * Vector3{5.6, 5.6, 15}}, kMuscle);
    if (female_) {
      const Vector3 breast = scale_ * Vector3{5.6, 3.6, 7.5};
      for (const double side : {-1.0, 1.0}) {
        const Vector3 centre = scale_ * Vector3{side * 8.4, 8.2, -4.5};
        Put(TurnedEllipsoid(centre, breast, {0, 0.45, -1}), 0.19);
      }
    }
    const Vector3 wall{1.4, 1.2, 1.4};
    Put({{0, 0, -8 * scale_}, trunk_radii_ - scale_ * wall}, kMuscle);
  }

  Ellipsoid PleuralSpace(Side side) const {
    return {{Sign(side) * lung_x_, 0.3 * scale_, lung_z_}, lung_radii_};
  }
  double Dome(Side side) const { return side == Side::kLeft ? left_dome_ : right_dome_; }
  /// Half the width between the chest walls at a height.
  double WallX(double z) const {
    const double height = std::min(1.0, std::abs(z - lung_z_) / lung_radii_.z);
    return lung_x_ + lung_radii_.x * std::sqrt(1 - height * height);
  }

  const ImagingFinding* FindAt(FindingKind kind, Side side) const {
    const ImagingFinding* finding = patient_.Find(kind);
    return finding != nullptr && finding->side == side ? finding : nullptr;
  }

  void AddLung(Side side) {
    const Ellipsoid space = PleuralSpace(side);
    if (const ImagingFinding* fluid = FindAt(FindingKind::kPleuralEffusion, side)) {
      Put(space, kMuscle);
      PutInside(space, AboveFluid(side, fluid->size_mm / 10), lung_attenuation_, /*lung=*/true);
    } else if (const ImagingFinding* air = FindAt(FindingKind::kPneumothorax, side)) {
      const double width = air->size_mm / 10;
      const Ellipsoid collapsed = Collapsed(side, width);
      Ellipsoid pleura = collapsed;
      pleura.radii = pleura.radii + scale_ * Vector3{0.16, 0.16, 0.16};
      Put(space, 0);
      PutInside(space, pleura, kMuscle, /*lung=*/false);
      PutInside(space, collapsed, lung_attenuation_ * (1 + 0.1 * width), /*lung=*/true);
    } else {
      PutInside(space, space, lung_attenuation_, /*lung=*/true);
    }
    aerated_[side == Side::kLeft ? 1 : 0] = scene_.solids.back();
  }

  /// Fluid gathers below and stands highest at the wall: the lung above it ends like a bowl.
  Ellipsoid AboveFluid(Side side, double height) const {
    const double angle = Dome(side) - 4.2 * scale_;  // where diaphragm and wall meet
    const double level_at_wall = angle + height * scale_;
    constexpr double kAcross = 12;  // cm; of the bowl
    constexpr double kRise = 0.2;   // from its middle to the wall, in its radius
    const double bottom = (level_at_wall - kRise * 12 * scale_) / (1 - kRise / 2);
    const double radius = (24 * scale_ - bottom) / 2;
    return {{Sign(side) * 6.4 * scale_, 0.5 * scale_, bottom + radius},
            {kAcross * scale_, kAcross * scale_, radius}};
  }

  /// A lung that has drawn back from the wall, most at its top.
  Ellipsoid Collapsed(Side side, double width) const {
    const Ellipsoid space = PleuralSpace(side);
    return {space.centre - scale_ * width * Vector3{Sign(side) * 0.55, 0, 0.42},
            space.radii - scale_ * width * Vector3{0.5, 0.3, 0.6}};
  }

  void AddAbdomen() {
    for (const Side side : {Side::kRight, Side::kLeft}) {
      const double height = 12 * scale_;
      Put({{Sign(side) * 6.4 * scale_, 0.5 * scale_, Dome(side) - height},
           {9.8 * scale_, 11.5 * scale_, height}},
          kMuscle);
    }
    PhantomRandom random(patient_.seed, kLeads + 1);
    const double bubble = random.Uniform(1.4, 2.6) * scale_;
    Put({{random.Uniform(6, 8) * scale_, 1, left_dome_ - 1.2 * scale_ - bubble},
         {1.5 * bubble, 1.6 * bubble, bubble}},
        0.02);
  }

  void AddMediastinum() {
    Put({{0.2 * scale_, -0.5 * scale_, 4 * scale_}, {mediastinum_, 6.8 * scale_, 24 * scale_}},
        kMuscle);
    // The aortic arch, the descending aorta, the superior vena cava and the pulmonary trunk.
    const double arch = upper_mediastinum_ / mediastinum_;
    Put({scale_ * Vector3{1.7 * arch, -1.5, 7}, scale_ * Vector3{2.0 * arch, 3.4, 2.1 * arch}},
        kBlood);
    Put({scale_ * Vector3{2.0, -5, -4}, scale_ * Vector3{1.25, 1.3, 15}}, kBlood);
    Put({scale_ * Vector3{-1.9 * arch, 1.5, 6.5}, scale_ * Vector3{1.25 * arch, 1.4, 7}}, kBlood);
    Put({scale_ * Vector3{2.7, 1.2, 2.6}, scale_ * Vector3{1.9, 2.4, 2.2}}, kBlood);
    if (arch > 1) {
      Put({scale_ * Vector3{0.2, -0.5, 8}, {upper_mediastinum_, 4.5 * scale_, 7 * scale_}}, kBlood);
    }
  }

  void AddHeart() {
    const Vector3 axis = Direction({0.78, 0.3, -0.55});
    const Ellipsoid ventricles = TurnedEllipsoid({1.5, 2.8, 0}, {4.5, 4.7, 6.4}, axis);
    const Ellipsoid atrium{{-1.5, 2.2, 0.4}, {2.9, 3.6, 4.4}};
    const auto half_width = [](const Ellipsoid& each) {
      return std::sqrt(each.radii.x * each.radii.x * each.axis_x.x * each.axis_x.x +
                       each.radii.y * each.radii.y * each.axis_y.x * each.axis_y.x +
                       each.radii.z * each.radii.z * each.axis_z.x * each.axis_z.x);
    };
    const double right = atrium.centre.x - half_width(atrium);
    const double left = ventricles.centre.x + half_width(ventricles);
    const double inner_chest = 2 * WallX(lung_z_);
    const double factor = scene_.cardiothoracic_ratio * inner_chest / (left - right);
    const double bottom = std::max(left_dome_, right_dome_ - 1.2 * scale_) - 1.0 * scale_;
    for (Ellipsoid part : {ventricles, atrium}) {
      part.radii = factor * part.radii;
      part.centre = factor * part.centre + Vector3{0, 0, bottom + 4.6 * factor};
      Put(part, kBlood);
      heart_.push_back({part.centre, 0});
      for (const double end : {-1.0, 1.0}) {
        heart_.push_back({part.centre + end * part.radii.z * part.axis_z, 0});
        heart_.push_back({part.centre + end * part.radii.x * part.axis_x, 0});
        heart_.push_back({part.centre + end * Vector3{half_width(part), 0, 0}, 0});
      }
    }
  }

  void AddSpine() {
    Put({scale_ * Vector3{0, -6.3, -2}, scale_ * Vector3{1.5, 1.3, 24}}, 0.85 * kSpongyBone);
    for (int i = 0; i < 15; ++i) {
      const double z = (15.5 - 2.4 * i) * scale_;
      const double size = scale_ * (0.85 + 0.018 * i);
      const Vector3 body{0, -6.6 * scale_ + 0.012 * z * z / scale_, z};
      Put({body, size * Vector3{1.75, 1.5, 1.22}}, kSpongyBone);
      for (const double side : {-1.0, 1.0}) {
        const Vector3 pedicle = body + size * Vector3{side * 1.05, -1.6, 0.25};
        scene_.tubes.push_back(
            {{{pedicle, 0.38 * size}, {pedicle - Vector3{0, 1.2, 0}, 0.38 * size}},
             0.5 * kBoneAboveTissue,
             0.5});
      }
      const Vector3 spinous = body - size * Vector3{0, 2.6, 0.5};
      scene_.tubes.push_back({{{spinous, 0.4 * size}, {spinous - size * Vector3{0, 1.8, 1.2}, 0.3}},
                              0.5 * kBoneAboveTissue,
                              0});
    }
  }

  void AddAirways() {
    const double air = -kMuscle + 0.005;
    const Vector3 carina = scale_ * Vector3{0.25, -1.6, 4.6};
    scene_.tubes.push_back({{{scale_ * Vector3{0, -0.3, 22}, 0.85 * scale_},
                             {scale_ * Vector3{0.1, -0.8, 12}, 0.85 * scale_},
                             {carina, 0.9 * scale_}},
                            air,
                            0});
    scene_.tubes.push_back(
        {{{carina, 0.7 * scale_}, {scale_ * Vector3{-3.3, -1.9, 1.6}, 0.55 * scale_}}, air, 0});
    scene_.tubes.push_back(
        {{{carina, 0.6 * scale_}, {scale_ * Vector3{4.4, -2.2, 1.9}, 0.5 * scale_}}, air, 0});
  }

  const Solid& Aerated(Side side) const { return aerated_[side == Side::kLeft ? 1 : 0]; }
  /// In lung that nothing displaces.
  bool InLung(Side side, Vector3 point) const {
    if (!Aerated(side).Contains(point)) return false;
    const auto last = std::find_if(scene_.solids.rbegin(), scene_.solids.rend(),
                                   [&](const Solid& solid) { return solid.Contains(point); });
    return last->material.lung;
  }

  void AddVessels(Side side) {
    const double sign = Sign(side);
    const Vector3 hilum = scale_ * Vector3{sign * 3.6, -0.9, side == Side::kLeft ? 2.4 : 1.5};
    scene_.balls.push_back({hilum, 1.2 * scale_, 0.075});
    constexpr int kStems = 13;
    for (int i = 0; i < kStems; ++i) {
      const uint64_t branch = static_cast<uint64_t>(i) + (side == Side::kLeft ? 20 : 40);
      PhantomRandom random(patient_.seed, kVessels + (branch << 32));
      const double angle = (-88 + 176.0 * i / (kStems - 1) + random.Uniform(-8, 8)) * kDegree;
      const Vector3 direction{sign * (0.2 + PortableCos(angle)), random.Uniform(-0.8, 0.8),
                              PortableSin(angle) - 0.15};
      const Vector3 from = hilum + scale_ * Vector3{0, 0, 1.6 * PortableSin(angle)};
      GrowVessel(side, branch, 0, {from, random.Uniform(0.3, 0.46) * scale_}, Direction(direction));
    }
  }

  /// A vessel goes on, a little thinner and bent at every step, and forks, until it leaves the lung
  /// or is too thin to be seen. Every branch has draws of its own: one that ends early changes no
  /// other.
  void GrowVessel(Side side, uint64_t branch, int depth, Tube::Point tip, Vector3 direction) {
    PhantomRandom random(patient_.seed, kVessels + (branch << 32));
    Tube tube;
    tube.attenuation = kBlood - lung_attenuation_;
    tube.points.push_back(tip);
    const int steps = 2 + random.Pick(3);
    for (int i = 0; i < steps; ++i) {
      const Vector3 bend{random.Uniform(-0.28, 0.28), random.Uniform(-0.28, 0.28),
                         random.Uniform(-0.28, 0.28)};
      direction = Direction(direction + bend);
      tip.at = tip.at + random.Uniform(0.6, 1.1) * scale_ * direction;
      tip.radius *= 0.93;
      if (depth > 0 && !InLung(side, tip.at)) break;
      tube.points.push_back(tip);
    }
    const bool ended = static_cast<int>(tube.points.size()) <= steps;
    if (tube.points.size() > 1) scene_.tubes.push_back(std::move(tube));
    constexpr int kForks = 7;
    if (ended || depth >= kForks || tip.radius < 0.055 * scale_) return;
    for (uint64_t fork = 0; fork < 2; ++fork) {
      const Vector3 turn{random.Uniform(-0.75, 0.75), random.Uniform(-0.5, 0.5),
                         random.Uniform(-0.75, 0.75)};
      GrowVessel(side, 2 * branch + fork, depth + 1,
                 {tip.at, tip.radius * (fork == 0 ? 0.88 : 0.72)}, Direction(direction + turn));
    }
  }

  RibPath PathOf(Side side, int rib) const {
    RibPath path;
    const double top = (13.2 - 2.55 * rib) * scale_;
    const double drop = (4.5 + 0.75 * rib) * scale_;
    for (int i = 0; i < kRibPoints; ++i) {
      const double share = static_cast<double>(i) / (kRibPoints - 1);
      const double angle = (-86 + 142 * share) * kDegree;
      const double z = top + 0.9 * scale_ * PortableSin(std::numbers::pi * share) -
                       drop * share * std::sqrt(share);
      const double across = std::max(WallX(z) + 0.45 * scale_, 5.2 * scale_) - 1.6 * scale_;
      const double deep = (lung_radii_.y + 0.5 * scale_) * (rib == 0 ? 0.62 : rib == 1 ? 0.82 : 1);
      path.points.push_back({Sign(side) * (1.6 * scale_ + across * PortableCos(angle)),
                             0.3 * scale_ + deep * PortableSin(angle), z});
    }
    return path;
  }

  int FracturedRib(const ImagingFinding& fracture) const {
    return 4 + static_cast<int>(fracture.seed % 4);
  }
  static int BreakPoint(const ImagingFinding& fracture) {
    return 5 + static_cast<int>((fracture.seed >> 8) % 4);
  }

  void AddRibs(Side side) {
    const ImagingFinding* fracture = FindAt(FindingKind::kRibFracture, side);
    for (int rib = 0; rib < kRibs; ++rib) {
      const RibPath path = PathOf(side, rib);
      const bool broken = fracture != nullptr && FracturedRib(*fracture) == rib;
      const int at = broken ? BreakPoint(*fracture) : kRibPoints / 2;
      // In two halves: the rays pass both where a rib turns to the front.
      AddRibPiece(path, 0, at, {});
      const Vector3 displaced = broken ? scale_ * Vector3{0, 0, -1.35} : Vector3{};
      AddRibPiece(path, broken ? at + 2 : at, std::max(at + 1, kRibPoints / 2), displaced);
      AddRibPiece(path, std::max(at + 1, kRibPoints / 2), kRibPoints - 1, {});
    }
  }

  /// Displacement wanes along the piece, so that a broken rib joins its rest again.
  void AddRibPiece(const RibPath& path, int first, int last, Vector3 displaced) {
    Tube tube;
    tube.hollow = 0.66;
    for (int i = first; i <= last; ++i) {
      const double share = static_cast<double>(i) / (kRibPoints - 1);
      const double along = last > first ? static_cast<double>(i - first) / (last - first) : 1;
      tube.points.push_back({path.points[static_cast<size_t>(i)] + (1 - along) * displaced,
                             scale_ * (0.62 - 0.1 * share)});
    }
    tube.attenuation = kBoneAboveTissue * (last == kRibPoints - 1 ? 0.76 : 0.92);
    if (tube.points.size() > 1) scene_.tubes.push_back(std::move(tube));
  }

  void AddShoulder(Side side) {
    if (lateral_) return;
    PhantomRandom random(patient_.seed, kBones);
    const double sign = Sign(side);
    const double lift = from_front_ ? 1.6 : random.Uniform(-0.3, 0.5);
    const auto at = [&](double x, double y, double z) {
      return scale_ * Vector3{sign * x, y, z + lift};
    };
    scene_.tubes.push_back({{{at(1.7, 6.5, 11.2), 0.75 * scale_},
                             {at(4.5, 7.0, 12.0), 0.62 * scale_},
                             {at(8, 5.8, 13.4), 0.52 * scale_},
                             {at(11.5, 3.5, 14.4), 0.55 * scale_},
                             {at(15, 1, 14.6), 0.65 * scale_}},
                            kBoneAboveTissue,
                            0.6});
    // From behind the shoulders are drawn forward, so that the blades leave the lungs free.
    const double aside = from_front_ ? 0 : 4.2;
    const auto blade = [&](double x, double y, double z) {
      return scale_ * Vector3{sign * (x + aside), y, z};
    };
    const Vector3 top = blade(8.8, -9.4, 11);
    const Vector3 tip = blade(10.8, -9.8, -2.5);
    const Vector3 joint = blade(from_front_ ? 15.5 : 13, -4.5, 11.5);
    const auto edge = [&](Vector3 from, Vector3 to, double radius) {
      scene_.tubes.push_back(
          {{{from, radius * scale_}, {to, radius * scale_}}, 0.6 * kBoneAboveTissue, 0.5});
    };
    edge(top, tip, 0.3);
    edge(joint, tip, 0.5);
    edge(top, joint, 0.4);
    Put(TurnedEllipsoid(0.34 * (top + tip + joint), scale_ * Vector3{2.6, 0.28, 5.6},
                        tip - 0.5 * (top + joint)),
        kSpongyBone);
    const Vector3 shoulder = blade(from_front_ ? 17.5 : 14.2, -1.5, 12);
    Put({shoulder, scale_ * Vector3{2.5, 2.5, 2.6}}, kSpongyBone);
    scene_.tubes.push_back({{{shoulder - scale_ * Vector3{0, 0, 1}, 1.4 * scale_},
                             {shoulder + scale_ * Vector3{sign * 3.2, 0, -9}, 1.15 * scale_},
                             {shoulder + scale_ * Vector3{sign * 4.5, 0, -20}, 1.1 * scale_}},
                            kBoneAboveTissue,
                            0.66});
  }

  void AddSternum() {
    const double front = trunk_radii_.y;
    scene_.tubes.push_back({{{{0, front - 2.6, 9.5 * scale_}, 0.7 * scale_},
                             {{0, front - 1.9, 2 * scale_}, 0.55 * scale_},
                             {{0, front - 1.9, -6 * scale_}, 0.5 * scale_}},
                            0.7 * kBoneAboveTissue,
                            0.6});
  }

  /// Electrodes and wires of a monitor, as on most who are examined in bed.
  void AddLeads() {
    PhantomRandom random(patient_.seed, kLeads);
    if (!random.Chance(0.6)) return;
    const double front = trunk_radii_.y + 0.5;
    for (const double side : {-1.0, 1.0}) {
      const Vector3 patch =
          scale_ * Vector3{side * random.Uniform(7, 12), 0, random.Uniform(5, 10)};
      const Vector3 at = patch + Vector3{0, front, 0};
      scene_.tubes.push_back({{{at - Vector3{0.01, 0, 0}, 0.55}, {at + Vector3{0.01, 0, 0}, 0.55}},
                              0.12 * kMetal,
                              0.5});
      Tube wire;
      wire.attenuation = kMetal;
      for (int i = 0; i < 7; ++i) {
        const double share = i / 6.0;
        wire.points.push_back({at + scale_ * Vector3{side * 2.5 * PortableSin(share * 3), 0,
                                                     -share * random.Uniform(24, 28)},
                               0.075});
      }
      scene_.tubes.push_back(std::move(wire));
    }
  }

  /// A letter of lead on the detector, on the side that it names; none from the side.
  void AddMarker() {
    if (lateral_) return;
    PhantomRandom random(patient_.seed, kBeam + 100);
    const bool left = random.Chance(0.5);
    const double width = scene_.camera.size.width;
    const double height = scene_.camera.size.height;
    const double size = 0.04 * width;
    const double x = (left ? 0.92 : 0.08) * width - size / 2;
    const double y = random.Uniform(0.06, 0.12) * height;
    const auto stroke = [&](std::initializer_list<PicturePoint> points) {
      Tube tube;
      tube.attenuation = kMetal;
      for (const PicturePoint& point : points) {
        tube.points.push_back(
            {scene_.camera.Pixel(x + size * point.column, y + size * point.row), 0.16 * scale_});
      }
      scene_.tubes.push_back(std::move(tube));
    };
    if (left) {
      stroke({{0.1, 0}, {0.1, 1.3}, {0.9, 1.3}});
    } else {
      stroke({{0.1, 1.3}, {0.1, 0}, {0.7, 0}, {0.9, 0.2}, {0.9, 0.5}, {0.7, 0.7}, {0.1, 0.7}});
      stroke({{0.5, 0.7}, {0.95, 1.3}});
    }
  }

  std::vector<Extent> Place(const ImagingFinding& finding) {
    switch (finding.kind) {
      case FindingKind::kNodule:
        return PlaceNodule(finding);
      case FindingKind::kConsolidation:
        return PlaceConsolidation(finding);
      case FindingKind::kPleuralEffusion:
        return FluidExtent(finding);
      case FindingKind::kPneumothorax:
        return AirExtent(finding);
      case FindingKind::kRibFracture: {
        const RibPath path = PathOf(finding.side, FracturedRib(finding));
        return {{path.points[static_cast<size_t>(BreakPoint(finding)) + 1], 2 * scale_}};
      }
      case FindingKind::kEnlargedHeart:
        return heart_;
      default:
        return {{scale_ * Vector3{0.2, 0, 13}, upper_mediastinum_},
                {scale_ * Vector3{0.2, 0, 4}, upper_mediastinum_}};
    }
  }

  /// A place in the zone where a ray passes as much lung as can be had: nothing lies over it.
  Vector3 ClearPlace(const ImagingFinding& finding, double margin) const {
    PhantomRandom random(finding.seed, 1);
    const double top = lung_z_ + lung_radii_.z - 3 * scale_;
    const double bottom = Dome(finding.side) + 0.5 * scale_;
    const double third = (top - bottom) / 3;
    const double low = finding.zone == Zone::kUpper    ? top - third
                       : finding.zone == Zone::kMiddle ? bottom + third
                                                       : bottom;
    Vector3 best{Sign(finding.side) * lung_x_, 0, low + third / 2};
    double most = -1;
    for (int i = 0; i < 24; ++i) {
      const double z = random.Uniform(low + 0.15 * third, low + 0.85 * third);
      const Vector3 place{
          Sign(finding.side) * random.Uniform(4.5 * scale_, WallX(z) - margin - 0.8 * scale_),
          random.Uniform(-4, 4) * scale_, z};
      if (!InLung(finding.side, place)) continue;
      const double lung = IntegrateRay(scene_.solids, scene_.camera, place).lung;
      if (lung > most) {
        most = lung;
        best = place;
      }
      if (lung > 9 * scale_) break;
    }
    return best;
  }

  std::vector<Extent> PlaceNodule(const ImagingFinding& finding) {
    const double radius = finding.size_mm / 20;
    const Vector3 place = ClearPlace(finding, radius);
    PhantomRandom random(finding.seed, 2);
    const double density = kMuscle + 0.09 - lung_attenuation_;  // some are calcified
    // A ball and some smaller ones in its surface: no nodule is round.
    AddBall(place, radius, density);
    for (int i = 0; i < 5; ++i) {
      const Vector3 direction = Direction({random.Normal(), random.Normal(), random.Normal()});
      AddBall(place + 0.75 * radius * direction, 0.36 * radius, 0.5 * density);
    }
    return {{place, radius}};
  }

  void AddBall(Vector3 centre, double radius, double density) {
    const Vector3 little{0.001, 0, 0};
    scene_.tubes.push_back({{{centre - little, radius}, {centre + little, radius}}, density, 0});
  }

  std::vector<Extent> PlaceConsolidation(const ImagingFinding& finding) {
    const double radius = finding.size_mm / 20;
    const Vector3 place = ClearPlace(finding, 0.5 * radius);
    PhantomRandom random(finding.seed, 2);
    for (int i = 0; i < 16; ++i) {
      const Vector3 offset =
          0.42 * radius * Vector3{random.Normal(), random.Normal(), random.Normal()};
      scene_.balls.push_back({place + offset, random.Uniform(0.22, 0.42) * radius, 0.055});
    }
    for (int i = 0; i < 3; ++i) {  // air in the bronchi shows against it
      const Vector3 from = place + 0.3 * radius * Vector3{random.Normal(), 0, random.Normal()};
      const Vector3 to = from + 0.8 * radius * Vector3{random.Normal(), 0, random.Normal()};
      scene_.tubes.push_back({{{from, 0.14}, {to, 0.1}}, -0.12, 0});
    }
    return {{place, radius}};
  }

  std::vector<Extent> FluidExtent(const ImagingFinding& finding) const {
    const double sign = Sign(finding.side);
    const double angle = Dome(finding.side) - 4.2 * scale_;
    const double level = angle + finding.size_mm / 10 * scale_;
    const double outer = WallX(Dome(finding.side)) - 0.5 * scale_;
    if (lateral_) {
      const double back = 0.3 * scale_ - lung_radii_.y;
      return {{{0, back + 1, angle}, 0.5}, {{0, back + 1, level}, 0.5}, {{0, 2, level - 1.5}, 0.5}};
    }
    return {{{sign * outer, 0, angle}, 0.3},
            {{sign * outer, 0, level}, 0.3},
            {{sign * 3.5 * scale_, 0, level - 1.5 * scale_}, 0.3}};
  }

  std::vector<Extent> AirExtent(const ImagingFinding& finding) const {
    const Ellipsoid space = PleuralSpace(finding.side);
    const double width = finding.size_mm / 10;
    const double sign = Sign(finding.side);
    const double outer = sign * WallX(0);
    return {{space.centre + Vector3{0, 0, space.radii.z}, 0.2},
            {{outer, 0, 2 * scale_}, 0.2},
            {{outer - sign * (1.2 + width) * scale_, 0, -1 * scale_}, 0.2},
            {{outer, 0, lung_z_}, 0.2}};
  }

  const Patient& patient_;
  const bool lateral_;
  const bool from_front_;
  ThoraxScene scene_;

  double scale_ = 1;
  bool female_ = false;
  double lung_attenuation_ = 0;
  double lung_x_ = 0;
  double lung_z_ = 0;
  Vector3 lung_radii_;
  Vector3 trunk_radii_;
  double right_dome_ = 0;
  double left_dome_ = 0;
  double mediastinum_ = 0;        // half its width
  double upper_mediastinum_ = 0;  // the same where a finding may widen it
  std::array<Solid, 2> aerated_;
  std::vector<Extent> heart_;
};

}  // namespace

ThoraxScene BuildThorax(const Patient& patient, Size size) {
  return ThoraxBuilder(patient, size).Build();
}

}  // namespace roentgen
