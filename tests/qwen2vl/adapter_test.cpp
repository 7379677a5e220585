#include "roentgen/qwen2vl/adapter.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <map>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "roentgen/qwen2vl/linear.h"
#include "roentgen/qwen2vl/merge.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

constexpr const char* kQProj = "base_model.model.model.layers.0.self_attn.q_proj";  // [16, 16]
constexpr const char* kKProj = "base_model.model.model.language_model.layers.1.self_attn.k_proj";
constexpr const char* kFc1 = "base_model.model.model.visual.blocks.0.mlp.fc1";  // [32, 8]

/// A rank-2 adapter of one linear, which tests change before they apply it.
class Adapter : public testing::Test {
 protected:
  Adapter() {
    Set(std::string(kQProj) + ".lora_A.weight", {2, 16}, 0.5f);
    Set(std::string(kQProj) + ".lora_B.weight", {16, 2}, 0.25f);
  }

  void Set(const std::string& name, std::vector<size_t> shape, float value) {
    TensorView view{DType::kF32, std::move(shape), {}};
    storage_[name].assign(view.elements(), value);
    view.data = std::as_bytes(std::span(storage_[name]));
    tensors_[name] = view;
  }

  AdapterInfo Apply() { return Apply(config_.dump()); }
  AdapterInfo Apply(const std::string& config) {
    WriteFile(folder_.path() / "adapter_config.json", config);
    SaveSafetensors(folder_.path() / "adapter_model.safetensors",
                    {tensors_.begin(), tensors_.end()});
    return ApplyAdapter(weights_, folder_.path(), pool_);
  }

  /// Applies the adapter with one key changed, which must be refused.
  void ExpectRefused(const std::string& key, const Json& value, const std::string& message) {
    const Json before = config_;
    config_[key] = value;
    ROENTGEN_EXPECT_ERROR(Apply(), message);
    config_ = before;
  }

  Linear& QProj() { return weights_.layers[0].q_proj; }

  ThreadPool pool_{2};
  test::TemporaryFolder folder_;
  Json config_ = {{"peft_type", "LORA"}, {"r", 2}, {"lora_alpha", 8}, {"bias", "none"}};
  std::map<std::string, std::vector<float>> storage_;
  std::map<std::string, TensorView> tensors_;
  ModelConfig model_config_ = test::ParseConfig(test::TinyConfigJson());
  ModelWeights weights_ = ModelWeights::Load(model_config_, test::TinyWeights(model_config_));
};

TEST_F(Adapter, EveryNamingReachesItsLinear) {
  Set(std::string(kKProj) + ".lora_A.default.weight", {2, 16}, 1.0f);
  Set(std::string(kKProj) + ".lora_B.default.weight", {8, 2}, 1.0f);
  Set(std::string(kFc1) + ".lora_A.weight", {2, 8}, 1.0f);
  Set(std::string(kFc1) + ".lora_B.weight", {32, 2}, 1.0f);
  Set("base_model.model.visual.merger.mlp.0.lora_A.weight", {2, 32}, 1.0f);
  Set("base_model.model.visual.merger.mlp.0.lora_B.weight", {32, 2}, 1.0f);
  config_["roentgen"] = {{"image_max_pixels", 589824}};  // as adapters had it once
  const AdapterInfo info = Apply();
  EXPECT_EQ(info.linears, 4u);
  EXPECT_EQ(info.rank, 2);
  EXPECT_EQ(info.image_max_pixels, 589824);
  EXPECT_EQ(info.folder, folder_.path());
  EXPECT_EQ(weights_.layers[1].k_proj.lora.size(), 1u);
  EXPECT_EQ(weights_.vision.blocks[0].fc1.lora.size(), 1u);
  EXPECT_EQ(weights_.vision.merger_fc1.lora.size(), 1u);
  ASSERT_EQ(QProj().lora.size(), 1u);
  EXPECT_EQ(QProj().lora[0].scale, 4.0f);
  EXPECT_EQ(QProj().lora[0].a->data()[31], 0.5f);
  EXPECT_EQ(QProj().lora[0].b->rows(), 16u);
}

TEST_F(Adapter, OurOwnSettingsLieBesidePeftsConfig) {
  test::WriteJson(folder_.path() / "roentgen_config.json", {{"image_max_pixels", 50176}});
  config_["roentgen"] = {{"image_max_pixels", 589824}};
  EXPECT_EQ(Apply().image_max_pixels, 50176);
}

TEST_F(Adapter, AdaptersStack) {
  Apply();
  EXPECT_EQ(Apply().image_max_pixels, std::nullopt);
  EXPECT_EQ(QProj().lora.size(), 2u);
}

TEST_F(Adapter, ScaleFollowsRsLora) {
  config_["use_rslora"] = true;
  Apply();
  EXPECT_FLOAT_EQ(QProj().lora[0].scale, 8.0f / std::sqrt(2.0f));
}

TEST_F(Adapter, TheFirstPatternThatFitsCounts) {
  Set(std::string(kQProj) + ".lora_A.weight", {3, 16}, 0.5f);
  Set(std::string(kQProj) + ".lora_B.weight", {16, 3}, 0.25f);
  const AdapterInfo info = Apply(
      R"({"peft_type": "LORA", "r": 2, "lora_alpha": 8, "rank_pattern": {"proj": 7, "q_proj": 3},
          "alpha_pattern": {"q_proj": 6, "layers.0.self_attn.q_proj": 100}})");
  EXPECT_EQ(info.rank, 3) << "proj is no whole name";
  EXPECT_EQ(QProj().lora[0].scale, 2.0f);
  ExpectRefused("rank_pattern", {{"q_proj", 2.5}}, "rank_pattern: q_proj: 2.5 is no rank");
}

// PEFT: re.match(rf"(.*\.)?({key})$", module), the first key that fits.
TEST_F(Adapter, PatternsAreRegularExpressions) {
  const std::pair<const char*, float> cases[] = {
      {R"json({"layers\\.[1-9]\\..*": 6, ".*\\.layers\\.0\\..*(q_proj|k_proj)": 32})json", 16},
      {R"json({"^model\\.layers\\.0\\.self_attn\\.q_proj": 64, "q_proj": 2})json", 32},
      {R"json({"^layers\\.0\\.self_attn\\.q_proj": 64})json", 4},  // at the start, where "model" is
      {R"json({"model\\.language_model\\..*": 64})json", 4},       // not this file's naming
      {R"json({"(?!.*k_proj).*proj": 10})json", 5},
      {R"json({"self_attn": 64})json", 4},  // a module that the linear lies in
  };
  for (const auto& [pattern, scale] : cases) {
    config_["alpha_pattern"] = Json::parse(pattern);
    Apply();
    EXPECT_EQ(QProj().lora.back().scale, scale) << pattern;
  }
  config_["alpha_pattern"] = Json::object();
  ExpectRefused("rank_pattern", {{"(q_proj", 3}},
                "rank_pattern: (q_proj: regular expression (q_proj: missing closing parenthesis");
}

TEST_F(Adapter, OtherKindsAreRefusedByName) {
  ExpectRefused("peft_type", "LOHA", "adapter_config.json: peft_type: LOHA is not supported");
  ExpectRefused("bias", "lora_only", "bias: lora_only is not supported, only none is");
  ExpectRefused("use_qalora", true, "use_qalora: not supported, only plain LoRA is");
  ExpectRefused("fan_in_fan_out", true, "fan_in_fan_out: not supported");
  ExpectRefused("layer_replication", Json::parse("[[0, 1]]"), "layer_replication: not supported");
  ExpectRefused("init_lora_weights", "pissa_niter_4", "pissa_niter_4 changes the base model's");
  for (const char* key : {"use_qalora", "fan_in_fan_out", "lora_bias"}) config_[key] = false;
  config_["init_lora_weights"] = "gaussian";
  EXPECT_EQ(Apply().linears, 1u);
}

TEST_F(Adapter, OtherKindsSayWhatToDo) {
  const auto hint = [this](const char* type) -> std::string {
    config_["peft_type"] = type;
    try {
      Apply();
    } catch (const Error& error) {
      return error.hint();
    }
    return "not refused";
  };
  for (const char* type :
       {"LOHA", "LOKR", "IA3", "ADALORA", "OFT", "VERA", "FOURIERFT", "LN_TUNING"}) {
    EXPECT_THAT(hint(type), testing::HasSubstr("with PEFT")) << type;
  }
  for (const char* type : {"PROMPT_TUNING", "PREFIX_TUNING", "P_TUNING", "XLORA"}) {
    EXPECT_THAT(hint(type), testing::HasSubstr("cannot be merged")) << type;
  }
}

TEST_F(Adapter, LoraOnEmbeddingsIsRefusedByItsReason) {
  const std::string embeddings = "base_model.model.model.language_model.embed_tokens";
  for (const char* part : {".base_layer.weight", ".lora_embedding_A"}) {
    tensors_.clear();
    Set(embeddings + part, {2, 16}, 1.0f);
    ROENTGEN_EXPECT_ERROR(Apply(), "belongs to LoRA on model.embed_tokens, which is not supported");
  }
  tensors_.clear();
  Set("base_model.model.lm_head.base_layer.weight", {2, 16}, 1.0f);
  ROENTGEN_EXPECT_ERROR(Apply(), "belongs to LoRA on lm_head, which is not supported");
}

TEST_F(Adapter, ModulesThatAreSavedMustBeThere) {
  config_["modules_to_save"] = {"merger"};
  ROENTGEN_EXPECT_ERROR(Apply(), "no tensor for visual.merger.ln_q.bias, which modules_to_save");
  for (const char* name : {"ln_q.weight", "ln_q.bias"}) {
    Set(std::string("base_model.model.visual.merger.") + name, {8}, 1.0f);
  }
  ROENTGEN_EXPECT_ERROR(Apply(), "no tensor for visual.merger.mlp.0.bias, which modules_to_save");
  EXPECT_TRUE(QProj().lora.empty());
  config_["modules_to_save"] = {"ln_q"};
  EXPECT_EQ(Apply().whole.size(), 2u);
  config_["modules_to_save"] = {"lm_head"};  // tied here, and a module all the same
  ROENTGEN_EXPECT_ERROR(Apply(), "no tensor for lm_head.weight");
  config_["modules_to_save"] = {"ln_q", "score", "classifier"};  // PEFT takes names of no module
  EXPECT_EQ(Apply().whole.size(), 2u);
}

TEST_F(Adapter, LinearsThatTargetModulesNameAndTheFileLacksAreTold) {
  const auto notes = [this](const char* key, const Json& value) {
    config_[key] = value;
    return Apply().notes;
  };
  using testing::ElementsAre;
  using testing::HasSubstr;
  using testing::IsEmpty;
  EXPECT_THAT(notes("target_modules", {"q_proj"}),
              ElementsAre(HasSubstr("no tensors for 1 of the linears that target_modules name "
                                    "(model.layers.1.self_attn.q_proj)")));
  EXPECT_THAT(notes("target_modules", {"q_proj", "k_proj"}),
              ElementsAre(HasSubstr("3 of the linears that target_modules name "
                                    "(model.layers.0.self_attn.k_proj, …)")));
  EXPECT_THAT(notes("target_modules", {"model.language_model.layers.0.self_attn.q_proj", "_proj"}),
              IsEmpty());
  EXPECT_THAT(notes("target_modules", ".*0.*q_proj"), IsEmpty());
  EXPECT_THAT(notes("target_modules", ".*q_proj"), testing::SizeIs(1));
  // Not those of the decoder, which has "language_model" in some versions' names.
  EXPECT_THAT(notes("target_modules", "^(?!.*language_model).*(?:proj|qkv|fc1|fc2).*"),
              ElementsAre(HasSubstr("4 of the linears that target_modules name (visual.")));
  config_["target_modules"] = {"q_proj"};
  EXPECT_THAT(notes("layers_to_transform", {0}), IsEmpty());
  EXPECT_THAT(notes("layers_to_transform", nullptr), testing::SizeIs(1));
  EXPECT_THAT(notes("exclude_modules", ".*layers.1.*"), IsEmpty());
}

TEST_F(Adapter, TensorsThatTheConfigLeavesOutAreRefused) {
  const auto refused = [this](const char* key, const Json& value) {
    ExpectRefused(
        key, value,
        fmt::format("adapter_model.safetensors: model.layers.0.self_attn.q_proj: it is in "
                    "the file, but {} of adapter_config.json leaves it out",
                    key));
  };
  for (const Json& targets :
       {Json({"k_proj"}), Json({"proj"}), Json::array(), Json("q_proj"), Json("^(?!.*self_attn).*"),
        Json("model\\.layers\\.1\\..*"), Json({"model.layers.1.self_attn.q_proj"})}) {
    refused("target_modules", targets);
  }
  for (const Json& targets :
       {Json({"q_proj", "k_proj"}), Json({"self_attn.q_proj"}), Json("all-linear"), Json(),
        Json("^(?!.*visual).*(?:q_proj|k_proj).*"), Json("model\\.layers\\..*_proj"),
        Json("model\\.language_model\\.layers\\.0.*|visual.*"),
        Json({"model.layers.0.self_attn.q_proj"}),
        Json({"model.language_model.layers.0.self_attn.q_proj"})}) {
    config_["target_modules"] = targets;
    EXPECT_EQ(Apply().linears, 1u) << targets;
  }
  config_["target_modules"] = {"q_proj"};
  refused("exclude_modules", Json({"q_proj"}));
  refused("exclude_modules", ".*layers\\.0.*");
  refused("layers_to_transform", Json({1, 2}));
  refused("layers_to_transform", 1);
  config_["layers_to_transform"] = {0};
  EXPECT_EQ(Apply().linears, 1u);
  config_["layers_pattern"] = "blocks";
  refused("layers_to_transform", Json({0}));
  config_["layers_pattern"] = {"blocks", "layers"};
  EXPECT_EQ(Apply().linears, 1u);
  config_["layers_to_transform"] = {1};
  config_["target_modules"] = {"model.layers.0.self_attn.q_proj"};  // whatever its layer
  EXPECT_EQ(Apply().linears, 1u);
  ExpectRefused("target_modules", ".*(", "adapter_config.json: target_modules: regular expression");
  ExpectRefused("exclude_modules", "[", "exclude_modules: regular expression");
}

TEST_F(Adapter, ConfigFlaws) {
  ExpectRefused("r", nullptr, "adapter_config.json: r: missing");
  ExpectRefused("r", 0, "r: 0 is no rank between 1 and");
  ExpectRefused("lora_alpha", nullptr, "lora_alpha: missing");
  const test::TemporaryFolder empty;
  ROENTGEN_EXPECT_ERROR(ApplyAdapter(weights_, empty.path(), pool_), "no adapter_config.json here");
  test::WriteJson(empty.path() / "adapter_config.json", config_);
  ROENTGEN_EXPECT_ERROR(ApplyAdapter(weights_, empty.path(), pool_),
                        "no adapter_model.safetensors here");
}

TEST_F(Adapter, TensorFlawsLeaveTheWeightsAlone) {
  Set(std::string(kQProj) + ".lora_A.weight", {2, 8}, 1.0f);
  ROENTGEN_EXPECT_ERROR(Apply(),
                        "model.layers.0.self_attn.q_proj: lora_A has shape [2, 8], rank 2 and the "
                        "model's linear ask for [2, 16]");
  Set(std::string(kQProj) + ".lora_A.weight", {3, 16}, 1.0f);
  ROENTGEN_EXPECT_ERROR(Apply(), "lora_A has shape [3, 16], rank 2");
  Set(std::string(kQProj) + ".lora_A.weight", {2, 16}, 1.0f);
  tensors_[std::string(kQProj) + ".lora_A.weight"].dtype = DType::kI32;
  ROENTGEN_EXPECT_ERROR(Apply(), "q_proj: I32 where F32, F16 or BF16 was expected");
  tensors_.erase(std::string(kQProj) + ".lora_A.weight");
  ROENTGEN_EXPECT_ERROR(Apply(), "model.layers.0.self_attn.q_proj: lora_A is missing");
  tensors_.clear();
  ROENTGEN_EXPECT_ERROR(Apply(), "adapter_model.safetensors: no tensors");
  EXPECT_TRUE(QProj().lora.empty());
}

TEST_F(Adapter, UnknownTensorsAndLinearsAreRefused) {
  Set("base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight", {2, 16}, 1.0f);
  ROENTGEN_EXPECT_ERROR(Apply(), "model.layers.9.self_attn.q_proj: the model has no such linear");
  EXPECT_TRUE(QProj().lora.empty()) << "all or nothing";
  tensors_.erase("base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight");
  for (const char* name : {"base_model.model.lm_head.bias", "model.layers.0.x.lora_A.weight"}) {
    Set(name, {2}, 1.0f);
    ROENTGEN_EXPECT_ERROR(Apply(),
                          std::string(name) + " is neither a factor of a linear's LoRA nor");
    tensors_.erase(name);
  }
  for (const std::string module : {"lm_head", "model.visual.patch_embed.proj"}) {
    Set("base_model.model." + module + ".lora_A.weight", {2, 16}, 1.0f);
    ROENTGEN_EXPECT_ERROR(Apply(), module + ": LoRA on it is not supported");
    tensors_.erase("base_model.model." + module + ".lora_A.weight");
  }
  Set(std::string(kQProj) + ".lora_A.default.weight", {2, 16}, 1.0f);
  ROENTGEN_EXPECT_ERROR(Apply(), "is there under two names");
}

// PEFT's modules_to_save: what the file holds replaces the base's.
TEST_F(Adapter, WholeModulesReplaceTheBases) {
  config_["modules_to_save"] = {"ln_q", "layers.1.mlp.down_proj", "language_model.norm"};
  Set("base_model.model.model.visual.merger.ln_q.weight", {8}, 3.0f);
  Set("base_model.model.visual.merger.ln_q.modules_to_save.default.bias", {8}, 4.0f);
  Set("base_model.model.model.language_model.norm.weight", {16}, 5.0f);
  Set("base_model.model.model.layers.1.mlp.down_proj.weight", {16, 24}, 6.0f);
  const std::shared_ptr<const TensorSource> base = weights_.source;
  weights_.layers[1].down_proj.lora.push_back({});  // an earlier adapter's
  const AdapterInfo info = Apply();
  EXPECT_THAT(info.whole,
              testing::ElementsAre("model.layers.1.mlp.down_proj.weight", "model.norm.weight",
                                   "visual.merger.ln_q.bias", "visual.merger.ln_q.weight"));
  EXPECT_EQ(weights_.vision.merger_norm.weight, std::vector<float>(8, 3.0f));
  EXPECT_EQ(weights_.vision.merger_norm.bias, std::vector<float>(8, 4.0f));
  EXPECT_EQ(weights_.final_norm, std::vector<float>(16, 5.0f));
  const Linear& down = weights_.layers[1].down_proj;
  EXPECT_TRUE(down.lora.empty());
  ASSERT_EQ(down.weight.dtype, DType::kF32);
  float value = 0;
  std::memcpy(&value, down.weight.Row(15), sizeof(value));
  EXPECT_EQ(value, 6.0f);
  // Whoever writes the model takes its tensors from the source.
  EXPECT_EQ(ToFloats(*weights_.source->Find("model.norm.weight")), weights_.final_norm);
  EXPECT_EQ(weights_.source->Names(), base->Names());
  EXPECT_NE(ToFloats(*base->Find("model.norm.weight")), weights_.final_norm);
}

TEST_F(Adapter, TiedEmbeddingsComeApart) {
  Json json = test::TinyConfigJson();
  json["tie_word_embeddings"] = true;
  model_config_ = test::ParseConfig(json);
  weights_ = ModelWeights::Load(model_config_, test::TinyWeights(model_config_));
  ASSERT_TRUE(SameMemory(weights_.lm_head, weights_.embed_tokens));
  const size_t vocabulary = weights_.lm_head.rows;
  const std::byte* const before = weights_.embed_tokens.data;
  config_["modules_to_save"] = {"lm_head"};
  Set("base_model.model.lm_head.weight", {vocabulary, 16}, 2.0f);
  Apply();
  EXPECT_EQ(weights_.embed_tokens.data, before);
  EXPECT_NE(weights_.lm_head.data, before);
  EXPECT_NE(weights_.source->Find("lm_head.weight"), nullptr);
}

TEST_F(Adapter, WholeModulesMustFit) {
  Set("base_model.model.model.norm.weight", {15}, 5.0f);
  ROENTGEN_EXPECT_ERROR(Apply(), "model.norm.weight has shape [15], the model's has [16]");
  Set("base_model.model.model.norm.weight", {16}, 5.0f);
  tensors_["base_model.model.model.norm.weight"].dtype = DType::kI32;
  ROENTGEN_EXPECT_ERROR(Apply(), "model.norm.weight is I32 where F32, F16 or BF16 was expected");
  tensors_.erase("base_model.model.model.norm.weight");
  Set(std::string(kQProj) + ".weight", {16, 16}, 5.0f);
  ROENTGEN_EXPECT_ERROR(Apply(), "self_attn.q_proj: it is there as LoRA and whole");
  EXPECT_TRUE(QProj().lora.empty()) << "all or nothing";
}

// Files of other programs that hold a part of the model.
TEST_F(Adapter, WeightsBesideItAreNotPassedOverInSilence) {
  for (const char* name : {"training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state_0.pth",
                           "optimizer.safetensors", "README.md", "tokenizer.json", "loss.svg"}) {
    WriteFile(folder_.path() / name, "");
  }
  EXPECT_THAT(Apply().notes, testing::IsEmpty());
  const std::vector<std::string> unread = {"adapter_model.bin",
                                           "mm_projector.bin",
                                           "modules_to_save.safetensors",
                                           "non_lora_state_dict.bin",
                                           "pytorch_model.bin",
                                           "value_head.safetensors",
                                           "weights.PTH"};
  for (const std::string& name : unread) WriteFile(folder_.path() / name, "");
  EXPECT_EQ(UnreadWeights(folder_.path()), unread);
  const AdapterInfo info = Apply();
  ASSERT_EQ(info.notes.size(), unread.size());
  EXPECT_THAT(
      info.notes[3],
      testing::HasSubstr("non_lora_state_dict.bin: not read; only adapter_model.safetensors"));
}

TEST_F(Adapter, DoraBringsRowsToTheMagnitude) {
  const std::string magnitude = std::string(kQProj) + ".lora_magnitude_vector";
  config_["use_dora"] = true;
  ROENTGEN_EXPECT_ERROR(Apply(), "lora_magnitude_vector is missing");
  Set(magnitude, {16}, 2.0f);
  ExpectRefused("use_dora", false, "a lora_magnitude_vector, but use_dora is not set");
  Apply();
  ROENTGEN_EXPECT_ERROR(Apply(), "DoRA cannot be combined with another adapter");

  // The linear gives what its merged matrix gives, whose rows are 2 long.
  OwnedMatrix x(5, 16);
  for (size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(static_cast<float>(i));
  OwnedMatrix beside(5, 16);
  OwnedMatrix added(5, 16);
  OwnedMatrix merged(5, 16);
  std::fill_n(added.data(), added.size(), 1.0f);
  roentgen::Apply(QProj(), x, beside, pool_);
  ApplyAdd(QProj(), x, added, pool_);
  MergeAdapters(weights_, MergedType::kF32, pool_);
  roentgen::Apply(QProj(), x, merged, pool_);
  for (size_t i = 0; i < merged.size(); ++i) {
    EXPECT_NEAR(beside.data()[i], merged.data()[i], 2e-6);
    EXPECT_NEAR(added.data()[i], merged.data()[i] + 1, 2e-6);
  }
  const auto* weight = reinterpret_cast<const float*>(QProj().weight.data);
  for (size_t row = 0; row < 16; ++row) {
    double squares = 0;
    for (size_t i = 0; i < 16; ++i) squares += std::pow(weight[row * 16 + i], 2);
    EXPECT_NEAR(std::sqrt(squares), 2.0, 1e-6);
  }
}

TEST_F(Adapter, MergingAddsTheProductAndRemovesTheAdapter) {
  const auto before = ToFloats(*weights_.source->Find("model.layers.0.self_attn.q_proj.weight"));
  Apply();
  Apply();
  ThreadPool pool(2);
  MergeAdapters(weights_, MergedType::kF32, pool);
  EXPECT_TRUE(QProj().lora.empty());
  ASSERT_EQ(QProj().weight.dtype, DType::kF32);
  const auto* merged = reinterpret_cast<const float*>(QProj().weight.data);
  // Twice 4 · (0.5 · 0.25 · 2), which is exact.
  for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(merged[i], before[i] + 1.0f + 1.0f);
  EXPECT_EQ(weights_.layers[1].q_proj.weight.dtype, DType::kBF16) << "not adapted, not touched";
}

TEST_F(Adapter, MergingLikeTheBaseRoundsAfterEachAdapter) {
  const auto before = ToFloats(*weights_.source->Find("model.layers.0.self_attn.q_proj.weight"));
  Apply();
  Apply();
  ThreadPool pool(1);
  MergeAdapters(weights_, MergedType::kLikeBase, pool);
  ASSERT_EQ(QProj().weight.dtype, DType::kBF16);
  const auto* merged = reinterpret_cast<const BFloat16*>(QProj().weight.data);
  for (size_t i = 0; i < before.size(); ++i) {
    const float once = ToFloat(ToBFloat16(before[i] + 1.0f));
    EXPECT_EQ(merged[i].bits, ToBFloat16(once + 1.0f).bits);
  }
}

}  // namespace
}  // namespace roentgen
