#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roentgen/assistant/dialogue.h"
#include "roentgen/assistant/run_facts.h"

namespace roentgen {

/// What waits for the next question of a conversation: nothing was asked about it yet.
struct UnaskedStudy {
  bool begins_study = false;  ///< it is about another study than the last exchange
  std::vector<ShownPicture> pictures;
  std::string indication;  ///< of the study, where nothing was asked about it; may be empty
  /// As Exchange's, of all images of the study, these with them.
  std::optional<bool> different_patients = {};

  bool Any() const { return begins_study || !pictures.empty() || !indication.empty(); }
};

/// What a conversation goes on from.
struct Transcript {
  std::vector<Exchange> exchanges;
  /// Of its studies, in order: why their images were made, where the user told. May be shorter.
  std::vector<std::string> indications;
  UnaskedStudy unasked;
  /// The file, of version 1, does not tell studies apart: each question with new images is taken
  /// for the first about another one.
  bool studies_assumed = false;
};

/// A conversation as JSON lines, from which it can go on and be asked again: its images (as the
/// model saw them) and exchanges in order, and at the end what waits for a question. What an answer
/// was made with stands in the last line "made_with" before it. Every line ends with a hash of
/// itself, which the next exchange repeats: against slips and not against forgers.
/// docs/assistant.md describes the fields.
std::string TranscriptLines(std::span<const Exchange> exchanges,
                            std::span<const std::string> indications = {},
                            const UnaskedStudy& unasked = {});

/// The same for people, in Markdown. What answers were made with is told before the first, and
/// again what changed since.
std::string TranscriptMarkdown(std::span<const Exchange> exchanges,
                               std::span<const std::string> indications = {},
                               const UnaskedStudy& unasked = {});

/// Reads a file of TranscriptLines, also of version 1. Throws Error, with file and line, when it is
/// none, or was changed so that it would tell or show something else than there was: images, what
/// answers were made with, which images they are about. An exchange that was changed is read and
/// marked (Exchange::edited).
Transcript ReadTranscript(const std::filesystem::path& path);

/// What is said where Transcript::studies_assumed holds.
inline constexpr const char* kStudiesAssumedNotice =
    "the file, of an earlier version, does not tell studies apart: each question with new images "
    "is taken for the first about another study";

/// What is said where Exchange::edited holds.
inline constexpr const char* kEditedNotice =
    "it, or what stands before it, was changed after it was given";

/// What is said where AnswerFacts::assumed holds.
inline constexpr const char* kAssumedNotice =
    "what it was made with is assumed: the file, of an earlier version, tells it of its last "
    "answer";

/// Of notes on answers, each list for the answer at its place, a line for each note that tells
/// which answers it is on: "answers 1 to 3 and 5: temperature: 0.7 then, 0 now".
std::vector<std::string> GroupByAnswers(std::span<const std::vector<std::string>> notes);

/// What a model that runs so would differ in from what these answers were made with, as
/// GroupByAnswers tells it; and what is known of the answers themselves. Empty: in nothing.
std::vector<std::string> DescribeDifferences(std::span<const Exchange> exchanges,
                                             const RunFacts& now);

}  // namespace roentgen
