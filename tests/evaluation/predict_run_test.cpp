// Whole runs of a small model: what they keep, and whether they show that the image is used.

#include "roentgen/evaluation/predict_run.h"

#include <gmock/gmock.h>

#include <set>

#include "inference/generated_model.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/output.h"
#include "roentgen/base/output_folder.h"
#include "roentgen/evaluation/answered_run.h"
#include "roentgen/evaluation/image_hash.h"
#include "roentgen/imaging/encode_png.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

class PredictRunTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 6; ++i) {
      const fs::path file = folder_.path() / ("image" + std::to_string(i) + ".png");
      std::vector<uint8_t> grey(56 * 56);
      for (size_t p = 0; p < grey.size(); ++p) grey[p] = static_cast<uint8_t>(p * (i + 1) >> 2);
      WriteFile(file, EncodePng(grey, {56, 56}));
      Sample& sample = samples_.emplace_back();
      sample.id = "question-" + std::to_string(i);
      sample.images = {file.string()};
      sample.turns = {{Role::kUser, "<image>What is shown?"}, {Role::kAssistant, "a heart"}};
    }
  }

  PredictRunResult Run(const Model& model, const std::string& name) {
    return PredictRun({model, tokenizer_, {}, samples_, {{"path", "test"}}}, options_,
                      folder_.path() / name, pool_);
  }

  /// What the run says about each kind of other images.
  std::map<ShownImages, ImageUse> ImageUseOf(const Model& model, const std::string& name) {
    Run(model, name);
    return ReadAnsweredRun(folder_.path() / name, pool_).image_use;
  }

  static PredictRunOptions Options() {
    PredictRunOptions options;
    options.images = {ShownImages::kTrue, ShownImages::kSwapped, ShownImages::kBlank,
                      ShownImages::kNoise};
    options.generation.max_new_tokens = 5;
    return options;
  }

  test::TemporaryFolder folder_;
  ThreadPool pool_{2};
  Tokenizer tokenizer_ = test::ByteTokenizer();
  std::vector<Sample> samples_;
  PredictRunOptions options_ = Options();
};

TEST_F(PredictRunTest, OfAModelThatDropsTheImageTheVerdictIsNo) {
  const Model blind = test::BlindModel(tokenizer_);
  const auto uses = ImageUseOf(blind, "blind");
  EXPECT_EQ(uses.size(), 3u);
  for (const auto& [shown, use] : uses) {
    EXPECT_EQ(use.verdict(), ImageUseVerdict::kNo) << NameOf(shown);
    EXPECT_EQ(use.changed, 0u) << NameOf(shown);
    EXPECT_EQ(use.examples, samples_.size());
    EXPECT_THAT(Describe(use, "others"), testing::HasSubstr("depend on the image: no"));
  }
}

TEST_F(PredictRunTest, OfTheSameModelThatSeesItAnswersChange) {
  const Model seeing = test::GeneratedModel(tokenizer_);
  for (const auto& [shown, use] : ImageUseOf(seeing, "seeing")) {
    EXPECT_GT(use.changed, 0u) << NameOf(shown);
    EXPECT_NE(use.verdict(), ImageUseVerdict::kNo) << NameOf(shown);
  }
}

TEST_F(PredictRunTest, ASecondCallAsksNothing) {
  const Model model = test::GeneratedModel(tokenizer_);
  EXPECT_EQ(Run(model, "run").work.questions, 4 * samples_.size());
  const std::string before = ReadFile(folder_.path() / "run" / "run.json", 1 << 20);
  const PredictRunResult again = Run(model, "run");
  EXPECT_EQ(again.work.questions, 0u);
  EXPECT_EQ(again.work.encodings, 0u);
  EXPECT_EQ(again.answered_before, 4 * samples_.size());
  EXPECT_EQ(ReadFile(folder_.path() / "run" / "run.json", 1 << 20), before);
}

TEST_F(PredictRunTest, OtherWeightsAreAnotherRun) {
  Run(test::GeneratedModel(tokenizer_), "run");
  const Model blind = test::BlindModel(tokenizer_);
  ROENTGEN_EXPECT_ERROR(Run(blind, "run"), "another run is in this folder: model.sha256");
}

TEST_F(PredictRunTest, ASwapMapDecidesWhatIsShown) {
  for (size_t i = 0; i < samples_.size(); ++i) {
    options_.swapped[samples_[i].images[0]] = samples_[(i + 1) % samples_.size()].images[0];
  }
  Run(test::GeneratedModel(tokenizer_), "run");
  const auto swapped =
      ReadPredictions(PredictionsFile(folder_.path() / "run", ShownImages::kSwapped));
  EXPECT_EQ(swapped[0].images, samples_[1].images);
  EXPECT_EQ(swapped[5].images, samples_[0].images);
  options_.swapped.erase(samples_[3].images[0]);
  ROENTGEN_EXPECT_ERROR(Run(test::GeneratedModel(tokenizer_), "other"),
                        "image3.png: no other image is to take its place");
}

TEST_F(PredictRunTest, ReferencesAreAsLlamaFactoryWritesThem) {
  Run(test::GeneratedModel(tokenizer_), "run");
  const auto lines = ReadPredictions(PredictionsFile(folder_.path() / "run", ShownImages::kTrue));
  EXPECT_EQ(lines[0].label, "a heart\n");
  EXPECT_EQ(lines[0].question, "What is shown?");
  EXPECT_THAT(lines[0].prompt,
              testing::HasSubstr("<|vision_start|><|image_pad|><|vision_end|>What is shown?"));
}

TEST_F(PredictRunTest, RowsSayWhatIdentifiesThem) {
  samples_[0].extra["patient_id"] = "LiMing-7";
  samples_[0].extra["premise"] = false;
  Run(test::GeneratedModel(tokenizer_), "run");
  const fs::path folder = folder_.path() / "run";
  const auto lines = ReadPredictions(PredictionsFile(folder, ShownImages::kTrue));
  EXPECT_EQ(lines[0].patient, Sha256Hex(std::string_view("LiMing-7")));
  EXPECT_EQ(lines[1].patient, "");
  EXPECT_THAT(lines[0].fields.at("premise"), testing::ElementsAre("false"));
  std::set<std::string> hashes;
  for (const ShownImages shown : options_.images) {
    const fs::path file = PredictionsFile(folder, shown);
    EXPECT_THAT(ReadFile(file, 1 << 20), testing::Not(testing::HasSubstr("LiMing")));
    const Prediction line = ReadPredictions(file)[0];
    ASSERT_EQ(line.image_hashes.size(), 1u);
    hashes.insert(line.image_hashes[0]);
  }
  EXPECT_EQ(hashes.size(), 4u);
  EXPECT_EQ(lines[0].image_hashes, ImageHashes(samples_[0].images, "", pool_).Of(lines[0].images));
}

TEST_F(PredictRunTest, AnswersToOtherQuestionsAreNotGoneOnWith) {
  const Model model = test::GeneratedModel(tokenizer_);
  Run(model, "run");
  const fs::path folder = folder_.path() / "run";
  Json description = ReadJsonFile(folder / "run.json", 1 << 20);
  description.erase("work");
  WriteFile(folder / "run.json", description.dump());
  const fs::path file = PredictionsFile(folder, ShownImages::kTrue);
  std::vector<Prediction> lines = ReadPredictions(file);
  lines[2].question = "What is hidden?";
  WritePredictions(file, lines);
  ClaimFiles({folder, "eval", RunFiles(), Replaces::kAny});  // as a killed run leaves them
  ROENTGEN_EXPECT_ERROR(Run(model, "run"),
                        "answer to question-2: the question is \"What is hidden?\" there, but "
                        "\"What is shown?\" in the set");
}

TEST_F(PredictRunTest, WhatCannotBeAskedIsRefusedBeforeAnythingIsWritten) {
  const Model model = test::GeneratedModel(tokenizer_);
  options_.max_sample_tokens = 40;
  ROENTGEN_EXPECT_ERROR(Run(model, "run"), "tokens, more than 40");
  options_ = Options();
  options_.images = {ShownImages::kBlank};
  ROENTGEN_EXPECT_ERROR(Run(model, "run"), "the true images are not among those");
  options_.images = {ShownImages::kTrue, ShownImages::kTrue};
  ROENTGEN_EXPECT_ERROR(Run(model, "run"), "true images are to be shown twice");
  options_ = Options();
  samples_[4].id = samples_[1].id;
  ROENTGEN_EXPECT_ERROR(Run(model, "run"), "have the same id, \"question-1\"");
  samples_[1].source = {"train.json", 2};
  samples_[4].source = {"考试.json", 5};
  samples_[1].split = "train";
  samples_[4].split = "test";
  ROENTGEN_EXPECT_ERROR(Run(model, "run"),
                        "train.json: row 2 (part \"train\") and 考试.json: row 5 (part \"test\")");
  samples_[4].id = "4";
  WriteFile(samples_[2].images[0], "no picture");
  ROENTGEN_EXPECT_ERROR(Run(model, "run"), "image2.png");
  EXPECT_FALSE(fs::exists(folder_.path() / "run"));
}

}  // namespace
}  // namespace roentgen
