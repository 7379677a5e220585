// LLaMA-Factory's `do_predict`, from its own YAML: its answers and its scores, golden/train/lf.

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/predict_arguments.h"
#include "roentgen/evaluation/predict_results.h"
#include "roentgen/evaluation/run_folder.h"
#include "support/json_lines.h"
#include "training/lf_golden.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

/// A prompt with each picture's placeholders as one, as our files have it.
std::string OnePlaceholderEach(std::string prompt) {
  const std::string pad = "<|image_pad|>";
  for (size_t at; (at = prompt.find(pad + pad)) != std::string::npos;) prompt.erase(at, pad.size());
  return prompt;
}

std::string Antarctic(int times) {
  std::string text;
  while (times-- > 0) text += " Antarctic";
  return text;
}

/// What Transformers 5.23 and PEFT 0.21 answer to these prompts, greedily. LLaMA-Factory's own
/// answers begin alike, but it generates without M-RoPE (it hands Transformers neither positions
/// nor token types, so that image tokens count as text; with positions 0, 1, 2, … Transformers
/// gives its answers), which is not what the model was trained with.
const std::vector<std::string>& TransformersAnswers() {
  static const std::vector<std::string> kAnswers = {"Scaling",
                                                    Antarctic(12) + "Scaling",
                                                    Antarctic(16),
                                                    "Scaling",
                                                    "Scaling",
                                                    " Antarctic被执行",
                                                    "Scaling",
                                                    "Scaling",
                                                    " Antarctic",
                                                    Antarctic(16),
                                                    Antarctic(15) + "Scaling",
                                                    Antarctic(16)};
  return kAnswers;
}

fs::path LlamaFactoryOutput() {
  return test::LlamaFactoryGolden() / "out" / "predict";
}

TEST(PredictArgumentsGolden, AsksWhatLlamaFactoryAsksAndAnswersAsTransformers) {
  ROENTGEN_NEED_LLAMAFACTORY();
  const fs::path golden = test::LlamaFactoryGolden();
  const test::TemporaryFolder folder;
  const fs::path out = folder.path() / "out";
  const std::vector<std::string> overrides = {
      "model_name_or_path=" + test::TinyLfModel(folder.path()),
      "dataset_dir=" + (golden / "data").string(), "allow_outside=true",
      "adapter_name_or_path=" + (golden / "out" / "train_strong").string(),
      "output_dir=" + out.string()};
  const TrainingArguments arguments =
      ReadTrainingArguments(golden / "yaml" / "predict.yaml", overrides).arguments;
  ThreadPool pool(2);
  std::vector<std::string> notes;
  const PredictRunResult result = PredictFromArguments(
      arguments, pool, [&](const std::string& note) { notes.push_back(note); });
  EXPECT_THAT(notes, testing::IsEmpty());

  const std::vector<Json> theirs =
      test::JsonLines(LlamaFactoryOutput() / "generated_predictions.jsonl");
  const std::vector<Prediction> ours = ReadPredictions(PredictionsFile(out, ShownImages::kTrue));
  ASSERT_EQ(ours.size(), theirs.size());
  EXPECT_EQ(result.answers, theirs.size());
  for (size_t i = 0; i < theirs.size(); ++i) {
    EXPECT_EQ(ours[i].prompt, OnePlaceholderEach(theirs[i].at("prompt")));
    EXPECT_EQ(ours[i].label, theirs[i].at("label"));
    EXPECT_EQ(ours[i].predict, TransformersAnswers()[i]) << i;
  }
  const Json results = ReadJsonFile(out / "predict_results.json", size_t{1} << 20);
  EXPECT_TRUE(results.contains("predict_bleu-4"));
  EXPECT_FALSE(results.contains("predict_rouge-1"));  // an answer has Chinese
  EXPECT_EQ(ReadJsonFile(out / "all_results.json", size_t{1} << 20), results);
}

TEST(PredictArgumentsGolden, ScoresAreLlamaFactorys) {
  ROENTGEN_NEED(LlamaFactoryOutput() / "predict_results.json");
  const test::TemporaryFolder folder;
  fs::copy(LlamaFactoryOutput() / "generated_predictions.jsonl", folder.path());
  WriteFile(folder.path() / "all_results.json", R"({"train_loss": 1.5})");
  ThreadPool pool(2);
  WritePredictResults(folder.path(), 12, 3.1373, pool);
  const Json ours = ReadJsonFile(folder.path() / "predict_results.json", size_t{1} << 20);
  Json theirs = ReadJsonFile(LlamaFactoryOutput() / "predict_results.json", size_t{1} << 20);
  theirs.erase("predict_model_preparation_time");  // of their trainer
  // numpy adds in another order.
  EXPECT_DOUBLE_EQ(ours.at("predict_bleu-4"), theirs.at("predict_bleu-4"));
  theirs["predict_bleu-4"] = ours.at("predict_bleu-4");
  EXPECT_EQ(ours, theirs);
  theirs["train_loss"] = 1.5;
  EXPECT_EQ(ReadJsonFile(folder.path() / "all_results.json", size_t{1} << 20), theirs);
  WriteFile(folder.path() / "all_results.json", "[1]");
  ROENTGEN_EXPECT_ERROR(WritePredictResults(folder.path(), 12, 1, pool), "expected an object");
}

}  // namespace
}  // namespace roentgen
