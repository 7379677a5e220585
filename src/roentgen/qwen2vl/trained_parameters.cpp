#include "roentgen/qwen2vl/trained_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/random.h"
#include "roentgen/qwen2vl/merged_rows.h"
#include "roentgen/tensor/widen_row.h"

namespace roentgen {
namespace {

constexpr const char* kHead = "lm_head.weight";

/// get_parameter_names of Transformers' Trainer with its forbidden names: biases and norms.
bool Decays(const std::string& name) {
  return !name.ends_with(".bias") && name.find("norm") == std::string::npos &&
         name.find("ln_q") == std::string::npos;
}

std::shared_ptr<OwnedMatrix> Zeros(size_t rows, size_t cols) {
  auto matrix = std::make_shared<OwnedMatrix>(rows, cols);
  std::fill_n(matrix->data(), matrix->size(), 0.0f);
  return matrix;
}

/// torch's kaiming_uniform_ with a = √5: within ±1/√inputs.
std::shared_ptr<const OwnedMatrix> FirstA(const std::string& module, size_t rank, size_t inputs,
                                          uint64_t seed) {
  auto a = std::make_shared<OwnedMatrix>(rank, inputs);
  Random random(Fnv1a64(module, SplitMix64(seed)));
  const double bound = 1 / std::sqrt(static_cast<double>(inputs));
  for (size_t i = 0; i < a->size(); ++i) {
    a->data()[i] = static_cast<float>((2 * random.NextUniform() - 1) * bound);
  }
  return a;
}

LoraDelta NewDelta(const std::string& module, const Linear& linear, const LoraSettings& settings,
                   ThreadPool& pool) {
  const WeightMatrix& weight = linear.weight;
  const auto rank = static_cast<size_t>(settings.rank);
  const double r = settings.rank;
  LoraDelta delta{FirstA(module, rank, weight.cols, settings.seed), Zeros(weight.rows, rank),
                  static_cast<float>(settings.alpha / (settings.use_rslora ? std::sqrt(r) : r))};
  if (!settings.use_dora) return delta;
  UpdateRowNorms(weight, delta, pool);
  auto magnitude = std::make_shared<OwnedMatrix>(1, weight.rows);
  std::copy(delta.row_norms.begin(), delta.row_norms.end(), magnitude->data());
  delta.magnitude = std::move(magnitude);
  return delta;
}

void CheckLinear(const std::string& module, const Linear& linear, const LoraSettings& settings) {
  const size_t most = std::min(linear.weight.rows, linear.weight.cols);
  if (settings.rank < 1 || static_cast<size_t>(settings.rank) > most) {
    throw Error(fmt::format("LoRA of rank {} on {}, a matrix of {}×{}", settings.rank, module,
                            linear.weight.rows, linear.weight.cols),
                fmt::format("lora_rank between 1 and {}", most));
  }
  if (linear.lora.empty()) return;
  if (settings.use_dora || linear.lora.front().magnitude != nullptr) {
    throw Error(fmt::format("{} has an adapter, which DoRA cannot be combined with", module),
                "Merge the adapter into its base model first: roentgen merge");
  }
}

std::map<std::string, std::vector<size_t>> ShapesByName(const ModelConfig& config) {
  std::map<std::string, std::vector<size_t>> shapes;
  for (TensorSpec& spec : ExpectedTensors(config)) shapes[spec.name] = std::move(spec.shape);
  return shapes;
}

/// The matrix in f32 memory of the model's own.
WeightMatrix ToMaster(const WeightMatrix& matrix, ModelWeights& weights) {
  const auto memory = std::make_shared<AlignedBytes>(matrix.rows * matrix.cols * sizeof(float));
  auto* const values = reinterpret_cast<float*>(memory->data());
  for (size_t row = 0; row < matrix.rows; ++row) {
    WidenRow(matrix, row, 0, {values + row * matrix.cols, matrix.cols});
  }
  weights.merged.push_back(memory);
  return {DType::kF32, memory->data(), matrix.rows, matrix.cols};
}

}  // namespace

void TrainedParameters::Add(std::string name, std::vector<size_t> shape, float* values) {
  size_t elements = 1;
  for (const size_t size : shape) elements *= size;
  by_address_[values] = tensors_.size();
  const bool decays = Decays(name);
  OwnedMatrix gradient(1, elements);
  std::fill_n(gradient.data(), elements, 0.0f);
  tensors_.push_back(
      {std::move(name), std::move(shape), Vector(values, elements), std::move(gradient), decays});
}

void TrainedParameters::AddAdapter(const std::string& module, const LoraDelta& delta) {
  const auto add = [&](const char* ending, const OwnedMatrix& factor) {
    Add(module + ending, {factor.rows(), factor.cols()}, factor.data());
  };
  add(".lora_A.weight", *delta.a);
  add(".lora_B.weight", *delta.b);
  if (delta.magnitude != nullptr) {
    Add(module + ".lora_magnitude_vector", {delta.magnitude->size()}, delta.magnitude->data());
  }
}

TrainedParameters TrainedParameters::NewLora(
    ModelWeights& weights, const LoraSettings& settings,
    const std::function<bool(const std::string& module)>& wanted, ThreadPool& pool) {
  std::vector<std::pair<std::string, Linear*>> linears;
  VisitLinears(weights, [&](const std::string& name, Linear& linear) {
    if (!wanted(name)) return;
    CheckLinear(name, linear, settings);
    linears.emplace_back(name, &linear);
  });
  if (linears.empty()) {
    throw Error("LoRA: none of the model's linears is a target",
                "lora_target names the ends of module names, such as q_proj,v_proj, or is all");
  }
  TrainedParameters parameters;
  for (const auto& [name, linear] : linears) {
    linear->lora.push_back(NewDelta(name, *linear, settings, pool));
    parameters.AddAdapter(name, linear->lora.back());
  }
  return parameters;
}

TrainedParameters TrainedParameters::FromAdapter(ModelWeights& weights, const ModelConfig& config,
                                                 const std::filesystem::path& folder,
                                                 ThreadPool& pool, AdapterInfo* info) {
  std::map<const Linear*, size_t> before;
  VisitLinears(weights,
               [&](const std::string&, Linear& linear) { before[&linear] = linear.lora.size(); });
  AdapterInfo applied = ApplyAdapter(weights, folder, pool);
  TrainedParameters parameters;
  VisitLinears(weights, [&](const std::string& name, Linear& linear) {
    if (linear.lora.size() > before[&linear]) parameters.AddAdapter(name, linear.lora.back());
  });
  const std::set<std::string> whole(applied.whole.begin(), applied.whole.end());
  parameters.AddWhole(weights, config,
                      [&](const std::string& name) { return whole.contains(name); });
  if (info != nullptr) *info = std::move(applied);
  return parameters;
}

TrainedParameters TrainedParameters::OfModel(
    ModelWeights& weights, const ModelConfig& config,
    const std::function<bool(const std::string& name)>& wanted) {
  TrainedParameters parameters;
  const bool tied = SameMemory(weights.lm_head, weights.embed_tokens);
  const auto once = [&](const std::string& name) {
    return !(tied && name == kHead) && wanted(name);
  };
  parameters.AddWhole(weights, config, once);
  if (tied) weights.lm_head = weights.embed_tokens;
  if (parameters.tensors_.empty()) throw Error("none of the model's parameters is to be trained");
  return parameters;
}

void TrainedParameters::AddWhole(ModelWeights& weights, const ModelConfig& config,
                                 const std::function<bool(const std::string& name)>& wanted) {
  const std::map<std::string, std::vector<size_t>> shapes = ShapesByName(config);
  const auto shape_of = [&](const std::string& name, const WeightMatrix& matrix) {
    const auto at = shapes.find(name);
    if (at != shapes.end()) return at->second;
    return std::vector<size_t>{matrix.rows, matrix.cols};  // an lm_head that should be tied
  };
  const auto add = [&](const std::string& name, WeightMatrix& matrix) {
    if (!wanted(name) || IsTrained(matrix.data)) return;
    matrix = ToMaster(matrix, weights);
    auto* const values =
        const_cast<float*>(reinterpret_cast<const float*>(matrix.data));  // memory of ToMaster
    Add(name, shape_of(name, matrix), values);
  };
  // Where it is tied it is not visited.
  if (SameMemory(weights.lm_head, weights.embed_tokens)) add(kHead, weights.lm_head);
  VisitParameters(weights, add, [&](const std::string& name, std::vector<float>& vector) {
    if (wanted(name)) Add(name, {vector.size()}, vector.data());
  });
}

size_t TrainedParameters::elements() const {
  size_t count = 0;
  for (const TrainedTensor& tensor : tensors_) count += tensor.values.size();
  return count;
}

void TrainedParameters::ZeroGradients() {
  for (TrainedTensor& tensor : tensors_) {
    std::fill_n(tensor.gradient.data(), tensor.gradient.size(), 0.0f);
  }
}

void TrainedParameters::ValuesChanged(ModelWeights& weights, ThreadPool& pool) const {
  VisitLinears(weights, [&](const std::string&, Linear& linear) {
    for (LoraDelta& delta : linear.lora) {
      if (delta.magnitude != nullptr && IsTrained(delta.a->data())) {
        UpdateRowNorms(linear.weight, delta, pool);
      }
    }
  });
}

const TrainedTensor* TrainedParameters::At(const void* values) const {
  const auto at = by_address_.find(values);
  return at == by_address_.end() ? nullptr : &tensors_[at->second];
}

Matrix TrainedParameters::GradientOf(const WeightMatrix& values) const {
  const TrainedTensor* const tensor = At(values.data);
  if (tensor == nullptr) return {};
  return {tensor->gradient.data(), values.rows, values.cols, values.cols};
}

Matrix TrainedParameters::GradientOf(const OwnedMatrix& values) const {
  return GradientOf(AsWeights(values));
}

Vector TrainedParameters::GradientOf(ConstVector values) const {
  const TrainedTensor* const tensor = At(values.data());
  return tensor == nullptr ? Vector() : Vector(tensor->gradient.data(), values.size());
}

}  // namespace roentgen
