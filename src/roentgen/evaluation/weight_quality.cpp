#include "roentgen/evaluation/weight_quality.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "roentgen/inference/sequence.h"
#include "roentgen/qwen2vl/vision_tower.h"

namespace roentgen {
namespace {

std::vector<float> LogProbabilities(std::span<const float> logits) {
  const float largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit - largest));
  const double shift = largest + std::log(sum);
  std::vector<float> values;
  values.reserve(logits.size());
  for (const float logit : logits) values.push_back(static_cast<float>(logit - shift));
  return values;
}

size_t Likeliest(std::span<const float> values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

/// Σ p (log p − log q).
double Divergence(std::span<const float> p, std::span<const float> q) {
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    sum += std::exp(static_cast<double>(p[i])) * (static_cast<double>(p[i]) - q[i]);
  }
  return sum;
}

double Cosine(const OwnedMatrix& a, const OwnedMatrix& b) {
  double product = 0;
  double a_squares = 0;
  double b_squares = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = a.data()[i];
    const double y = b.data()[i];
    product += x * y;
    a_squares += x * x;
    b_squares += y * y;
  }
  return product / std::sqrt(a_squares * b_squares);
}

}  // namespace

WeightQualityProbe::WeightQualityProbe(const Model& original, std::vector<ForcedAnswer> answers,
                                       LoadPicture picture, ThreadPool& pool,
                                       const Progress& progress)
    : answers_(std::move(answers)),
      picture_(std::move(picture)),
      pool_(pool),
      original_(Look(original, progress)) {}

WeightQualityProbe::Seen WeightQualityProbe::Look(const Model& model,
                                                  const Progress& progress) const {
  Seen seen;
  std::vector<GridThw> grids;
  const auto features_of = [&](size_t number) {
    if (number >= seen.features.size()) {
      seen.features.resize(number + 1);
      grids.resize(number + 1);
    }
    if (seen.features[number] == nullptr) {
      const Patches patches = picture_(number);
      const size_t width = model.config.vision.patch_values();
      const ConstMatrix rows{patches.values.data(), patches.values.size() / width, width, width};
      grids[number] = patches.grid;
      seen.features[number] = std::make_shared<const OwnedMatrix>(
          EncodeVision(model.weights.vision, model.config.vision, rows, {&patches.grid, 1}, pool_));
    }
    return VisualFeatures{grids[number], seen.features[number]};
  };
  Sequence sequence(model, pool_);
  for (size_t i = 0; i < answers_.size(); ++i) {
    Report(progress, "Comparing", i, answers_.size());
    std::vector<VisualFeatures> pictures;
    for (const size_t number : answers_[i].pictures) pictures.push_back(features_of(number));
    sequence.Rewind({});
    sequence.Append(answers_[i].prompt, pictures);
    for (const int32_t& token : answers_[i].answer) {
      seen.log_probabilities.push_back(LogProbabilities(sequence.logits()));
      if (&token != &answers_[i].answer.back()) sequence.Append({&token, 1}, {}, {}, 1);
    }
  }
  Report(progress, "Comparing", answers_.size(), answers_.size());
  return seen;
}

WeightQuality WeightQualityProbe::Compare(const Model& model, const Progress& progress) const {
  const Seen seen = Look(model, progress);
  WeightQuality quality;
  quality.tokens = seen.log_probabilities.size();
  size_t same = 0;
  for (size_t i = 0; i < quality.tokens; ++i) {
    const std::vector<float>& p = original_.log_probabilities[i];
    const std::vector<float>& q = seen.log_probabilities[i];
    const double divergence = Divergence(p, q);
    quality.mean_divergence += divergence;
    quality.worst_divergence = std::max(quality.worst_divergence, divergence);
    if (Likeliest(p) == Likeliest(q)) ++same;
  }
  if (quality.tokens > 0) {
    quality.mean_divergence /= static_cast<double>(quality.tokens);
    quality.agreement = static_cast<double>(same) / static_cast<double>(quality.tokens);
  }
  double cosines = 0;
  for (size_t i = 0; i < seen.features.size(); ++i) {
    if (seen.features[i] == nullptr) continue;
    const double cosine = Cosine(*original_.features[i], *seen.features[i]);
    ++quality.pictures;
    cosines += cosine;
    quality.worst_cosine = std::min(quality.worst_cosine, cosine);
  }
  if (quality.pictures > 0) quality.mean_cosine = cosines / static_cast<double>(quality.pictures);
  return quality;
}

}  // namespace roentgen
