#include "roentgen/training/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr size_t kChunk = size_t{1} << 16;
constexpr const char* kStepsKey = "steps";

/// Values [begin, end) of one tensor: the work of one task.
struct Chunk {
  size_t tensor;
  size_t begin;
  size_t end;
};

std::vector<Chunk> Chunks(std::span<const OptimizedTensor> tensors) {
  std::vector<Chunk> chunks;
  for (size_t i = 0; i < tensors.size(); ++i) {
    for (size_t begin = 0; begin < tensors[i].value.size(); begin += kChunk) {
      chunks.push_back({i, begin, std::min(begin + kChunk, tensors[i].value.size())});
    }
  }
  return chunks;
}

TensorView ViewOf(const std::vector<float>& values) {
  return {DType::kF32, {values.size()}, std::as_bytes(std::span(values))};
}

/// The numbers of a step, as f32 where they meet f32.
struct StepScalars {
  float decay;
  float beta1_rest;
  float beta2;
  float beta2_rest;
  float step_size;
  float root_correction2;
  float epsilon;
};

void Update(const StepScalars& s, float gradient_scale, const float* gradient, float* m, float* v,
            float* p, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const float g = gradient[i] * gradient_scale;
    p[i] *= s.decay;
    m[i] += s.beta1_rest * (g - m[i]);  // torch's lerp
    v[i] = s.beta2 * v[i] + s.beta2_rest * g * g;
    p[i] -= s.step_size * (m[i] / (std::sqrt(v[i]) / s.root_correction2 + s.epsilon));
  }
}

}  // namespace

double LoraPlusRatio(const std::string& name, double loraplus_lr_ratio) {
  const bool fast = name.find("lora_B") != std::string::npos ||
                    name.find("lora_magnitude_vector") != std::string::npos;
  return fast ? loraplus_lr_ratio : 1;
}

double GradientNorm(std::span<const OptimizedTensor> tensors, ThreadPool& pool) {
  const std::vector<Chunk> chunks = Chunks(tensors);
  std::vector<double> sums(chunks.size());
  pool.ForEach(chunks.size(), [&](size_t i, int) {
    const ConstVector gradient = tensors[chunks[i].tensor].gradient;
    // Four sums, so that an addition need not wait for the last.
    double partial[4] = {};
    for (size_t at = chunks[i].begin; at < chunks[i].end; ++at) {
      partial[at % 4] += static_cast<double>(gradient[at]) * static_cast<double>(gradient[at]);
    }
    sums[i] = (partial[0] + partial[1]) + (partial[2] + partial[3]);
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  return std::sqrt(sum);
}

float ClipFactor(double norm, double max_norm) {
  if (max_norm <= 0) return 1;
  return static_cast<float>(std::min(1.0, max_norm / (norm + 1e-6)));
}

AdamW::AdamW(std::vector<OptimizedTensor> tensors, const AdamWOptions& options)
    : tensors_(std::move(tensors)), options_(options) {
  for (const OptimizedTensor& tensor : tensors_) {
    if (tensor.gradient.size() != tensor.value.size()) {
      throw ShapeError(tensor.name + ": the gradient is not as long as the value");
    }
    const size_t size = tensor.value.size();
    moments_.push_back({std::vector<float>(size), std::vector<float>(size)});
  }
}

void AdamW::Step(double learning_rate, float gradient_scale, ThreadPool& pool) {
  ++steps_;
  const auto t = static_cast<double>(steps_);
  const double correction1 = 1 - std::pow(options_.beta1, t);
  const double correction2 = 1 - std::pow(options_.beta2, t);
  const auto scalars = [&](const OptimizedTensor& tensor) {
    const double lr = learning_rate * tensor.lr_ratio;
    return StepScalars{
        .decay = static_cast<float>(1 - (tensor.decay ? lr * options_.weight_decay : 0)),
        .beta1_rest = static_cast<float>(1 - options_.beta1),
        .beta2 = static_cast<float>(options_.beta2),
        .beta2_rest = static_cast<float>(1 - options_.beta2),
        .step_size = static_cast<float>(lr / correction1),
        .root_correction2 = static_cast<float>(std::sqrt(correction2)),
        .epsilon = static_cast<float>(options_.epsilon)};
  };
  const std::vector<Chunk> chunks = Chunks(tensors_);
  pool.ForEach(chunks.size(), [&](size_t i, int) {
    const auto& [number, begin, end] = chunks[i];
    const OptimizedTensor& tensor = tensors_[number];
    Moments& moments = moments_[number];
    Update(scalars(tensor), gradient_scale, tensor.gradient.data() + begin,
           moments.m.data() + begin, moments.v.data() + begin, tensor.value.data() + begin,
           end - begin);
  });
}

std::vector<std::pair<std::string, TensorView>> AdamW::State() const {
  std::vector<std::pair<std::string, TensorView>> state;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    state.emplace_back(tensors_[i].name + ".m", ViewOf(moments_[i].m));
    state.emplace_back(tensors_[i].name + ".v", ViewOf(moments_[i].v));
  }
  return state;
}

std::map<std::string, std::string> AdamW::Metadata() const {
  return {{kStepsKey, std::to_string(steps_)}};
}

void AdamW::Restore(const Safetensors& file) {
  const auto fail = [&](const std::string& what) {
    throw Error(fmt::format("{}: {}", file.path().string(), what),
                "Resume with the settings that the run was begun with.");
  };
  const auto found = file.metadata().find(kStepsKey);
  uint64_t steps = 0;
  if (found == file.metadata().end() ||
      std::from_chars(found->second.data(), found->second.data() + found->second.size(), steps)
              .ec != std::errc()) {
    fail("no state of an optimiser");
  }
  if (file.tensors().size() != 2 * tensors_.size()) {
    fail(fmt::format("the state of {} tensors, but {} are trained", file.tensors().size() / 2,
                     tensors_.size()));
  }
  for (const auto& [name, own] : State()) {
    const TensorView* saved = file.Find(name);
    if (saved == nullptr) fail(name + " is missing");
    if (saved->dtype != own.dtype || saved->shape != own.shape) fail(name + " does not fit");
  }
  const auto copy = [&](const std::string& name, std::vector<float>& to) {
    std::memcpy(to.data(), file.At(name).data.data(), to.size() * sizeof(float));
  };
  for (size_t i = 0; i < tensors_.size(); ++i) {
    copy(tensors_[i].name + ".m", moments_[i].m);
    copy(tensors_[i].name + ".v", moments_[i].v);
  }
  steps_ = steps;
}

}  // namespace roentgen
