#include "roentgen/training/trained_modules.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
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

TEST(TrainedModules, EveryLoraTargetIsThere) {
  const ModelConfig config = test::ParseConfig(test::TinyConfigJson());
  TrainingArguments arguments;
  const auto require = [&](std::vector<std::string> targets) {
    arguments.lora_target = std::move(targets);
    return RequireLoraTargets(arguments, config);
  };
  EXPECT_THAT(require({"all"}), testing::IsEmpty());
  EXPECT_THAT(require({"q_proj", "mlp.up_proj", "layers.1", "language_model"}), testing::IsEmpty());
  EXPECT_THAT(require({"q_proj", "qkv"}), testing::ElementsAre("qkv")) << "the tower is frozen";
  for (const char* target : {"lm_head", "embed_tokens", "typo_proj", "norm_", ".*q_proj", "all"}) {
    ROENTGEN_EXPECT_ERROR(require({"q_proj", target}),
                          std::string("lora_target: ") + target + " fits none of the linears");
  }
  EXPECT_TRUE(AdaptedLinears(arguments)("model.layers.0.self_attn.q_proj"));
  arguments.lora_target = {"language_model.layers.0"};  // Transformers 5 names it so
  EXPECT_TRUE(AdaptedLinears(arguments)("model.layers.0.self_attn.q_proj"));
  EXPECT_FALSE(AdaptedLinears(arguments)("model.layers.1.self_attn.q_proj"));
}

TEST(TrainedModules, AdditionalTargetsAreTrainedWhole) {
  const ModelConfig config = test::ParseConfig(test::TinyConfigJson());
  TrainingArguments arguments;
  arguments.additional_target = {"merger", "lm_head", "layers.1.mlp.up_proj"};
  const NameFilter whole = WholeTensors(arguments, config);
  for (const char* name : {"visual.merger.ln_q.bias", "visual.merger.mlp.2.weight",
                           "lm_head.weight", "model.layers.1.mlp.up_proj.weight"}) {
    EXPECT_TRUE(whole(name)) << name;
  }
  for (const char* name : {"model.layers.0.mlp.up_proj.weight", "model.embed_tokens.weight",
                           "visual.blocks.0.norm1.weight"}) {
    EXPECT_FALSE(whole(name)) << name;
  }
  EXPECT_FALSE(AdaptedLinears(arguments)("model.layers.1.mlp.up_proj"));
  EXPECT_TRUE(AdaptedLinears(arguments)("model.layers.0.mlp.up_proj"));
  arguments.quantization = Quantization::kNf4;
  ROENTGEN_EXPECT_ERROR(WholeTensors(arguments, config),
                        "is quantised and cannot be trained whole");
  arguments.additional_target = {"norm", "embed_tokens"};
  EXPECT_TRUE(WholeTensors(arguments, config)("model.layers.0.input_layernorm.weight"));
  arguments.additional_target = {"norm", "lm_haed"};
  ROENTGEN_EXPECT_ERROR(WholeTensors(arguments, config),
                        "additional_target: no module's name ends with \"lm_haed\"");
  arguments.additional_target = {};
  EXPECT_FALSE(WholeTensors(arguments, config)("lm_head.weight"));
}

// LLaMA-Factory adds the projector to what is trained, layers or not.
TEST(TrainedModules, FreezeTrainsTheProjectorWhereItIsNotFrozen) {
  const ModelConfig config = test::ParseConfig(test::TinyConfigJson());
  TrainingArguments arguments = Tuning(FinetuningType::kFreeze);
  EXPECT_FALSE(TrainedTensors(arguments, config)("visual.merger.mlp.0.weight"));
  arguments.freeze_multi_modal_projector = false;
  EXPECT_TRUE(TrainedTensors(arguments, config)("visual.merger.mlp.0.weight"));
  EXPECT_TRUE(TrainedTensors(arguments, config)("visual.merger.ln_q.bias"));
  EXPECT_TRUE(TrainedTensors(arguments, config)("model.layers.1.mlp.up_proj.weight"));
  EXPECT_FALSE(TrainedTensors(arguments, config)("visual.blocks.1.mlp.fc1.weight"));
  arguments.freeze_language_model = true;
  EXPECT_TRUE(TrainedTensors(arguments, config)("visual.merger.mlp.0.weight"));
  EXPECT_FALSE(TrainedTensors(arguments, config)("model.layers.1.mlp.up_proj.weight"));
}

TEST(TrainedModules, FreezeModulesAreThere) {
  const ModelConfig config = test::ParseConfig(test::TinyConfigJson());
  TrainingArguments arguments = Tuning(FinetuningType::kFreeze);
  arguments.freeze_extra_modules = {"embed_tokens", "norm"};
  EXPECT_TRUE(TrainedTensors(arguments, config)("model.embed_tokens.weight"));
  for (const char* module : {"typo", "mlp", ""}) {
    arguments.freeze_extra_modules = {"norm", module};
    ROENTGEN_EXPECT_ERROR(TrainedTensors(arguments, config),
                          std::string("freeze_extra_modules: nothing outside of the layers has a "
                                      "module \"") +
                              module);
  }
  try {
    TrainedTensors(arguments, config);
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), testing::HasSubstr("embed_tokens"));
    EXPECT_THAT(error.hint(), testing::HasSubstr("ln_q, norm, proj"));
  }
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

TEST(TrainedModules, TheProjectorOfTinyRad) {
  ROENTGEN_NEED(test::SharedRoot() / "models/tiny-rad/config.json");
  const ModelConfig config = ModelConfig::Load(test::SharedRoot() / "models/tiny-rad");
  TrainingArguments freeze = Tuning(FinetuningType::kFreeze);
  EXPECT_EQ(TrainedBytes(config, TrainedTensors(freeze, config)), size_t{16} * 1'476'608);
  freeze.freeze_multi_modal_projector = false;
  EXPECT_EQ(TrainedBytes(config, TrainedTensors(freeze, config)), size_t{16} * 2'264'448);
  freeze.freeze_language_model = true;
  EXPECT_EQ(TrainedBytes(config, TrainedTensors(freeze, config)), size_t{16} * 787'840);
}

}  // namespace
}  // namespace roentgen
