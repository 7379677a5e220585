#include "roentgen/qwen2vl/config.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

/// Parses the tiny configuration after the value at a JSON pointer was replaced (null counts as
/// absent).
ModelConfig ParseWith(const std::string& pointer, const Json& value,
                      Json json = test::TinyConfigJson()) {
  json[Json::json_pointer(pointer)] = value;
  return test::ParseConfig(json);
}

TEST(ModelConfig, ReadsThePublishedLayout) {
  const ModelConfig config = test::ParseConfig(test::TinyConfigJson());
  EXPECT_EQ(config.head_dim(), 8u);
  EXPECT_EQ(config.key_value_width(), 8u);
  EXPECT_EQ(config.mrope_section, (std::array<size_t, 3>{2, 1, 1}));
  EXPECT_EQ(config.rope_theta, 1e6);
  EXPECT_EQ(config.max_position_embeddings, 512u);
  EXPECT_TRUE(config.tie_word_embeddings);
  EXPECT_EQ(config.image_token_id, 30);
  EXPECT_EQ(config.vision_end_token_id, 33);
  EXPECT_EQ(config.vision.intermediate_size, 32u);
  EXPECT_EQ(config.vision.patch_values(), 1176u);
}

TEST(ModelConfig, ReadsTheNestedLayoutOfTransformers5) {
  Json json = test::NestedConfigJson();
  json["text_config"]["rope_parameters"]["rope_theta"] = 5000.0;
  const ModelConfig config = test::ParseConfig(json);
  EXPECT_EQ(config.hidden_size, 16u);
  EXPECT_EQ(config.rope_theta, 5000.0);
  EXPECT_EQ(config.mrope_section, (std::array<size_t, 3>{2, 1, 1}));
  EXPECT_TRUE(config.tie_word_embeddings);

  json["tie_word_embeddings"] = false;  // Transformers 4.5x kept it in text_config
  EXPECT_FALSE(test::ParseConfig(json).tie_word_embeddings);
  json["text_config"]["tie_word_embeddings"] = true;
  EXPECT_TRUE(test::ParseConfig(json).tie_word_embeddings);
}

TEST(ModelConfig, VisionWidthIsGivenInEitherWay) {
  Json json = test::TinyConfigJson();
  json["vision_config"]["intermediate_size"] = 32;
  EXPECT_EQ(test::ParseConfig(json).vision.intermediate_size, 32u);
  json["vision_config"]["intermediate_size"] = 33;
  ROENTGEN_EXPECT_ERROR(test::ParseConfig(json),
                        "vision_config: intermediate_size: contradicts mlp_ratio 4");
  json["vision_config"].erase("mlp_ratio");
  EXPECT_EQ(test::ParseConfig(json).vision.intermediate_size, 33u);
}

TEST(ModelConfig, OtherModelsAreRefusedByName) {
  ROENTGEN_EXPECT_ERROR(ParseWith("/model_type", "qwen2_5_vl"),
                        "config.json: model_type: qwen2_5_vl is not supported, only qwen2_vl is");
  ROENTGEN_EXPECT_ERROR(ParseWith("/model_type", nullptr), "model_type: missing");
}

TEST(ModelConfig, AbsentKeysAreNamed) {
  for (const char* key :
       {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "vocab_size", "rms_norm_eps", "image_token_id", "video_token_id",
        "vision_start_token_id", "vision_end_token_id", "vision_config"}) {
    ROENTGEN_EXPECT_ERROR(ParseWith(std::string("/") + key, nullptr),
                          std::string("config.json: ") + key + ": missing");
  }
  for (const char* key : {"depth", "embed_dim", "num_heads", "hidden_size"}) {
    ROENTGEN_EXPECT_ERROR(ParseWith(std::string("/vision_config/") + key, nullptr),
                          std::string("config.json: vision_config: ") + key + ": missing");
  }
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/mlp_ratio", nullptr),
                        "intermediate_size: missing");
  ROENTGEN_EXPECT_ERROR(ParseWith("/rope_scaling", nullptr), "rope_parameters: missing");
  ROENTGEN_EXPECT_ERROR(ParseWith("/rope_scaling/mrope_section", nullptr),
                        "rope_scaling: mrope_section: missing");
}

TEST(ModelConfig, AbsurdSizesAreRefused) {
  ROENTGEN_EXPECT_ERROR(ParseWith("/hidden_size", 0), "hidden_size: 0 is not between 1 and");
  ROENTGEN_EXPECT_ERROR(ParseWith("/hidden_size", -4), "hidden_size: -4 is out of range");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vocab_size", 1'000'000'000), "vocab_size: 1000000000 is not");
  ROENTGEN_EXPECT_ERROR(ParseWith("/num_hidden_layers", 100'000), "num_hidden_layers: 100000");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/depth", 0), "vision_config: depth: 0 is not");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/mlp_ratio", 1e9), "mlp_ratio: 1000000000");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/patch_size", 0), "patch_size: 0 is not");
  ROENTGEN_EXPECT_ERROR(ParseWith("/rms_norm_eps", 0), "rms_norm_eps: 0 is not a positive");
  ROENTGEN_EXPECT_ERROR(ParseWith("/rope_theta", -1), "rope_theta: -1 is not a positive");
}

TEST(ModelConfig, ContradictionsNameBothSides) {
  ROENTGEN_EXPECT_ERROR(ParseWith("/num_attention_heads", 3),
                        "num_attention_heads: 3 does not divide hidden_size 16");
  ROENTGEN_EXPECT_ERROR(ParseWith("/num_key_value_heads", 4),
                        "num_key_value_heads: 4 does not divide num_attention_heads 2");
  ROENTGEN_EXPECT_ERROR(ParseWith("/num_attention_heads", 16), "16 / 16, must be even");
  ROENTGEN_EXPECT_ERROR(ParseWith("/rope_scaling/mrope_section", {2, 3, 3}),
                        "mrope_section: [2, 3, 3] must be three numbers that sum to half the "
                        "head's width, 8 / 2");
  ROENTGEN_EXPECT_ERROR(ParseWith("/rope_scaling/mrope_section", {2, 2}), "[2, 2] must be three");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/hidden_size", 8),
                        "vision_config: hidden_size: 8 is not the decoder's hidden_size 16");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/num_heads", 3),
                        "num_heads: 3 does not divide embed_dim 8");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/num_heads", 4), "8 / 4, must be a multiple of 4");
  ROENTGEN_EXPECT_ERROR(ParseWith("/image_token_id", 40), "40 is not below vocab_size 40");
  ROENTGEN_EXPECT_ERROR(ParseWith("/video_token_id", -1), "-1 is not below vocab_size 40");
}

TEST(ModelConfig, WhatIsNotComputedIsRefused) {
  ROENTGEN_EXPECT_ERROR(ParseWith("/hidden_act", "gelu"), "hidden_act: gelu is not supported");
  ROENTGEN_EXPECT_ERROR(ParseWith("/use_sliding_window", true), "use_sliding_window: true");
  ROENTGEN_EXPECT_ERROR(ParseWith("/rope_scaling/type", "yarn"), "type: yarn is not supported");
  ROENTGEN_EXPECT_ERROR(
      ParseWith("/text_config/rope_parameters/rope_type", "dynamic", test::NestedConfigJson()),
      "text_config: rope_parameters: rope_type: dynamic is not supported");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/hidden_act", "silu"), "silu is not supported");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/in_channels", 1), "in_channels: pictures have");
}

TEST(ModelConfig, LoadNamesTheFile) {
  const test::TemporaryFolder folder;
  ROENTGEN_EXPECT_ERROR(ModelConfig::Load(folder.path()), "config.json: cannot open");
  test::WriteJson(folder.path() / "config.json", test::TinyConfigJson());
  EXPECT_EQ(ModelConfig::Load(folder.path()).vocab_size, 40u);
}

}  // namespace
}  // namespace roentgen
