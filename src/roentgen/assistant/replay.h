#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/assistant/report.h"
#include "roentgen/assistant/transcript.h"

namespace roentgen {

/// An answer of a transcript beside what the same question brings now.
struct ReplayedAnswer {
  enum class Outcome {
    kEqual,    ///< the same tokens; of an answer that was interrupted, as far as it came
    kDiffers,  ///< other tokens
    kEdited,   ///< it was changed in the file: what is there is not what the model said
  };

  size_t number = 0;  ///< in the transcript, from 1
  Outcome outcome = Outcome::kEqual;
  size_t tokens = 0;        ///< that are recorded
  size_t equal_tokens = 0;  ///< of these, the first that are the same now
  bool interrupted = false;
  std::string then;      ///< its text in the file
  std::string now;       ///< the text that came
  std::string study;     ///< StudyId
  bool assumed = false;  ///< AnswerFacts::assumed
  /// What it was asked with now that was other then: the model, the program, the processor. All its
  /// settings are its own.
  std::vector<FactDifference> differences;
};

/// Told each answer as it comes.
using OnReplayed = std::function<void(const ReplayedAnswer& answer)>;

/// Whether what is opened may be another model than the recorded ones.
enum class ReplayModels { kRecorded, kAny };

/// Asks the questions again, each with the settings of its own answer and after the answers that
/// are recorded, whatever comes now: so each is compared on its own.
///
/// Throws Error, before it asks anything, when the model, an adapter, or how both are held is not
/// what an answer was made with, naming all of it, unless models is kAny; and as Dialogue::Ask.
/// Cancelled when stopped.
std::vector<ReplayedAnswer> Replay(const ReportModel& model, std::span<const Exchange> exchanges,
                                   ReplayModels models, const AnswerCallbacks& callbacks = {},
                                   const OnReplayed& on_answer = {}, std::stop_token stop = {});

/// What the answers would be asked with that was other when they were given, a line each, as of
/// DescribeDifferences. Empty: nothing.
std::vector<std::string> DescribeReplay(std::span<const Exchange> exchanges,
                                        const RunFacts& opened);

/// "  2  differs  from token 5 on, of 23" and, where it is not equal, both texts below it.
/// Printable.
std::string Describe(const ReplayedAnswer& answer);

/// All of it for programs; docs/assistant.md describes the fields.
nlohmann::ordered_json ToJson(std::span<const ReplayedAnswer> answers);

/// Whether all answers are equal.
bool AreEqual(std::span<const ReplayedAnswer> answers);

/// "2 of 4 answers equal, token by token; 1 different; 1 changed in the file".
std::string Summarise(std::span<const ReplayedAnswer> answers);

}  // namespace roentgen
