#include "roentgen/data/conversation_joiner.h"

#include <algorithm>
#include <utility>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr size_t kMaxHeldBytes = size_t{256} << 20;

size_t TextBytes(const Sample& sample) {
  size_t bytes = 0;
  for (const Turn& turn : sample.turns) bytes += turn.text.size() + sizeof(Turn);
  return bytes;
}

/// The text without its leading <image>: the conversation showed the images already.
std::string WithoutImages(std::string text) {
  for (size_t at = text.find(kImagePlaceholder); at != std::string::npos;
       at = text.find(kImagePlaceholder)) {
    text.erase(at, kImagePlaceholder.size());
  }
  return text.substr(std::min(text.find_first_not_of(" \n"), text.size()));
}

/// What both say, or nothing.
void KeepCommon(std::string& ours, const std::string& theirs) {
  if (ours != theirs) ours.clear();
}

/// The answer types of all its questions, as a list in extra where they are not the same.
void JoinAnswerTypes(Sample& conversation, const Sample& next) {
  Json types = Json::array();
  for (const Sample* each : std::initializer_list<const Sample*>{&conversation, &next}) {
    for (size_t i = 0; i < QuestionsOf(*each); ++i) types.push_back(AnswerTypeOf(*each, i));
  }
  const bool same = std::all_of(types.begin(), types.end(),
                                [&](const Json& type) { return type == types.front(); });
  conversation.extra.erase(kAnswerTypes);
  if (!same) conversation.extra[kAnswerTypes] = std::move(types);
}

void Join(Sample& conversation, Sample next) {
  JoinAnswerTypes(conversation, next);
  for (Turn& turn : next.turns) {
    conversation.turns.push_back({turn.role, WithoutImages(std::move(turn.text))});
  }
  for (std::string& label : next.question_types) {
    auto& labels = conversation.question_types;
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) {
      labels.push_back(std::move(label));
    }
  }
  KeepCommon(conversation.answer_type, next.answer_type);
  KeepCommon(conversation.modality, next.modality);
  KeepCommon(conversation.organ, next.organ);
  conversation.extra["joined"].push_back({{"id", next.id}, {"extra", std::move(next.extra)}});
}

}  // namespace

void ConversationJoiner::Add(uint64_t key, Sample sample) {
  Group& group = groups_.at(key);
  const size_t bytes = TextBytes(sample);
  if (!group.begun) {
    group.joined = std::move(sample);
    group.begun = true;
  } else {
    Join(group.joined, std::move(sample));
  }
  held_bytes_ += bytes;
  if (--group.expected > 0) {
    if (held_bytes_ <= kMaxHeldBytes) return;
    throw Error("more than 256 MB of text wait for the rest of their conversations",
                "Sort the rows by image, or do without --conversations.");
  }
  Sample joined = std::move(group.joined);
  groups_.erase(key);
  held_bytes_ -= std::min(held_bytes_, TextBytes(joined));
  emit_(std::move(joined));
}

}  // namespace roentgen
