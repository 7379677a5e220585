// Sampling units, intervals and tests by unit, against values derived by hand.

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "roentgen/base/disjoint_sets.h"
#include "roentgen/base/error.h"
#include "roentgen/base/random.h"
#include "roentgen/evaluation/holm.h"
#include "roentgen/evaluation/number_text.h"
#include "roentgen/evaluation/paired_test.h"
#include "roentgen/evaluation/sampling_units.h"
#include "roentgen/evaluation/student_t.h"
#include "roentgen/evaluation/unit_interval.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;

TEST(DisjointSets, AreJoinedOverOthers) {
  DisjointSets sets(5);
  sets.Join(0, 1);
  sets.Join(3, 4);
  sets.Join(4, 1);
  EXPECT_EQ(sets.Find(0), sets.Find(3));
  EXPECT_NE(sets.Find(0), sets.Find(2));
}

Example About(std::vector<std::string> images, std::vector<std::string> hashes = {},
              std::string patient = "") {
  Example example;
  example.images = std::move(images);
  example.image_hashes = std::move(hashes);
  example.patient = std::move(patient);
  return example;
}

Example WithField(Example example, const char* field, const char* value) {
  example.fields[field] = {value};
  return example;
}

TEST(SamplingUnits, AreImagesByTheirContentElseByTheirPath) {
  const std::vector<Example> examples = {About({"a.png"}, {"1"}), About({"copy.png"}, {"1"}),
                                         About({"b.png"}, {"2"}), About({"b.png"}),
                                         About({"c.png"}),        About({"c.png"})};
  EXPECT_THAT(FindSamplingUnits(examples).of, ElementsAre(0, 0, 1, 1, 2, 2));
  EXPECT_EQ(FindSamplingUnits(examples).noun(), "images");
}

TEST(SamplingUnits, AnImageIsOneByPathAndByHash) {
  const std::vector<Example> paths = {About({"./片/a0.png"}), About({"片/a0.png"}),
                                      About({"片/../片/a0.png"}), About({"a0.png"})};
  EXPECT_THAT(FindSamplingUnits(paths).of, ElementsAre(0, 0, 0, 1));
  // A hash on every other row only.
  const std::vector<Example> mixed = {About({"a.png"}, {"1"}), About({"./a.png"}),
                                      About({"copy.png"}), About({"copy.png"}, {"1"})};
  EXPECT_THAT(FindSamplingUnits(mixed).of, ElementsAre(0, 0, 0, 0));
  // A name that stands for several images, as in a folder a patient, joins none of them.
  const std::vector<Example> several = {About({"image.png"}, {"1"}), About({"image.png"}, {"2"}),
                                        About({"image.png"}), About({"image.png"})};
  EXPECT_THAT(FindSamplingUnits(several).of, ElementsAre(0, 1, 2, 2));
}

TEST(SamplingUnits, WhatTheyAreIsSaid) {
  // One row does not know its patient: it is in the unit of its image's other question.
  std::vector<Example> examples = {About({"a"}, {}, "P1"), About({"a"}), About({"b"}, {}, "P1")};
  EXPECT_EQ(FindSamplingUnits(examples).Counted(), "1 patient");
  examples.push_back(About({"c"}));
  examples.push_back(About({"d"}));
  EXPECT_EQ(FindSamplingUnits(examples).Counted(), "3 units (1 patient and 2 images)");
  EXPECT_EQ(FindSamplingUnits(examples).noun(), "units");
  EXPECT_EQ(FindSamplingUnits(examples).OfUnknown(), "");
  const std::vector<Example> alone = {About({}), About({}), About({"a"})};
  EXPECT_EQ(FindSamplingUnits(alone).OfUnknown(),
            "Of 2 questions the image is not known: each counts as a unit of its own.");
  const std::vector<Example> joined = {WithField(About({}), "paraphrase", "问1"),
                                       WithField(About({}), "paraphrase", "问1"), About({})};
  EXPECT_EQ(FindSamplingUnits(joined).OfUnknown(),
            "Of 3 questions the image is not known: they count as 2 units, paraphrases and twins "
            "as one.");
}

TEST(SamplingUnits, APatientHasSeveralImagesAndAnImageSeveralQuestions) {
  const std::vector<Example> examples = {About({"a"}, {}, "P1"), About({"b"}, {}, "P1"),
                                         About({"b"}, {}, "P2"), About({"c"}, {}, "P3"),
                                         About({"P3"}, {}, "P4")};
  const SamplingUnits units = FindSamplingUnits(examples);
  EXPECT_THAT(units.of, ElementsAre(0, 0, 0, 1, 2));
  EXPECT_EQ(units.count, 3u);
  EXPECT_EQ(units.noun(), "patients");
}

TEST(SamplingUnits, ParaphrasesBelongTogetherWhereNoImageIsKnown) {
  const std::vector<Example> examples = {WithField(About({}), "paraphrase", "q1"),
                                         WithField(About({}), "paraphrase", "q1"),
                                         WithField(About({"a"}), "paraphrase", "q1"),
                                         WithField(About({"b"}), "paraphrase", "q1"),
                                         WithField(About({}), "qid_linked_id", "q1"),
                                         About({}),
                                         About({})};
  const SamplingUnits units = FindSamplingUnits(examples);
  EXPECT_THAT(units.of, ElementsAre(0, 0, 1, 2, 0, 3, 4));
  EXPECT_EQ(units.without_image, 5u);
}

TEST(SamplingUnits, TwoTwinsAreOneDraw) {
  const std::vector<Example> examples = {WithField(About({"a"}), "twin", "t"), About({"a"}),
                                         WithField(About({"b"}), "twin", "t"), About({"c"})};
  EXPECT_THAT(FindSamplingUnits(examples).of, ElementsAre(0, 0, 0, 1));
}

TEST(SamplingUnits, OfAGroupAreNumberedAnew) {
  const std::vector<Example> examples = {About({"a"}), About({"b"}), About({"a"}), About({"c"})};
  const std::vector<size_t> group = {3, 1, 3};
  const SamplingUnits units = Select(FindSamplingUnits(examples), group);
  EXPECT_THAT(units.of, ElementsAre(0, 1, 0));
  EXPECT_EQ(units.count, 2u);
}

TEST(StudentT, EqualsPrintedTables) {
  EXPECT_NEAR(StudentT975(1), 12.70620474, 1e-8);
  EXPECT_NEAR(StudentT975(2), 4.30265273, 1e-8);
  EXPECT_NEAR(StudentT975(5), 2.57058184, 1e-8);
  EXPECT_NEAR(StudentT975(39), 2.02269092, 1e-8);
  EXPECT_NEAR(StudentT975(199), 1.97195654, 1e-8);  // the finite sum
  EXPECT_NEAR(StudentT975(200), 1.97189622, 1e-8);  // the expansion
  EXPECT_NEAR(StudentT975(10'000), 1.96020124, 1e-8);
  ROENTGEN_EXPECT_ERROR(StudentT975(0), "at least one degree");
}

TEST(UnitInterval, OfSingleQuestionsIsWilsonsWithStudentsT) {
  // 8 of 10: SE² = 10/9 · 10 · 0.8 · 0.2 / 10² = 0.16/9, so n_eff = 9; t = 2.26215716.
  const std::vector<double> scores = {1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
  const std::vector<uint32_t> units = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const UnitMean mean = EstimateMean(scores, units);
  EXPECT_DOUBLE_EQ(mean.mean, 0.8);
  EXPECT_DOUBLE_EQ(mean.standard_error, std::sqrt(0.16 / 9));
  EXPECT_NEAR(mean.effective_questions, 9, 1e-12);
  const double square = 2.26215716 * 2.26215716;
  const double centre = (0.8 + square / 18) / (1 + square / 9);
  const double half = 2.26215716 * std::sqrt(0.16 / 9 + square / 324) / (1 + square / 9);
  EXPECT_NEAR(mean.interval->lower, centre - half, 1e-8);
  EXPECT_NEAR(mean.interval->upper, centre + half, 1e-8);
}

TEST(UnitInterval, EqualAnswersAboutAnImageCountOnce) {
  // Six images with 4 questions each, answered alike: SE² = 6/5 · 6 · (4 · 0.5)² / 24² = 0.05, as
  // of six questions, so n_eff = 0.25 / 0.05 = 5.
  std::vector<double> scores;
  std::vector<uint32_t> units;
  for (uint32_t i = 0; i < 24; ++i) {
    units.push_back(i / 4);
    scores.push_back(i / 4 % 2);
  }
  EXPECT_NEAR(EstimateMean(scores, units).effective_questions, 5, 1e-12);
}

TEST(UnitInterval, NoSpreadIsNoCertainty) {
  // 3 of 3: n_eff = 3 and t = 4.30265273, so the lower bound is 3 / (3 + t²).
  const std::vector<double> right = {1, 1, 1};
  const std::vector<uint32_t> units = {0, 1, 2};
  const UnitMean mean = EstimateMean(right, units);
  EXPECT_NEAR(mean.interval->lower, 3 / (3 + 4.30265273 * 4.30265273), 1e-8);
  EXPECT_DOUBLE_EQ(mean.interval->upper, 1);
  const std::vector<double> thirds = {1.0 / 3, 1.0 / 3, 1.0 / 3};
  EXPECT_EQ(EstimateMean(thirds, units).effective_questions, 3);
}

TEST(UnitInterval, QuestionsThatMakeUpForEachOtherAreNotMoreThanTheyAre) {
  // One of two right in 39 images, both in the last: SE² would be of 3,000 questions.
  std::vector<double> scores;
  std::vector<uint32_t> units;
  for (uint32_t image = 0; image < 40; ++image) {
    units.insert(units.end(), 2, image);
    scores.push_back(1);
    scores.push_back(image == 39 ? 1 : 0);
  }
  const UnitMean mean = EstimateMean(scores, units);
  EXPECT_NEAR(mean.effective_questions, kMostEffective * 80, 1e-9);
  EXPECT_GT(mean.interval->upper - mean.interval->lower, 0.15);
  // Marks between 0 and 1 that hardly differ tell more than right and wrong.
  const std::vector<double> marks = {0.5, 0.6, 0.5, 0.6, 0.4, 0.5, 0.6, 0.5, 0.4};
  const std::vector<uint32_t> alone = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_GT(EstimateMean(marks, alone).effective_questions, 100);
}

TEST(UnitInterval, OneUnitShowsNoSpread) {
  const std::vector<double> scores = {1, 0, 1};
  const std::vector<uint32_t> units = {7, 7, 7};
  const UnitMean mean = EstimateMean(scores, units);
  EXPECT_FALSE(mean.interval.has_value());
  EXPECT_EQ(mean.units, 1u);
  EXPECT_EQ(mean.questions, 3u);
}

TEST(UnitInterval, PercentAndRatios) {
  const std::vector<uint32_t> units = {0, 1, 2, 3};
  const std::vector<double> shares = {0.2, 0.4, 0.9, 0.5};
  const std::vector<double> percent = {20, 40, 90, 50};
  EXPECT_NEAR(EstimateMean(percent, units, 100).interval->lower,
              100 * EstimateMean(shares, units).interval->lower, 1e-10);
  // Mean 2, SE² = 4/3 · 4 / 16 = 1/3, t = 3.18244631.
  const std::vector<double> ratios = {1, 3, 1, 3};
  const UnitMean ratio = EstimateMean(ratios, units, std::numeric_limits<double>::infinity());
  EXPECT_NEAR(ratio.interval->lower, 2 - 3.18244631 / std::sqrt(3), 1e-8);
  EXPECT_NEAR(ratio.interval->upper, 2 + 3.18244631 / std::sqrt(3), 1e-8);
  ROENTGEN_EXPECT_ERROR(EstimateMean(ratios, std::span(units).first(3)), "4 scores of 3");
}

std::vector<uint32_t> Singles(size_t count) {
  std::vector<uint32_t> units(count);
  std::iota(units.begin(), units.end(), 0u);
  return units;
}

TEST(PairedTest, OfSingleQuestionsIsMcNemars) {
  EXPECT_TRUE(rc::check([](uint8_t better, uint8_t worse, uint8_t same) {
    std::vector<double> differences(better, 1);
    differences.insert(differences.end(), worse, -1);
    differences.insert(differences.end(), kFewestTestUnits + same % 50, 0);
    const PairedTest test = TestPaired(differences, Singles(differences.size()), {500, 1});
    const double expected = McNemarExact(better, worse);
    RC_ASSERT(std::abs(*test.p - expected) <= 1e-9 * expected);
  }));
}

TEST(PairedTest, TheSameDifferencesAreTheSameWhateverTheirRounding) {
  std::vector<double> same(40, 1.0 / 3);
  std::vector<double> mixed = same;
  for (size_t i = 0; i < mixed.size(); i += 2) mixed[i] = 1 - 2.0 / 3;  // another double
  same[0] = mixed[0] = 0;
  ASSERT_NE(mixed[2], same[2]);
  const PairedTest one = TestPaired(same, Singles(40));
  const PairedTest other = TestPaired(mixed, Singles(40));
  EXPECT_NEAR(one.interval->lower, other.interval->lower, 1e-9);
  EXPECT_NEAR(one.interval->upper, other.interval->upper, 1e-9);
}

TEST(PairedTest, CountsAllWaysOfFewUnits) {
  // Sums 3, 1, 1, 1, 1, 1 of 64 ways: |Σ ±| ≥ 8 for the two that are all alike.
  const std::vector<double> whole = {1, 1, 1, 1, 1, 1, 1, 1};
  const std::vector<uint32_t> units = {0, 0, 0, 1, 2, 3, 4, 5};
  EXPECT_DOUBLE_EQ(*TestPaired(whole, units).p, 2.0 / 64);
  // The same with halves, which are no whole numbers but are counted too.
  std::vector<double> halves = whole;
  for (double& half : halves) half /= 2;
  EXPECT_DOUBLE_EQ(*TestPaired(halves, units).p, 2.0 / 64);
  // 3, 1, 1, 1, 1, −1: |Σ ±| ≥ 6 where the signs of 3 and of at least 4 ones agree: 2 · (1 + 5).
  std::vector<double> mixed = whole;
  mixed[7] = -1;
  EXPECT_DOUBLE_EQ(*TestPaired(mixed, units).p, 12.0 / 64);
}

TEST(PairedTest, TheWordingOfAQuestionIsNoEvidence) {
  // Ten questions, eight of them better and two worse; the same asked twice in other words.
  std::vector<double> once(8, 1);
  once.insert(once.end(), 2, -1);
  std::vector<double> twice = once;
  twice.insert(twice.end(), once.begin(), once.end());
  std::vector<uint32_t> units = Singles(10);
  units.insert(units.end(), units.begin(), units.begin() + 10);
  EXPECT_DOUBLE_EQ(*TestPaired(twice, units).p, *TestPaired(once, Singles(10)).p);
}

TEST(PairedTest, FewUnitsAreNotTested) {
  for (const size_t units : {1, 5}) {
    const PairedTest test = TestPaired(std::vector<double>(units, 1), Singles(units));
    EXPECT_FALSE(test.p.has_value());
    EXPECT_FALSE(test.interval.has_value());
    EXPECT_EQ(test.difference, 1);
  }
  EXPECT_DOUBLE_EQ(*TestPaired(std::vector<double>(6, 1), Singles(6)).p, 2.0 / 64);
}

TEST(PairedTest, PIsNeverZero) {
  const PairedTest test = TestPaired(std::vector<double>(1200, 1), Singles(1200));
  EXPECT_GT(*test.p, 0);
  const PairedTest parts = TestPaired(std::vector<double>(1200, 0.3), Singles(1200));
  EXPECT_DOUBLE_EQ(*parts.p, 1.0 / 10'001);
}

TEST(PairedTest, EqualRunsAreNotCertainToBeEqual) {
  // No difference in 20 questions: t² / (20 + t²) of all may differ, either way; t = 2.09302405.
  const PairedTest test = TestPaired(std::vector<double>(20, 0), Singles(20));
  EXPECT_EQ(*test.p, 1);
  const double unseen = 2.09302405 * 2.09302405 / (20 + 2.09302405 * 2.09302405);
  EXPECT_NEAR(test.interval->lower, -unseen, 1e-8);
  EXPECT_NEAR(test.interval->upper, unseen, 1e-8);
}

TEST(PairedTest, EqualImagesAreNotCertainToBeEqual) {
  // Of each of 20 images one question gets better and one worse: all images are alike.
  std::vector<double> differences(20, 1);
  differences.insert(differences.end(), 20, -1);
  std::vector<uint32_t> units = Singles(20);
  units.insert(units.end(), units.begin(), units.begin() + 20);
  EXPECT_LT(TestPaired(differences, units).interval->lower, -0.15);
}

TEST(PairedTest, ABoundBesideZeroIsHalfAQuestionFromIt) {
  // 6 of 6 better: p = 2/64, and unseen ones alone would allow for no difference.
  const PairedTest test = TestPaired(std::vector<double>(6, 1), Singles(6));
  EXPECT_DOUBLE_EQ(test.interval->lower, 0.5 / 6);
  const PairedTest worse = TestPaired(std::vector<double>(6, -1), Singles(6));
  EXPECT_DOUBLE_EQ(worse.interval->upper, -0.5 / 6);
}

TEST(PairedTest, TheIntervalHoldsZeroWherePIsAboveFivePercent) {
  EXPECT_TRUE(rc::check([](uint64_t seed) {
    Random random(seed);
    std::vector<double> differences;
    std::vector<uint32_t> units;
    const size_t count = 6 + static_cast<size_t>(60 * random.NextUniform());
    const double shift = random.NextUniform() - 0.5;
    const bool whole = random.NextUniform() < 0.5;
    for (size_t i = 0; i < count; ++i) {
      const double value = random.NextUniform() - 0.5 + shift;
      differences.push_back(whole ? std::round(value) : value / 3);
      units.push_back(static_cast<uint32_t>(static_cast<double>(count) * random.NextUniform()));
    }
    const PairedTest test = TestPaired(differences, units, {400, seed});
    if (!test.p) return;
    const bool holds = test.interval->lower <= 0 && 0 <= test.interval->upper;
    RC_ASSERT(holds == (*test.p > 0.05));
    for (const double bound : {test.interval->lower, test.interval->upper}) {
      RC_ASSERT(bound == 0 || std::abs(bound) > 1e-12);
    }
    RC_ASSERT(-1 <= test.interval->lower && test.interval->upper <= 1);
    RC_ASSERT(test.interval->lower <= test.difference && test.difference <= test.interval->upper);
  }));
}

TEST(Holm, AdjustsByRank) {
  // Sorted 0.01, 0.02, 0.04, 0.5: times 4, 3, 2, 1, none below the one before.
  const std::vector<double> p = {0.02, 0.5, 0.01, 0.04};
  EXPECT_THAT(HolmAdjusted(p), ElementsAre(testing::DoubleEq(0.06), testing::DoubleEq(0.5),
                                           testing::DoubleEq(0.04), testing::DoubleEq(0.08)));
  EXPECT_THAT(HolmAdjusted({}), ElementsAre());
  const std::vector<double> large = {0.6, 0.7};
  EXPECT_THAT(HolmAdjusted(large), ElementsAre(1, 1));
}

TEST(NumberText, HasNoNegativeZeroAndNoPOfZero) {
  EXPECT_EQ(PercentPointsBound(0), "0.0");
  EXPECT_EQ(PercentPointsBound(0.0001), "> 0.0");
  EXPECT_EQ(PercentPointsBound(-0.0001), "< 0.0");
  EXPECT_EQ(PercentPointsBound(-0.01), "-1.0");
  EXPECT_EQ(PercentText(-0.0001), "0.0");
  EXPECT_EQ(PercentPointsText(-0.0004), "0.0");
  EXPECT_EQ(PercentPointsText(-0.0006), "-0.1");
  EXPECT_EQ(PercentPointsText(0.032), "+3.2");
  EXPECT_EQ(PValueText(1e-300), "< 0.001");
  EXPECT_EQ(PValueText(0.0624), "0.062");
  EXPECT_EQ(CountText(1, "images"), "1 image");
  EXPECT_EQ(CountText(2345, "images"), "2,345 images");
}

}  // namespace
}  // namespace roentgen
