#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/assistant/dialogue.h"
#include "roentgen/assistant/run_facts.h"
#include "roentgen/data/report_protocol.h"

namespace roentgen {

/// What came of a step of the protocol.
struct ReportAnswer {
  ReportStep step;
  std::string answer;
  bool assessed = true;  ///< false: the model said that it cannot tell, or said nothing
};

/// A report in two parts: 影像表现 and 诊断意见, or Findings and Impression. Every sentence is part
/// of an answer to a question of the protocol, and can be traced to it.
struct RadiologyReport {
  Language language = Language::kEnglish;
  ReportSubject subject = ReportSubject::kOther;
  std::string date;                    ///< UtcNow
  std::vector<ReportAnswer> answers;   ///< in the order of the protocol
  std::vector<ShownPicture> pictures;  ///< that it is about
  RunFacts facts;
};

/// Told before each step: its number from 1, how many there are, and its topic.
using ReportProgress = std::function<void(size_t number, size_t count, std::string_view topic)>;

/// What a report is about, from the answer to its first question.
ReportSubject SubjectOf(std::string_view examination);

/// Goes through the protocol in a conversation, with the given pictures before its first question.
/// Throws Error when neither these nor the conversation before hold a picture, and as
/// Dialogue::Ask; Cancelled when stopped, also in the middle of an answer. The conversation is as
/// before then.
RadiologyReport MakeReport(Dialogue& dialogue, std::vector<PreparedPicture> pictures,
                           Language language, const GenerationOptions& options,
                           const RunFacts& facts, const AnswerCallbacks& callbacks = {},
                           const ReportProgress& progress = {}, std::stop_token stop = {});

/// A sentence, and the answer that it is from, by its place in RadiologyReport::answers.
struct ReportSentence {
  std::string text;
  size_t answer = 0;
};
/// The sentences of one part, in order; of answers that were assessed.
std::vector<ReportSentence> Sentences(const RadiologyReport& report, bool impression);

/// The topics that could not be assessed, as a list in the report's language; empty: there is none.
std::string NotAssessed(const RadiologyReport& report);

/// The report's fixed words in its language.
struct ReportWords {
  std::string_view title, findings, impression, not_assessed, questions, notice, colon, separator;
};
const ReportWords& WordsOf(Language language);

}  // namespace roentgen
