#include "roentgen/qwen2vl/weights.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>

#include "roentgen/base/error.h"
#include "roentgen/qwen2vl/names.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

class Weights : public testing::Test {
 protected:
  ModelWeights Load() const { return ModelWeights::Load(config_, test::SourceOf(tensors_)); }
  TensorView& Tensor(const std::string& name) {
    for (auto& [other, tensor] : tensors_) {
      if (other == name) return tensor;
    }
    throw std::runtime_error("no tensor " + name);
  }
  void Erase(const std::string& name) {
    std::erase_if(tensors_, [&](const auto& entry) { return entry.first == name; });
  }

  ModelConfig config_ = test::ParseConfig(test::TinyConfigJson());
  std::shared_ptr<const TensorSource> source_ = test::TinyWeights(config_);
  test::NamedTensors tensors_ = test::TensorsOf(*source_);
};

TEST_F(Weights, MatricesAreViewsAndVectorsAreWidened) {
  const ModelWeights weights = Load();
  const Linear& k_proj = weights.layers.at(1).k_proj;
  EXPECT_EQ(k_proj.weight.data, Tensor("model.layers.1.self_attn.k_proj.weight").data.data());
  EXPECT_EQ(k_proj.weight.rows, 8u);
  EXPECT_EQ(k_proj.weight.cols, 16u);
  EXPECT_EQ(k_proj.bias, ToFloats(Tensor("model.layers.1.self_attn.k_proj.bias")));
  EXPECT_TRUE(weights.layers[0].o_proj.bias.empty());
  EXPECT_EQ(weights.final_norm, ToFloats(Tensor("model.norm.weight")));
  EXPECT_EQ(weights.vision.merger_norm.bias, ToFloats(Tensor("visual.merger.ln_q.bias")));
  EXPECT_EQ(weights.vision.merger_fc1.weight.cols, 32u);
  EXPECT_TRUE(weights.unused.empty());
}

TEST_F(Weights, TheConvolutionBecomesAMatrix) {
  EXPECT_EQ(Tensor("visual.patch_embed.proj.weight").ShapeText(), "[8, 3, 2, 14, 14]");
  const ModelWeights weights = Load();
  EXPECT_EQ(weights.vision.patch_embed.weight.rows, 8u);
  EXPECT_EQ(weights.vision.patch_embed.weight.cols, 1176u);
}

TEST_F(Weights, EveryNameHasOneOfTransformers5) {
  for (const auto& [name, tensor] : tensors_) {
    const std::string nested = NestedName(name);
    EXPECT_THAT(nested, testing::AnyOf(testing::StartsWith("model.language_model."),
                                       testing::StartsWith("model.visual.")));
    EXPECT_EQ(PublishedName(nested), name);
    EXPECT_EQ(PublishedName(name), name);
  }
  for (const char* same : {"lm_head.weight", "lm_head", "score.weight"}) {
    EXPECT_EQ(PublishedName(same), same);
    EXPECT_EQ(NestedName(same), same);
  }
  EXPECT_EQ(PublishedName("model.language_model.norm"), "model.norm");  // a module
}

TEST_F(Weights, WhatQuantisedTensorsMeanIsSaid) {
  const auto hint = [&] {
    try {
      Load();
    } catch (const Error& error) {
      return error.hint();
    }
    return std::string("no Error");
  };
  const std::string linear = "model.layers.0.mlp.up_proj.";
  const TensorView codes{DType::kI32, {2, 3}, {}};
  tensors_.emplace_back(linear + "weight.absmax", codes);  // bitsandbytes: weight has other codes
  Tensor(linear + "weight").shape = {192, 1};
  EXPECT_THAT(hint(), testing::HasSubstr("weight.absmax: these weights look quantised"));
  Erase(linear + "weight");
  Erase(linear + "weight.absmax");
  EXPECT_THAT(hint(), testing::HasSubstr("The checkpoint is incomplete"));
  tensors_.emplace_back(linear + "qweight", codes);
  EXPECT_THAT(hint(), testing::HasSubstr("qweight: these weights look quantised"));
  EXPECT_THAT(hint(), testing::HasSubstr("Give the original model"));
}

TEST_F(Weights, NamesOfAnotherKindAreSaid) {
  for (auto& [name, tensor] : tensors_) name = "vlm." + name;
  try {
    Load();
    ADD_FAILURE() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), testing::HasSubstr("tensors is named as Qwen2-VL's are; the first is "
                                                 "vlm.model.embed_tokens.weight"));
  }
}

TEST_F(Weights, UnusedTensorsAreListed) {
  tensors_.emplace_back("model.layers.0.self_attn.rotary_emb.inv_freq", TensorView{});
  EXPECT_THAT(Load().unused, testing::ElementsAre("model.layers.0.self_attn.rotary_emb.inv_freq"));
}

TEST_F(Weights, FlawsNameSourceAndTensor) {
  Tensor("model.norm.weight").shape = {4, 4};
  ROENTGEN_EXPECT_ERROR(Load(),
                        "test tensors: tensor model.norm.weight has shape [4, 4], the "
                        "configuration asks for [16]");
  Tensor("model.norm.weight").shape = {16};
  Tensor("model.norm.weight").dtype = DType::kI32;
  ROENTGEN_EXPECT_ERROR(Load(), "model.norm.weight is I32, expected BF16, F16 or F32");
  Erase("model.norm.weight");
  ROENTGEN_EXPECT_ERROR(Load(), "test tensors: tensor model.norm.weight is missing");
}

TEST_F(Weights, TiedEmbeddingsAreOneTensorUnderEitherName) {
  EXPECT_EQ(Load().lm_head.data, Load().embed_tokens.data);
  const TensorView embed = Tensor("model.embed_tokens.weight");
  tensors_.emplace_back("lm_head.weight", embed);
  const std::vector<std::byte> copy(embed.data.begin(), embed.data.end());
  Tensor("lm_head.weight").data = copy;  // equal values elsewhere: still one tensor
  EXPECT_EQ(Load().lm_head.data, Load().embed_tokens.data);
  EXPECT_TRUE(Load().unused.empty());
  Erase("model.embed_tokens.weight");
  EXPECT_EQ(Load().embed_tokens.data, copy.data());
  EXPECT_EQ(Load().lm_head.data, copy.data());
}

TEST_F(Weights, TiedEmbeddingsThatDifferAreUsedAsTheyAre) {
  const TensorView embed = Tensor("model.embed_tokens.weight");
  std::vector<std::byte> other(embed.data.begin(), embed.data.end());
  other[5] ^= std::byte{1};
  tensors_.emplace_back("lm_head.weight", TensorView{embed.dtype, embed.shape, other});
  EXPECT_EQ(Load().lm_head.data, other.data());
  EXPECT_EQ(Load().embed_tokens.data, embed.data.data());
}

TEST_F(Weights, UntiedModelsNeedAHead) {
  config_.tie_word_embeddings = false;
  ROENTGEN_EXPECT_ERROR(Load(), "tensor lm_head.weight is missing");
  const auto untied = test::TinyWeights(config_);
  const ModelWeights weights = ModelWeights::Load(config_, untied);
  EXPECT_EQ(weights.lm_head.data, untied->Find("lm_head.weight")->data.data());
  EXPECT_NE(weights.lm_head.data, weights.embed_tokens.data);
}

TEST_F(Weights, EveryLinearIsVisitedUnderItsPublishedName) {
  ModelWeights weights = Load();
  size_t visited = 0;
  VisitLinears(weights, [&](const std::string& name, Linear& linear) {
    EXPECT_EQ(linear.weight.data, Tensor(name + ".weight").data.data());
    ++visited;
  });
  // All matrices but the embeddings and the patch convolution.
  const auto is_matrix = [](const auto& entry) { return entry.second.shape.size() == 2; };
  EXPECT_EQ(visited, static_cast<size_t>(std::ranges::count_if(tensors_, is_matrix)) - 1);
}

}  // namespace
}  // namespace roentgen
