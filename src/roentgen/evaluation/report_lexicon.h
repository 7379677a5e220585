#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

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

/// What a phrase does in a sentence.
enum class PhraseRole : uint8_t {
  kFinding,      ///< is there unless something else says otherwise
  kWeakFinding,  ///< uncertain at best: "vascular congestion"
  kStructure,    ///< says something only with its state: "heart size"
  kOther,        ///< abnormal, without a label of its own: then "No Finding" is not said
  kNormal,       ///< state of a structure
  kAbnormal,
  kUnsure,      ///< "stable": as it was, whatever that is
  kNotBefore,   ///< denies what follows
  kNotAfter,    ///< denies what precedes
  kPastBefore,  ///< what follows, up to a comma, was once
  kMaybeBefore,
  kMaybeAfter,
  kMaybeEither,  ///< what follows in the clause, else what precedes: "不除外"
  kAffirmAfter,  ///< "is seen": a list that began with "no" does not reach it
  kOr,           ///< between two findings: one of them
  kAnd,
  kComma,
  kStop,     ///< no scope passes
  kNothing,  ///< hides the phrases in it: "pericardial effusion", "not without"
};

/// A phrase of normalised text (see report_labels.cpp). A '*' at its end stands for the rest of the
/// word; else it ends where a word ends. Chinese phrases match anywhere.
struct ReportPhrase {
  std::string_view text;
  PhraseRole role;
  ReportLabel label = ReportLabel::kNoFinding;  ///< of findings and structures
};

std::span<const ReportPhrase> EnglishReportPhrases();
std::span<const ReportPhrase> ChineseReportPhrases();

/// English words without which a phrase says the same: "not (yet completely) resolved".
std::span<const std::string_view> ReportFillers();

}  // namespace roentgen
