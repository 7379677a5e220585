// `roentgen train` as a user meets it: from nothing to an adapter, killed at any moment, told to
// stop, asked for a plan, measured.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <algorithm>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "apps/small_model.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::Program;
using test::ReadAll;
using test::RunProgram;
using testing::HasSubstr;

class TrainProgram : public testing::Test {
 protected:
  void SetUp() override {
    test::MakePhantomsAndModel(folder_.path(), "4");
    WriteFile(Path("run.yaml"),
              fmt::format("model_name_or_path: {}\ndataset_dir: {}\ndataset: phantom_train\n"
                          "stage: sft\ndo_train: true\ntemplate: qwen2_vl\nbf16: true\n"
                          "max_steps: 200\nper_device_train_batch_size: 2\nlearning_rate: 1.0e-3\n"
                          "save_steps: 3\nsave_total_limit: 2\nlogging_steps: 1\n",
                          Path("model"), Path("data")));
  }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::vector<std::string> Train(const std::string& out) const {
    return {"train", Path("run.yaml"), "output_dir=" + Path(out)};
  }

  test::TemporaryFolder folder_;
};

TEST_F(TrainProgram, KilledAtAnyMomentItEndsTheSame) {
  const Outcome whole = RunProgram(Train("whole"));
  ASSERT_EQ(whole.status, 0) << whole.err;
  EXPECT_THAT(whole.err, HasSubstr("without meaning here: bf16"));
  std::minstd_rand random(7);
  int kills = 0;
  for (int i = 0; i < 200; ++i) {
    Program program(Train("killed"));
    std::this_thread::sleep_for(std::chrono::milliseconds(10 + random() % 250));
    program.Kill();
    const int status = program.Wait().status;
    if (status == 0) break;
    ASSERT_EQ(status, 128 + SIGKILL);
    ++kills;
  }
  EXPECT_GT(kills, 0);
  ASSERT_EQ(RunProgram(Train("killed")).status, 0);
  EXPECT_EQ(ReadAll(Path("whole/adapter_model.safetensors")),
            ReadAll(Path("killed/adapter_model.safetensors")));
}

TEST_F(TrainProgram, AnInterruptSavesAndStops) {
  std::vector<std::string> arguments = Train("stopped");
  arguments.emplace_back("max_steps=100000");
  arguments.emplace_back("save_steps=100000");
  Program program(arguments);
  for (int i = 0; i < 3000 && !FileExists(Path("stopped/trainer_log.jsonl")); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  program.Interrupt();
  const Outcome outcome = program.Wait();
  EXPECT_EQ(outcome.status, 130);
  EXPECT_THAT(outcome.err, HasSubstr("the same command goes on from there"));
  size_t checkpoints = 0;
  for (const auto& entry : fs::directory_iterator(Path("stopped"))) {
    checkpoints += entry.path().filename().string().starts_with("checkpoint-") ? 1 : 0;
  }
  EXPECT_EQ(checkpoints, 1u);
}

TEST_F(TrainProgram, AnAdapterIsMergedIntoAModelOfItsOwn) {
  std::vector<std::string> arguments = Train("out");
  arguments.emplace_back("max_steps=5");
  ASSERT_EQ(RunProgram(arguments).status, 0);
  const std::vector<std::string> merge = {"merge",     "--model", Path("model"), "--adapter",
                                          Path("out"), "--out",   Path("merged")};
  const Outcome outcome = RunProgram(merge);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("merged against unmerged: logits differ by at most"));
  EXPECT_EQ(RunProgram({"inspect", "model", "--model", Path("merged")}).status, 0);
  EXPECT_EQ(RunProgram(merge).status, 0);  // its own is replaced
  const Outcome other =
      RunProgram({"quantize", "--model", Path("model"), "--quant", "q8", "--out", Path("merged")});
  EXPECT_THAT(other.err, HasSubstr("was made by this program's merge"));
}

TEST_F(TrainProgram, ThePlanTellsAndWritesNothing) {
  std::vector<std::string> arguments = Train("planned");
  arguments.emplace_back("--plan");
  const Outcome outcome = RunProgram(arguments);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("200 steps"));
  EXPECT_THAT(outcome.out, HasSubstr("measured: "));
  EXPECT_FALSE(FileExists(Path("planned")));
}

TEST_F(TrainProgram, RowsThatAreLeftOutAreCountedAtTheEnd) {
  WriteFile(Path("some.json"), R"([{"instruction": "Q1", "output": "A1"},
      {"instruction": "Q2", "output": null}, {"instruction": "Q3", "output": "A3"}])");
  WriteFile(Path("dataset_info.json"),
            R"({"some": {"file_name": "some.json"}, "none": {"file_name": "none.json"}})");
  WriteFile(Path("none.json"), R"([{"instruction": "Q1", "output": null}])");
  std::vector<std::string> arguments = Train("out");
  arguments.insert(arguments.end(), {"dataset_dir=" + folder_.path().string(), "dataset=some",
                                     "max_steps=1", "media_dir=" + Path("data")});
  const std::string count = "left out: 1 of 3 rows of some";
  const Outcome outcome = RunProgram(arguments);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("some.json: row 2: no answer: \"output\" is "));
  EXPECT_THAT(outcome.out, HasSubstr(count));
  arguments.emplace_back("--plan");
  EXPECT_THAT(RunProgram(arguments).out, HasSubstr(count));
  arguments.emplace_back("dataset=none");
  const Outcome none = RunProgram(arguments);
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("every row is left out"));
}

TEST_F(TrainProgram, TheBenchmarkTellsOfOneStep) {
  const Outcome outcome =
      RunProgram({"bench", "train", "--model", Path("model"), "--runs", "1", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["tokens"], 322);
  EXPECT_EQ(json["trained_values"], 2 * 8 * (2 * 64 + 2 * 48 + 3 * 80));  // q and o; k, v; the rest
  const double seconds = json["step_seconds"];
  const double peak = json["fma_peak_gflops"];
  EXPECT_GT(seconds, 0);
  EXPECT_GT(json["step_processor_seconds"], 0);
  EXPECT_NEAR(json["tokens_per_second"], 322 / seconds, 1e-6 / seconds);
  EXPECT_NEAR(json["share_of_fma_peak"], json["operations"].get<double>() / seconds / peak * 1e-9,
              1e-9);
  // Every token goes forward and back through the first layer's output and perceptron.
  EXPECT_GT(json["operations"], 2 * 2 * 322 * (32 * 32 + 3 * 32 * 48));
  EXPECT_GT(json["peak_memory_bytes"], 1 << 20);
  EXPECT_FALSE(json.contains("epoch_measured"));
}

TEST_F(TrainProgram, TheBenchmarkExtrapolatesAnEpoch) {
  std::string rows;
  fs::create_directories(Path("rad/VQA_RAD Image Folder"));
  for (const char* image : {"rgb.png", "baseline.jpg", "bilevel.png"}) {
    fs::copy_file(test::SourceDir() / "fuzz/seeds/image_fuzz" / image,
                  Path(fmt::format("rad/VQA_RAD Image Folder/{}", image)));
    for (const char* type : {"freeform", "para", "test_freeform"}) {
      rows += fmt::format(
          R"({}{{"qid": "{}{}", "phrase_type": "{}", "image_name": "{}", "image_organ": "HEAD",)"
          R"("question": "Is it?", "question_type": "PRES", "answer": "Yes", "answer_type": "CLOSED"}})",
          rows.empty() ? "" : ",", type, image, type, image);
    }
  }
  WriteFile(Path("rad/VQA_RAD Dataset Public.json"), "[" + rows + "]");
  const Outcome outcome = RunProgram({"bench", "train", "--model", Path("model"), "--runs", "1",
                                      "--data", Path("rad"), "--images", "2", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  const nlohmann::json& measured = json["epoch_measured"];
  EXPECT_EQ(measured["images"], 2);
  EXPECT_EQ(measured["samples"], 4);
  EXPECT_EQ(measured["steps"], 1);
  const nlohmann::json& whole = json["epoch_extrapolated"];
  EXPECT_EQ(whole["images"], 3);
  EXPECT_EQ(whole["samples"], 6);
  const double features = whole["feature_seconds"];
  const double steps = whole["step_seconds"];
  EXPECT_NEAR(features, 1.5 * measured["feature_seconds"].get<double>(), 1e-9);
  EXPECT_NEAR(steps / whole["computed_tokens"].get<double>(),
              measured["step_seconds"].get<double>() / measured["computed_tokens"].get<double>(),
              1e-9);
  EXPECT_NEAR(whole["samples_per_second"], 6 / (features + steps), 1e-6);
}

TEST_F(TrainProgram, ItTrainsAndThenLetsTheAdapterAnswer) {
  std::vector<std::string> arguments = Train("both");
  for (const char* more :
       {"max_steps=2", "do_predict=true", "predict_with_generate=true", "do_sample=false",
        "eval_dataset=phantom_test", "max_samples=6", "max_new_tokens=4"}) {
    arguments.emplace_back(more);
  }
  const Outcome outcome = RunProgram(arguments);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json run = nlohmann::json::parse(ReadAll(Path("both/run.json")));
  EXPECT_EQ(run["adapters"][0]["folder"], Path("both"));
  EXPECT_EQ(run["work"]["answers"], 6);
  const nlohmann::json results = nlohmann::json::parse(ReadAll(Path("both/all_results.json")));
  EXPECT_TRUE(results.contains("train_loss"));
  EXPECT_TRUE(results.contains("predict_bleu-4"));
  EXPECT_TRUE(fs::exists(Path("both/generated_predictions.jsonl")));
}

// As LLaMA-Factory's unsupervised processor: rows without an answer are asked all the same.
TEST_F(TrainProgram, RowsWithoutAnAnswerAreAsked) {
  WriteFile(Path("some.json"), R"([{"instruction": "Is it so?", "output": "Yes"},
      {"instruction": "Why?", "output": null}, {"instruction": "这是什么？"}])");
  WriteFile(Path("dataset_info.json"), R"({"some": {"file_name": "some.json"}})");
  std::vector<std::string> arguments = Train("asked");
  arguments.insert(
      arguments.end(),
      {"do_train=false", "do_predict=true", "predict_with_generate=true", "do_sample=false",
       "max_new_tokens=2", "dataset_dir=" + folder_.path().string(), "eval_dataset=some"});
  const Outcome outcome = RunProgram(arguments);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("2 of 3 rows have no answer: the model is asked, the scores "
                                     "leave them out"));
  EXPECT_THAT(outcome.err, testing::Not(HasSubstr("left out: ")));
  const std::string answers = ReadAll(Path("asked/generated_predictions.jsonl"));
  EXPECT_EQ(std::count(answers.begin(), answers.end(), '\n'), 3);
  EXPECT_THAT(answers, HasSubstr("这是什么？"));
  EXPECT_TRUE(nlohmann::json::parse(ReadAll(Path("asked/predict_results.json")))
                  .contains("predict_bleu-4"));
}

TEST_F(TrainProgram, ItPredictsOnWhatValSizeTakes) {
  std::vector<std::string> arguments = Train("part");
  for (const char* more : {"do_predict=true", "predict_with_generate=true", "do_sample=false",
                           "max_steps=1", "max_samples=10", "val_size=0.3", "max_new_tokens=2"}) {
    arguments.emplace_back(more);
  }
  const Outcome outcome = RunProgram(arguments);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json run = nlohmann::json::parse(ReadAll(Path("part/run.json")));
  EXPECT_EQ(run["work"]["answers"], 3);
  EXPECT_EQ(run["data"]["dataset"], nlohmann::json::array({"phantom_train"}));
}

TEST_F(TrainProgram, T1TheWebInterfacesFileIsPlanned) {
  const Outcome outcome = RunProgram(
      {"train", (test::SourceDir() / "tests/field/T1/webui.yaml").string(),
       "model_name_or_path=" + Path("model"), "dataset_dir=" + Path("data"),
       "dataset=phantom_train", "output_dir=" + Path("planned"), "cutoff_len=1024", "--plan"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("without meaning here: "));
  EXPECT_THAT(outcome.err, HasSubstr("enable_thinking"));
}

TEST_F(TrainProgram, M1ItEvaluatesWithoutTraining) {
  std::vector<std::string> arguments = Train("evaluated");
  for (const char* more : {"do_train=false", "do_eval=true", "eval_dataset=phantom_test"}) {
    arguments.emplace_back(more);
  }
  const Outcome outcome = RunProgram(arguments);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("eval_loss "));
  EXPECT_TRUE(
      nlohmann::json::parse(ReadAll(Path("evaluated/eval_results.json"))).contains("eval_loss"));
  EXPECT_FALSE(FileExists(Path("evaluated/adapter_model.safetensors")));
  arguments.emplace_back("--plan");
  const Outcome plan = RunProgram(arguments);
  EXPECT_EQ(plan.status, 2);
  EXPECT_THAT(plan.err, HasSubstr("there are no steps to plan"));
  EXPECT_THAT(plan.err, HasSubstr("Without --plan it evaluates (do_eval)."));
}

TEST_F(TrainProgram, M11AnswersOfAnotherRunAreReplacedWhenAskedFor) {
  std::vector<std::string> arguments = Train("answers");
  for (const char* more : {"do_train=false", "do_predict=true", "predict_with_generate=true",
                           "do_sample=false", "eval_dataset=phantom_test", "max_new_tokens=2"}) {
    arguments.emplace_back(more);
  }
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), more.begin(), more.end());
    return RunProgram(all);
  };
  ASSERT_EQ(with({"max_samples=3"}).status, 0);
  const Outcome refused = with({"max_samples=5"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("Name another folder with output_dir"));
  EXPECT_THAT(refused.err, testing::Not(HasSubstr("--out")));
  const Outcome replaced = with({"max_samples=5", "overwrite_output_dir=true"});
  EXPECT_EQ(replaced.status, 0) << replaced.err;
  EXPECT_EQ(nlohmann::json::parse(ReadAll(Path("answers/run.json")))["work"]["answers"], 5);
}

TEST_F(TrainProgram, M12ImagesAreLookedForInTheMediaFolder) {
  fs::create_directories(Path("elsewhere"));
  for (const auto& entry : fs::directory_iterator(Path("data"))) {
    if (entry.is_directory()) {
      fs::rename(entry.path(), fs::path(Path("elsewhere")) / entry.path().filename());
    }
  }
  std::vector<std::string> arguments = Train("media");
  arguments.emplace_back("--plan");
  EXPECT_EQ(RunProgram(arguments).status, 1);
  arguments.emplace_back("media_dir=" + Path("elsewhere"));
  const Outcome found = RunProgram(arguments);
  EXPECT_EQ(found.status, 0) << found.err;
}

TEST_F(TrainProgram, L9FlagsOfLlamaFactoryAreAnswered) {
  const Outcome flags = RunProgram({"train", "--stage", "sft", "--do_train", "True"});
  EXPECT_EQ(flags.status, 2);
  EXPECT_THAT(flags.err, HasSubstr("--stage: settings are not given as options"));
  EXPECT_THAT(flags.err, HasSubstr("Put them into a YAML file, a line \"stage: VALUE\""));
  const Outcome typo = RunProgram({"train", Path("run.yaml"), "--plann"});
  EXPECT_EQ(typo.status, 2);
  EXPECT_THAT(typo.err, HasSubstr("--plann: no such option"));
  EXPECT_EQ(RunProgram({"train"}).status, 2);
}

TEST_F(TrainProgram, WithNothingToDoItSaysSo) {
  std::vector<std::string> arguments = Train("none");
  arguments.emplace_back("do_train=false");
  const Outcome outcome = RunProgram(arguments);
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("do_train"));
}

TEST_F(TrainProgram, WrongSettingsAreNamedWithTheirLine) {
  std::vector<std::string> arguments = Train("wrong");
  arguments.emplace_back("learning_rat=1");
  const Outcome outcome = RunProgram(arguments);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("learning_rate"));
  WriteFile(Path("run.yaml"), "stage: sft\ndo_train: [\n");
  EXPECT_THAT(RunProgram(Train("wrong")).err, HasSubstr("line "));
}

}  // namespace
}  // namespace roentgen
