#include "roentgen/evaluation/baseline.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <unordered_map>

#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/segments.h"

namespace roentgen {
namespace {

/// What questions are compared in. English is in the form of the published baseline, which tells
/// "one" from "1".
std::string QuestionForm(const std::string& text) {
  return HasHan(text) ? MeasureForm(text) : StrictForm(text);
}

/// Counts answers, equal ones in MeasureForm together. The most frequent is given in its most
/// frequent spelling; of equals the first in byte order, so that the order of rows does not matter.
class AnswerCounter {
 public:
  void Add(const std::string& answer) {
    Count& count = counts_[MeasureForm(answer)];
    ++count.all;
    ++count.spellings[answer];
  }

  bool empty() const { return counts_.empty(); }
  /// Of equally frequent answers the one that is most frequent among others as well.
  std::string MostFrequent(const AnswerCounter& others) const {
    const auto form =
        std::max_element(counts_.begin(), counts_.end(), [&](const auto& a, const auto& b) {
          if (a.second.all != b.second.all) return a.second.all < b.second.all;
          return others.CountOf(a.first) < others.CountOf(b.first);
        });
    if (form == counts_.end()) return "";
    const std::map<std::string, size_t>& spellings = form->second.spellings;
    return std::max_element(spellings.begin(), spellings.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }
  std::string MostFrequent() const { return MostFrequent(*this); }

 private:
  struct Count {
    size_t all = 0;
    std::map<std::string, size_t> spellings;
  };

  size_t CountOf(const std::string& form) const {
    const auto count = counts_.find(form);
    return count == counts_.end() ? 0 : count->second.all;
  }

  std::map<std::string, Count> counts_;  // by form
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
      by_question_[QuestionForm(question)].Add(answer);
      by_beginning_[FirstTwoWords(StrictForm(question))].Add(answer);
      all_.Add(answer);
    }
  }

  std::string Answer(const std::string& asked) const {
    const auto like = by_beginning_.find(FirstTwoWords(StrictForm(asked)));
    const auto same = by_question_.find(QuestionForm(asked));
    if (same != by_question_.end()) {
      return same->second.MostFrequent(like == by_beginning_.end() ? all_ : like->second);
    }
    return like == by_beginning_.end() ? all_.MostFrequent() : like->second.MostFrequent();
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
