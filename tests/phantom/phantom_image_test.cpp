#include "roentgen/phantom/phantom_image.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/phantom/thorax.h"
#include "support/paths.h"

namespace roentgen {
namespace {

constexpr int kSide = 128;

/// Patients with the finding and nothing else, of any view that shows it.
std::vector<Patient> PatientsWith(FindingKind kind, size_t count) {
  std::vector<Patient> patients;
  for (uint64_t seed = 1; patients.size() < count; ++seed) {
    Patient patient = DrawPatient(seed);
    if (patient.findings.size() == 1 && patient.Find(kind) != nullptr) patients.push_back(patient);
  }
  return patients;
}

Patient Healthy(Patient patient) {
  patient.findings.clear();
  return patient;
}

/// Mean squared difference of grey levels, 0 to 1, inside or outside a box grown by a few pixels.
double Difference(const PhantomImage& a, const PhantomImage& b, const PixelRectangle& box,
                  bool inside) {
  constexpr double kGrown = 4;
  double sum = 0;
  double count = 0;
  for (int row = 0; row < a.size.height; ++row) {
    for (int column = 0; column < a.size.width; ++column) {
      const bool within = column >= box.left - kGrown && column < box.right + kGrown &&
                          row >= box.top - kGrown && row < box.bottom + kGrown;
      if (within != inside) continue;
      const auto i = static_cast<size_t>(row * a.size.width + column);
      sum += std::pow((a.pixels[i] - b.pixels[i]) / 65535.0, 2);
      ++count;
    }
  }
  return sum / std::max(count, 1.0);
}

TEST(PhantomImage, IsTheSameOnEveryMachine) {
  // Hashes of the pixels' bytes, lower byte first.
  const std::map<uint64_t, uint64_t> expected = {{1u, 0xc3fe5f24bdbee417ull},
                                                 {4u, 0x74d13bdcb1ff1899ull},
                                                 {6u, 0x389a6c07b4fa01dbull},
                                                 {8u, 0xfd476aefb922516full},
                                                 {23u, 0x71822105a9a9bca7ull}};
  for (const auto& [seed, hash] : expected) {
    const PhantomImage image = DrawPhantom(DrawPatient(seed), kSide);
    std::string bytes;
    for (const uint16_t value : image.pixels) {
      bytes += static_cast<char>(value & 0xff);
      bytes += static_cast<char>(value >> 8);
    }
    EXPECT_EQ(Fnv1a64(bytes), hash) << seed;
  }
}

TEST(PhantomImage, EveryFindingShowsWhereItsBoxIs) {
  for (int k = 0; k < kFindingKinds; ++k) {
    const auto kind = static_cast<FindingKind>(k);
    for (const Patient& patient : PatientsWith(kind, 4)) {
      const PhantomImage image = DrawPhantom(patient, kSide);
      const PhantomImage healthy = DrawPhantom(Healthy(patient), kSide);
      ASSERT_EQ(image.finding.size(), 1u);
      const PixelRectangle& box = image.finding[0];
      EXPECT_LT(box.left, box.right);
      EXPECT_LT(box.top, box.bottom);
      EXPECT_GE(box.left, 0);
      EXPECT_LE(box.right, kSide);
      const double inside = Difference(image, healthy, box, true);
      const double outside = Difference(image, healthy, box, false);
      EXPECT_GT(inside, 4 * outside) << NameOf(kind) << " " << patient.seed;
      // Two hundredths of the grey scale on average, in the area of the box.
      EXPECT_GT(std::sqrt(inside), 0.01) << NameOf(kind) << " " << patient.seed;
    }
  }
}

TEST(PhantomImage, LeftIsOnTheRight) {
  for (const FindingKind kind : {FindingKind::kPleuralEffusion, FindingKind::kHemorrhage,
                                 FindingKind::kKidneyStone, FindingKind::kNodule}) {
    for (const Patient& patient : PatientsWith(kind, 4)) {
      if (patient.view == View::kLateral) continue;
      const PixelRectangle box = DrawPhantom(patient, kSide).finding[0];
      const bool on_the_right = (box.left + box.right) / 2 > kSide / 2.0;
      EXPECT_EQ(on_the_right, patient.findings[0].side == Side::kLeft) << patient.seed;
    }
  }
}

TEST(PhantomImage, HeartsAreAsLargeAsTheySay) {
  for (const Patient& patient : PatientsWith(FindingKind::kEnlargedHeart, 3)) {
    const Size size{kSide, kSide};
    EXPECT_GT(BuildThorax(patient, size).cardiothoracic_ratio, 0.55);
    EXPECT_LT(BuildThorax(Healthy(patient), size).cardiothoracic_ratio, 0.48);
  }
}

TEST(PhantomImage, UsesTheWholeGreyScale) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const PhantomImage image = DrawPhantom(DrawPatient(seed), kSide);
    const auto [low, high] = std::minmax_element(image.pixels.begin(), image.pixels.end());
    EXPECT_LT(*low, 3000) << seed;
    EXPECT_GT(*high, 60'000) << seed;
    const std::vector<uint8_t> eight = image.EightBits();
    ASSERT_EQ(eight.size(), image.pixels.size());
    EXPECT_NEAR(eight[77], image.pixels[77] / 257.0, 0.51);
  }
}

TEST(PhantomImage, OtherSizesAreRefused) {
  ROENTGEN_EXPECT_ERROR(DrawPhantom(DrawPatient(1), 63), "63×63");
  ROENTGEN_EXPECT_ERROR(DrawPhantom(DrawPatient(1), 4096), "sides of 64 to 2048");
}

TEST(Patients, AThirdIsHealthyAndAllKindsOccur) {
  constexpr int kPatients = 3000;
  int healthy = 0;
  std::map<FindingKind, int> kinds;
  std::map<Study, int> studies;
  for (uint64_t seed = 0; seed < kPatients; ++seed) {
    const Patient patient = DrawPatient(seed);
    healthy += patient.findings.empty() ? 1 : 0;
    ++studies[patient.study];
    for (const ImagingFinding& finding : patient.findings) ++kinds[finding.kind];
  }
  EXPECT_NEAR(healthy, kPatients / 3.0, 150);  // over five deviations of √(n·1/3·2/3)
  EXPECT_NEAR(studies[Study::kChest], kPatients * 0.6, 150);
  EXPECT_EQ(kinds.size(), static_cast<size_t>(kFindingKinds));
  for (const auto& [kind, count] : kinds) EXPECT_GT(count, 50) << NameOf(kind);
}

TEST(Patients, ATwinDiffersInOneFinding) {
  int moved = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const Patient patient = DrawPatient(seed);
    const Patient twin = CounterfactualTwin(patient);
    EXPECT_EQ(twin.seed, patient.seed);
    EXPECT_EQ(twin.view, patient.view);
    if (patient.findings.empty()) {
      EXPECT_EQ(twin.findings.size(), 1u);
    } else if (twin.findings.size() == patient.findings.size()) {
      ++moved;
      ASSERT_EQ(twin.findings.size(), 1u);
      ImagingFinding back = twin.findings[0];
      EXPECT_NE(back.side, patient.findings[0].side);
      back.side = patient.findings[0].side;
      EXPECT_EQ(back, patient.findings[0]);
    } else {
      EXPECT_EQ(twin.findings.size() + 1, patient.findings.size());
    }
  }
  EXPECT_GT(moved, 100);
}

}  // namespace
}  // namespace roentgen
