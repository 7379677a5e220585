#pragma once

#include <array>
#include <span>
#include <string_view>

#include "roentgen/data/phantom_terms.h"

namespace roentgen {

/// What a report is about, as far as it changes what is asked.
enum class ReportSubject { kChest, kHead, kAbdomen, kOther };

/// A step of a report: one question, whose answer becomes sentences of the report.
struct ReportStep {
  std::string_view key;                   ///< "lungs"; "impression" is the second part
  std::array<std::string_view, 2> topic;  ///< by Language: "Lung fields", "肺野"
  std::array<std::string_view, 2> question;

  std::string_view TopicIn(Language language) const { return topic[static_cast<size_t>(language)]; }
  std::string_view QuestionIn(Language language) const {
    return question[static_cast<size_t>(language)];
  }
  bool IsImpression() const { return key == "impression"; }
};

/// The questions that a report consists of, in order: what kind of examination it is, the organs,
/// the impression. Phantoms ask the same of those who learn from them.
std::span<const ReportStep> ReportProtocol(ReportSubject subject);

}  // namespace roentgen
