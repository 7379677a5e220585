#include "roentgen/qwen2vl/training_pass.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <map>

#include "roentgen/base/error.h"
#include "roentgen/base/random.h"
#include "roentgen/qwen2vl/merge.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

using Gradients = std::map<std::string, std::vector<float>>;

constexpr int kNone = Segment::kNoParent;

class TrainingPass : public testing::Test {
 protected:
  ModelWeights Weights() const { return ModelWeights::Load(config_, source_); }

  int32_t Word(Random& random) const {
    int32_t word;
    do {
      word = static_cast<int32_t>(random.NextBits() % config_.vocab_size);
    } while (word == config_.image_token_id || word == config_.video_token_id ||
             word == config_.vision_start_token_id);
    return word;
  }

  OwnedMatrix RandomValues(size_t rows, size_t cols, uint64_t seed) const {
    Random random(seed);
    OwnedMatrix values(rows, cols);
    for (size_t i = 0; i < values.size(); ++i) {
      values.data()[i] = static_cast<float>(2 * random.NextUniform() - 1);
    }
    return values;
  }

  /// An image of 4×4 patches, as patches or as features.
  TrainingImage Image(bool patches) const {
    TrainingImage image{{1, 4, 4}, nullptr, nullptr};
    if (patches) {
      image.patches =
          std::make_shared<OwnedMatrix>(RandomValues(16, config_.vision.patch_values(), 3));
    } else {
      image.features = std::make_shared<OwnedMatrix>(RandomValues(4, config_.hidden_size, 4));
    }
    return image;
  }

  /// A prefix with an image, then `text` words.
  std::vector<int32_t> Prefix(size_t text, uint64_t seed) const {
    Random random(seed);
    std::vector<int32_t> ids{config_.vision_start_token_id};
    ids.insert(ids.end(), 4, config_.image_token_id);
    for (size_t i = 0; i < text; ++i) ids.push_back(Word(random));
    return ids;
  }

  std::vector<int32_t> Words(size_t count, uint64_t seed) const {
    Random random(seed);
    std::vector<int32_t> ids;
    for (size_t i = 0; i < count; ++i) ids.push_back(Word(random));
    return ids;
  }

  /// One sample with an image; its last `targets` tokens are to be learnt.
  TrainingBatch Sample(const std::vector<int32_t>& ids, size_t targets, float weight,
                       bool patches) const {
    TrainingBatch batch;
    batch.ids = ids;
    batch.images = {Image(patches)};
    batch.positions = ComputePositions(ids, {{{1, 4, 4}}}, {}, config_, 0).tokens;
    batch.segments = {{0, ids.size(), kNone, true}};
    for (size_t i = ids.size() - targets; i < ids.size(); ++i) {
      batch.targets.push_back({i - 1, ids[i], weight});
    }
    return batch;
  }

  TrainingBatch Sample(bool patches) const {
    std::vector<int32_t> ids = Prefix(3, 1);
    const std::vector<int32_t> answer = Words(5, 2);
    ids.insert(ids.end(), answer.begin(), answer.end());
    return Sample(ids, 4, 0.25f, patches);
  }

  TrainedParameters Everything(ModelWeights& weights) const {
    return TrainedParameters::OfModel(weights, config_, [](const std::string&) { return true; });
  }

  /// Adapters on all linears, with B not zero.
  TrainedParameters Adapters(ModelWeights& weights, const LoraSettings& settings) {
    TrainedParameters parameters = TrainedParameters::NewLora(
        weights, settings, [](const std::string&) { return true; }, pool_);
    Random random(9);
    for (TrainedTensor& tensor : parameters.tensors()) {
      if (tensor.name.find("lora_B") == std::string::npos) continue;
      for (float& value : tensor.values) {
        value = static_cast<float>(0.2 * random.NextUniform() - 0.1);
      }
    }
    parameters.ValuesChanged(weights, pool_);
    return parameters;
  }

  Gradients Run(const ModelWeights& weights, const TrainingBatch& batch,
                TrainedParameters& parameters, const TrainingOptions& options = {}) {
    parameters.ZeroGradients();
    nll_ = ForwardBackward(config_, weights, batch, options, parameters, pool_);
    return Read(parameters);
  }

  static Gradients Read(const TrainedParameters& parameters) {
    Gradients gradients;
    for (const TrainedTensor& tensor : parameters.tensors()) {
      const float* const from = tensor.gradient.data();
      gradients[tensor.name].assign(from, from + tensor.gradient.size());
    }
    return gradients;
  }

  double Loss(const ModelWeights& weights, const TrainingBatch& batch,
              const TrainedParameters& parameters, const TrainingOptions& options) {
    const std::vector<float> nll =
        ForwardBackward(config_, weights, batch, options, parameters, pool_);
    double loss = 0;
    for (size_t i = 0; i < nll.size(); ++i) {
      loss += static_cast<double>(batch.targets[i].weight) * nll[i];
    }
    return loss;
  }

  /// Expects the change of the loss along each tensor's own gradient to be the gradient's length.
  /// The step changes the loss by some 1e-3, where float32 gives it to 1e-6: a hundredth is what
  /// rounding and the second derivative leave.
  void ExpectGradientsOfLoss(ModelWeights& weights, const TrainingBatch& batch,
                             TrainedParameters& parameters, const TrainingOptions& options) {
    const Gradients gradients = Run(weights, batch, parameters, options);
    for (TrainedTensor& tensor : parameters.tensors()) {
      const std::vector<float>& gradient = gradients.at(tensor.name);
      double squares = 0;
      for (const float g : gradient) squares += static_cast<double>(g) * g;
      const double norm = std::sqrt(squares);
      if (norm < 1e-4) continue;  // no step would be seen
      const std::vector<float> before(tensor.values.begin(), tensor.values.end());
      const double step = std::min(0.02, 2e-3 / norm);
      const auto loss_at = [&](double distance) {
        for (size_t i = 0; i < before.size(); ++i) {
          tensor.values[i] = static_cast<float>(before[i] + distance * gradient[i] / norm);
        }
        return Loss(weights, batch, parameters, options);
      };
      const double slope = (loss_at(step) - loss_at(-step)) / (2 * step);
      std::copy(before.begin(), before.end(), tensor.values.begin());
      EXPECT_NEAR(slope, norm, 0.02 * norm + 1e-4) << tensor.name;
    }
  }

  ThreadPool pool_{2};
  ModelConfig config_ = test::ParseConfig(test::TinyConfigJson());
  std::shared_ptr<const TensorSource> source_ = test::TinyWeights(config_);
  std::vector<float> nll_;
};

bool SameBits(const Gradients& a, const Gradients& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](auto& x, auto& y) {
           return x.first == y.first && x.second.size() == y.second.size() &&
                  std::memcmp(x.second.data(), y.second.data(), x.second.size() * 4) == 0;
         });
}

/// Relative to the largest value of the tensor: two orders of summation, some roundings of 2⁻²⁴.
void ExpectClose(const Gradients& a, const Gradients& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, values] : a) {
    double largest = 1e-6;
    for (const float value : values) largest = std::max<double>(largest, std::abs(value));
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_NEAR(values[i], b.at(name)[i], 2e-5 * largest) << name << " at " << i;
    }
  }
}

TEST_F(TrainingPass, KeepingAndComputingAgainGiveTheSameBits) {
  for (const bool full : {true, false}) {
    ModelWeights weights = Weights();
    TrainedParameters parameters = full ? Everything(weights) : Adapters(weights, {.rank = 2});
    const TrainingBatch batch = Sample(true);
    TrainingOptions options{.lora_dropout = 0.3f, .neftune_alpha = 5, .seed = 3};
    const Gradients kept = Run(weights, batch, parameters, options);
    const std::vector<float> nll = nll_;
    // Nothing kept, and a part of the layers.
    const size_t all = PlanPass(config_, weights, parameters, SizeOf(batch), {}).bytes;
    for (const size_t memory : {size_t{0}, all * 9 / 10}) {
      options.memory_bytes = memory;
      EXPECT_TRUE(SameBits(Run(weights, batch, parameters, options), kept));
      EXPECT_EQ(nll_, nll);
    }
  }
}

TEST_F(TrainingPass, BitsDoNotDependOnThreads) {
  ModelWeights weights = Weights();
  TrainedParameters parameters = Everything(weights);
  const TrainingBatch batch = Sample(true);
  const Gradients two = Run(weights, batch, parameters);
  for (const int threads : {1, 5}) {
    ThreadPool pool(threads);
    parameters.ZeroGradients();
    EXPECT_EQ(ForwardBackward(config_, weights, batch, {}, parameters, pool), nll_);
    EXPECT_TRUE(SameBits(Read(parameters), two));
  }
}

TEST_F(TrainingPass, ASharedPrefixGivesTheSumOverItsSamples) {
  const std::vector<int32_t> prefix = Prefix(4, 1);
  const std::vector<std::vector<int32_t>> questions{Words(6, 5), Words(3, 6), Words(9, 7)};
  TrainingBatch shared = Sample(prefix, 0, 0, /*patches=*/true);
  std::vector<TrainingBatch> alone;
  for (size_t q = 0; q < questions.size(); ++q) {
    std::vector<int32_t> ids = prefix;
    ids.insert(ids.end(), questions[q].begin(), questions[q].end());
    const float weight = 0.2f / static_cast<float>(q + 1);
    // The first token of each question too, which the prefix's last token predicts.
    alone.push_back(Sample(ids, questions[q].size(), weight, true));
    const size_t begin = shared.ids.size();
    shared.ids.insert(shared.ids.end(), questions[q].begin(), questions[q].end());
    shared.segments.push_back({begin, shared.ids.size(), 0, true});
    const std::vector<Position>& positions = alone.back().positions;
    shared.positions.insert(shared.positions.end(),
                            positions.begin() + static_cast<std::ptrdiff_t>(prefix.size()),
                            positions.end());
    for (size_t i = 0; i < questions[q].size(); ++i) {
      shared.targets.push_back(
          {i == 0 ? prefix.size() - 1 : begin + i - 1, questions[q][i], weight});
    }
  }
  ModelWeights weights = Weights();
  TrainedParameters parameters = Everything(weights);
  const Gradients together = Run(weights, shared, parameters);
  const std::vector<float> nll = nll_;
  parameters.ZeroGradients();
  std::vector<float> nll_alone;
  for (const TrainingBatch& batch : alone) {
    const auto own = ForwardBackward(config_, weights, batch, {}, parameters, pool_);
    nll_alone.insert(nll_alone.end(), own.begin(), own.end());
  }
  ExpectClose(Read(parameters), together);
  for (size_t i = 0; i < nll.size(); ++i) EXPECT_NEAR(nll[i], nll_alone[i], 1e-5);
  const std::vector<float> evaluated = ForwardLoss(config_, weights, shared, pool_);
  EXPECT_EQ(evaluated, nll) << "evaluation computes the same";
}

TEST_F(TrainingPass, GradientsAreThoseOfTheLoss) {
  ModelWeights weights = Weights();
  TrainedParameters parameters = Everything(weights);
  ExpectGradientsOfLoss(weights, Sample(true), parameters, {});
}

TEST_F(TrainingPass, DropoutAndNoiseHaveTheGradientsOfTheirLoss) {
  ModelWeights weights = Weights();
  TrainedParameters parameters = Adapters(weights, {.rank = 3, .use_rslora = true});
  const TrainingOptions options{.lora_dropout = 0.4f, .neftune_alpha = 5, .seed = 1, .pass = 2};
  ExpectGradientsOfLoss(weights, Sample(true), parameters, options);
}

TEST_F(TrainingPass, DoraWithoutAndWithDropout) {
  ModelWeights weights = Weights();
  TrainedParameters parameters = Adapters(weights, {.rank = 3, .use_dora = true});
  // The norms are constants to the gradient: the differences keep them as they are too.
  ExpectGradientsOfLoss(weights, Sample(true), parameters, {});
  ExpectGradientsOfLoss(weights, Sample(true), parameters, {.lora_dropout = 0.4f});
}

TEST_F(TrainingPass, DropoutAndNoiseFollowSeedAndPass) {
  ModelWeights weights = Weights();
  TrainedParameters parameters = Adapters(weights, {.rank = 2});
  const TrainingBatch batch = Sample(true);
  const auto nll = [&](const TrainingOptions& options) {
    Run(weights, batch, parameters, options);
    return nll_;
  };
  const std::vector<float> plain = nll({});
  const TrainingOptions dropout{.lora_dropout = 0.5f, .seed = 1, .pass = 1};
  EXPECT_NE(nll(dropout), plain);
  EXPECT_EQ(nll(dropout), nll(dropout));
  EXPECT_NE(nll(dropout), nll({.lora_dropout = 0.5f, .seed = 1, .pass = 2}));
  EXPECT_NE(nll(dropout), nll({.lora_dropout = 0.5f, .seed = 2, .pass = 1}));
  EXPECT_NE(nll({.neftune_alpha = 5}), plain);
  EXPECT_EQ(nll({.neftune_alpha = 5}), nll({.neftune_alpha = 5}));
}

TEST_F(TrainingPass, OnlyWhatIsTrainedGetsAGradient) {
  const TrainingBatch patches = Sample(true);
  const TrainingBatch features = Sample(false);
  ModelWeights all_weights = Weights();
  TrainedParameters all = Everything(all_weights);
  const Gradients reference = Run(all_weights, patches, all);
  // Parts of the model, from the end and from the middle: the same gradients as of the whole.
  for (const char* part : {"layers.1.", "visual.merger", "visual.blocks.0.mlp", "embed_tokens",
                           "q_proj.bias", "model.norm", "patch_embed"}) {
    ModelWeights weights = Weights();
    TrainedParameters parameters = TrainedParameters::OfModel(
        weights, config_,
        [&](const std::string& name) { return name.find(part) != std::string::npos; });
    const Gradients gradients = Run(weights, patches, parameters);
    // To rounding: bf16 and f32 weights are summed in another order where there are few rows.
    Gradients expected;
    for (const auto& [name, gradient] : gradients) expected[name] = reference.at(name);
    ExpectClose(gradients, expected);
  }
  ModelWeights weights = Weights();
  TrainedParameters lower = TrainedParameters::OfModel(
      weights, config_, [](const std::string& name) { return name.starts_with("model.layers.0"); });
  EXPECT_EQ(Run(weights, features, lower).size(), lower.tensors().size());
}

TEST_F(TrainingPass, ABatchThatContradictsItselfIsRefused) {
  ModelWeights weights = Weights();
  const TrainedParameters parameters = Adapters(weights, {.rank = 2});
  const TrainingBatch good = Sample(false);
  ROENTGEN_EXPECT_ERROR(ForwardBackward(config_, weights, good, {}, parameters, pool_),
                        "an image without patches, though the vision tower is trained");
  ModelWeights decoder_weights = Weights();
  const TrainedParameters decoder = TrainedParameters::NewLora(
      decoder_weights, {.rank = 2},
      [](const std::string& name) { return name.starts_with("model."); }, pool_);
  const auto refuse = [&](const TrainingBatch& batch, const std::string& message,
                          const TrainingOptions& options = {}) {
    ROENTGEN_EXPECT_ERROR(ForwardBackward(config_, decoder_weights, batch, options, decoder, pool_),
                          message);
  };
  TrainingBatch batch = good;
  batch.targets[0].token = batch.ids.size();
  refuse(batch, "a target at token");
  batch = good;
  batch.targets[0].label = static_cast<int32_t>(config_.vocab_size);
  refuse(batch, "in a vocabulary of");
  batch.targets[0].label = -100;
  refuse(batch, "label -100");
  batch = good;
  batch.targets.clear();
  refuse(batch, "no targets");
  batch = good;
  batch.segments[0].end -= 1;
  refuse(batch, "segments up to");
  batch = good;
  batch.positions.pop_back();
  refuse(batch, "positions");
  batch = good;
  batch.segments[0].parent = 0;
  refuse(batch, "with parent 0");
  batch = good;
  batch.images.clear();
  refuse(batch, "4 image placeholders for images of 0 tokens");
  batch = good;
  batch.images[0].features = std::make_shared<OwnedMatrix>(3, config_.hidden_size);
  refuse(batch, "one of both");
  batch = good;
  batch.images[0] = Image(true);
  batch.images[0].patches = std::make_shared<OwnedMatrix>(16, 7);
  refuse(batch, "patches of 7 values");
  batch = good;
  batch.ids.back() = static_cast<int32_t>(config_.vocab_size);
  refuse(batch, "token id");
  batch = good;
  batch.segments = {{0, 8, kNone, true}, {8, batch.ids.size(), 0, true}};
  refuse(batch, "share a prefix", {.neftune_alpha = 5});
}

TEST_F(TrainingPass, ThePlanFillsTheMemoryGiven) {
  ModelWeights weights = Weights();
  const TrainedParameters parameters = Adapters(weights, {.rank = 2});
  const PassSize size{1000, 50, 400};
  const auto plan = [&](size_t memory) {
    return PlanPass(config_, weights, parameters, size, {.memory_bytes = memory});
  };
  const PassPlan all = plan(SIZE_MAX);
  EXPECT_EQ(all.kept_layers, config_.num_hidden_layers);
  EXPECT_EQ(all.kept_blocks, config_.vision.depth);
  const PassPlan none = plan(0);
  EXPECT_EQ(none.kept_layers, 0u);
  EXPECT_EQ(none.kept_blocks, 0u);
  EXPECT_GT(none.bytes, 0u);
  EXPECT_LT(none.bytes, all.bytes);
  for (const size_t memory : {none.bytes, (none.bytes + all.bytes) / 2, all.bytes - 1}) {
    EXPECT_LE(plan(memory).bytes, memory);
    EXPECT_LT(plan(memory).kept_layers + plan(memory).kept_blocks,
              all.kept_layers + all.kept_blocks);
  }
  // Dropout and DoRA hold a few more matrices while they go back through a linear.
  const size_t dropped = PlanPass(config_, weights, parameters, size, {.lora_dropout = 0.1f}).bytes;
  EXPECT_EQ(dropped, all.bytes + size.tokens * config_.intermediate_size * sizeof(float));
}

}  // namespace
}  // namespace roentgen
