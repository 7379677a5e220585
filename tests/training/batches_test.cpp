#include "roentgen/training/batches.h"

#include <gmock/gmock.h>

#include <map>
#include <numeric>
#include <set>

#include "support/tiny_model.h"
#include "training/trainable.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

/// Two images of 2×3 and 1×2 merged patches.
constexpr GridThw kGrids[] = {{1, 4, 6}, {1, 2, 4}};

class Batches : public testing::Test {
 protected:
  /// text, the images, text, an answer of the given tokens.
  EncodedSample Ask(std::vector<size_t> images, std::vector<int32_t> question,
                    const std::vector<int32_t>& answer) const {
    std::vector<int32_t> ids = {1, 2};
    for (const size_t image : images) {
      ids.push_back(config_.vision_start_token_id);
      ids.insert(ids.end(), MergedTokens(kGrids[image], config_.vision), config_.image_token_id);
      ids.push_back(config_.vision_end_token_id);
    }
    ids.insert(ids.end(), question.begin(), question.end());
    ids.insert(ids.end(), answer.begin(), answer.end());
    return test::SampleOf(std::move(ids), answer.size(), std::move(images));
  }

  std::vector<TrainingBatch> Make(const std::vector<MicroBatch>& micro_batches,
                                  const PassOptions& options = {}) const {
    std::vector<TrainingBatch> batches;
    for (const Pass& pass : PlanPasses(micro_batches, config_.image_token_id, options)) {
      batches.push_back(MakeBatch(pass, config_, [](size_t image) {
        return TrainingImage{kGrids[image], {}, {}};
      }));
      EXPECT_EQ(batches.back().ids.size(), pass.Tokens());
    }
    return batches;
  }

  const ModelConfig config_ = test::ParseConfig(test::TinyConfigJson());
};

/// What the model is to predict where: for each target the tokens that it sees, with their
/// positions, and its label. Sharing must not change this.
using Seen = std::pair<std::vector<std::pair<int32_t, Position>>, int32_t>;
std::multimap<Seen, float> Predictions(const std::vector<TrainingBatch>& batches) {
  std::multimap<Seen, float> predictions;
  for (const TrainingBatch& batch : batches) {
    for (const LossTarget& target : batch.targets) {
      Seen seen{{}, target.label};
      size_t end = target.token + 1;
      int segment = -1;
      for (const Segment& each : batch.segments) {
        if (each.begin <= target.token) ++segment;
      }
      while (segment != Segment::kNoParent) {
        const Segment& each = batch.segments[static_cast<size_t>(segment)];
        for (size_t i = end; i-- > each.begin;) {
          seen.first.emplace_back(batch.ids[i], batch.positions[i]);
        }
        segment = each.parent;
        if (segment != Segment::kNoParent) end = batch.segments[static_cast<size_t>(segment)].end;
      }
      predictions.emplace(std::move(seen), target.weight);
    }
  }
  return predictions;
}

void ExpectSamePredictions(const std::vector<TrainingBatch>& a,
                           const std::vector<TrainingBatch>& b) {
  const auto first = Predictions(a);
  const auto second = Predictions(b);
  ASSERT_EQ(first.size(), second.size());
  for (auto x = first.begin(), y = second.begin(); x != first.end(); ++x, ++y) {
    EXPECT_EQ(x->first, y->first);
  }
}

double WeightOf(const std::vector<TrainingBatch>& batches) {
  double sum = 0;
  for (const TrainingBatch& batch : batches) {
    for (const LossTarget& target : batch.targets) sum += target.weight;
  }
  return sum;
}

TEST_F(Batches, QuestionsOnOneImageShareIt) {
  const EncodedSample a = Ask({0}, {5, 6}, {7});
  const EncodedSample b = Ask({1}, {5, 6}, {7});
  const EncodedSample c = Ask({0}, {8}, {9, 10, 11});
  const std::vector<MicroBatch> micro = {{{&a}, 0.5}, {{&b, &c}, 0.5}};
  const auto batches = Make(micro);
  ASSERT_THAT(batches, SizeIs(1));
  const TrainingBatch& batch = batches[0];
  // The prefix of a and c, what is their own, then b alone.
  ASSERT_THAT(batch.segments, SizeIs(4));
  EXPECT_EQ(batch.segments[0].parent, Segment::kNoParent);
  EXPECT_EQ(batch.segments[0].end, 2u + 1 + 6 + 1);
  EXPECT_EQ(batch.segments[1].parent, 0);
  EXPECT_EQ(batch.segments[2].parent, 0);
  EXPECT_EQ(batch.segments[3].parent, Segment::kNoParent);
  EXPECT_EQ(batch.segments[3].end, batch.ids.size());
  ASSERT_THAT(batch.images, SizeIs(2));
  EXPECT_EQ(batch.images[0].grid, kGrids[0]);
  EXPECT_EQ(batch.images[1].grid, kGrids[1]);
  // The prefix once, and none of the last tokens, which predict nothing.
  EXPECT_EQ(batch.ids.size(), a.ids.size() + b.ids.size() + c.ids.size() - 10 - 3);
  ExpectSamePredictions(batches, Make(micro, {.share_prefixes = false}));
}

TEST_F(Batches, WithoutSharingEverySampleStandsAlone) {
  const EncodedSample a = Ask({0}, {5, 6}, {7});
  const EncodedSample b = Ask({0}, {5}, {8});
  const auto batches = Make({{{&a, &b}, 1}}, {.share_prefixes = false});
  ASSERT_THAT(batches, SizeIs(1));
  ASSERT_THAT(batches[0].segments, SizeIs(2));
  EXPECT_EQ(batches[0].images.size(), 2u);
  EXPECT_EQ(batches[0].ids.size(), a.ids.size() + b.ids.size());
}

TEST_F(Batches, AnotherBeginningIsNotShared) {
  EncodedSample a = Ask({0}, {5}, {7});
  const EncodedSample b = Ask({0}, {5}, {8});
  a.ids[0] = 3;  // another system prompt
  const auto batches = Make({{{&a, &b}, 1}});
  for (const Segment& segment : batches.at(0).segments) {
    EXPECT_EQ(segment.parent, Segment::kNoParent);
  }
}

TEST_F(Batches, ImagesInTheirOrderMakeAFamily) {
  const EncodedSample a = Ask({0, 1}, {5}, {7});
  const EncodedSample b = Ask({1, 0}, {5}, {7});
  const EncodedSample c = Ask({0, 1}, {6}, {7});
  const auto batches = Make({{{&a, &b, &c}, 1}});
  ASSERT_THAT(batches, SizeIs(1));
  ASSERT_THAT(batches[0].segments, SizeIs(4));
  EXPECT_THAT(batches[0].images, SizeIs(4));
}

TEST_F(Batches, ALabelRightBehindThePrefixIsPredictedFromIt) {
  // No question at all: the first answer token follows the image, in both samples.
  const EncodedSample a = Ask({0}, {}, {7, 9});
  const EncodedSample b = Ask({0}, {}, {8, 9});
  const auto batches = Make({{{&a, &b}, 1}});
  ASSERT_THAT(batches, SizeIs(1));
  const TrainingBatch& batch = batches[0];
  ASSERT_THAT(batch.targets, SizeIs(4));
  const size_t last = batch.segments[0].end - 1;
  EXPECT_EQ(batch.targets[0].token, last);
  EXPECT_EQ(batch.targets[0].label, 7);
  EXPECT_EQ(batch.targets[2].token, last);
  EXPECT_EQ(batch.targets[2].label, 8);
  ExpectSamePredictions(batches, Make({{{&a, &b}, 1}}, {.share_prefixes = false}));
}

TEST_F(Batches, LabelsInsideASharedPrefixCountForEachSample) {
  EncodedSample a = Ask({0}, {5}, {7});
  EncodedSample b = Ask({0}, {6}, {7});
  a.labels = a.ids;  // train_on_prompt
  b.labels = b.ids;
  const std::vector<MicroBatch> micro = {{{&a, &b}, 1}};
  const auto batches = Make(micro);
  EXPECT_THAT(batches.at(0).targets, SizeIs(a.ids.size() - 1 + b.ids.size() - 1));
  EXPECT_NEAR(WeightOf(batches), 1, 1e-6);
  ExpectSamePredictions(batches, Make(micro, {.share_prefixes = false}));
}

TEST_F(Batches, AFullPassIsFollowedByAnotherWithItsOwnPrefix) {
  std::vector<EncodedSample> samples;
  for (int32_t i = 0; i < 6; ++i) samples.push_back(Ask({0}, {5, i}, {7}));
  MicroBatch all;
  for (const EncodedSample& sample : samples) all.samples.push_back(&sample);
  // The prefix has 10 tokens, a question 2: three of them fit.
  const auto batches = Make({all}, {.max_tokens = 17});
  ASSERT_THAT(batches, SizeIs(2));
  for (const TrainingBatch& batch : batches) {
    EXPECT_EQ(batch.ids.size(), 16u);
    EXPECT_THAT(batch.segments, SizeIs(4));
    EXPECT_THAT(batch.images, SizeIs(1));
  }
  ExpectSamePredictions(batches, Make({all}));
}

TEST_F(Batches, ASampleLargerThanAPassGoesAlone) {
  const EncodedSample a = Ask({0}, {5}, {7});
  const EncodedSample b = Ask({1}, {5}, {7});
  const auto batches = Make({{{&a, &b}, 1}}, {.max_tokens = 3});
  ASSERT_THAT(batches, SizeIs(2));
  EXPECT_EQ(batches[0].ids.size(), a.ids.size() - 1);
  EXPECT_EQ(batches[1].ids.size(), b.ids.size() - 1);
}

TEST_F(Batches, PositionsAreThoseOfSeparateSamples) {
  const EncodedSample a = Ask({0}, {5, 6}, {7});
  const EncodedSample b = Ask({0}, {8}, {9});
  const TrainingBatch batch = Make({{{&a, &b}, 1}}).at(0);
  const GridThw grids[] = {kGrids[0]};
  for (const EncodedSample* sample : {&a, &b}) {
    const auto expected = ComputePositions(sample->ids, grids, {}, config_, 0).tokens;
    const size_t prefix = batch.segments[0].end;
    const size_t own = batch.segments[sample == &a ? 1 : 2].begin;
    for (size_t i = 0; i + 1 < expected.size(); ++i) {  // the last token predicts nothing
      EXPECT_EQ(batch.positions[i < prefix ? i : own + i - prefix], expected[i]) << i;
    }
  }
}

TEST_F(Batches, WeightsOfMicroBatches) {
  // Micro-batches of 3 and 4 label tokens in two rows and one.
  const std::vector<TrainingRow> rows = {
      {Ask({0}, {5}, {7})}, {Ask({1}, {5}, {7, 8})}, {Ask({0}, {6}, {7, 8, 9, 10})}};
  StepPlan::Step step;
  step.micro_batches = {{0, 1}, {2}};
  const auto means =
      Make(MicroBatchesOf(step, rows, LossNormalisation::kMicroBatchMean)).at(0).targets;
  std::multiset<float> weights;
  for (const LossTarget& target : means) weights.insert(target.weight);
  EXPECT_EQ(weights.count(static_cast<float>(0.5 / 3)), 3u);
  EXPECT_EQ(weights.count(static_cast<float>(0.5 / 4)), 4u);
  const auto items =
      Make(MicroBatchesOf(step, rows, LossNormalisation::kNumItemsInBatch)).at(0).targets;
  for (const LossTarget& target : items) EXPECT_FLOAT_EQ(target.weight, 1.0f / 7);
}

TEST_F(Batches, EvaluationIsAMeanOverRows) {
  const std::vector<TrainingRow> rows = {
      {Ask({0}, {5}, {7})}, {Ask({1}, {5}, {7, 8})}, {Ask({0}, {6}, {7, 8, 9, 10})}};
  const auto batches = EvaluationBatches(rows, 2);
  ASSERT_THAT(batches, SizeIs(2));
  EXPECT_DOUBLE_EQ(batches[0].weight, 2.0 / 3);
  EXPECT_DOUBLE_EQ(batches[1].weight, 1.0 / 3);
  EXPECT_NEAR(WeightOf(Make(batches)), 1, 1e-6);
}

TEST_F(Batches, PackedSamplesOfARowAreOneMicroBatch) {
  const std::vector<TrainingRow> rows = {{Ask({0}, {5}, {7}), Ask({0}, {6}, {7, 8})}};
  StepPlan::Step step;
  step.micro_batches = {{0}};
  const auto batches = Make(MicroBatchesOf(step, rows, LossNormalisation::kMicroBatchMean));
  ASSERT_THAT(batches.at(0).targets, SizeIs(3));
  for (const LossTarget& target : batches[0].targets) EXPECT_FLOAT_EQ(target.weight, 1.0f / 3);
  EXPECT_THAT(batches[0].segments, SizeIs(3));
}

}  // namespace
}  // namespace roentgen
