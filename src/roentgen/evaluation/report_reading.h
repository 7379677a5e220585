#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/evaluation/report_labels.h"

namespace roentgen {

/// Where something is, as far as a label depends on it.
enum class Place : uint8_t { kUnsaid, kLung, kPleura, kElsewhere };

/// What a sentence says of one observation; without a label, of something abnormal that has none.
struct ReportStatement {
  std::optional<ReportLabel> label;
  Finding finding = Finding::kNotMentioned;
};

/// A sentence of a report, read.
struct SentenceReading {
  std::vector<ReportStatement> statements;
  bool normal = false;               ///< something is said to be normal
  std::vector<std::string> unknown;  ///< words that the reader does not know
};

/// Reads the sentences of one Chinese report, in their order: a sentence that names no place is
/// about the last one. Sentences are in FoldText's form.
class ChineseReportReader {
 public:
  SentenceReading Read(std::string_view sentence);

 private:
  Place place_ = Place::kUnsaid;
};

/// The same for a sentence in English, which says itself what it is about.
SentenceReading ReadEnglishSentence(std::string_view sentence);

}  // namespace roentgen
