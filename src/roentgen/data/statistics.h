#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/base/random.h"
#include "roentgen/data/sample.h"
#include "roentgen/data/token_budget.h"
#include "roentgen/imaging/llamafactory.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/text/tokenizer.h"

namespace roentgen {

struct StatisticsOptions {
  const Tokenizer* tokenizer = nullptr;  ///< without one texts are not counted in tokens
  size_t cutoff_len = 2048;              ///< LLaMA-Factory's: tokens a sample may have
  LlamaFactoryLimits image_limits;
  PreprocessorConfig preprocessor;
  size_t contact_sheet = 24;  ///< samples shown
  uint64_t seed = 0;          ///< which samples are shown
};

/// How often each whole number came.
class Histogram {
 public:
  void Add(size_t value) { ++counts_[value]; }
  size_t count() const;
  double Mean() const;
  size_t Max() const { return counts_.empty() ? 0 : counts_.rbegin()->first; }
  /// The smallest value that at least this share of the values do not exceed; 0 without values.
  size_t Quantile(double share) const;
  const std::map<size_t, size_t>& counts() const { return counts_; }

 private:
  std::map<size_t, size_t> counts_;
};

using CountBySplit = std::map<std::string, size_t>;
size_t SumOf(const CountBySplit& counts);

/// Counts by label and split.
class CountTable {
 public:
  CountTable(std::string name, std::string title, size_t max_labels)
      : name_(std::move(name)), title_(std::move(title)), max_labels_(max_labels) {}

  /// Long labels are cut; one that comes when the table is full is counted as kOthers.
  void Add(std::string_view label, const std::string& split);

  /// Puts labels of one ComparisonForm together, under the most frequent of their spellings.
  void JoinSpellings();

  const std::string& name() const { return name_; }    ///< "question_type", for programs
  const std::string& title() const { return title_; }  ///< "Question type", for people
  const std::map<std::string, CountBySplit, std::less<>>& counts() const { return counts_; }
  size_t Total(const std::string& label) const;
  /// Labels, the most frequent first; equally frequent ones in the order of their bytes.
  std::vector<std::string> Labels() const;
  /// The sum of all labels from this place of Labels() on.
  CountBySplit SumFrom(size_t place) const;

  static constexpr size_t kMaxLabelBytes = 120;
  static constexpr const char* kOthers = "(others)";

 private:
  std::string name_;
  std::string title_;
  size_t max_labels_;
  std::map<std::string, CountBySplit, std::less<>> counts_;
};

struct LengthStatistics {
  std::string name;   ///< "question_tokens", for programs
  std::string title;  ///< "Tokens per question", for people
  Histogram histogram;
};

/// A sample that cutoff_len shortens.
struct OverBudget {
  std::string id;
  SourceRow source;
  TokenBudget budget;
};

/// What a set consists of. Every count is by split.
struct Statistics {
  std::vector<std::string> splits;  ///< in their order: train, validation, test, then others
  CountBySplit samples;
  CountBySplit questions;  ///< a conversation of n turns has n
  CountBySplit images;     ///< distinct files
  size_t all_images = 0;   ///< distinct files: splits may share some
  std::vector<CountTable> tables;
  std::vector<LengthStatistics> lengths;
  size_t longer_answers = 0;  ///< too long for the table of answers
  size_t cutoff_len = 0;
  int64_t image_max_pixels = 0;
  bool has_tokens = false;  ///< texts were counted, not images alone
  size_t over_cutoff = 0;   ///< samples with more than cutoff_len tokens
  size_t images_cut = 0;    ///< of these, those that lose image tokens: training refuses them
  std::vector<OverBudget> over_budget;  ///< the first kListedOverBudget of them
  std::vector<Sample> contact_sheet;
};

/// Collects them, one sample at a time, in memory that grows with the number of images but not with
/// that of samples.
class StatisticsCollector {
 public:
  static constexpr size_t kMaxLabels = 1000;
  static constexpr size_t kMaxAnswers = 100'000;
  static constexpr size_t kShortAnswerCells = 60;  // of a terminal: two for a Chinese character
  static constexpr size_t kListedOverBudget = 1000;

  explicit StatisticsCollector(const StatisticsOptions& options);

  /// image_sizes  upright, of each of the sample's images; {0, 0} where it is not known
  void Add(const Sample& sample, std::span<const Size> image_sizes);
  Statistics Finish();

 private:
  enum Table {
    kModality,
    kOrgan,
    kQuestionType,
    kAnswerType,
    kClosedAnswer,
    kLanguage,
    kQuestionsPerSample,
    kAnswer,
    kTables
  };
  enum Length {
    kQuestionTokens,
    kAnswerTokens,
    kImageTokens,
    kSampleTokens,
    kQuestionsPerImage,
    kLongerSide,
    kLengths
  };

  void CountLabels(const Sample& sample);
  void CountAnswers(const Sample& sample);
  std::vector<size_t> CountImages(const Sample& sample, std::span<const Size> image_sizes);
  TokenBudget CountTokens(const Sample& sample, std::span<const size_t> image_tokens);
  void OfferForSheet(const Sample& sample);
  std::vector<Sample> DealSheet();

  StatisticsOptions options_;
  std::optional<TokenCounter> counter_;
  Statistics result_;
  std::array<Histogram, kLengths> lengths_;
  std::map<std::string, CountBySplit> questions_of_image_;  // [image][split]
  // The contact sheet's candidates: some of every kind of sample.
  struct Kind {
    size_t seen = 0;
    std::vector<Sample> kept;
  };
  std::map<std::string, Kind> kinds_;
  Random random_;
};

}  // namespace roentgen
