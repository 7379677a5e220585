#pragma once

#include <string>
#include <vector>

#include "roentgen/assistant/run_facts.h"
#include "roentgen/assistant/study.h"

namespace roentgen {

/// What one answer depends on besides its question and those before it, so that it can be asked
/// again. Settings may change between the answers of a conversation.
struct AnswerFacts {
  /// As it was for this answer, with the seed that it was drawn with. Without hashes where nobody
  /// asked for them.
  RunFacts run;
  /// The run is that of the file that the answer was read from, as a whole: transcripts of version
  /// 1 told no more. The answer's own settings may have been others, but for the seed.
  bool assumed = false;
  /// All that the model had been shown when it answered: of the question and of those before it
  /// about the same study. Its StudyId is the study that the answer is about.
  std::vector<ShownImage> images;
  /// Drawn at random when the conversation, or the report, began. For the audit alone: two reports
  /// of one study differ in it.
  std::string conversation;
};

}  // namespace roentgen
