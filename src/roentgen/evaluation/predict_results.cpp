#include "roentgen/evaluation/predict_results.h"

#include <cmath>
#include <string>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/evaluate.h"
#include "roentgen/evaluation/run_folder.h"
#include "roentgen/evaluation/scorers.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxResultsBytes = size_t{1} << 20;

/// Rounded as Transformers' speed_metrics does.
double Rounded(double value, double unit) {
  return std::round(value / unit) * unit;
}

double Mean(const std::vector<double>& scores) {
  double sum = 0;
  for (const double score : scores) sum += score;
  return sum / static_cast<double>(scores.size());
}

/// The metrics of the scorer by LLaMA-Factory's names; nothing when it refuses the texts.
Json Metrics(std::span<const AnswerPair> pairs, const Scorer& scorer, ThreadPool& pool) {
  Json metrics = Json::object();
  const Scorer* const scorers[] = {&scorer};
  for (const ScoreColumn& column : ScoreAll(pairs, scorers, pool)) {
    if (!column.refusal.empty()) continue;
    metrics["predict_" + std::string(scorer.values[column.value].name)] = Mean(column.scores);
  }
  return metrics;
}

Json MetricsOf(const std::vector<Prediction>& predictions, ThreadPool& pool) {
  std::vector<AnswerPair> pairs;
  for (const Prediction& prediction : predictions) {
    if (prediction.label) pairs.push_back({prediction.predict, *prediction.label, false});
  }
  if (pairs.empty()) return Json::object();
  Json metrics = Metrics(pairs, LlamaFactoryScorer(), pool);
  if (!metrics.empty()) return metrics;
  // BLEU counts characters with and without jieba.
  const Json by_characters = Metrics(pairs, LlamaFactoryCharactersScorer(), pool);
  return {{"predict_bleu-4", by_characters.at("predict_bleu-4")}};
}

}  // namespace

void WritePredictResults(const fs::path& folder, size_t questions, double seconds,
                         ThreadPool& pool) {
  Json results = MetricsOf(ReadPredictions(PredictionsFile(folder, ShownImages::kTrue)), pool);
  const double speed = Rounded(static_cast<double>(questions) / std::max(seconds, 1e-9), 1e-3);
  results["predict_runtime"] = Rounded(seconds, 1e-4);
  results["predict_samples_per_second"] = speed;
  results["predict_steps_per_second"] = speed;  // one question a step
  WriteFile(folder / "predict_results.json", results.dump(4));
  const fs::path all_file = folder / "all_results.json";
  Json all = FileExists(all_file) ? ReadJsonFile(all_file, kMaxResultsBytes) : Json::object();
  if (!all.is_object()) throw Error(all_file.string() + ": expected an object of results");
  all.update(results);
  WriteFile(all_file, all.dump(4));
}

}  // namespace roentgen
