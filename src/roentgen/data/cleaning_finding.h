#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "roentgen/data/cleaning_rules.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/data/verdicts.h"

namespace roentgen {

/// A line of cleaning.jsonl: the row, the rule, what was done and why; before and after of a mended
/// field; the question and what it is compared with.
std::string FindingToJson(const Sample& sample, const CleaningFinding& finding);

/// What a flaw of a row is for people. `apply`: the row goes.
CleaningFinding FindingOf(const SourceSample::Flaw& flaw, bool apply);

/// Tells people what rules say that look at the whole set.
class VerdictReader {
 public:
  VerdictReader(const SetFacts& facts, std::span<const ImageFacts> images, const Verdicts& verdicts)
      : facts_(facts), images_(images), verdicts_(verdicts) {}

  /// sample  the row of the verdict
  CleaningFinding FindingOf(const RowVerdict& verdict, const Sample& sample) const;

 private:
  std::string Reason(const RowVerdict& verdict) const;
  std::string RowName(uint32_t row) const;
  const std::string& PartName(uint32_t row) const;
  std::string ImageName(uint32_t image) const;
  std::string NearImage(uint32_t image) const;
  std::string BlurReason(uint32_t image) const;
  CleaningFinding::Asked Other(const RowVerdict& verdict) const;

  const SetFacts& facts_;
  std::span<const ImageFacts> images_;
  const Verdicts& verdicts_;
};

}  // namespace roentgen
