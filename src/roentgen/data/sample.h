#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/json.h"

namespace roentgen {

/// Stands in a text for the next of its sample's images, as in LLaMA-Factory.
inline constexpr std::string_view kImagePlaceholder = "<image>";

/// Names that the field's question sets share. A sample may carry others; these are what our own
/// readers and cleaning rules write.
inline constexpr std::string_view kClosed = "CLOSED";  ///< answer_type: a fixed set of answers
inline constexpr std::string_view kOpen = "OPEN";
inline constexpr const char* kAnswerTypes = "answer_types";  ///< in extra: one for each question
inline constexpr std::string_view kTrain = "train";          ///< split
inline constexpr std::string_view kValidation = "validation";
inline constexpr std::string_view kTest = "test";

enum class Role { kUser, kAssistant };

/// One message of a conversation.
struct Turn {
  Role role = Role::kUser;
  std::string text;
  bool operator==(const Turn&) const = default;
};

/// A rectangle around something, in pixels of the sample's first image, from its top left corner.
struct Box {
  std::string label;
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  bool operator==(const Box&) const = default;
};

/// Where a sample was read.
struct SourceRow {
  std::string file;
  size_t row = 0;  ///< counted from 1; the line of a file of lines
  bool operator==(const SourceRow&) const = default;
};

/// What every reader gives and every writer takes: a conversation about images, and what is known
/// about it. Text is UTF-8; an empty string means that the source does not say.
struct Sample {
  std::string id;                           ///< unique in its set
  std::vector<std::string> images;          ///< files, in the order of their placeholders
  std::vector<Turn> turns;                  ///< user, assistant, user, assistant, …
  std::string system;                       ///< system prompt; empty: the model's own
  std::string language;                     ///< "en", "zh"
  std::string modality;                     ///< "X-Ray", "CT", "MRI"
  std::string organ;                        ///< or body part, in the source's words
  std::vector<std::string> question_types;  ///< "PRES", "POS", … in the source's words
  std::string answer_type;                  ///< kClosed or kOpen
  std::string split;                        ///< kTrain, kValidation, kTest or a fold's name
  std::vector<Box> boxes;
  SourceRow source;
  Json extra = Json::object();  ///< whatever else the source's row says, by its own keys
  bool operator==(const Sample&) const = default;
};

/// How many questions a conversation has: pairs of a user's and an assistant's turn.
size_t QuestionsOf(const Sample& sample);

/// The texts of a question, counted from 0, and of its answer.
const std::string& QuestionText(const Sample& sample, size_t question);
const std::string& AnswerText(const Sample& sample, size_t question);

/// The answer type of a question: that of its place in the list extra["answer_types"], which joined
/// conversations have, else the sample's.
std::string AnswerTypeOf(const Sample& sample, size_t question);

}  // namespace roentgen
