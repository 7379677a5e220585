#include "roentgen/inference/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_set>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

/// e^(score − largest) for candidates in descending order of score, and their sum.
std::vector<double> Weights(const auto& candidates, double& sum) {
  std::vector<double> weights;
  weights.reserve(candidates.size());
  sum = 0;
  for (const auto& candidate : candidates) {
    // The difference is taken in f32, where the scores live.
    weights.push_back(std::exp(static_cast<double>(candidate.score - candidates.front().score)));
    sum += weights.back();
  }
  return weights;
}

}  // namespace

void SamplingOptions::Check() const {
  const auto require = [](bool good, const char* name, double value, const char* range) {
    if (!good) throw Error(fmt::format("{} {}: must be {}", name, value, range));
  };
  require(std::isfinite(temperature) && temperature >= 0, "temperature", temperature,
          "0 (greedy) or more");
  require(top_k >= 0, "top_k", static_cast<double>(top_k), "0 (off) or more");
  require(top_p > 0 && top_p <= 1, "top_p", top_p, "above 0 and at most 1");
  require(min_p >= 0 && min_p <= 1, "min_p", min_p, "from 0 to 1");
  require(std::isfinite(repetition_penalty) && repetition_penalty > 0, "repetition_penalty",
          repetition_penalty, "above 0");
}

Sampler::Sampler(const SamplingOptions& options, uint64_t seed) : options_(options), random_(seed) {
  options.Check();
}

int32_t Sampler::Next(std::span<const float> logits, std::span<const int32_t> context) {
  const std::vector<float> scores = Penalised(logits, context);
  if (options_.temperature == 0) {
    return static_cast<int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  }
  const std::vector<Candidate> candidates = Filter(scores);
  double sum = 0;
  const std::vector<double> weights = Weights(candidates, sum);
  double left = random_.NextUniform() * sum;
  for (size_t i = 0; i < candidates.size(); ++i) {
    left -= weights[i];
    if (left < 0) return candidates[i].id;
  }
  return candidates.back().id;  // only rounding leads here
}

std::vector<float> Sampler::Probabilities(std::span<const float> logits,
                                          std::span<const int32_t> context) const {
  const std::vector<float> scores = Penalised(logits, context);
  const std::vector<Candidate> candidates = Filter(scores);
  double sum = 0;
  const std::vector<double> weights = Weights(candidates, sum);
  std::vector<float> probabilities(logits.size(), 0.0f);
  for (size_t i = 0; i < candidates.size(); ++i) {
    probabilities[static_cast<size_t>(candidates[i].id)] = static_cast<float>(weights[i] / sum);
  }
  return probabilities;
}

std::vector<float> Sampler::Penalised(std::span<const float> logits,
                                      std::span<const int32_t> context) const {
  std::vector<float> scores(logits.begin(), logits.end());
  // Nothing can be ordered or drawn by them, and any token taken would look like an answer.
  if (std::any_of(scores.begin(), scores.end(), [](float score) { return std::isnan(score); })) {
    throw Error("the model's scores for the next token are not numbers",
                "Its weights or an adapter are damaged.");
  }
  if (options_.repetition_penalty == 1.0) return scores;
  const auto penalty = static_cast<float>(options_.repetition_penalty);
  for (const int32_t id : std::unordered_set<int32_t>(context.begin(), context.end())) {
    if (id < 0 || static_cast<size_t>(id) >= scores.size()) continue;
    float& score = scores[static_cast<size_t>(id)];
    score = score < 0 ? score * penalty : score / penalty;
  }
  return scores;
}

/// The candidates that temperature, top-k, top-p and min-p leave, by descending score (equal ones
/// by id).
std::vector<Sampler::Candidate> Sampler::Filter(const std::vector<float>& scores) const {
  const auto temperature = static_cast<float>(options_.temperature);
  std::vector<Candidate> candidates(scores.size());
  for (size_t i = 0; i < scores.size(); ++i) {
    candidates[i] = {static_cast<int32_t>(i), scores[i] / temperature};
  }
  const float largest = *std::max_element(scores.begin(), scores.end());
  if (!std::isfinite(largest / temperature)) {
    // A temperature too small for f32: at its limit, 0, only the largest score is left.
    std::erase_if(candidates,
                  [&](const Candidate& c) { return scores[static_cast<size_t>(c.id)] != largest; });
    for (Candidate& candidate : candidates) candidate.score = 0;
    return candidates;
  }
  const auto before = [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  };
  const auto k = static_cast<size_t>(options_.top_k);
  if (k > 0 && k < candidates.size()) {
    std::nth_element(candidates.begin(), candidates.begin() + static_cast<ptrdiff_t>(k - 1),
                     candidates.end(), before);
    const float kth = candidates[k - 1].score;  // all that tie with it stay
    std::erase_if(candidates, [&](const Candidate& c) { return c.score < kth; });
  }
  std::sort(candidates.begin(), candidates.end(), before);
  if (options_.top_p < 1.0) {
    double sum = 0;
    const std::vector<double> weights = Weights(candidates, sum);
    // From the least likely up, what together does not exceed 1 − top_p goes; cumulative sums are
    // rounded to f32, as torch's are. The most likely always stays.
    const auto dropped = static_cast<float>(1.0 - options_.top_p);
    double cumulative = 0;
    size_t kept = candidates.size();
    while (kept > 1) {
      cumulative += static_cast<double>(static_cast<float>(weights[kept - 1] / sum));
      if (static_cast<float>(cumulative) > dropped) break;
      --kept;
    }
    candidates.resize(kept);
  }
  if (options_.min_p > 0) {
    double sum = 0;
    const std::vector<double> weights = Weights(candidates, sum);
    const auto least = static_cast<float>(options_.min_p) * static_cast<float>(weights[0] / sum);
    size_t kept = candidates.size();
    while (kept > 1 && static_cast<float>(weights[kept - 1] / sum) < least) --kept;
    candidates.resize(kept);
  }
  return candidates;
}

}  // namespace roentgen
