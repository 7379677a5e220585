#include "roentgen/data/mend.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "roentgen/data/blanks.h"
#include "roentgen/data/chat_messages.h"
#include "roentgen/data/labels.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// How many bytes of blanks begin the text.
size_t LeadingBlanks(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const Utf8Step step = ReadUtf8(text, at);
    if (!IsBlank(step.code_point)) break;
    at += step.length;
  }
  return at;
}

/// WithoutNeedlessBlanks for a message that may begin with images' places: these are no text, what
/// follows them is.
std::string WithoutBlanksAround(std::string_view text) {
  std::string result;
  while (true) {
    const size_t begin = LeadingBlanks(text);
    if (!text.substr(begin).starts_with(kImagePlaceholder)) break;
    result += kImagePlaceholder;
    text.remove_prefix(begin + kImagePlaceholder.size());
  }
  if (!result.empty() && text.starts_with('\n')) {  // "<image>\nWhat…" is usual
    result += '\n';
    text.remove_prefix(1);
  }
  return result + WithoutNeedlessBlanks(text);
}

/// Blanks at the edges and tabs are slips of whoever typed; a double blank inside is only untidy.
std::string_view KindOfBlanks(std::string_view text) {
  while (text.starts_with(kImagePlaceholder)) text.remove_prefix(kImagePlaceholder.size());
  const bool edge = WithoutBlanksAtEdges(text).size() < text.size();
  return edge || text.find('\t') != std::string_view::npos ? "" : " (double blank)";
}

class Mending {
 public:
  Mending(const RuleModes& modes, std::vector<CleaningFinding>& findings)
      : modes_(modes), findings_(findings) {}

  /// Notes that the field should be `after` instead. Whether it shall be changed.
  bool Found(Rule rule, const std::string& field, std::string before, std::string after,
             std::string tally) {
    const bool apply = modes_.Applies(rule);
    findings_.push_back(
        {rule, apply ? CleaningFinding::Action::kMended : CleaningFinding::Action::kReported,
         std::string(InfoOf(rule).what), field, std::move(before), std::move(after),
         std::move(tally)});
    return apply;
  }

  void Whitespace(const std::string& field, std::string& text) {
    if (!modes_.On(Rule::kWhitespace)) return;
    // To the end: what goes may bring another place of an image to the front.
    std::string mended = text;
    for (std::string before; before != mended;) {
      before = std::exchange(mended, {});
      mended = WithoutBlanksAround(before);
    }
    if (mended == text) return;
    std::string tally = fmt::format("{}{}", field, KindOfBlanks(text));
    if (Found(Rule::kWhitespace, field, text, mended, std::move(tally))) text = std::move(mended);
  }

  void IntegerAnswers(Sample& sample) {
    if (!modes_.On(Rule::kIntegerAnswer)) return;
    std::vector<std::string> numbers;
    for (const auto& item : sample.extra.items()) {
      const std::string& key = item.key();
      const Json& value = item.value();
      const bool is_text = std::any_of(
          sample.turns.begin(), sample.turns.end(),
          [&](const Turn& turn) { return value.is_number() && turn.text == value.dump(); });
      if (is_text && (key == "answer" || key == "output" || key == "content" || key == "value")) {
        numbers.push_back(key);
      }
    }
    for (const std::string& key : numbers) {
      const std::string number = sample.extra[key].dump();
      if (Found(Rule::kIntegerAnswer, key, number, "\"" + number + "\"", key)) {
        sample.extra.erase(key);
      }
    }
  }

  void Labels(const LabelSpellings& spellings, Sample& sample) {
    if (modes_.On(Rule::kSeveralLabels)) {
      std::vector<std::string> labels = SplitLabels(sample.question_types);
      if (labels.size() > sample.question_types.size() &&
          Found(Rule::kSeveralLabels, "question_type",
                fmt::format("{}", fmt::join(sample.question_types, " | ")),
                fmt::format("{}", fmt::join(labels, " | ")), "question_type")) {
        sample.question_types = std::move(labels);
      }
    }
    for (std::string& label : sample.question_types)
      Spelling(spellings.question_types, "question_type", label);
    Spelling(spellings.answer_types, "answer_type", sample.answer_type);
    Spelling(spellings.organs, "organ", sample.organ);
    Spelling(spellings.modalities, "modality", sample.modality);
  }

  void Synonyms(Sample& sample) {
    if (!modes_.On(Rule::kSynonyms)) return;
    for (Turn& turn : sample.turns) {
      if (turn.role != Role::kAssistant) continue;
      const std::optional<std::string> usual = UsualName(turn.text);
      if (!usual) continue;
      if (ComparisonForm(*usual) == ComparisonForm(turn.text)) continue;  // only the case differs
      if (Found(Rule::kSynonyms, "answer", turn.text, *usual, "for " + *usual)) turn.text = *usual;
    }
  }

 private:
  void Spelling(const LabelSpelling& spelling, const char* field, std::string& label) {
    if (!modes_.On(Rule::kLabelSpelling)) return;
    const std::string& right = spelling.Right(label);
    if (right == label) return;
    if (Found(Rule::kLabelSpelling, field, label, right,
              fmt::format("\"{}\" for {}", label, right))) {
      label = right;
    }
  }

  const RuleModes& modes_;
  std::vector<CleaningFinding>& findings_;
};

/// What stands for a part of an image or video among the model's tokens, where a text spells it:
/// training refuses such a row, as its images would not fit.
std::optional<std::string_view> ControlTokenIn(std::string_view text) {
  for (const std::string_view token : {"<|image_pad|>", "<|video_pad|>"}) {
    if (text.find(token) != std::string_view::npos) return token;
  }
  return std::nullopt;
}

SourceSample::Flaw TokenFlaw(const char* whose, std::string_view token) {
  return {Rule::kControlToken,
          fmt::format("the {} spells {}, a control token of the model", whose, token)};
}

/// Blanks and invisible characters are no text.
bool HasText(const Turn& turn) {
  return !WithoutBlanksAtEdges(FoldText(WithoutImagePlaces(turn.text))).empty();
}

}  // namespace

void Mend(const RuleModes& modes, const LabelSpellings& spellings, SourceSample& read,
          std::vector<CleaningFinding>& findings) {
  Mending mending(modes, findings);
  Sample& sample = read.sample;
  mending.IntegerAnswers(sample);
  for (Turn& turn : sample.turns) {
    mending.Whitespace(turn.role == Role::kUser ? "question" : "answer", turn.text);
  }
  for (auto& [key, value] : sample.extra.items()) {
    if (value.is_string()) mending.Whitespace(key, value.get_ref<std::string&>());
  }
  mending.Labels(spellings, sample);
  mending.Synonyms(sample);
}

std::optional<SourceSample::Flaw> FindUnusable(const SourceSample& read) {
  using Flaw = SourceSample::Flaw;
  if (read.flaw) return read.flaw;
  const Sample& sample = read.sample;
  size_t places = 0;
  if (const auto token = ControlTokenIn(sample.system)) return TokenFlaw("system prompt", *token);
  for (const Turn& turn : sample.turns) {
    const char* whose = turn.role == Role::kUser ? "question" : "answer";
    if (const auto token = ControlTokenIn(turn.text)) return TokenFlaw(whose, *token);
    for (size_t at = turn.text.find(kImagePlaceholder); at != std::string::npos;
         at = turn.text.find(kImagePlaceholder, at + kImagePlaceholder.size())) {
      ++places;
    }
    if (!HasText(turn)) return Flaw{Rule::kEmptyText, fmt::format("the {} is empty", whose)};
  }
  if (places == sample.images.size()) return std::nullopt;
  std::string reason = fmt::format("{} images for {} <image>", sample.images.size(), places);
  for (const char* column : {"images", "image"}) {
    if (!sample.extra.contains(column)) continue;
    reason += fmt::format("; the column \"{}\" is not read: \"columns\" does not name it", column);
  }
  return Flaw{Rule::kImageCount, std::move(reason)};
}

}  // namespace roentgen
