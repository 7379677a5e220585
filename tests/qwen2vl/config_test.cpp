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
  json["vision_config"].erase("intermediate_size");
  EXPECT_EQ(test::ParseConfig(json).vision.intermediate_size, 4 * 8u);
}

/// tests/field/M1: files that leave out what is Transformers' default.
ModelConfig ParseField(const std::string& name) {
  const std::filesystem::path path = test::SourceDir() / "tests/field/M1" / name;
  return ModelConfig::Parse({ReadJsonFile(path, 1 << 20), name});
}

TEST(ModelConfig, M1FilesThatTransformers449Saved) {
  const VisionConfig vision = ParseField("2b-by-4.49.json").vision;
  EXPECT_EQ(vision.depth, 32u);
  EXPECT_EQ(vision.embed_dim, 1280u);
  EXPECT_EQ(vision.num_heads, 16u);
  EXPECT_EQ(vision.intermediate_size, 5120u);
  EXPECT_EQ(vision.hidden_size, 1536u);
  EXPECT_EQ(vision.patch_size, 14u);
  EXPECT_EQ(vision.spatial_merge_size, 2u);
  EXPECT_EQ(vision.temporal_patch_size, 2u);
  EXPECT_EQ(ParseField("phantom-by-4.49.json"),
            ModelConfig::Load(test::SourceDir() / "models" / "phantom"));
}

TEST(ModelConfig, AKeyThatIsLeftOutHasTransformersDefault) {
  // Of the size for which every default is right.
  Json json = test::TinyConfigJson();
  json["hidden_size"] = 3584;
  json["num_attention_heads"] = 28;
  json["num_key_value_heads"] = 4;
  json["rope_scaling"]["mrope_section"] = {16, 24, 24};
  json["vocab_size"] = 152'064;
  json["vision_config"]["embed_dim"] = 1280;
  json["vision_config"]["num_heads"] = 16;
  json["vision_config"]["hidden_size"] = 3584;
  const auto without = [&](const std::string& pointer) {
    return ParseWith(pointer, nullptr, json);
  };
  EXPECT_EQ(without("/image_token_id").image_token_id, 151'655);
  EXPECT_EQ(without("/video_token_id").video_token_id, 151'656);
  EXPECT_EQ(without("/vision_start_token_id").vision_start_token_id, 151'652);
  EXPECT_EQ(without("/vision_end_token_id").vision_end_token_id, 151'653);
  EXPECT_EQ(without("/rms_norm_eps").rms_norm_eps, 1e-5);
  EXPECT_EQ(without("/rope_theta").rope_theta, 1e6);
  EXPECT_EQ(without("/max_position_embeddings").max_position_embeddings, 32'768u);
  EXPECT_FALSE(without("/tie_word_embeddings").tie_word_embeddings);
  EXPECT_EQ(without("/vision_config/depth").vision.depth, 32u);
  EXPECT_EQ(without("/vision_config/embed_dim").vision.embed_dim, 1280u);
  EXPECT_EQ(without("/vision_config/num_heads").vision.num_heads, 16u);
  EXPECT_EQ(without("/vision_config/hidden_size").vision.hidden_size, 3584u);
  EXPECT_EQ(without("/vision_config/mlp_ratio").vision.intermediate_size, 5120u);
  EXPECT_EQ(without("/vision_config").vision.depth, 32u);
}

TEST(ModelConfig, ADefaultThatDoesNotFitIsSaidToBeOne) {
  const std::string whose = ", the default of a file that leaves it out,";
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/hidden_size", nullptr),
                        "hidden_size: 3584" + whose + " is not the decoder's hidden_size 16");
  ROENTGEN_EXPECT_ERROR(ParseWith("/vision_config/num_heads", nullptr),
                        "num_heads: 16" + whose + " does not divide embed_dim 8");
  ROENTGEN_EXPECT_ERROR(ParseWith("/image_token_id", nullptr),
                        "image_token_id: 151655" + whose + " is not below vocab_size 40");
}

TEST(ModelConfig, WeightsThatOthersQuantisedAreRefusedByName) {
  const auto expect = [](const char* key, const Json& value, const std::string& by) {
    for (const char* place : {"/", "/text_config/"}) {
      const bool nested = place != std::string("/");
      const Json json = nested ? test::NestedConfigJson() : test::TinyConfigJson();
      try {
        ParseWith(place + std::string(key), value, json);
        ADD_FAILURE() << key << " " << by;
      } catch (const Error& error) {
        EXPECT_THAT(error.what(),
                    testing::HasSubstr(std::string(key) + ": quantised by " + by + ";"));
        EXPECT_THAT(error.hint(), testing::HasSubstr("--quant q4"));
        EXPECT_THAT(error.hint(), testing::HasSubstr("quantization_bit: 4"));
      }
    }
  };
  for (const char* method : {"awq", "gptq", "fp8", "compressed-tensors", "bitsandbytes"}) {
    expect("quantization_config", {{"quant_method", method}, {"bits", 4}}, method);
  }
  expect("quantization_config", {{"load_in_4bit", true}}, "bitsandbytes");
  expect("compression_config", {{"quant_method", "compressed-tensors"}}, "compressed-tensors");
  expect("quantization", {{"group_size", 64}, {"bits", 4}}, "another program");
  EXPECT_EQ(ParseWith("/quantization_config", {{"quant_method", "roentgen"}}).vocab_size, 40u);
  EXPECT_EQ(ParseWith("/quantization_config", Json::object()).vocab_size, 40u);
  EXPECT_EQ(ParseWith("/quantization_config", nullptr).vocab_size, 40u);
}

TEST(ModelConfig, OtherModelsAreRefusedByName) {
  ROENTGEN_EXPECT_ERROR(ParseWith("/model_type", "qwen2_5_vl"),
                        "config.json: model_type: qwen2_5_vl is not supported, only qwen2_vl is");
  ROENTGEN_EXPECT_ERROR(ParseWith("/model_type", nullptr), "model_type: missing");
}

// The decoder's sizes have defaults in Transformers too, but those of a model with 72 billion
// parameters.
TEST(ModelConfig, AbsentKeysAreNamed) {
  for (const char* key : {"hidden_size", "intermediate_size", "num_hidden_layers",
                          "num_attention_heads", "num_key_value_heads", "vocab_size"}) {
    ROENTGEN_EXPECT_ERROR(ParseWith(std::string("/") + key, nullptr),
                          std::string("config.json: ") + key + ": missing");
  }
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
