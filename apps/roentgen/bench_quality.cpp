// `roentgen bench quality`: what fewer bits cost, measured on a question set.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "interrupt.h"
#include "model_options.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/predictor.h"
#include "roentgen/evaluation/question_prompt.h"
#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/shown_images.h"
#include "roentgen/evaluation/weight_quality.h"
#include "roentgen/imaging/load.h"
#include "roentgen/qwen2vl/weight_recipe.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

struct QualityFlags {
  ModelOptions model;
  PixelOptions pixels;
  fs::path data;
  std::string split;
  bool allow_outside = false;
  size_t max_samples = 32;
  size_t max_answer_tokens = 16;
  bool parts = false;
  bool score = false;
  bool json = false;
};

/// A way to hold the weights; without a recipe, the original.
struct Variant {
  std::string name;
  WeightRecipe recipe;
};

std::vector<Variant> Variants(bool parts) {
  std::vector<Variant> variants;
  for (const BlockScheme scheme : {BlockScheme::kQ8, BlockScheme::kQ4}) {
    const std::string name(BlockSchemeName(scheme));
    variants.push_back({name, WeightRecipe::Of(scheme)});
    if (!parts) continue;
    variants.push_back({"  decoder " + name, {.decoder = scheme}});
    variants.push_back({"  vision " + name, {.vision = scheme}});
    variants.push_back({"  head " + name, {.head = scheme}});
  }
  return variants;
}

/// The questions as the model reads them, and their pictures.
class Questions {
 public:
  Questions(const QualityFlags& flags, const Model& model, const Tokenizer& tokenizer,
            ThreadPool& pool, const Progress& progress)
      : samples_(Read(flags)),
        preprocessor_(
            flags.pixels.Apply(PreprocessorConfig::Load(model.location.folder), model.adapters)),
        images_(
            samples_,
            [preprocessor = preprocessor_](const fs::path& path) {
              return MakePatches(LoadImage(path), preprocessor);
            },
            preprocessor_.merge_size, pool, progress),
        pictures_(images_, preprocessor_, {}) {
    const PromptEncoder encoder(tokenizer);
    for (const Sample& sample : samples_) {
      std::vector<size_t> tokens;
      ForcedAnswer& answer = answers_.emplace_back();
      for (const std::string& path : sample.images) {
        const auto picture = pictures_.For(images_.Find(path), ShownImages::kTrue);
        answer.pictures.push_back(picture.number);
        tokens.push_back(picture.tokens);
      }
      QuestionPrompt encoded = encoder.Encode(sample, tokens);
      answer.prompt = std::move(encoded.ids);
      answer.answer = std::move(encoded.label);
      if (answer.answer.size() > flags.max_answer_tokens) {
        answer.answer.resize(flags.max_answer_tokens);
      }
    }
  }

  const std::vector<ForcedAnswer>& answers() const { return answers_; }
  Patches Picture(size_t number) const { return pictures_.Load(number); }

  /// The share of questions that the model answers as the set does.
  double Score(const Model& model, const Tokenizer& tokenizer, ThreadPool& pool,
               const Progress& progress) const {
    std::vector<Prompt> prompts;
    for (const ForcedAnswer& answer : answers_) prompts.push_back({answer.prompt, answer.pictures});
    PredictorOptions options;
    options.end_ids = model.generation.eos_token_ids;
    Predictor predictor(model, tokenizer, pool, options);
    const Scorer& scorer = StrictScorer();
    double right = 0;
    const auto take = [&](size_t i, const ModelAnswer& answer) {
      std::vector<double> values(scorer.values.size());
      const std::string reference = AnswerOf(samples_[i]);
      scorer.score({answer.text, reference, false}, values);
      right += values.front();
    };
    predictor.AnswerAll(
        prompts, std::vector<bool>(prompts.size()), [&](size_t number) { return Picture(number); },
        take, progress);
    return right / static_cast<double>(prompts.size());
  }

 private:
  static std::vector<Sample> Read(const QualityFlags& flags) {
    std::vector<Sample> samples =
        ReadSamples(flags.data, flags.split, PrintAside, flags.allow_outside);
    if (samples.size() > flags.max_samples) samples.resize(flags.max_samples);
    return samples;
  }

  std::vector<Sample> samples_;
  PreprocessorConfig preprocessor_;
  ImageSet images_;
  ShownPictures pictures_;
  std::vector<ForcedAnswer> answers_;
};

struct Row {
  std::string name;
  size_t bytes = 0;
  std::optional<WeightQuality> quality;  // nothing: the original
  std::optional<double> score;
};

void PrintTable(const std::vector<Row>& rows) {
  Print("{:<14}  {:>9}  {:>10}  {:>10}  {:>7}  {:>9}  {:>9}  {:>8}\n", "weights", "memory",
        "mean KL", "worst KL", "top-1", "cosine", "worst", "score");
  for (const Row& row : rows) {
    const std::string score = row.score ? fmt::format("{:.1f} %", 100 * *row.score) : "";
    Print("{:<14}  {:>9}  ", row.name,
          fmt::format("{:.3f} GB", static_cast<double>(row.bytes) * 1e-9));
    if (row.quality) {
      const WeightQuality& q = *row.quality;
      Print("{:>10.2e}  {:>10.2e}  {:>5.1f} %  {:>9.6f}  {:>9.6f}  {:>8}\n", q.mean_divergence,
            q.worst_divergence, 100 * q.agreement, q.mean_cosine, q.worst_cosine, score);
    } else {
      Print("{:>10}  {:>10}  {:>7}  {:>9}  {:>9}  {:>8}\n", "", "", "", "", "", score);
    }
  }
}

void PrintRowsAsJson(const std::vector<Row>& rows) {
  auto list = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json json = {{"weights", row.name}, {"bytes", row.bytes}};
    if (row.quality) {
      json["answer_tokens"] = row.quality->tokens;
      json["mean_kl_nats"] = row.quality->mean_divergence;
      json["worst_kl_nats"] = row.quality->worst_divergence;
      json["top1_agreement"] = row.quality->agreement;
      json["pictures"] = row.quality->pictures;
      json["mean_feature_cosine"] = row.quality->mean_cosine;
      json["worst_feature_cosine"] = row.quality->worst_cosine;
    }
    if (row.score) json["exact_answers"] = *row.score;
    list.push_back(std::move(json));
  }
  PrintJson(list);
}

int RunBenchQuality(const QualityFlags& flags) {
  InterruptWatch interrupt;
  ThreadPool pool(flags.model.threads);
  const InterruptWatch::Work work(interrupt);
  const ThreadPool::CancelScope cancel(pool, work.token());
  ProgressLine progress;
  std::vector<Row> rows;
  auto model = std::make_unique<Model>(flags.model.Load(pool, progress.AsProgress()));
  const Tokenizer tokenizer = Tokenizer::Load(model->location.folder);
  const Questions questions(flags, *model, tokenizer, pool, progress.AsProgress());
  const WeightQualityProbe probe(
      *model, questions.answers(), [&](size_t number) { return questions.Picture(number); }, pool,
      progress.AsProgress());
  const auto add = [&](const std::string& name, std::optional<WeightQuality> quality) {
    Row row{name, MatrixBytes(model->weights), quality, {}};
    if (flags.score) row.score = questions.Score(*model, tokenizer, pool, progress.AsProgress());
    rows.push_back(std::move(row));
  };
  add("original", {});
  for (const Variant& variant : Variants(flags.parts)) {
    model.reset();  // one at a time in memory
    model = std::make_unique<Model>(flags.model.Load(pool, progress.AsProgress()));
    QuantizeByRecipe(model->weights, variant.recipe, pool, progress.AsProgress());
    model->key_value_type = KeyValueType::kBF16;
    add(variant.name, probe.Compare(*model, progress.AsProgress()));
  }
  progress.Clear();
  if (flags.json) {
    PrintRowsAsJson(rows);
    return kDone;
  }
  PrintTable(rows);
  Print(
      "\nMeasured on {} answer tokens and {} pictures of {}. KL: of the next token's "
      "distribution,\n"
      "in nats, original against quantised; top-1: the same token is the likeliest; cosine: of "
      "the\n"
      "pictures' features{}. Keys and values in BF16.\n",
      rows.back().quality->tokens, rows.back().quality->pictures, flags.data.string(),
      flags.score ? "; score: answers that are the set's own, word for word" : "");
  return kDone;
}

}  // namespace

void AddBenchQuality(CLI::App& bench, Run& run) {
  auto flags = std::make_shared<QualityFlags>();
  CLI::App* command = bench.add_subcommand(
      "quality", "Measure what weights in 8 and 4 bits cost, on a question set");
  flags->model.AddTo(*command);
  command->remove_option(command->get_option("--quant"));  // all of them are compared
  command->remove_option(command->get_option("--kv-cache"));
  flags->pixels.AddTo(*command);
  command->add_option("--data", flags->data, "The question set: its folder or file")->required();
  command->add_option("--split", flags->split, "Only this part of it");
  command->add_flag("--allow-outside", flags->allow_outside,
                    "It may name images outside of its folder");
  command->add_option("--samples", flags->max_samples, "The first so many questions (default 32)")
      ->check(CLI::Range(1, 1000000));
  command
      ->add_option("--answer-tokens", flags->max_answer_tokens,
                   "Of each answer the first so many tokens (default 16)")
      ->check(CLI::Range(1, 1000));
  command->add_flag("--parts", flags->parts, "Also each part of the model alone");
  command->add_flag("--score", flags->score, "Also answer the questions and tell the score");
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([flags, &run] { run = [flags] { return RunBenchQuality(*flags); }; });
}

}  // namespace roentgen::app
