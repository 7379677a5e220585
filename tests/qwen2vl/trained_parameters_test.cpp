#include "roentgen/qwen2vl/trained_parameters.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "roentgen/base/error.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

bool Everything(const std::string&) {
  return true;
}

class Parameters : public testing::Test {
 protected:
  ModelWeights Weights() const { return ModelWeights::Load(config_, source_); }
  TrainedParameters Lora(ModelWeights& weights, const LoraSettings& settings) {
    return TrainedParameters::NewLora(
        weights, settings, [](const std::string& module) { return module.ends_with("q_proj"); },
        pool_);
  }

  ThreadPool pool_{2};
  ModelConfig config_ = test::ParseConfig(test::TinyConfigJson());
  std::shared_ptr<const TensorSource> source_ = test::TinyWeights(config_);
};

TEST_F(Parameters, OfTheModelAreAllThatTheConfigurationHas) {
  ModelWeights weights = Weights();
  const TrainedParameters parameters = TrainedParameters::OfModel(weights, config_, Everything);
  std::map<std::string, std::vector<size_t>> expected;
  for (const TensorSpec& spec : ExpectedTensors(config_)) expected[spec.name] = spec.shape;
  ASSERT_EQ(parameters.tensors().size(), expected.size());
  for (const TrainedTensor& tensor : parameters.tensors()) {
    SCOPED_TRACE(tensor.name);
    ASSERT_TRUE(expected.contains(tensor.name));
    EXPECT_EQ(tensor.shape, expected[tensor.name]);
    const std::vector<float> stored = ToFloats(*source_->Find(tensor.name));
    EXPECT_TRUE(
        std::equal(stored.begin(), stored.end(), tensor.values.begin(), tensor.values.end()));
    EXPECT_EQ(tensor.decays, tensor.shape.size() > 1) << "biases and norms are the vectors here";
  }
  // The model computes from these very values.
  EXPECT_TRUE(parameters.IsTrained(weights.layers[0].q_proj.weight.data));
  EXPECT_TRUE(parameters.IsTrained(weights.layers[0].q_proj.bias.data()));
  EXPECT_EQ(weights.lm_head.data == weights.embed_tokens.data, config_.tie_word_embeddings);
  EXPECT_TRUE(parameters.IsTrained(weights.lm_head.data));
}

TEST_F(Parameters, TiedEmbeddingsAreOneTensor) {
  Json json = test::TinyConfigJson();
  for (const bool tied : {true, false}) {
    json["tie_word_embeddings"] = tied;
    const ModelConfig config = test::ParseConfig(json);
    ModelWeights weights = ModelWeights::Load(config, test::TinyWeights(config));
    const TrainedParameters parameters =
        TrainedParameters::OfModel(weights, config, [](const std::string& name) {
          return name == "lm_head.weight" || name == "model.embed_tokens.weight";
        });
    EXPECT_EQ(parameters.tensors().size(), tied ? 1u : 2u);
    EXPECT_EQ(weights.lm_head.data == weights.embed_tokens.data, tied);
  }
}

TEST_F(Parameters, PartsThatAreNotTakenStayAsTheyAre) {
  ModelWeights weights = Weights();
  const TrainedParameters parameters = TrainedParameters::OfModel(
      weights, config_, [](const std::string& name) { return name.starts_with("model.layers.1"); });
  EXPECT_EQ(weights.layers[0].q_proj.weight.dtype, DType::kBF16);
  EXPECT_EQ(weights.layers[1].q_proj.weight.dtype, DType::kF32);
  EXPECT_FALSE(parameters.IsTrained(weights.layers[0].q_proj.weight.data));
  EXPECT_EQ(parameters.GradientOf(weights.layers[0].q_proj.weight).data, nullptr);
  const Matrix gradient = parameters.GradientOf(weights.layers[1].q_proj.weight);
  EXPECT_EQ(gradient.rows, weights.layers[1].q_proj.weight.rows);
  EXPECT_EQ(gradient.data[0], 0.0f);
  ROENTGEN_EXPECT_ERROR(
      TrainedParameters::OfModel(weights, config_, [](const std::string&) { return false; }),
      "none of the model's parameters");
}

TEST_F(Parameters, NewAdaptersAreDrawnAsPeftDrawsThem) {
  ModelWeights weights = Weights();
  const TrainedParameters parameters = Lora(weights, {.rank = 4, .alpha = 8, .seed = 7});
  ASSERT_EQ(parameters.tensors().size(), 2 * config_.num_hidden_layers);
  const TrainedTensor& a = parameters.tensors()[0];
  const TrainedTensor& b = parameters.tensors()[1];
  EXPECT_EQ(a.name, "model.layers.0.self_attn.q_proj.lora_A.weight");
  EXPECT_EQ(b.name, "model.layers.0.self_attn.q_proj.lora_B.weight");
  EXPECT_TRUE(a.decays && b.decays);
  EXPECT_EQ(a.shape, (std::vector<size_t>{4, config_.hidden_size}));
  for (const float value : b.values) EXPECT_EQ(value, 0.0f);
  const double bound = 1 / std::sqrt(static_cast<double>(config_.hidden_size));
  double squares = 0;
  for (const float value : a.values) {
    EXPECT_LE(std::abs(value), bound);
    squares += value * value / static_cast<double>(a.values.size());
  }
  // Uniform: a third of the bound's square, within what 64 draws scatter.
  EXPECT_NEAR(squares, bound * bound / 3, bound * bound / 6);
  EXPECT_EQ(weights.layers[0].q_proj.lora[0].scale, 2.0f);

  ModelWeights same = Weights();
  ModelWeights other = Weights();
  const TrainedParameters again = Lora(same, {.rank = 4, .alpha = 8, .seed = 7});
  const TrainedParameters another = Lora(other, {.rank = 4, .alpha = 8, .use_rslora = true});
  EXPECT_TRUE(std::equal(a.values.begin(), a.values.end(), again.tensors()[0].values.begin()));
  EXPECT_NE(a.values[0], another.tensors()[0].values[0]) << "another seed";
  EXPECT_NE(a.values[0], again.tensors()[2].values[0]) << "another module";
  EXPECT_EQ(other.layers[0].q_proj.lora[0].scale, 4.0f);
}

TEST_F(Parameters, NewDoraLeavesTheModelAsItIs) {
  ModelWeights weights = Weights();
  const TrainedParameters parameters = Lora(weights, {.rank = 2, .use_dora = true});
  const LoraDelta& delta = weights.layers[0].q_proj.lora[0];
  ASSERT_NE(delta.magnitude, nullptr);
  for (size_t n = 0; n < delta.row_norms.size(); ++n) EXPECT_EQ(delta.RowFactor(n), 1.0f);
  const TrainedTensor& magnitude = parameters.tensors()[2];
  EXPECT_EQ(magnitude.name, "model.layers.0.self_attn.q_proj.lora_magnitude_vector");
  EXPECT_EQ(magnitude.shape, std::vector<size_t>{delta.row_norms.size()});
  // With other values the norms follow, on request.
  std::fill_n(delta.b->data(), delta.b->size(), 1.0f);
  parameters.ValuesChanged(weights, pool_);
  EXPECT_NE(delta.RowFactor(0), 1.0f);
  ROENTGEN_EXPECT_ERROR(Lora(weights, {.rank = 2}), "which DoRA cannot be combined with");
}

TEST_F(Parameters, ImpossibleAdaptersAreRefused) {
  ModelWeights weights = Weights();
  ROENTGEN_EXPECT_ERROR(TrainedParameters::NewLora(
                            weights, {}, [](const std::string&) { return false; }, pool_),
                        "none of the model's linears is a target");
  ROENTGEN_EXPECT_ERROR(Lora(weights, {.rank = 17}), "LoRA of rank 17 on model.layers.0");
  ROENTGEN_EXPECT_ERROR(Lora(weights, {.rank = 0}), "LoRA of rank 0");
  EXPECT_TRUE(weights.layers[0].q_proj.lora.empty());
}

}  // namespace
}  // namespace roentgen
