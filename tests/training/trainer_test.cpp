// Runs on phantoms with a model made for them: that they learn, stop, go on and refuse.

#include "roentgen/training/trainer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/data/phantom_set.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/qwen2vl/adapter.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/qwen2vl/new_model.h"
#include "roentgen/tensor/safetensors.h"
#include "roentgen/text/bpe_trainer.h"
#include "roentgen/training/loss_evaluation.h"
#include "support/nested_names.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TrainerTest : public testing::Test {
 protected:
  TrainerTest() {
    PhantomSetOptions phantoms;
    phantoms.output = {Path("data"), "phantom", false, false};
    phantoms.patients = 4;
    phantoms.side = 64;
    phantoms.test_share = 0.25;
    phantoms.languages = {Language::kEnglish};
    WritePhantomSet(phantoms, pool_);
    BpeTrainer vocabulary;
    OpenLlamaFactory(Path("data"), {})->ForEach([&](const SourceSample& row) {
      for (const Turn& turn : row.sample.turns) vocabulary.Add(turn.text);
    });
    NewModelShape shape;
    shape.hidden_size = 32;
    shape.intermediate_size = 48;
    shape.num_hidden_layers = 2;
    shape.num_attention_heads = 2;
    shape.num_key_value_heads = 1;
    shape.vision_depth = 1;
    shape.vision_embed_dim = 32;
    WriteNewModel(Path("model"), shape, vocabulary.Learn(400), pool_);
    Set("model_name_or_path", Path("model").string());
    Set("dataset_dir", Path("data").string());
    Set("dataset", "phantom_train");
    Set("output_dir", Path("out").string());
    Set("do_train", "true");
    Set("stage", "sft");
    Set("template", "qwen2_vl");
    Set("per_device_train_batch_size", "2");
    Set("gradient_accumulation_steps", "2");
    Set("learning_rate", "5.0e-3");
    Set("max_steps", "12");
    Set("logging_steps", "1");
    Set("save_steps", "4");
    Set("group_by_image", "true");
  }

  fs::path Path(const std::string& name) const { return folder_.path() / name; }
  void Set(const std::string& key, const std::string& value) { settings_[key] = value; }

  TrainingArguments Arguments() const {
    std::ofstream yaml(Path("run.yaml"));
    for (const auto& [key, value] : settings_) yaml << key << ": " << value << "\n";
    yaml.close();
    return ReadTrainingArguments(Path("run.yaml"), {}).arguments;
  }

  /// Trains; stop_after > 0 asks it to stop during the step after so many.
  TrainingResult Run(size_t stop_after = 0) {
    const TrainingArguments arguments = Arguments();
    PreparedRun run(arguments, pool_, Progress());
    std::stop_source stop;
    TrainingListener listener;
    listener.note = [this](const std::string& note) { notes_ += note + "\n"; };
    listener.step = [&](const StepReport& report) {
      losses_.push_back(report.loss);
      if (report.step == stop_after) stop.request_stop();
    };
    return Train(run, pool_, listener, stop.get_token());
  }

  std::string Bytes(const fs::path& file) const { return ReadFile(file, size_t{1} << 28); }

  test::TemporaryFolder folder_;
  ThreadPool pool_{2};
  std::map<std::string, std::string> settings_;
  std::vector<double> losses_;
  std::string notes_;
};

TEST_F(TrainerTest, LossFallsAndTheFilesAreThere) {
  Set("plot_loss", "true");
  Set("val_size", "0.2");
  Set("eval_strategy", "steps");
  Set("eval_steps", "6");
  const TrainingResult result = Run();
  EXPECT_EQ(result.summary.steps, 12u);
  EXPECT_LT(losses_.back(), 0.99 * losses_.front());  // the base knows nothing yet
  for (const char* file :
       {"adapter_config.json", "adapter_model.safetensors", "README.md", "trainer_log.jsonl",
        "trainer_state.json", "train_results.json", "eval_results.json", "all_results.json",
        "training_loss.svg", "training_loss.png", "checkpoint-4/trainer_state.json"}) {
    EXPECT_TRUE(FileExists(Path("out") / file)) << file;
  }
  EXPECT_FALSE(FileExists(Path("out/image_features")));
}

TEST_F(TrainerTest, AStoppedRunEndsAsIfItHadNotBeen) {
  for (const char* method : {"lora", "full"}) {
    Set("finetuning_type", method);
    Set("output_dir", Path(fmt::format("{}-whole", method)).string());
    Run();
    Set("output_dir", Path(fmt::format("{}-parts", method)).string());
    EXPECT_TRUE(Run(3).stopped);
    EXPECT_TRUE(Run(7).stopped);
    EXPECT_FALSE(Run().stopped);
    EXPECT_THAT(notes_, HasSubstr("resumed from checkpoint-7"));
    const char* file =
        settings_["finetuning_type"] == "lora" ? "adapter_model.safetensors" : "model.safetensors";
    const auto out = [&](const char* which) { return Path(fmt::format("{}-{}", method, which)); };
    EXPECT_EQ(Bytes(out("whole") / file), Bytes(out("parts") / file)) << method;
    EXPECT_EQ(ReadJsonFile(out("whole") / "trainer_state.json", 1 << 24)["log_history"][11],
              ReadJsonFile(out("parts") / "trainer_state.json", 1 << 24)["log_history"][11]);
  }
}

TEST_F(TrainerTest, AFullModelLoadsAgain) {
  Set("finetuning_type", "full");
  Set("freeze_vision_tower", "false");
  Set("freeze_multi_modal_projector", "false");
  Run();
  EXPECT_LT(losses_.back(), 0.85 * losses_.front());
  const Model tuned =
      LoadModel({"tuned", Path("out"), {}, "test"}, {}, AdapterMode::kBeside, pool_);
  EXPECT_TRUE(tuned.weights.unused.empty());
  const Safetensors before(Path("model/model.safetensors"));
  const Safetensors after(Path("out/model.safetensors"));
  EXPECT_NE(ToFloats(before.At("visual.patch_embed.proj.weight")),
            ToFloats(after.At("visual.patch_embed.proj.weight")));
}

// Names of tensors must not decide what of a trained model is written.
TEST_F(TrainerTest, ABaseWithNestedNamesIsTunedAsAFlatOne) {
  fs::copy(Path("model"), Path("nested"));
  test::NestNames(Path("nested/model.safetensors"));
  Set("max_steps", "2");
  for (const char* method : {"full", "freeze"}) {
    Set("finetuning_type", method);
    Set("freeze_trainable_layers", "1");
    for (const char* base : {"model", "nested"}) {
      Set("model_name_or_path", Path(base).string());
      Set("output_dir", Path(fmt::format("{}-{}", method, base)).string());
      Run();
    }
    const fs::path flat = Path(fmt::format("{}-model", method)) / "model.safetensors";
    const fs::path nested = Path(fmt::format("{}-nested", method)) / "model.safetensors";
    EXPECT_EQ(Bytes(flat), Bytes(nested)) << method;

    const Safetensors before(Path("model/model.safetensors"));
    const Safetensors after(nested);
    const PreparedRun run(Arguments(), pool_, Progress());
    std::set<std::string> trained;
    for (const TrainedTensor& tensor : run.parameters().tensors()) trained.insert(tensor.name);
    ASSERT_FALSE(trained.empty());
    for (const auto& [name, tensor] : before.tensors()) {
      EXPECT_EQ(!std::ranges::equal(after.At(name).data, tensor.data), trained.contains(name))
          << method << " " << name;
    }
  }
}

// M2: a base as Transformers 5 saves it.
TEST_F(TrainerTest, WhatIsWrittenLoadsByItself) {
  fs::remove(Path("model/preprocessor_config.json"));
  fs::remove(Path("model/chat_template.json"));
  const fs::path field = test::SourceDir() / "tests/field/M2";
  for (const char* file : {"processor_config.json", "chat_template.jinja"}) {
    fs::copy(field / file, Path("model"));
  }
  Set("max_steps", "1");
  Set("finetuning_type", "full");
  Run();
  EXPECT_EQ(ModelSettings::Load(Path("out")), ModelSettings::Load(Path("model")));
  EXPECT_EQ(Bytes(Path("out/chat_template.jinja")), Bytes(field / "chat_template.jinja"));
}

TEST_F(TrainerTest, QloraTrainsOnWhatNf4Keeps) {
  Set("quantization_bit", "4");
  Set("double_quantization", "true");
  Run();
  EXPECT_LT(losses_.back(), 0.99 * losses_.front());
}

TEST_F(TrainerTest, AnAdapterIsContinued) {
  Run();
  const double reached = losses_.back();
  losses_.clear();
  Set("adapter_name_or_path", Path("out").string());
  Set("output_dir", Path("more").string());
  Run();
  EXPECT_LT(losses_.front(), 1.3 * reached);
}

// rank_pattern, alpha_pattern, under either naming: what is written computes what it came from.
TEST_F(TrainerTest, AContinuedAdapterKeepsItsPatterns) {
  const auto make = [&](const std::string& name, const std::string& module, const Json& patterns) {
    std::vector<std::vector<float>> values;
    std::vector<std::pair<std::string, TensorView>> tensors;
    const auto add = [&](const std::string& tensor, size_t rows, size_t cols) {
      std::vector<float>& made = values.emplace_back(rows * cols, 0.01f);
      tensors.emplace_back(tensor, TensorView{DType::kF32, {rows, cols}, {}});
      tensors.back().second.data = std::as_bytes(std::span(made));
    };
    values.reserve(8);
    for (const int layer : {0, 1}) {
      const size_t rank = layer == 0 ? 2 : 4;
      const std::string prefix =
          fmt::format("base_model.model.{}.layers.{}.self_attn.q_proj.lora_", module, layer);
      add(prefix + "A.weight", rank, 32);
      add(prefix + "B.weight", 32, rank);
    }
    fs::create_directories(Path(name));
    SaveSafetensors(Path(name) / "adapter_model.safetensors", tensors);
    Json config = {{"peft_type", "LORA"}, {"r", 4}, {"lora_alpha", 8}, {"lora_dropout", 0.25}};
    config.update(patterns);
    WriteFile(Path(name) / "adapter_config.json", config.dump());
  };
  const Json regex = {{"rank_pattern", {{R"(layers\.0\..*)", 2}}},
                      {"alpha_pattern", {{"q_proj", 20}}}};
  make("nested", "model.language_model", regex);
  make("flat", "model", regex);
  make("full-names", "model",  // which Transformers 5 calls otherwise
       {{"rank_pattern", {{"model.layers.0.self_attn.q_proj", 2}}},
        {"alpha_pattern", {{"^model.layers.1.self_attn.q_proj", 20}}}});
  Set("learning_rate", "0");
  Set("max_steps", "1");
  for (const char* name : {"nested", "flat", "full-names"}) {
    SCOPED_TRACE(name);
    Set("adapter_name_or_path", Path(name).string());
    Set("output_dir", Path(std::string(name) + "-out").string());
    Run();
    Model model = LoadModel({"base", Path("model"), {}, "test"}, {}, AdapterMode::kBeside, pool_);
    const AdapterContent before = ReadAdapter(model.weights, Path(name));
    const AdapterContent after = ReadAdapter(model.weights, Path(std::string(name) + "-out"));
    ASSERT_EQ(after.linears.size(), 2u);
    EXPECT_EQ(after.config.dropout, 0.25) << "the adapter's own settings count";
    for (const auto& [linear, delta] : before.linears) {
      EXPECT_EQ(after.linears.at(linear).scale, delta.scale);
      EXPECT_EQ(after.linears.at(linear).a->rows(), delta.a->rows());
    }
    const bool kept = std::string(name) != "full-names";
    EXPECT_EQ(after.config.rank_pattern.front().key,
              kept ? R"(layers\.0\..*)" : "model.language_model.layers.0.self_attn.q_proj");
  }
}

// PEFT before 0.14 fails on keys that it does not know.
TEST_F(TrainerTest, TheAdaptersConfigHasOnlyKeysOfPeft012) {
  Set("max_steps", "1");
  Run();
  const Json config = ReadJsonFile(Path("out/adapter_config.json"), 1 << 20);
  const std::set<std::string> known = {"alpha_pattern",
                                       "auto_mapping",
                                       "base_model_name_or_path",
                                       "bias",
                                       "fan_in_fan_out",
                                       "inference_mode",
                                       "init_lora_weights",
                                       "layer_replication",
                                       "layers_pattern",
                                       "layers_to_transform",
                                       "loftq_config",
                                       "lora_alpha",
                                       "lora_dropout",
                                       "megatron_config",
                                       "megatron_core",
                                       "modules_to_save",
                                       "peft_type",
                                       "r",
                                       "rank_pattern",
                                       "revision",
                                       "runtime_config",
                                       "target_modules",
                                       "task_type",
                                       "use_dora",
                                       "use_rslora"};
  for (const auto& item : config.items()) EXPECT_TRUE(known.contains(item.key())) << item.key();
  EXPECT_EQ(AdapterConfig::Load(Path("out")).image_max_pixels, 768 * 768);
}

// additional_target of LLaMA-Factory, modules_to_save of PEFT.
TEST_F(TrainerTest, ModulesAreTrainedWholeBesideAnAdapter) {
  Set("additional_target", "merger,embed_tokens,lm_head");
  Run();
  EXPECT_LT(losses_.back(), 0.99 * losses_.front());
  const Json config = ReadJsonFile(Path("out/adapter_config.json"), 1 << 20);
  EXPECT_EQ(config.at("modules_to_save"), Json({"merger", "embed_tokens", "lm_head"}));
  const Safetensors file(Path("out/adapter_model.safetensors"));
  const Safetensors base(Path("model/model.safetensors"));
  for (const auto& [name, was] :
       {std::pair("base_model.model.model.visual.merger.ln_q.weight", "visual.merger.ln_q.weight"),
        std::pair("base_model.model.model.visual.merger.mlp.2.bias", "visual.merger.mlp.2.bias"),
        std::pair("base_model.model.model.language_model.embed_tokens.weight",
                  "model.embed_tokens.weight"),
        std::pair("base_model.model.lm_head.weight", "model.embed_tokens.weight")}) {
    EXPECT_NE(ToFloats(file.At(name)), ToFloats(base.At(was))) << name;
  }
  EXPECT_NE(ToFloats(file.At("base_model.model.lm_head.weight")),
            ToFloats(file.At("base_model.model.model.language_model.embed_tokens.weight")));
  EXPECT_EQ(file.Find("base_model.model.model.visual.blocks.0.norm1.weight"), nullptr);

  const double reached = losses_.back();
  losses_.clear();
  Set("adapter_name_or_path", Path("out").string());
  Set("output_dir", Path("more").string());
  Run();
  EXPECT_LT(losses_.front(), 1.3 * reached);
  const Safetensors more(Path("more/adapter_model.safetensors"));
  EXPECT_EQ(more.tensors().size(), file.tensors().size());
  EXPECT_NE(ToFloats(more.At("base_model.model.lm_head.weight")),
            ToFloats(file.At("base_model.model.lm_head.weight")));
  Set("additional_target", "merger,norm");
  ROENTGEN_EXPECT_ERROR(Run(), "the adapter that is continued does not train norm whole");
}

TEST_F(TrainerTest, AStoppedRunWithWholeModulesEndsAsIfItHadNotBeen) {
  Set("additional_target", "norm,lm_head");
  Set("quantization_bit", "4");
  Set("output_dir", Path("whole").string());
  Run();
  Set("output_dir", Path("parts").string());
  EXPECT_TRUE(Run(5).stopped);
  EXPECT_FALSE(Run().stopped);
  EXPECT_EQ(Bytes(Path("whole/adapter_model.safetensors")),
            Bytes(Path("parts/adapter_model.safetensors")));
}

TEST_F(TrainerTest, TargetsThatFitOnlyFrozenModulesAreTold) {
  Set("lora_target", "q_proj,qkv");
  Set("max_steps", "1");
  const TrainingArguments arguments = Arguments();
  const PreparedRun run(arguments, pool_, Progress());
  EXPECT_THAT(run.notes(), testing::Contains(HasSubstr("lora_target: qkv only fits frozen")));
}

TEST_F(TrainerTest, OtherRunsAreNotOverwritten) {
  Set("save_strategy", "\"no\"");
  Run();
  ROENTGEN_EXPECT_ERROR(Run(), "another run's result is there");
  Set("overwrite_output_dir", "true");
  Run();
  Set("save_strategy", "steps");
  Run();
  Set("overwrite_output_dir", "false");
  Set("dataset", "phantom_test");
  ROENTGEN_EXPECT_ERROR(Run(), "it was made with other data");
}

TEST_F(TrainerTest, H2CheckpointsOfAnotherProgramStay) {
  const auto write = [&](const std::string& file) {
    fs::create_directories(Path(file).parent_path());
    WriteFile(Path(file), "foreign");
  };
  write("out/checkpoint-4/optimizer.pt");
  write("out/checkpoint-500/optimizer.pt");
  Set("save_total_limit", "1");
  const auto refused = [&] {
    try {
      Run();
      ADD_FAILURE() << "it ran";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("out/checkpoint-4: another run's result is there"));
      EXPECT_THAT(error.hint(), HasSubstr("Name another output_dir"));
    }
    EXPECT_EQ(Bytes(Path("out/checkpoint-4/optimizer.pt")), "foreign");
    EXPECT_THAT(losses_, testing::IsEmpty());
  };
  refused();
  Set("overwrite_output_dir", "true");
  refused();
  fs::remove_all(Path("out/checkpoint-4"));
  Run();  // steps do not come to 500
  EXPECT_EQ(Bytes(Path("out/checkpoint-500/optimizer.pt")), "foreign");
  EXPECT_TRUE(FileExists(Path("out/checkpoint-12")));
  Set("overwrite_output_dir", "false");
  ROENTGEN_EXPECT_ERROR(Run(), "checkpoint-500: another run's result is there");
}

TEST_F(TrainerTest, H2AnotherProgramsResultIsNotOverwritten) {
  for (const char* file : {"adapter_model.bin", "pytorch_model.bin", "model.safetensors.index.json",
                           "adapter_model.safetensors"}) {
    fs::create_directories(Path("out"));
    WriteFile(Path("out") / file, "foreign");
    ROENTGEN_EXPECT_ERROR(Run(), "another run's result is there");
    EXPECT_EQ(Bytes(Path("out") / file), "foreign");
    fs::remove_all(Path("out"));
  }
}

TEST_F(TrainerTest, M1AnEvaluationComesAtTheEnd) {
  Set("val_size", "0.2");
  Run();
  EXPECT_FALSE(FileExists(Path("out/eval_results.json")));  // nobody asked for one
  Set("do_eval", "true");
  Set("output_dir", Path("evaluated").string());
  const std::optional<double> told = Run().summary.evaluation_loss;
  const Json results = ReadJsonFile(Path("evaluated/eval_results.json"), 10'000);
  EXPECT_EQ(told, results["eval_loss"].get<double>());
  EXPECT_EQ(ReadJsonFile(Path("evaluated/all_results.json"), 10'000)["eval_loss"],
            results["eval_loss"]);
  EXPECT_THAT(Bytes(Path("evaluated/README.md")),
              HasSubstr(fmt::format("{:.4f}", results["eval_loss"].get<double>())));

  // The same rows by what was trained, without training.
  Set("do_train", "false");
  Set("adapter_name_or_path", Path("evaluated").string());
  Set("output_dir", Path("alone").string());
  const TrainingArguments arguments = Arguments();
  const PreparedRun run(arguments, pool_, Progress());
  const EvaluationEntry entry = EvaluateAlone(run, pool_, Progress());
  EXPECT_NEAR(entry.loss, results["eval_loss"].get<double>(), 1e-5);
  EXPECT_EQ(ReadJsonFile(Path("alone/eval_results.json"), 10'000)["eval_loss"], entry.loss);
  EXPECT_EQ(ReadJsonFile(Path("alone/all_results.json"), 10'000)["eval_loss"], entry.loss);
}

// What is learned contradicts what is asked in the evaluation: the longer, the worse.
TEST_F(TrainerTest, M2TheFiguresAreThoseOfTheModelThatIsSaved) {
  fs::create_directory(Path("texts"));
  WriteFile(Path("texts/dataset_info.json"),
            R"({"yes": {"file_name": "yes.json"}, "no": {"file_name": "no.json"}})");
  for (const char* answer : {"yes", "no"}) {
    const std::string row = fmt::format(
        R"({{"instruction": "Is it?", "input": "", "output": "{0} {0} {0} {0} {0} {0}"}})", answer);
    WriteFile(Path(fmt::format("texts/{}.json", answer)), fmt::format("[{0}, {0}, {0}, {0}]", row));
  }
  Set("dataset_dir", Path("texts").string());
  Set("dataset", "yes");
  Set("eval_dataset", "no");
  Set("finetuning_type", "full");
  Set("eval_strategy", "steps");
  Set("eval_steps", "2");
  Set("save_steps", "2");
  Set("load_best_model_at_end", "true");
  Set("learning_rate", "0.05");
  Set("lr_scheduler_type", "constant");
  Run();
  const Json state = ReadJsonFile(Path("out/trainer_state.json"), 1 << 20);
  const double best = state["best_metric"];
  ASSERT_LT(state["best_global_step"], 12) << "the last model is the best: nothing is tested";
  EXPECT_EQ(ReadJsonFile(Path("out/eval_results.json"), 10'000)["eval_loss"], best);
  EXPECT_EQ(ReadJsonFile(Path("out/all_results.json"), 10'000)["eval_loss"], best);
  EXPECT_THAT(Bytes(Path("out/README.md")),
              HasSubstr(fmt::format("Its loss on the evaluation set is {:.4f}.", best)));
}

TEST_F(TrainerTest, M3WithoutItsStateTheOptimiserBeginsAnew) {
  Set("save_only_model", "true");
  EXPECT_TRUE(Run(5).stopped);
  losses_.clear();
  EXPECT_FALSE(Run().stopped);
  EXPECT_EQ(losses_.size(), 7u);
  EXPECT_THAT(notes_, HasSubstr("resumed from checkpoint-5 after step 5"));
  EXPECT_THAT(notes_, HasSubstr("checkpoint-5 has no state of the optimiser (save_only_model)"));
  EXPECT_EQ(ReadJsonFile(Path("out/trainer_state.json"), 1 << 20)["global_step"], 12);
}

TEST_F(TrainerTest, T6ARunWithMoreStepsGoesOn) {
  Run();
  losses_.clear();
  Set("max_steps", "20");
  Set("logging_steps", "1");
  Run();
  EXPECT_EQ(losses_.size(), 8u);
  EXPECT_THAT(notes_, HasSubstr("it was made for 12 steps; from here on the learning rate is that "
                                "of 20"));
  const Json state = ReadJsonFile(Path("out/trainer_state.json"), 1 << 20);
  EXPECT_EQ(state["max_steps"], 20);
  for (const Json& entry : state["log_history"]) {
    if (entry["step"] != 13 || !entry.contains("learning_rate")) continue;
    EXPECT_NEAR(entry["learning_rate"].get<double>(), 5e-3 * (20 - 12) / 20, 1e-12);
  }
}

TEST_F(TrainerTest, T6WhatCannotGoOnSaysWhatWorks) {
  Run();
  Set("max_steps", "8");
  const auto refusal = [&] {
    try {
      Run();
    } catch (const Error& error) {
      return std::string(error.what()) + " / " + error.hint();
    }
    return std::string();
  };
  EXPECT_THAT(refusal(), HasSubstr("checkpoint-12: it is 12 steps into a run, this one has 8 / To "
                                   "train its result further, name another output_dir and set "
                                   "adapter_name_or_path: " +
                                   Path("out").string()));
  // Interrupted, it has no result but its checkpoint.
  fs::remove(Path("out/adapter_config.json"));
  EXPECT_THAT(refusal(), HasSubstr("adapter_name_or_path: " + Path("out/checkpoint-12").string()));
  Set("max_steps", "12");
  Set("dataset", "phantom_test");
  EXPECT_THAT(refusal(), HasSubstr("it was made with other data / To train its result further"));
}

// With another scale the old values would compute something else, and be called what they are not.
TEST_F(TrainerTest, ARunIsNotGoneOnWithOnceItsWeightsMeanSomethingElse) {
  Run();
  const std::string adapter = Bytes(Path("out/adapter_model.safetensors"));
  const std::string config = Bytes(Path("out/adapter_config.json"));
  const auto refusal = [&](const std::vector<std::pair<std::string, std::string>>& others) {
    const auto before = settings_;
    for (const auto& [key, value] : others) Set(key, value);
    std::string text;
    try {
      Run();
    } catch (const Error& error) {
      text = std::string(error.what()) + " / " + error.hint();
    }
    settings_ = before;
    EXPECT_EQ(Bytes(Path("out/adapter_model.safetensors")), adapter);
    EXPECT_EQ(Bytes(Path("out/adapter_config.json")), config);
    return text;
  };
  const std::string both = refusal({{"lora_alpha", "32"}, {"use_rslora", "true"}});
  EXPECT_THAT(both, HasSubstr("checkpoint-12: it was trained with other settings"));
  EXPECT_THAT(both, HasSubstr("something else: lora_alpha: 16 → 32, use_rslora: false → true / To "
                              "go on with it, set them as they were. To train its result further"));
  EXPECT_THAT(refusal({{"lora_rank", "4"}}), HasSubstr("lora_alpha: 16 → 8, lora_rank: 8 → 4 / "));
  EXPECT_THAT(refusal({{"use_dora", "true"}}), HasSubstr("use_dora: false → true"));
  EXPECT_THAT(refusal({{"lora_target", "q_proj"}}), HasSubstr("lora_target: "));
  EXPECT_THAT(refusal({{"additional_target", "merger"}}),
              HasSubstr("additional_target:  → merger"));
  EXPECT_THAT(refusal({{"quantization_bit", "4"}}), HasSubstr("quantization_bit: none → 4"));
}

TEST_F(TrainerTest, ARunIsNotGoneOnWithOnAnotherBaseOrByAnotherMethod) {
  EXPECT_TRUE(Run(5).stopped);
  Set("finetuning_type", "full");
  ROENTGEN_EXPECT_ERROR(Run(), "finetuning_type: lora → full");
  Set("finetuning_type", "lora");
  // The same model elsewhere is the same base.
  fs::copy(Path("model"), Path("模型"), fs::copy_options::recursive);
  Set("model_name_or_path", Path("模型").string());
  Set("max_steps", "8");
  EXPECT_FALSE(Run().stopped);
  std::string weights = Bytes(Path("模型/model.safetensors"));
  weights.back() = static_cast<char>(weights.back() ^ 1);
  WriteFile(Path("模型/model.safetensors"), weights);
  ROENTGEN_EXPECT_ERROR(Run(),
                        "model_name_or_path: " + Path("模型").string() + " has other weights now");
  fs::rename(Path("模型"), Path("other"));
  Set("model_name_or_path", Path("other").string());
  ROENTGEN_EXPECT_ERROR(
      Run(), "model_name_or_path: " + Path("模型").string() + " → " + Path("other").string());
}

TEST_F(TrainerTest, OtherSettingsOfTheStepsAreNamed) {
  Run();
  const std::string card = Bytes(Path("out/README.md"));
  EXPECT_THAT(notes_, testing::Not(HasSubstr("settings")));
  Set("learning_rate", "1.0e-3");
  Set("seed", "7");
  Run();  // nothing is left to train
  EXPECT_THAT(notes_, HasSubstr("all steps are done: these settings change nothing any more: "
                                "data_seed: 42 → 7, learning_rate: 0.005 → 0.001, seed: 42 → 7"));
  EXPECT_EQ(Bytes(Path("out/README.md")), card);
  Set("max_steps", "16");
  EXPECT_TRUE(Run(14).stopped);
  EXPECT_THAT(notes_, HasSubstr("from here on it goes with other settings: data_seed: 42 → 7, "
                                "learning_rate: 0.005 → 0.001, seed: 42 → 7"));
  notes_.clear();
  Run();
  EXPECT_THAT(notes_, testing::Not(HasSubstr("settings")));
  const std::string longer = Bytes(Path("out/README.md"));
  EXPECT_THAT(longer, HasSubstr("- learning_rate: 0.001\n"));
  EXPECT_THAT(longer,
              HasSubstr("- changed after step 12: data_seed: 42 → 7, learning_rate: 0.005 → "
                        "0.001, seed: 42 → 7\n"));
}

TEST_F(TrainerTest, ACheckpointWithoutItsSettingsIsGoneOnWith) {
  EXPECT_TRUE(Run(5).stopped);
  const fs::path manifest = Path("out/checkpoint-5/checkpoint.json");
  Json json = ReadJsonFile(manifest, 1 << 20);
  EXPECT_EQ(json["state"].erase("weights") + json["state"].erase("parts"), 2u);
  WriteFile(manifest, json.dump());
  losses_.clear();
  Run();
  EXPECT_EQ(losses_.size(), 7u);
}

TEST_F(TrainerTest, AUsersFileInACheckpointStays) {
  Run();
  WriteFile(Path("out/checkpoint-4/mine.txt"), "mine");
  WriteFile(Path("out/checkpoint-12/我的.txt"), "我的");
  Set("overwrite_output_dir", "true");
  Set("save_total_limit", "1");
  Run();
  EXPECT_EQ(Bytes(Path("out/checkpoint-4/mine.txt")), "mine");
  EXPECT_EQ(Bytes(Path("out/checkpoint-12/我的.txt")), "我的");
  EXPECT_FALSE(FileExists(Path("out/checkpoint-8")));
}

TEST_F(TrainerTest, L7WhetherToResumeCanBeSaid) {
  Set("resume_from_checkpoint", "true");
  ROENTGEN_EXPECT_ERROR(Run(), "no checkpoint to go on from");
  Set("resume_from_checkpoint", "false");
  EXPECT_TRUE(Run(5).stopped);
  ROENTGEN_EXPECT_ERROR(Run(), "checkpoint-5: another run's result is there");
  Set("resume_from_checkpoint", "true");
  losses_.clear();
  Run();
  EXPECT_EQ(losses_.size(), 7u);
  Set("resume_from_checkpoint", "false");
  Set("overwrite_output_dir", "true");
  losses_.clear();
  Run();
  EXPECT_EQ(losses_.size(), 12u);
  Set("resume_from_checkpoint", Path("foreign").string());
  fs::create_directories(Path("foreign"));
  ROENTGEN_EXPECT_ERROR(Run(), "no checkpoint of ours");
}

TEST_F(TrainerTest, L15ADamagedCheckpointIsNamedOnce) {
  EXPECT_TRUE(Run(5).stopped);
  WriteFile(Path("out/checkpoint-5/trained.txt"), "");
  WriteFile(Path("out/checkpoint-5/optimizer.safetensors"), "");
  Run();
  EXPECT_THAT(notes_, HasSubstr("checkpoint-5 is passed over: "));
  EXPECT_THAT(notes_, testing::Not(HasSubstr("passed over: checkpoint-5 is passed over")));
}

TEST_F(TrainerTest, L15AnImageInBase64IsNotRepeated) {
  const std::string pixels(5000, 'A');
  WriteFile(Path("data/inline.json"),
            fmt::format(R"([{{"instruction": "<image>Q", "input": "", "output": "A",)"
                        R"( "images": ["data:image/png;base64,{}"]}}])",
                        pixels));
  WriteFile(Path("data/dataset_info.json"),
            R"({"inline": {"file_name": "inline.json", "columns": {"prompt":)"
            R"( "instruction", "query": "input", "response": "output", "images":)"
            R"( "images"}}})");
  Set("dataset", "inline");
  try {
    Run();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("row 1"));
    EXPECT_LT(std::string(error.what()).size(), 400u);
  }
}

TEST_F(TrainerTest, WhatCannotBeTrainedIsRefused) {
  Set("lora_target", "no_such_module");
  EXPECT_THROW(Run(), Error);
  Set("lora_target", "all");
  Set("lora_rank", "1000");
  EXPECT_THROW(Run(), Error);
  Set("lora_rank", "8");
  Set("cutoff_len", "16");
  EXPECT_THROW(Run(), Error);
  Set("cutoff_len", "1024");
  Set("finetuning_type", "freeze");
  Set("freeze_trainable_modules", "nothing");
  ROENTGEN_EXPECT_ERROR(Run(), "no layer has a module \"nothing\"");
}

TEST_F(TrainerTest, ALossThatIsNotFiniteStopsTheRun) {
  Set("learning_rate", "1.0e+30");
  Set("max_grad_norm", "0");
  Set("lr_scheduler_type", "constant");
  Set("save_steps", "1");
  ROENTGEN_EXPECT_ERROR(Run(), "is not finite");
  EXPECT_TRUE(FileExists(Path("out/checkpoint-1/adapter_model.safetensors")));
}

}  // namespace
}  // namespace roentgen
