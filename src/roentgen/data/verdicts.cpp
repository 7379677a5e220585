#include "roentgen/data/verdicts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

namespace roentgen {
namespace {

constexpr size_t kEnoughImages = 20;
constexpr double kDeviations = 4;
constexpr double kDeviationPerMad = 1.4826;  // of a normal distribution

/// Of values in any order; there must be one.
double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<double> BlurOfSound(std::span<const ImageFacts> images) {
  std::vector<double> values;
  for (const ImageFacts& image : images) {
    if (image.problem.empty()) values.push_back(image.blur);
  }
  return values;
}

class Judging {
 public:
  Judging(const SetFacts& facts, std::span<const ImageFacts> images, const VerdictOptions& options)
      : facts_(facts), images_(images), options_(options), same_(SameImages(images)) {
    verdicts_.dropped.resize(facts.rows.size());
    for (size_t i = 0; i < facts.rows.size(); ++i) verdicts_.dropped[i] = facts.rows[i].unusable;
    for (const std::string_view part : {kTest, kValidation}) {
      if (const auto number = facts.splits.Find(std::string(part))) test_parts_.push_back(*number);
    }
    NumberImageSets();
  }

  Verdicts Run() {
    BrokenImages(Rule::kMissingImage, true);
    BrokenImages(Rule::kUnreadableImage, false);
    DuplicateIds();
    TestLeaks();
    Duplicates(Rule::kDuplicate, [](const RowFacts& row) { return row.exact; });
    Duplicates(Rule::kNearDuplicate,
               [](const RowFacts& row) { return row.question ^ (row.answer * 3); });
    Contradictions();
    ClosedNotYesNo();
    Blur();
    NearImages();
    std::stable_sort(verdicts_.of_rows.begin(), verdicts_.of_rows.end(),
                     [](const RowVerdict& a, const RowVerdict& b) { return a.row < b.row; });
    return std::move(verdicts_);
  }

 private:
  using Key = std::tuple<uint32_t, uint64_t>;

  const RowFacts& Row(uint32_t row) const { return facts_.rows[row]; }
  bool IsTestPart(uint32_t row) const {
    return std::find(test_parts_.begin(), test_parts_.end(), Row(row).split) != test_parts_.end();
  }

  /// Image sets that are the same files get the same number.
  void NumberImageSets() {
    std::map<std::vector<uint32_t>, uint32_t> known;
    for (const std::vector<uint32_t>& set : facts_.image_sets) {
      std::vector<uint32_t> files;
      for (const uint32_t image : set) files.push_back(same_[image]);
      content_.push_back(
          known.try_emplace(files, static_cast<uint32_t>(known.size())).first->second);
    }
  }
  uint32_t Content(uint32_t row) const { return content_[Row(row).image_set]; }

  void Find(Rule rule, uint32_t row, uint32_t other) {
    const RuleInfo& info = InfoOf(rule);
    const bool yardstick = options_.keep_test_parts && IsTestPart(row);
    const bool drop = options_.modes.Applies(rule) && info.remedy != Remedy::kMend &&
                      (info.remedy == Remedy::kDropEverywhere || !yardstick);
    verdicts_.of_rows.push_back({row, rule, drop, other});
    if (drop) verdicts_.dropped[row] = true;
  }

  std::vector<uint32_t> Kept() const {
    std::vector<uint32_t> rows;
    for (uint32_t row = 0; row < facts_.rows.size(); ++row) {
      if (!verdicts_.dropped[row]) rows.push_back(row);
    }
    return rows;
  }

  /// Calls visit for each group of kept rows with equal keys and more than one row; rows in order.
  template <class MakeKey>
  void ForEachGroup(const MakeKey& key,
                    const std::function<void(std::span<const uint32_t>)>& visit) {
    std::vector<uint32_t> rows = Kept();
    std::sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) {
      return std::tuple_cat(key(a), std::tuple(a)) < std::tuple_cat(key(b), std::tuple(b));
    });
    for (size_t begin = 0; begin < rows.size();) {
      size_t end = begin + 1;
      while (end < rows.size() && key(rows[end]) == key(rows[begin])) ++end;
      if (end - begin > 1) visit({rows.data() + begin, end - begin});
      begin = end;
    }
  }

  /// Calls visit(row, image) for kept rows with an image for which bad is true, for its first one.
  template <class Bad>
  void ForEachRowWithImage(const Bad& bad, Rule rule) {
    for (const uint32_t row : Kept()) {
      const std::vector<uint32_t>& set = facts_.image_sets[Row(row).image_set];
      const auto image = std::find_if(set.begin(), set.end(), bad);
      if (image != set.end()) Find(rule, row, *image);
    }
  }

  void BrokenImages(Rule rule, bool missing) {
    if (!options_.modes.On(rule)) return;
    ForEachRowWithImage(
        [&](uint32_t image) {
          return !images_[image].problem.empty() && images_[image].missing == missing;
        },
        rule);
  }

  void DuplicateIds() {
    if (!options_.modes.On(Rule::kDuplicateId)) return;
    ForEachGroup([&](uint32_t row) { return std::tuple(Row(row).id); },
                 [&](std::span<const uint32_t> rows) {
                   for (const uint32_t row : rows.subspan(1))
                     Find(Rule::kDuplicateId, row, rows[0]);
                 });
  }

  void TestLeaks() {
    if (!options_.modes.On(Rule::kTestLeak) || !options_.keep_test_parts) return;
    const auto key = [&](uint32_t row) { return Key(Content(row), Row(row).question); };
    ForEachGroup(key, [&](std::span<const uint32_t> rows) {
      const auto test =
          std::find_if(rows.begin(), rows.end(), [&](uint32_t row) { return IsTestPart(row); });
      if (test == rows.end()) return;
      for (const uint32_t row : rows) {
        if (!IsTestPart(row)) Find(Rule::kTestLeak, row, *test);
      }
    });
  }

  template <class Hash>
  void Duplicates(Rule rule, const Hash& hash) {
    if (!options_.modes.On(rule)) return;
    // Across parts a repetition is a leak, which has its own rule.
    const auto key = [&](uint32_t row) {
      return std::tuple(Content(row), options_.keep_test_parts ? Row(row).split : 0,
                        hash(Row(row)));
    };
    ForEachGroup(key, [&](std::span<const uint32_t> rows) {
      for (const uint32_t row : rows.subspan(1)) {
        const bool exact = Row(row).exact == Row(rows[0]).exact;
        if (rule == Rule::kDuplicate || !exact) Find(rule, row, rows[0]);
      }
    });
  }

  void Contradictions() {
    if (!options_.modes.On(Rule::kContradiction)) return;
    const auto key = [&](uint32_t row) { return Key(Content(row), Row(row).question); };
    ForEachGroup(key, [&](std::span<const uint32_t> rows) {
      for (const uint32_t row : rows) {
        const auto other = std::find_if(rows.begin(), rows.end(), [&](uint32_t each) {
          return Row(each).answer != Row(row).answer;
        });
        if (other != rows.end()) Find(Rule::kContradiction, row, *other);
      }
    });
  }

  void ClosedNotYesNo() {
    if (!options_.modes.On(Rule::kClosedNotYesNo)) return;
    for (const uint32_t row : Kept()) {
      if (Row(row).closed_not_yes_no) Find(Rule::kClosedNotYesNo, row, RowVerdict::kNone);
    }
  }

  void Blur() {
    if (!options_.modes.On(Rule::kBlur)) return;
    ForEachRowWithImage(
        [&](uint32_t image) {
          return images_[image].problem.empty() && images_[image].blur > options_.blur_threshold;
        },
        Rule::kBlur);
  }

  void NearImages() {
    if (!options_.modes.On(Rule::kNearDuplicateImage)) return;
    std::vector<bool> used(images_.size());
    for (const uint32_t row : Kept()) {
      for (const uint32_t image : facts_.image_sets[Row(row).image_set]) used[image] = true;
    }
    std::vector<uint32_t> candidates;
    std::vector<uint64_t> hashes;
    for (uint32_t image = 0; image < images_.size(); ++image) {
      if (!used[image] || !images_[image].problem.empty() || same_[image] != image) continue;
      candidates.push_back(image);
      hashes.push_back(images_[image].perceptual_hash);
    }
    std::vector<uint32_t> earlier(images_.size(), RowVerdict::kNone);
    for (const NearPair& pair : FindNearPairs(hashes, kNearImageDistance)) {
      const uint32_t first = candidates[pair.first];
      const uint32_t second = candidates[pair.second];
      verdicts_.near_pairs.push_back({first, second, pair.distance});
      // An image that goes itself is no reason for others to go.
      if (earlier[first] == RowVerdict::kNone) earlier[second] = std::min(earlier[second], first);
    }
    ForEachRowWithImage([&](uint32_t image) { return earlier[same_[image]] != RowVerdict::kNone; },
                        Rule::kNearDuplicateImage);
  }

  const SetFacts& facts_;
  std::span<const ImageFacts> images_;
  const VerdictOptions& options_;
  std::vector<uint32_t> same_;
  std::vector<uint32_t> content_;  // of each image set
  std::vector<uint32_t> test_parts_;
  Verdicts verdicts_;
};

}  // namespace

double BlurMedian(std::span<const ImageFacts> images) {
  const std::vector<double> values = BlurOfSound(images);
  return values.empty() ? 0 : Median(values);
}

double CalibrateBlurThreshold(std::span<const ImageFacts> images) {
  std::vector<double> values = BlurOfSound(images);
  if (values.size() < kEnoughImages) return std::numeric_limits<double>::infinity();
  const double median = Median(values);
  for (double& value : values) value = std::abs(value - median);
  return median + kDeviations * kDeviationPerMad * Median(std::move(values));
}

std::vector<uint32_t> SameImages(std::span<const ImageFacts> images) {
  std::map<std::string, uint32_t> first;
  std::vector<uint32_t> same(images.size());
  for (uint32_t i = 0; i < images.size(); ++i) {
    const bool sound = images[i].problem.empty();
    same[i] = sound ? first.try_emplace(images[i].file_sha256, i).first->second : i;
  }
  return same;
}

Verdicts Judge(const SetFacts& facts, std::span<const ImageFacts> images,
               const VerdictOptions& options) {
  return Judging(facts, images, options).Run();
}

}  // namespace roentgen
