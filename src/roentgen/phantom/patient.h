#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace roentgen {

enum class Study { kChest, kHead, kAbdomen };

/// How the picture was taken: a radiograph from behind, from the front or from the side, or a
/// slice across the body (CT).
enum class View { kPosteroanterior, kAnteroposterior, kLateral, kAxial };

enum class FindingKind {
  kNodule,
  kPleuralEffusion,
  kPneumothorax,
  kConsolidation,
  kEnlargedHeart,
  kWidenedMediastinum,
  kRibFracture,
  kHemorrhage,
  kMidlineShift,
  kLiverLesion,
  kKidneyStone,
};
inline constexpr int kFindingKinds = static_cast<int>(FindingKind::kKidneyStone) + 1;

/// The patient's side, not the picture's.
enum class Side { kNone, kRight, kLeft };
enum class Zone { kNone, kUpper, kMiddle, kLower };

/// Something that is wrong with a patient.
struct ImagingFinding {
  FindingKind kind = FindingKind::kNodule;
  Side side = Side::kNone;  ///< of a midline shift: towards it
  Zone zone = Zone::kNone;  ///< of a lung, for nodule and consolidation
  /// Diameter of a nodule, bleed, lesion (the largest) or stone; how far the midline is shifted;
  /// how high the fluid stands or how wide the air is; else 0.
  double size_mm = 0;
  int count = 1;      ///< liver lesions
  uint64_t seed = 0;  ///< where exactly, and of what shape
  bool operator==(const ImagingFinding&) const = default;
};

/// Everything about a picture but its size: who is examined, how, and what is wrong with him.
struct Patient {
  uint64_t seed = 0;  ///< his anatomy, and how the picture was taken
  Study study = Study::kChest;
  View view = View::kPosteroanterior;
  std::vector<ImagingFinding> findings;  ///< of different kinds
  bool operator==(const Patient&) const = default;

  const ImagingFinding* Find(FindingKind kind) const;
};

/// A patient drawn from the seed: chest, head and abdomen in 3:1:1; a third without a finding, the
/// others with one or two.
Patient DrawPatient(uint64_t seed);

/// The same patient, examined in the same way, with one finding removed or moved to the other side;
/// with one added where there is none. What differs between the two pictures is that finding alone.
Patient CounterfactualTwin(const Patient& patient);

/// Kinds that a picture can show: those of the study that this view makes visible.
std::vector<FindingKind> VisibleFindings(Study study, View view);

/// Whether a finding of the kind is on one side; whether it is in a zone of a lung.
bool HasSide(FindingKind kind);
bool HasZone(FindingKind kind);

/// "nodule", "pleural-effusion", …: in files.
std::string_view NameOf(FindingKind kind);
std::string_view NameOf(Side side);
std::string_view NameOf(Zone zone);
std::string_view NameOf(Study study);
std::string_view NameOf(View view);

}  // namespace roentgen
