#include "roentgen/phantom/patient.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "roentgen/phantom/portable_math.h"

namespace roentgen {
namespace {

enum Purpose : uint64_t { kStudyPurpose = 1, kFindingPurpose, kTwinPurpose };

struct KindInfo {
  FindingKind kind;
  std::string_view name;
  Study study;
  bool lateral_too;  // visible in a lateral radiograph
  bool has_side;
  bool has_zone;
  double smallest_mm;
  double largest_mm;
};

constexpr std::array<KindInfo, kFindingKinds> kKinds = {{
    {FindingKind::kNodule, "nodule", Study::kChest, false, true, true, 15, 34},
    {FindingKind::kPleuralEffusion, "pleural-effusion", Study::kChest, true, true, false, 40, 110},
    {FindingKind::kPneumothorax, "pneumothorax", Study::kChest, false, true, false, 20, 55},
    {FindingKind::kConsolidation, "consolidation", Study::kChest, false, true, true, 45, 80},
    {FindingKind::kEnlargedHeart, "enlarged-heart", Study::kChest, false, false, false, 0, 0},
    {FindingKind::kWidenedMediastinum, "widened-mediastinum", Study::kChest, false, false, false, 0,
     0},
    {FindingKind::kRibFracture, "rib-fracture", Study::kChest, false, true, false, 0, 0},
    {FindingKind::kHemorrhage, "hemorrhage", Study::kHead, false, true, false, 22, 50},
    {FindingKind::kMidlineShift, "midline-shift", Study::kHead, false, true, false, 6, 14},
    {FindingKind::kLiverLesion, "liver-lesion", Study::kAbdomen, false, false, false, 14, 36},
    {FindingKind::kKidneyStone, "kidney-stone", Study::kAbdomen, false, true, false, 6, 14},
}};

const KindInfo& InfoOf(FindingKind kind) {
  return kKinds[static_cast<size_t>(kind)];
}

Side Other(Side side) {
  return side == Side::kLeft ? Side::kRight : Side::kLeft;
}

ImagingFinding DrawFinding(FindingKind kind, PhantomRandom& random) {
  const KindInfo& info = InfoOf(kind);
  ImagingFinding finding;
  finding.kind = kind;
  finding.seed = random.Bits();
  if (info.has_side) finding.side = random.Chance(0.5) ? Side::kRight : Side::kLeft;
  if (info.has_zone) {
    constexpr std::array<Zone, 3> kZones = {Zone::kUpper, Zone::kMiddle, Zone::kLower};
    finding.zone = kZones[static_cast<size_t>(random.Pick(3))];
  }
  finding.size_mm = std::floor(random.Uniform(info.smallest_mm, info.largest_mm) + 0.5);
  if (kind == FindingKind::kLiverLesion) finding.count = 1 + random.Pick(3);
  return finding;
}

/// Kinds that could not be told apart in one picture: fluid hides a lower lung, air an upper one.
bool GoTogether(FindingKind a, FindingKind b) {
  const auto is = [&](FindingKind x, FindingKind y) {
    return (a == x && b == y) || (a == y && b == x);
  };
  using enum FindingKind;
  return a != b && !is(kPneumothorax, kConsolidation) && !is(kPneumothorax, kNodule) &&
         !is(kPneumothorax, kPleuralEffusion) && !is(kPleuralEffusion, kConsolidation) &&
         !is(kPleuralEffusion, kNodule) && !is(kNodule, kConsolidation);
}

/// A bleed pushes the midline away from itself.
void Reconcile(std::vector<ImagingFinding>& findings) {
  for (ImagingFinding& shift : findings) {
    if (shift.kind != FindingKind::kMidlineShift) continue;
    for (const ImagingFinding& bleed : findings) {
      if (bleed.kind == FindingKind::kHemorrhage) shift.side = Other(bleed.side);
    }
  }
}

}  // namespace

const ImagingFinding* Patient::Find(FindingKind kind) const {
  const auto found =
      std::find_if(findings.begin(), findings.end(),
                   [kind](const ImagingFinding& finding) { return finding.kind == kind; });
  return found == findings.end() ? nullptr : &*found;
}

std::vector<FindingKind> VisibleFindings(Study study, View view) {
  std::vector<FindingKind> kinds;
  for (const KindInfo& info : kKinds) {
    if (info.study == study && (view != View::kLateral || info.lateral_too)) {
      kinds.push_back(info.kind);
    }
  }
  return kinds;
}

Patient DrawPatient(uint64_t seed) {
  PhantomRandom random(seed, kStudyPurpose);
  Patient patient;
  patient.seed = seed;
  const double study = random.Uniform(0, 5);
  const double view = random.Uniform(0, 1);
  if (study < 3) {
    patient.view = view < 0.5    ? View::kPosteroanterior
                   : view < 0.85 ? View::kAnteroposterior
                                 : View::kLateral;
  } else {
    patient.study = study < 4 ? Study::kHead : Study::kAbdomen;
    patient.view = View::kAxial;
  }
  const int wanted = random.Chance(1.0 / 3) ? 0 : random.Chance(0.7) ? 1 : 2;
  PhantomRandom findings(seed, kFindingPurpose);
  const std::vector<FindingKind> kinds = VisibleFindings(patient.study, patient.view);
  for (int i = 0; i < wanted; ++i) {
    const FindingKind kind =
        kinds[static_cast<size_t>(findings.Pick(static_cast<int>(kinds.size())))];
    const ImagingFinding finding = DrawFinding(kind, findings);
    const bool fits =
        std::all_of(patient.findings.begin(), patient.findings.end(),
                    [kind](const ImagingFinding& other) { return GoTogether(kind, other.kind); });
    if (fits) patient.findings.push_back(finding);
  }
  Reconcile(patient.findings);
  return patient;
}

Patient CounterfactualTwin(const Patient& patient) {
  PhantomRandom random(patient.seed, kTwinPurpose);
  Patient twin = patient;
  if (twin.findings.empty()) {
    const std::vector<FindingKind> kinds = VisibleFindings(patient.study, patient.view);
    const auto pick = static_cast<size_t>(random.Pick(static_cast<int>(kinds.size())));
    twin.findings.push_back(DrawFinding(kinds[pick], random));
    return twin;
  }
  const auto which = static_cast<size_t>(random.Pick(static_cast<int>(twin.findings.size())));
  ImagingFinding& finding = twin.findings[which];
  // Sides cannot be told from the side; and of two findings one may depend on where the other is.
  const bool movable =
      InfoOf(finding.kind).has_side && twin.view != View::kLateral && twin.findings.size() == 1;
  if (movable && random.Chance(0.4)) {
    finding.side = Other(finding.side);
  } else {
    twin.findings.erase(twin.findings.begin() + static_cast<std::ptrdiff_t>(which));
  }
  return twin;
}

bool HasSide(FindingKind kind) {
  return InfoOf(kind).has_side;
}

bool HasZone(FindingKind kind) {
  return InfoOf(kind).has_zone;
}

std::string_view NameOf(FindingKind kind) {
  return InfoOf(kind).name;
}

std::string_view NameOf(Side side) {
  constexpr std::array<std::string_view, 3> kNames = {"", "right", "left"};
  return kNames[static_cast<size_t>(side)];
}

std::string_view NameOf(Zone zone) {
  constexpr std::array<std::string_view, 4> kNames = {"", "upper", "middle", "lower"};
  return kNames[static_cast<size_t>(zone)];
}

std::string_view NameOf(Study study) {
  constexpr std::array<std::string_view, 3> kNames = {"chest", "head", "abdomen"};
  return kNames[static_cast<size_t>(study)];
}

std::string_view NameOf(View view) {
  constexpr std::array<std::string_view, 4> kNames = {"PA", "AP", "lateral", "axial"};
  return kNames[static_cast<size_t>(view)];
}

}  // namespace roentgen
