#include "roentgen/data/statistics.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "roentgen/data/chat_messages.h"
#include "roentgen/language/answer.h"
#include "roentgen/text/display_width.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

constexpr const char* kUnknown = "(not stated)";

struct Name {
  const char* name;
  const char* title;
};
constexpr Name kTableNames[] = {{"modality", "Modality"},
                                {"organ", "Organ"},
                                {"question_type", "Question type"},
                                {"answer_type", "Answer type"},
                                {"closed_answer", "Answers to closed questions"},
                                {"language", "Language"},
                                {"questions_per_sample", "Questions per sample"},
                                {"answer", "Most frequent answers"}};
constexpr Name kLengthNames[] = {
    {"question_tokens", "Tokens per question"},     {"answer_tokens", "Tokens per answer"},
    {"image_tokens", "Tokens per image"},           {"sample_tokens", "Tokens per sample"},
    {"questions_per_image", "Questions per image"}, {"longer_side", "Longer side, pixels"}};

// The contact sheet: more kinds than these, or longer samples, are not shown.
constexpr size_t kMaxKinds = 200;
constexpr size_t kKeptPerKind = 6;
constexpr size_t kMaxShownBytes = 4096;

size_t TextBytes(const Sample& sample) {
  return std::accumulate(sample.turns.begin(), sample.turns.end(), size_t{0},
                         [](size_t sum, const Turn& turn) { return sum + turn.text.size(); });
}

/// The usual parts in their usual order, then others by name.
std::vector<std::string> InOrder(const CountBySplit& splits) {
  std::vector<std::string> order;
  for (const std::string_view usual : {kTrain, kValidation, kTest}) {
    if (splits.contains(std::string(usual))) order.emplace_back(usual);
  }
  for (const auto& [split, ignored] : splits) {
    if (split != kTrain && split != kValidation && split != kTest) order.push_back(split);
  }
  return order;
}

}  // namespace

size_t SumOf(const CountBySplit& counts) {
  return std::accumulate(counts.begin(), counts.end(), size_t{0},
                         [](size_t sum, const auto& entry) { return sum + entry.second; });
}

size_t Histogram::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), size_t{0},
                         [](size_t sum, const auto& entry) { return sum + entry.second; });
}

double Histogram::Mean() const {
  double sum = 0;
  for (const auto& [value, times] : counts_) {
    sum += static_cast<double>(value) * static_cast<double>(times);
  }
  return counts_.empty() ? 0 : sum / static_cast<double>(count());
}

size_t Histogram::Quantile(double share) const {
  const double wanted = share * static_cast<double>(count());
  double seen = 0;
  for (const auto& [value, times] : counts_) {
    seen += static_cast<double>(times);
    if (seen >= wanted) return value;
  }
  return Max();
}

void CountTable::Add(std::string_view label, const std::string& split) {
  if (label.size() > kMaxLabelBytes) {
    size_t end = kMaxLabelBytes;
    while (end > 0 && (label[end] & 0xc0) == 0x80) --end;  // not inside a character
    label = label.substr(0, end);
  }
  if (counts_.size() >= max_labels_ && !counts_.contains(label)) label = kOthers;
  ++counts_[std::string(label)][split];
}

void CountTable::JoinSpellings() {
  std::map<std::string, std::string> spelling_of;  // by form; what is only marks is its own
  std::map<std::string, CountBySplit, std::less<>> joined;
  for (const std::string& label : Labels()) {
    const std::string form = ComparisonForm(label);
    const bool own = form.empty() || label == kOthers;
    const std::string& spelling = own ? label : spelling_of.try_emplace(form, label).first->second;
    for (const auto& [split, count] : counts_.at(label)) joined[spelling][split] += count;
  }
  counts_ = std::move(joined);
}

size_t CountTable::Total(const std::string& label) const {
  const auto row = counts_.find(label);
  return row == counts_.end() ? 0 : SumOf(row->second);
}

std::vector<std::string> CountTable::Labels() const {
  std::vector<std::pair<size_t, std::string>> order;
  for (const auto& [label, by_split] : counts_) order.emplace_back(SumOf(by_split), label);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> labels;
  for (auto& [total, label] : order) labels.push_back(std::move(label));
  return labels;
}

CountBySplit CountTable::SumFrom(size_t place) const {
  CountBySplit sum;
  const std::vector<std::string> labels = Labels();
  for (size_t i = place; i < labels.size(); ++i) {
    for (const auto& [split, count] : counts_.at(labels[i])) sum[split] += count;
  }
  return sum;
}

StatisticsCollector::StatisticsCollector(const StatisticsOptions& options)
    : options_(options), random_(options_.seed) {
  for (size_t i = 0; i < kTables; ++i) {
    result_.tables.emplace_back(kTableNames[i].name, kTableNames[i].title,
                                i == kAnswer ? kMaxAnswers : kMaxLabels);
  }
  result_.cutoff_len = options_.cutoff_len;
  result_.image_max_pixels = options_.image_limits.image_max_pixels;
  result_.has_tokens = options_.tokenizer != nullptr;
  if (result_.has_tokens) counter_.emplace(*options_.tokenizer, options_.cutoff_len);
}

void StatisticsCollector::Add(const Sample& sample, std::span<const Size> image_sizes) {
  ++result_.samples[sample.split];
  result_.questions[sample.split] += QuestionsOf(sample);
  CountLabels(sample);
  CountAnswers(sample);
  const TokenBudget budget = CountTokens(sample, CountImages(sample, image_sizes));
  if (budget.tokens > options_.cutoff_len) {
    ++result_.over_cutoff;
    result_.images_cut += budget.cuts_images ? 1 : 0;
    if (result_.over_budget.size() < kListedOverBudget) {
      result_.over_budget.push_back({sample.id, sample.source, budget});
    }
  }
  OfferForSheet(sample);
}

void StatisticsCollector::CountLabels(const Sample& sample) {
  const auto count = [&](Table table, const std::string& label) {
    result_.tables[table].Add(label.empty() ? kUnknown : label, sample.split);
  };
  count(kModality, sample.modality);
  count(kOrgan, sample.organ);
  for (const std::string& type : sample.question_types) count(kQuestionType, type);
  if (sample.question_types.empty()) count(kQuestionType, "");
  count(kLanguage, sample.language);
  const size_t questions = QuestionsOf(sample);
  count(kQuestionsPerSample, questions > 8 ? "more than 8" : std::to_string(questions));
  for (size_t i = 0; i < questions; ++i) {
    const std::string type = AnswerTypeOf(sample, i);
    count(kAnswerType, type);
    if (type != kClosed) continue;
    const std::optional<bool> yes = YesOrNo(AnswerText(sample, i));
    count(kClosedAnswer, !yes ? "another answer" : *yes ? "yes" : "no");
  }
}

void StatisticsCollector::CountAnswers(const Sample& sample) {
  for (const Turn& turn : sample.turns) {
    if (turn.role != Role::kAssistant) continue;
    if (DisplayWidth(turn.text) > kShortAnswerCells) {
      ++result_.longer_answers;
    } else {
      result_.tables[kAnswer].Add(turn.text, sample.split);
    }
  }
}

std::vector<size_t> StatisticsCollector::CountImages(const Sample& sample,
                                                     std::span<const Size> image_sizes) {
  std::vector<size_t> tokens;
  for (size_t i = 0; i < sample.images.size(); ++i) {
    CountBySplit& questions = questions_of_image_[sample.images[i]];
    const bool first = questions.empty();
    questions[sample.split] += QuestionsOf(sample);
    const Size size = image_sizes[i];
    const std::optional<size_t> in_image =
        CountImageTokens(size, options_.image_limits, options_.preprocessor);
    tokens.push_back(in_image.value_or(0));
    if (!first || !in_image) continue;
    lengths_[kImageTokens].Add(*in_image);
    lengths_[kLongerSide].Add(static_cast<size_t>(std::max(size.width, size.height)));
  }
  return tokens;
}

TokenBudget StatisticsCollector::CountTokens(const Sample& sample,
                                             std::span<const size_t> image_tokens) {
  if (!counter_) {  // what is known without: the images, which alone may be too much
    TokenBudget budget;
    budget.image_tokens = std::accumulate(image_tokens.begin(), image_tokens.end(), size_t{0});
    budget.tokens = budget.image_tokens;
    budget.kept = std::min(budget.tokens, options_.cutoff_len);
    budget.cuts_images = budget.kept < budget.tokens;
    return budget;
  }
  for (const Turn& turn : sample.turns) {
    lengths_[turn.role == Role::kUser ? kQuestionTokens : kAnswerTokens].Add(
        counter_->CountText(WithoutImagePlaces(turn.text)));
  }
  const TokenBudget budget = counter_->Count(sample, image_tokens);
  lengths_[kSampleTokens].Add(budget.tokens);
  return budget;
}

/// Keeps some samples of each kind, each with the same chance: reservoir sampling (Vitter 1985) in
/// every kind.
void StatisticsCollector::OfferForSheet(const Sample& sample) {
  if (TextBytes(sample) > kMaxShownBytes) return;
  const std::string name = sample.split + '\n' + sample.modality + '\n' + sample.organ;
  if (name.size() > kMaxShownBytes || (kinds_.size() >= kMaxKinds && !kinds_.contains(name))) {
    return;
  }
  Kind& kind = kinds_[name];
  ++kind.seen;
  const bool room = kind.kept.size() < kKeptPerKind;
  const size_t place = room ? kind.kept.size() : random_.NextBits() % kind.seen;
  if (place >= kKeptPerKind) return;
  if (room) kind.kept.emplace_back();
  kind.kept[place] = sample;
  kind.kept[place].extra = Json::object();  // not shown, and of any size
}

/// One sample of each kind in turn, until the sheet is full; in the order of the kinds.
std::vector<Sample> StatisticsCollector::DealSheet() {
  std::map<const Kind*, size_t> dealt;
  size_t total = 0;
  for (size_t round = 0; round < kKeptPerKind; ++round) {
    for (const auto& [name, kind] : kinds_) {
      if (round >= kind.kept.size() || total == options_.contact_sheet) continue;
      ++dealt[&kind];
      ++total;
    }
  }
  std::vector<Sample> sheet;
  for (auto& [name, kind] : kinds_) {
    const auto begin = std::make_move_iterator(kind.kept.begin());
    sheet.insert(sheet.end(), begin, begin + static_cast<std::ptrdiff_t>(dealt[&kind]));
  }
  return sheet;
}

Statistics StatisticsCollector::Finish() {
  result_.tables[kAnswer].JoinSpellings();
  result_.splits = InOrder(result_.samples);
  result_.all_images = questions_of_image_.size();
  for (const auto& [image, by_split] : questions_of_image_) {
    for (const auto& [split, ignored] : by_split) ++result_.images[split];
    lengths_[kQuestionsPerImage].Add(SumOf(by_split));
  }
  for (size_t i = 0; i < kLengths; ++i) {
    if (lengths_[i].count() == 0) continue;
    result_.lengths.push_back(
        {kLengthNames[i].name, kLengthNames[i].title, std::move(lengths_[i])});
  }
  std::erase_if(result_.tables, [](const CountTable& table) { return table.counts().empty(); });
  result_.contact_sheet = DealSheet();
  return std::move(result_);
}

}  // namespace roentgen
