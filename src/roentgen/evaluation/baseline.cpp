#include "roentgen/evaluation/baseline.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>

#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/segments.h"

namespace roentgen {
namespace {

/// What questions and answers are compared in. English is in the form of the published baseline,
/// which tells "one" from "1".
std::string BaselineForm(const std::string& text) {
  return HasHan(text) ? MeasureForm(text) : StrictForm(text);
}

/// Counts answers, equal ones in BaselineForm together, and knows the most frequent as it was
/// first given, the first of equals.
class AnswerCounter {
 public:
  void Add(const std::string& answer) {
    const auto [entry, added] = places_.try_emplace(BaselineForm(answer), counts_.size());
    if (added) counts_.push_back({answer, 0});
    ++counts_[entry->second].count;
  }

  bool empty() const { return counts_.empty(); }
  std::string MostFrequent() const {
    const auto most =
        std::max_element(counts_.begin(), counts_.end(),
                         [](const Count& a, const Count& b) { return a.count < b.count; });
    return most == counts_.end() ? "" : most->answer;
  }

 private:
  struct Count {
    std::string answer;
    size_t count;
  };
  std::unordered_map<std::string, size_t> places_;
  std::vector<Count> counts_;  // in order of first appearance
};

/// The first two words of a question in StrictForm, which keeps English articles: "is the" and "is
/// there" ask for other things.
std::string FirstTwoWords(const std::string& question) {
  std::string first;
  size_t count = 0;
  for (const std::string& piece : SplitAtBlanks(question)) {
    const std::vector<std::string_view> words =
        HasHan(piece) ? SplitWords(piece) : std::vector<std::string_view>{piece};
    for (const std::string_view word : words) {
      if (count++ == 2) return first;
      first += word;
      first += ' ';
    }
  }
  return first;
}

/// The most frequent answers of a training set, found by the question alone.
class QuestionLookup {
 public:
  explicit QuestionLookup(std::span<const Sample> training) {
    for (const Sample& sample : training) {
      const std::string question = QuestionOf(sample);
      const std::string answer = StrictForm(AnswerOf(sample));
      by_question_[BaselineForm(question)].Add(answer);
      by_beginning_[FirstTwoWords(StrictForm(question))].Add(answer);
      all_.Add(answer);
    }
  }

  std::string Answer(const std::string& asked) const {
    if (const auto same = by_question_.find(BaselineForm(asked)); same != by_question_.end()) {
      return same->second.MostFrequent();
    }
    if (const auto like = by_beginning_.find(FirstTwoWords(StrictForm(asked)));
        like != by_beginning_.end()) {
      return like->second.MostFrequent();
    }
    return all_.MostFrequent();
  }
  const AnswerCounter& all() const { return all_; }

 private:
  std::unordered_map<std::string, AnswerCounter> by_question_;
  std::unordered_map<std::string, AnswerCounter> by_beginning_;
  AnswerCounter all_;
};

Baseline AlwaysNo(std::span<const Example> examples) {
  AnswerCounter chinese;
  for (const Example& example : examples) {
    if (YesOrNo(example.reference) == false && HasHan(example.reference)) {
      chinese.Add(example.reference);
    }
  }
  const std::string chinese_no = chinese.empty() ? "没有" : chinese.MostFrequent();
  Baseline baseline = {"always no", {}};
  for (const Example& example : examples) {
    baseline.answers.push_back(HasHan(example.question) ? chinese_no : "no");
  }
  return baseline;
}

}  // namespace

std::vector<Baseline> MakeBaselines(std::span<const Example> examples,
                                    std::span<const Sample> training) {
  std::vector<Baseline> baselines = {AlwaysNo(examples)};
  const QuestionLookup lookup(training);
  AnswerCounter own;
  for (const Example& example : examples) own.Add(StrictForm(example.reference));
  const std::string frequent = (training.empty() ? own : lookup.all()).MostFrequent();
  baselines.push_back(
      {"most frequent answer", std::vector<std::string>(examples.size(), frequent)});
  if (training.empty()) return baselines;
  Baseline& question_only = baselines.emplace_back(Baseline{"question only", {}});
  for (const Example& example : examples) {
    question_only.answers.push_back(lookup.Answer(example.question));
  }
  return baselines;
}

}  // namespace roentgen
