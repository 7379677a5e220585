#include "roentgen/evaluation/baseline.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>

#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

/// Counts answers and knows the most frequent, the first of equals.
class AnswerCounter {
 public:
  void Add(const std::string& answer) {
    const auto [entry, added] = places_.try_emplace(answer, counts_.size());
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

std::string FirstTwoWords(const std::string& question) {
  std::vector<std::string> words = SplitAtBlanks(question);
  words.resize(std::min<size_t>(words.size(), 2));
  return Join(words, " ");
}

/// The most frequent answers of a training set, found by the question alone.
class QuestionLookup {
 public:
  explicit QuestionLookup(std::span<const Sample> training) {
    for (const Sample& sample : training) {
      const std::string question = StrictForm(QuestionOf(sample));
      const std::string answer = StrictForm(AnswerOf(sample));
      by_question_[question].Add(answer);
      by_beginning_[FirstTwoWords(question)].Add(answer);
      all_.Add(answer);
    }
  }

  std::string Answer(const std::string& asked) const {
    const std::string question = StrictForm(asked);
    if (const auto same = by_question_.find(question); same != by_question_.end()) {
      return same->second.MostFrequent();
    }
    if (const auto like = by_beginning_.find(FirstTwoWords(question));
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
