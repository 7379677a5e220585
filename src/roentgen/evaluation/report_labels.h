#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// What is read off a chest report: the 14 observations of CheXpert (Irvin et al. 2019), in the
/// order of its tables.
enum class ReportLabel : uint8_t {
  kNoFinding,
  kEnlargedCardiomediastinum,
  kCardiomegaly,
  kLungLesion,
  kLungOpacity,
  kEdema,
  kConsolidation,
  kPneumonia,
  kAtelectasis,
  kPneumothorax,
  kPleuralEffusion,
  kPleuralOther,
  kFracture,
  kSupportDevices,
};
inline constexpr size_t kReportLabels = 14;
inline constexpr std::array<std::string_view, kReportLabels> kReportLabelNames = {
    "No Finding",       "Enlarged Cardiomediastinum",
    "Cardiomegaly",     "Lung Lesion",
    "Lung Opacity",     "Edema",
    "Consolidation",    "Pneumonia",
    "Atelectasis",      "Pneumothorax",
    "Pleural Effusion", "Pleural Other",
    "Fracture",         "Support Devices"};

enum class Finding : int8_t { kNotMentioned, kAbsent, kUncertain, kPresent };

/// What a report says of each observation, by ReportLabel.
using ReportLabels = std::array<Finding, kReportLabels>;

/// A sentence that was not wholly understood.
struct UnreadSentence {
  std::string_view text;  ///< of the report
  std::vector<std::string>
      unknown;  ///< its words that the reader does not know, in FoldText's form
};

/// A report that was read.
struct ReportReading {
  ReportLabels labels{};
  bool other = false;  ///< something abnormal that has no label is there or possible
  std::vector<UnreadSentence> unread;  ///< empty: every sentence was understood
};

/// Reads an English or Chinese report after the rules of CheXpert's labeler (Irvin et al. 2019):
/// mentions, then doubt and denial within their scopes, which follow the word order of the
/// sentence's language; said several times, an observation is present before it is uncertain, and
/// that before it is absent. "No new ..." is uncertain. Headings are left out. Any bytes are taken;
/// the reading points into them.
///
/// Stricter than CheXpert: "No Finding" is present only where something is stated, nothing but
/// support devices is present or uncertain, and every sentence was understood.
ReportReading ReadReport(std::string_view report);

}  // namespace roentgen
