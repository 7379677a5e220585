#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/assistant/dialogue.h"
#include "roentgen/assistant/run_facts.h"
#include "roentgen/assistant/study.h"
#include "roentgen/data/report_protocol.h"

namespace roentgen {

/// What came of a step of the protocol.
struct ReportAnswer {
  ReportStep step;
  std::string answer;    ///< all of it, as the model said it, but Printable, without blanks around
  bool assessed = true;  ///< false: it said nothing, or only that it cannot tell
  Answer::Finish finish = Answer::Finish::kEnd;  ///< kLength: cut, although it was given more room
  AnswerFacts facts;
};

/// What a reader has to know about a sentence. None of it takes the sentence away.
struct SentenceMarks {
  bool abstains = false;  ///< it says that something cannot be told
  bool cut = false;       ///< the limit of length ended it
  bool repeated = false;  ///< it stands in the report more than once, in the same words
  /// Sentences that say the opposite of something that it says (report_contradictions.h), by their
  /// places in RadiologyReport::sentences, in order: of each answer the first.
  std::vector<size_t> contradicts;

  bool Any() const { return abstains || cut || repeated || !contradicts.empty(); }
};

/// A sentence, and the answer that it is from, by its place in RadiologyReport::answers.
struct ReportSentence {
  std::string text;
  size_t answer = 0;
  SentenceMarks marks;
};

/// A report in two parts: 影像表现 and 诊断意见, or Findings and Impression. Every sentence is part
/// of an answer to a question of the protocol, and can be traced to it.
struct RadiologyReport {
  Language language = Language::kEnglish;
  std::string date;                       ///< UtcNow: when it was made
  ImagingStudy study;                     ///< that it is about, and no other
  std::vector<ReportAnswer> answers;      ///< in the order of the protocol
  std::vector<ReportSentence> sentences;  ///< of all answers, in their order; none is left out
  RunFacts facts;                         ///< what it was begun with; each answer has its own
  std::vector<Exchange> exchanges;        ///< as they were asked, for the audit
};

/// Told before each step: its number from 1, how many there are (0: its answer decides), its topic.
using ReportProgress = std::function<void(size_t number, size_t count, std::string_view topic)>;

/// What answers a report's questions. All of it must live as long as MakeReport runs.
struct ReportModel {
  const Model& model;
  const Tokenizer& tokenizer;
  const PreprocessorConfig& preprocessor;
  ImageFeatureCache& images;
  PrefixCache& prefixes;
  ThreadPool& pool;
  SessionOptions session;
  RunFacts facts;  ///< of these; the generation is MakeReport's
};

/// Asks the questions of the protocol about a study, in a conversation of its own: nothing that was
/// said elsewhere can reach it. Which protocol is the study's examination where it is given, else
/// what its DICOM files say, else the answer to the first question. An answer that the limit of
/// length cut is asked for once more with more room.
///
/// Throws Error when the study has no image, and as Dialogue::Ask; Cancelled when stopped, also in
/// the middle of an answer.
RadiologyReport MakeReport(const ReportModel& model, ImagingStudy study, Language language,
                           const GenerationOptions& options, const AnswerCallbacks& callbacks = {},
                           const ReportProgress& progress = {}, std::stop_token stop = {});

/// Makes the answers printable, takes them apart into sentences and marks these; fills `sentences`
/// and `assessed`.
void ReadAnswers(RadiologyReport& report);

/// The sentences of one part, in order. None is left out.
std::vector<ReportSentence> Sentences(const RadiologyReport& report, bool impression);

/// A sentence's marks as people read them, in the report's language: "cannot be told", "cut off by
/// the limit of length", "said more than once", "contradicts [6]", with the numbers of answers.
std::vector<std::string> DescribeMarks(const RadiologyReport& report,
                                       const ReportSentence& sentence);

/// "chest (from DICOM: CR CHEST)", in that language.
std::string DescribeExamination(const Examination& examination, Language language);

/// The topics that could not be assessed, as a list in the report's language; empty: there is none.
std::string NotAssessed(const RadiologyReport& report);

/// The report's fixed words in its language.
struct ReportWords {
  std::string_view title, findings, impression, not_assessed, questions, notice, colon, separator;
  std::string_view no_answer;    ///< in the place of an answer without a word
  std::string_view examination;  ///< before DescribeExamination
  std::string_view indication;
};
const ReportWords& WordsOf(Language language);

}  // namespace roentgen
