#include "roentgen/training/trained_modules.h"

#include <gmock/gmock.h>

#include "support/tiny_model.h"
#include "training/lf_golden.h"

namespace roentgen {
namespace {

TrainingArguments Tuning(FinetuningType type) {
  TrainingArguments arguments;
  arguments.finetuning_type = type;
  return arguments;
}

TEST(TrainedModules, LoraAdaptsTheLanguageModelUnlessTold) {
  TrainingArguments arguments;
  const NameFilter usual = AdaptedLinears(arguments);
  EXPECT_TRUE(usual("model.layers.0.mlp.up_proj"));
  EXPECT_FALSE(usual("visual.blocks.0.attn.qkv"));
  EXPECT_FALSE(usual("visual.merger.mlp.0"));
  arguments.freeze_vision_tower = false;
  arguments.freeze_multi_modal_projector = false;
  const NameFilter vision = AdaptedLinears(arguments);
  EXPECT_TRUE(vision("visual.blocks.0.attn.qkv"));
  EXPECT_FALSE(vision("visual.merger.mlp.0"));
}

TEST(TrainedModules, FreezeTrainsTheLastLayers) {
  const ModelConfig config = test::ParseConfig(test::TinyConfigJson());  // of two layers
  TrainingArguments arguments = Tuning(FinetuningType::kFreeze);
  arguments.freeze_trainable_layers = 1;
  const NameFilter trained = TrainedTensors(arguments, config);
  EXPECT_TRUE(trained("model.layers.1.mlp.up_proj.weight"));
  EXPECT_FALSE(trained("model.layers.0.mlp.up_proj.weight"));
  EXPECT_FALSE(trained("model.embed_tokens.weight"));
}

TEST(TrainedModules, SixteenBytesAParameter) {
  const ModelConfig config = test::ParseConfig(test::TinyConfigJson());
  const auto one = [](const std::string& name) {
    return name == "model.layers.0.mlp.up_proj.weight";
  };
  EXPECT_EQ(TrainedBytes(config, one), size_t{16} * 16 * 24);
}

TEST(TrainedModules, FullTuningOfThe2BTakesMoreThanAnOrdinaryMachineHas) {
  ROENTGEN_NEED(test::QwenFolder() / "config.json");
  const ModelConfig config = ModelConfig::Load(test::QwenFolder());
  const TrainingArguments full = Tuning(FinetuningType::kFull);
  // The language model's 1,543,714,304 parameters, embeddings tied.
  EXPECT_EQ(TrainedBytes(config, TrainedTensors(full, config)), size_t{16} * 1'543'714'304);
}

}  // namespace
}  // namespace roentgen
