#include "roentgen/data/mend.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "roentgen/data/blanks.h"
#include "roentgen/data/chat_messages.h"
#include "roentgen/data/entities.h"
#include "roentgen/data/format_signs.h"
#include "roentgen/data/labels.h"
#include "roentgen/data/lost_commas.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

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

/// To the end: what goes may bring another place of an image to the front.
std::string WithoutBlanksAroundAll(std::string_view text) {
  std::string mended(text);
  for (std::string before; before != mended;) {
    before = std::exchange(mended, {});
    mended = WithoutBlanksAround(before);
  }
  return mended;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("+-.0123456789eE") == std::string_view::npos;
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

  /// All that a text of the conversation may need.
  void Text(const std::string& field, bool tabs_are_commas, std::string& text) {
    Replace(Rule::kEntities, field, WithoutEntities, text);
    if (tabs_are_commas) Replace(Rule::kLostComma, field, WithCommasForTabs, text);
    Replace(Rule::kWhitespace, field, WithoutBlanksAroundAll, text, KindOfBlanks(text));
  }

  void Label(const std::string& field, std::string& label) {
    Replace(Rule::kEntities, field, WithoutEntities, label);
    const auto trimmed = [](std::string_view text) {
      return std::string(WithoutBlanksAtEdges(text));
    };
    Replace(Rule::kWhitespace, field, trimmed, label);
  }

  /// The reader has made them texts already, as they were written.
  void IntegerAnswers(const SourceSample& read) {
    if (!modes_.On(Rule::kIntegerAnswer)) return;
    auto turn = read.sample.turns.begin();
    const auto end = read.sample.turns.end();
    for (const std::string& key : read.number_fields) {
      turn = std::find_if(turn, end, [](const Turn& each) { return IsNumber(each.text); });
      if (turn == end) return;
      Found(Rule::kIntegerAnswer, key, turn->text, "\"" + turn->text + "\"", key);
      ++turn;
    }
  }

  void Labels(const LabelSpellings& spellings, Sample& sample) {
    for (std::string& label : sample.question_types) Label("question_type", label);
    Label("answer_type", sample.answer_type);
    Label("organ", sample.organ);
    Label("modality", sample.modality);
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
  void Replace(Rule rule, const std::string& field,
               const std::function<std::string(std::string_view)>& mend, std::string& text,
               std::string_view kind = {}) {
    if (!modes_.On(rule)) return;
    std::string mended = mend(text);
    if (mended == text) return;
    if (Found(rule, field, text, mended, fmt::format("{}{}", field, kind))) {
      text = std::move(mended);
    }
  }

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

SourceSample::Flaw SignFlaw(const char* whose, std::string_view sign) {
  const bool token = sign.starts_with("<|");
  return {Rule::kControlToken,
          fmt::format("the {} spells {}, {}", whose, sign,
                      token ? "a control token of the model" : "a sign for what is not read")};
}

/// What tables and their readers write in a cell that has nothing. None, NA and N/A are words that
/// people answer with.
bool StandsForNothing(std::string_view text) {
  static constexpr std::array<std::string_view, 19> kNothing = {
      "nan",  "NaN", "NAN",     "-nan",    "-NaN",  "null",  "NULL",   "Null",   "<NA>",    "NaT",
      "#N/A", "#NA", "#VALUE!", "#DIV/0!", "#REF!", "#NUM!", "#NAME?", "#NULL!", "#N/A N/A"};
  return std::find(kNothing.begin(), kNothing.end(), text) != kNothing.end();
}

/// Blanks and invisible characters are no text.
bool HasText(const Turn& turn) {
  const std::string words = WithoutImagePlaces(turn.text);
  return !WithoutBlanksAtEdges(FoldText(words)).empty() &&
         !StandsForNothing(WithoutBlanksAtEdges(words));
}

}  // namespace

void Mend(const RuleModes& modes, const LabelSpellings& spellings, SourceSample& read,
          std::vector<CleaningFinding>& findings) {
  Mending mending(modes, findings);
  Sample& sample = read.sample;
  mending.IntegerAnswers(read);
  for (Turn& turn : sample.turns) {
    mending.Text(turn.role == Role::kUser ? "question" : "answer", read.tabs_are_commas, turn.text);
  }
  for (const std::string& column : read.text_columns) {
    const auto value = sample.extra.find(column);
    if (value == sample.extra.end() || !value->is_string()) continue;
    mending.Text(column, read.tabs_are_commas, value->get_ref<std::string&>());
  }
  mending.Labels(spellings, sample);
  mending.Synonyms(sample);
}

std::optional<SourceSample::Flaw> FindUnusable(const SourceSample& read) {
  using Flaw = SourceSample::Flaw;
  if (read.flaw) return read.flaw;
  const Sample& sample = read.sample;
  size_t places = 0;
  if (const auto sign = ForeignSignIn(sample.system)) return SignFlaw("system prompt", *sign);
  for (const Turn& turn : sample.turns) {
    const char* whose = turn.role == Role::kUser ? "question" : "answer";
    if (const auto sign = ForeignSignIn(turn.text)) return SignFlaw(whose, *sign);
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
