// The phantoms' reports say the same in both languages, in each of their parts, and what is true.

#include <gmock/gmock.h>

#include <array>
#include <optional>
#include <set>
#include <string>

#include "roentgen/data/phantom_report.h"
#include "roentgen/evaluation/report_labels.h"
#include "roentgen/language/report_sections.h"
#include "roentgen/phantom/patient.h"

namespace roentgen {
namespace {

constexpr uint64_t kPatients = 2000;

/// The names of what is present, "No Finding" among them.
std::set<std::string> Present(std::string_view report) {
  const ReportReading reading = ReadReport(report);
  std::set<std::string> present;
  for (size_t i = 0; i < kReportLabels; ++i) {
    EXPECT_NE(reading.labels[i], Finding::kUncertain) << report;
    if (reading.labels[i] == Finding::kPresent) present.emplace(kReportLabelNames[i]);
  }
  EXPECT_TRUE(reading.unread.empty()) << report << "\n"
                                      << testing::PrintToString([&] {
                                           std::string words;
                                           for (const UnreadSentence& sentence : reading.unread) {
                                             for (const std::string& word : sentence.unknown)
                                               words += word + " ";
                                           }
                                           return words;
                                         }());
  return present;
}

std::optional<ReportLabel> LabelOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kNodule:
      return ReportLabel::kLungLesion;
    case FindingKind::kPleuralEffusion:
      return ReportLabel::kPleuralEffusion;
    case FindingKind::kPneumothorax:
      return ReportLabel::kPneumothorax;
    case FindingKind::kConsolidation:
      return ReportLabel::kConsolidation;
    case FindingKind::kEnlargedHeart:
      return ReportLabel::kCardiomegaly;
    case FindingKind::kWidenedMediastinum:
      return ReportLabel::kEnlargedCardiomediastinum;
    case FindingKind::kRibFracture:
      return ReportLabel::kFracture;
    default:
      return std::nullopt;
  }
}

std::set<std::string> Truth(const Patient& patient) {
  std::set<std::string> truth;
  bool any = false;
  for (const FindingKind kind : VisibleFindings(patient.study, patient.view)) {
    if (patient.Find(kind) == nullptr) continue;
    any = true;
    if (const auto label = LabelOf(kind)) {
      truth.emplace(kReportLabelNames[static_cast<size_t>(*label)]);
    }
  }
  if (!any) truth.emplace(kReportLabelNames[0]);
  return truth;
}

TEST(ReportMirror, PhantomReportsSayWhatIsTrueInBothLanguagesAndEachPart) {
  for (uint64_t seed = 0; seed < kPatients; ++seed) {
    const Patient patient = DrawPatient(seed);
    const std::set<std::string> truth = Truth(patient);
    for (const Language language : {Language::kEnglish, Language::kChinese}) {
      const std::string report = PhantomReport(patient, language);
      EXPECT_EQ(Present(report), truth) << report;
      for (const ReportSection& section : SplitReport(report)) {
        EXPECT_EQ(Present(section.text), truth) << section.text << "\nof\n" << report;
      }
    }
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace roentgen
