// What 8 and 4 bits cost tiny-rad, a model with real weights, on real questions and pictures.

#include "roentgen/evaluation/weight_quality.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/predictor.h"
#include "roentgen/evaluation/question_prompt.h"
#include "roentgen/evaluation/scorers.h"
#include "roentgen/imaging/load.h"
#include "roentgen/qwen2vl/weight_recipe.h"
#include "roentgen/training/image_set.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

/// VQA-RAD's test questions as tiny-rad reads them.
class Questions {
 public:
  Questions(const Model& model, const Tokenizer& tokenizer, ThreadPool& pool)
      : samples_(ReadSamples(test::SharedRoot() / "data" / "vqa-rad", "test")),
        images_(
            samples_,
            [config = PreprocessorConfig::Load(model.location.folder)](const fs::path& path) {
              return MakePatches(LoadImage(path), config);
            },
            2, pool) {
    const PromptEncoder encoder(tokenizer);
    for (const Sample& sample : samples_) {
      const size_t image = images_.Find(sample.images.at(0));
      const size_t tokens = images_[image].tokens;
      QuestionPrompt encoded = encoder.Encode(sample, {&tokens, 1});
      answers.push_back({std::move(encoded.ids), {image}, std::move(encoded.label)});
    }
  }

  Patches Picture(size_t number) const { return images_.Load(number); }

  /// In points of a hundred.
  double Score(const Model& model, const Tokenizer& tokenizer, ThreadPool& pool) const {
    std::vector<Prompt> prompts;
    for (const ForcedAnswer& answer : answers) prompts.push_back({answer.prompt, answer.pictures});
    PredictorOptions options;
    options.generation.max_new_tokens = 48;
    options.end_ids = model.generation.eos_token_ids;
    Predictor predictor(model, tokenizer, pool, options);
    double right = 0;
    predictor.AnswerAll(
        prompts, std::vector<bool>(prompts.size()), [&](size_t number) { return Picture(number); },
        [&](size_t i, const ModelAnswer& answer) {
          std::vector<double> values(StrictScorer().values.size());
          StrictScorer().score({answer.text, AnswerOf(samples_[i]), false}, values);
          right += values[0];
        });
    return 100 * right / static_cast<double>(prompts.size());
  }

  std::vector<ForcedAnswer> answers;

 private:
  std::vector<Sample> samples_;
  ImageSet images_;
};

TEST(WeightQualityGolden, EightBitsKeepTinyRadsScoresAndFeatures) {
  const fs::path folder = test::SharedRoot() / "models" / "tiny-rad";
  ROENTGEN_NEED(folder);
  ROENTGEN_NEED(test::SharedRoot() / "data" / "vqa-rad");
  ThreadPool pool(2);
  const auto load = [&] {
    return LoadModel({"tiny-rad", folder, {}, "test"}, {}, AdapterMode::kBeside, pool);
  };
  const Model original = load();
  const Tokenizer tokenizer = Tokenizer::Load(folder);
  const Questions questions(original, tokenizer, pool);
  const WeightQualityProbe probe(
      original, questions.answers, [&](size_t number) { return questions.Picture(number); }, pool);
  const WeightQuality itself = probe.Compare(original);
  EXPECT_EQ(itself.mean_divergence, 0);
  EXPECT_EQ(itself.agreement, 1);
  EXPECT_NEAR(itself.worst_cosine, 1, 1e-12);
  EXPECT_EQ(itself.pictures, 203u);

  const double score = questions.Score(original, tokenizer, pool);
  EXPECT_NEAR(score, 39.5, 0.05);
  const auto quantised = [&](BlockScheme scheme) {
    Model model = load();
    QuantizeByRecipe(model.weights, WeightRecipe::Of(scheme), pool);
    model.key_value_type = KeyValueType::kBF16;
    return model;
  };
  const Model q8 = quantised(BlockScheme::kQ8);
  const WeightQuality eight = probe.Compare(q8);
  EXPECT_GE(eight.worst_cosine, 0.9995);
  EXPECT_NEAR(questions.Score(q8, tokenizer, pool), score, 0.5);
  // Measured: 1.3e-4 nats and 99.6 %; 6e-3 and 96.8 % in 4 bits.
  EXPECT_LT(eight.mean_divergence, 3e-4);
  EXPECT_GT(eight.agreement, 0.99);
  const WeightQuality four = probe.Compare(quantised(BlockScheme::kQ4));
  EXPECT_GE(four.worst_cosine, 0.9995);
  EXPECT_LT(four.mean_divergence, 1.2e-2);
  EXPECT_GT(four.agreement, 0.95);
  EXPECT_LT(eight.mean_divergence, four.mean_divergence);
}

}  // namespace
}  // namespace roentgen
