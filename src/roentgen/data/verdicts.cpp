#include "roentgen/data/verdicts.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "roentgen/data/part_names.h"
#include "roentgen/language/agreement.h"

namespace roentgen {
namespace {

class Judging {
 public:
  Judging(const SetFacts& facts, std::span<const ImageFacts> images, const VerdictOptions& options)
      : facts_(facts), images_(images), options_(options), same_(SameImages(images)) {
    verdicts_.dropped.resize(facts.rows.size());
    for (size_t i = 0; i < facts.rows.size(); ++i) verdicts_.dropped[i] = facts.rows[i].unusable;
    test_ = facts.splits.Find(std::string(kTest));
    validation_ = facts.splits.Find(std::string(kValidation));
    for (uint32_t i = 0; i < facts.splits.size(); ++i) fold_.push_back(IsFold(facts.splits[i]));
    NumberImageSets();
    verdicts_.blur = CalibrateBlurLimits(images, same_, facts.modality_of_image);
    for (BlurLimit& limit : verdicts_.blur) {
      limit.threshold = options.blur_threshold.value_or(limit.threshold);
    }
  }

  Verdicts Run() {
    BrokenImages(Rule::kMissingImage, true);
    BrokenImages(Rule::kUnreadableImage, false);
    DuplicateIds();
    TestLeaks(Rule::kTestLeak, &QuestionFacts::question);
    TestLeaks(Rule::kNearTestLeak, &QuestionFacts::meaning);
    Duplicates(Rule::kDuplicate, [](const RowFacts& row) { return row.exact; });
    Duplicates(Rule::kNearDuplicate, [](const RowFacts& row) { return row.alike; });
    const std::vector<std::vector<Asked>> disputed = DisputedQuestions();
    ReadOthers(disputed);
    Contradictions(disputed);
    ClosedNotYesNo();
    Blur();
    FindNearImages();
    NearImages();
    std::stable_sort(verdicts_.of_rows.begin(), verdicts_.of_rows.end(),
                     [](const RowVerdict& a, const RowVerdict& b) { return a.row < b.row; });
    return std::move(verdicts_);
  }

 private:
  /// A question of a row, counted from 0.
  struct Asked {
    uint32_t row;
    uint32_t question;
  };

  const RowFacts& Row(uint32_t row) const { return facts_.rows[row]; }
  /// How strictly a part must be kept from being known: 2 of the test, 1 of validation.
  int RankOf(uint32_t row) const {
    const std::optional<uint32_t> split = Row(row).split;
    return split == test_ ? 2 : split == validation_ ? 1 : 0;
  }
  bool IsTestPart(uint32_t row) const { return RankOf(row) > 0; }

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

  void Find(Rule rule, uint32_t row, uint32_t other) { Find(rule, {row, 0}, {other, 0}); }
  void Find(Rule rule, Asked asked, Asked other) {
    const RuleInfo& info = InfoOf(rule);
    const bool leak = rule == Rule::kTestLeak || rule == Rule::kNearTestLeak;
    const bool yardstick = options_.keep_test_parts &&
                           (IsTestPart(asked.row) || (leak && fold_[Row(asked.row).split]));
    const bool drop = options_.modes.Applies(rule) && info.remedy != Remedy::kMend &&
                      (info.remedy == Remedy::kDropEverywhere || !yardstick);
    if (drop && verdicts_.dropped[asked.row]) return;  // for another of its questions
    verdicts_.of_rows.push_back(
        {asked.row, rule, drop, yardstick, other.row, asked.question, other.question});
    if (drop) verdicts_.dropped[asked.row] = true;
  }

  std::vector<uint32_t> Kept() const {
    std::vector<uint32_t> rows;
    for (uint32_t row = 0; row < facts_.rows.size(); ++row) {
      if (!verdicts_.dropped[row]) rows.push_back(row);
    }
    return rows;
  }

  /// Calls visit for each group of these items, which are in order, with equal keys and more than
  /// one item; those of a group stay in order.
  template <class Item, class MakeKey, class Visit>
  static void ForEachGroup(std::vector<Item> items, const MakeKey& key, const Visit& visit) {
    std::stable_sort(items.begin(), items.end(),
                     [&](const Item& a, const Item& b) { return key(a) < key(b); });
    for (size_t begin = 0; begin < items.size();) {
      size_t end = begin + 1;
      while (end < items.size() && key(items[end]) == key(items[begin])) ++end;
      if (end - begin > 1) visit(std::span<const Item>(items.data() + begin, end - begin));
      begin = end;
    }
  }

  /// Calls visit for each group of kept rows' questions that are the same in this form and about
  /// the same images, and by_system: under the same system prompt.
  template <class Visit>
  void ForEachSameQuestion(uint64_t QuestionFacts::*form, const Visit& visit,
                           bool by_system = false) const {
    std::vector<Asked> questions;
    for (const uint32_t row : Kept()) {
      for (uint32_t i = 0; i < Row(row).questions; ++i) questions.push_back({row, i});
    }
    const auto key = [&](Asked asked) {
      return std::tuple(Content(asked.row), FactsOf(asked).*form,
                        by_system ? Row(asked.row).system : 0);
    };
    ForEachGroup(std::move(questions), key, visit);
  }
  const QuestionFacts& FactsOf(Asked asked) const {
    return facts_.Question(asked.row, asked.question);
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
    ForEachGroup(
        Kept(), [&](uint32_t row) { return Row(row).id; },
        [&](std::span<const uint32_t> rows) {
          for (const uint32_t row : rows.subspan(1)) Find(Rule::kDuplicateId, row, rows[0]);
        });
  }

  /// Whether what the first row knows of the second spoils a score: training must not know of
  /// validation and test, validation not of the test, a fold of no other.
  bool Spoils(uint32_t row, uint32_t other) const {
    const bool folds = fold_[Row(row).split] && fold_[Row(other).split];
    return folds ? Row(row).split != Row(other).split : RankOf(other) > RankOf(row);
  }

  void TestLeaks(Rule rule, uint64_t QuestionFacts::*form) {
    if (!options_.modes.On(rule) || !options_.keep_test_parts) return;
    ForEachSameQuestion(form, [&](std::span<const Asked> questions) {
      for (const Asked asked : questions) {
        const auto other = std::find_if(questions.begin(), questions.end(), [&](Asked each) {
          // In the same words it is the other rule's.
          const bool same_words = FactsOf(each).question == FactsOf(asked).question;
          return Spoils(asked.row, each.row) && (rule == Rule::kTestLeak || !same_words);
        });
        if (other != questions.end()) Find(rule, asked, *other);
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
    ForEachGroup(Kept(), key, [&](std::span<const uint32_t> rows) {
      for (const uint32_t row : rows.subspan(1)) {
        const bool exact = Row(row).exact == Row(rows[0]).exact;
        if (rule == Rule::kDuplicate || !exact) Find(rule, row, rows[0]);
      }
    });
  }

  /// Questions that are asked several times and not answered in the same words.
  std::vector<std::vector<Asked>> DisputedQuestions() const {
    std::vector<std::vector<Asked>> disputed;
    if (!options_.modes.On(Rule::kContradiction)) return disputed;
    const auto visit = [&](std::span<const Asked> questions) {
      const bool same = std::all_of(questions.begin(), questions.end(), [&](Asked asked) {
        return FactsOf(asked).answer == FactsOf(questions[0]).answer;
      });
      if (!same) disputed.emplace_back(questions.begin(), questions.end());
    };
    ForEachSameQuestion(&QuestionFacts::question, visit, /*by_system=*/true);
    return disputed;
  }

  /// The texts of rows that others are compared with, for people and for Contradictions.
  void ReadOthers(const std::vector<std::vector<Asked>>& disputed) {
    constexpr size_t kMostOthers = 20'000;  // a set with more says so without their texts
    std::set<uint32_t> rows;
    for (const auto& questions : disputed) {
      for (const Asked asked : questions) rows.insert(asked.row);
    }
    for (const RowVerdict& verdict : verdicts_.of_rows) {
      const bool alike = verdict.rule == Rule::kTestLeak || verdict.rule == Rule::kNearTestLeak ||
                         verdict.rule == Rule::kNearDuplicate;
      if (alike && rows.size() < kMostOthers) rows.insert(verdict.other);
    }
    if (!rows.empty()) verdicts_.others = options_.read_rows(rows);
  }

  void Contradictions(const std::vector<std::vector<Asked>>& disputed) {
    for (const std::vector<Asked>& questions : disputed) {
      std::map<uint64_t, Asked> answers;  // one question for each
      for (const Asked asked : questions) answers.try_emplace(FactsOf(asked).answer, asked);
      const std::map<uint64_t, Asked> others = OtherAnswers(answers);
      for (const Asked asked : questions) {
        const auto other = others.find(FactsOf(asked).answer);
        if (other != others.end()) Find(Rule::kContradiction, asked, other->second);
      }
    }
  }

  /// For each answer, by its hash, a question that is answered otherwise, if there is one.
  std::map<uint64_t, Asked> OtherAnswers(const std::map<uint64_t, Asked>& answers) const {
    constexpr int kMostCompared =
        32;  // with each; of a question without an image there may be many
    const auto text = [&](Asked asked) -> const std::string& {
      return AnswerText(verdicts_.others.at(asked.row), asked.question);
    };
    std::map<uint64_t, Asked> others;
    for (const auto& [hash, asked] : answers) {
      int compared = 0;
      for (const auto& [other_hash, other] : answers) {
        if (other_hash == hash || AnswersAgree(text(asked), text(other))) {
          if (++compared == kMostCompared) break;
          continue;
        }
        others.emplace(hash, other);
        break;
      }
    }
    return others;
  }

  void ClosedNotYesNo() {
    if (!options_.modes.On(Rule::kClosedNotYesNo)) return;
    for (const uint32_t row : Kept()) {
      for (uint32_t i = 0; i < Row(row).questions; ++i) {
        const Asked asked{row, i};
        if (!FactsOf(asked).closed_not_yes_no) continue;
        Find(Rule::kClosedNotYesNo, asked, {RowVerdict::kNone, 0});
      }
    }
  }

  double BlurThreshold(uint32_t image) const {
    const uint32_t modality = facts_.modality_of_image[image];
    return std::find_if(verdicts_.blur.begin(), verdicts_.blur.end(),
                        [&](const BlurLimit& limit) { return limit.modality == modality; })
        ->threshold;
  }

  void Blur() {
    if (!options_.modes.On(Rule::kBlur)) return;
    ForEachRowWithImage(
        [&](uint32_t image) {
          const uint32_t first = same_[image];
          return images_[first].problem.empty() && images_[first].blur > BlurThreshold(first);
        },
        Rule::kBlur);
  }

  void FindNearImages() {
    std::vector<uint32_t> candidates;
    std::vector<uint64_t> hashes;
    for (uint32_t image = 0; image < images_.size(); ++image) {
      if (!images_[image].has_structure || same_[image] != image) continue;
      candidates.push_back(image);
      hashes.push_back(images_[image].perceptual_hash);
    }
    for (const NearPair& pair : FindNearPairs(hashes, kNearImageDistance)) {
      verdicts_.near_pairs.push_back(
          {candidates[pair.first], candidates[pair.second], pair.distance});
    }
  }

  void NearImages() {
    if (!options_.modes.On(Rule::kNearDuplicateImage)) return;
    std::vector<bool> used(images_.size());
    for (const uint32_t row : Kept()) {
      for (const uint32_t image : facts_.image_sets[Row(row).image_set]) used[same_[image]] = true;
    }
    std::vector<uint32_t> earlier(images_.size(), RowVerdict::kNone);
    for (const NearPair& pair : verdicts_.near_pairs) {
      if (!used[pair.first] || !used[pair.second]) continue;
      // An image that goes itself is no reason for others to go.
      if (earlier[pair.first] == RowVerdict::kNone) {
        earlier[pair.second] = std::min(earlier[pair.second], pair.first);
      }
    }
    ForEachRowWithImage([&](uint32_t image) { return earlier[same_[image]] != RowVerdict::kNone; },
                        Rule::kNearDuplicateImage);
  }

  const SetFacts& facts_;
  std::span<const ImageFacts> images_;
  const VerdictOptions& options_;
  std::vector<uint32_t> same_;
  std::vector<uint32_t> content_;  // of each image set
  std::optional<uint32_t> test_;   // the number of that part, if there is one
  std::optional<uint32_t> validation_;
  std::vector<bool> fold_;  // whether each part is a fold
  Verdicts verdicts_;
};

}  // namespace

std::vector<uint32_t> SameImages(std::span<const ImageFacts> images) {
  std::map<std::string, uint32_t> first;
  std::vector<uint32_t> same(images.size());
  for (uint32_t i = 0; i < images.size(); ++i) {
    const bool sound = images[i].problem.empty();
    same[i] = sound ? first.try_emplace(images[i].pixels_sha256, i).first->second : i;
  }
  return same;
}

Verdicts Judge(const SetFacts& facts, std::span<const ImageFacts> images,
               const VerdictOptions& options) {
  return Judging(facts, images, options).Run();
}

}  // namespace roentgen
