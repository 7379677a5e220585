#include "roentgen/qwen2vl/adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/qwen2vl/adapter_config.h"
#include "roentgen/qwen2vl/merged_rows.h"
#include "roentgen/qwen2vl/names.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view kModulePrefix = "base_model.model.";
constexpr const char* kOtherModelHint = "The adapter was trained on another model";

struct Factors {
  std::string module;
  const TensorView* a = nullptr;
  const TensorView* b = nullptr;
  const TensorView* magnitude = nullptr;
};

/// A tensor of the adapter: which part of which module's correction.
struct AdapterKey {
  std::string module;  // without kModulePrefix
  const TensorView* Factors::*part;
};

constexpr std::pair<std::string_view, const TensorView * Factors::*> kParts[] = {
    {".lora_A", &Factors::a},
    {".lora_B", &Factors::b},
    {".lora_magnitude_vector", &Factors::magnitude},
};

/// Nothing when the name is none of a LoRA factor. PEFT leaves the adapter's name out when it
/// saves; a state dict taken from the model itself has it (".default").
std::optional<AdapterKey> ParseKey(std::string_view name) {
  if (!name.starts_with(kModulePrefix)) return std::nullopt;
  name.remove_prefix(kModulePrefix.size());
  for (const std::string_view ending : {".weight", ".default"}) {
    if (name.ends_with(ending)) name.remove_suffix(ending.size());
  }
  for (const auto& [ending, part] : kParts) {
    if (!name.ends_with(ending)) continue;
    name.remove_suffix(ending.size());
    return AdapterKey{std::string(name), part};
  }
  return std::nullopt;
}

/// A, B and, with DoRA, the magnitude of every module, under the module's published name.
std::map<std::string, Factors> CollectFactors(const Safetensors& file) {
  std::map<std::string, Factors> modules;
  for (const auto& [name, tensor] : file.tensors()) {
    const std::optional<AdapterKey> key = ParseKey(name);
    if (!key) {
      throw Error(
          fmt::format("{}: tensor {} is no factor of a linear's LoRA", file.path().string(), name));
    }
    Factors& factors = modules[PublishedName(key->module)];
    const TensorView*& side = factors.*key->part;
    if (side != nullptr) {
      throw Error(
          fmt::format("{}: tensor {} is there under two names", file.path().string(), name));
    }
    factors.module = key->module;
    side = &tensor;
  }
  if (modules.empty()) throw Error(file.path().string() + ": no tensors");
  return modules;
}

/// Reads an adapter for the linears of a model; changes nothing there.
class AdapterReader {
 public:
  AdapterReader(const AdapterConfig& config, const Safetensors& file)
      : config_(config), file_(file) {
    size_t bytes = 0;
    for (const auto& [name, tensor] : file.tensors()) bytes += Room(tensor);
    memory_ = std::make_shared<AlignedBytes>(bytes);
  }

  LoraDelta Read(const Factors& factors, const Linear& linear) {
    if (factors.a == nullptr || factors.b == nullptr) {
      Fail(factors, fmt::format("lora_{} is missing", factors.a == nullptr ? "A" : "B"));
    }
    const auto rank = static_cast<size_t>(config_.RankOf(factors.module));
    CheckShape(factors, "lora_A", *factors.a, {rank, linear.weight.cols}, rank);
    CheckShape(factors, "lora_B", *factors.b, {linear.weight.rows, rank}, rank);
    LoraDelta delta{Widen(factors, *factors.a), Widen(factors, *factors.b),
                    config_.ScaleOf(factors.module)};
    if ((factors.magnitude != nullptr) != config_.use_dora) {
      Fail(factors, config_.use_dora ? "lora_magnitude_vector is missing"
                                     : "a lora_magnitude_vector, but use_dora is not set");
    }
    if (!config_.use_dora) return delta;
    CheckShape(factors, "lora_magnitude_vector", *factors.magnitude, {linear.weight.rows}, rank);
    delta.magnitude = Widen(factors, *factors.magnitude);
    return delta;
  }

  [[noreturn]] void Fail(const Factors& factors, const std::string& problem,
                         const std::string& hint = {}) const {
    throw Error(fmt::format("{}: {}: {}", file_.path().string(), factors.module, problem), hint);
  }

 private:
  void CheckShape(const Factors& factors, const char* side, const TensorView& tensor,
                  const std::vector<size_t>& expected, size_t rank) const {
    if (tensor.shape == expected) return;
    Fail(factors,
         fmt::format("{} has shape {}, rank {} and the model's linear ask for {}", side,
                     tensor.ShapeText(), rank, ShapeText(expected)),
         kOtherModelHint);
  }

  /// What a tensor's values take of memory_.
  static size_t Room(const TensorView& tensor) {
    constexpr size_t kUnit = AlignedBytes::kAlignment;
    return (tensor.elements() * sizeof(float) + kUnit - 1) / kUnit * kUnit;
  }

  std::shared_ptr<const OwnedMatrix> Widen(const Factors& factors, const TensorView& tensor) {
    if (!IsFloat(tensor.dtype)) {
      Fail(factors, fmt::format("{} where F32, F16 or BF16 was expected", DTypeName(tensor.dtype)));
    }
    const std::vector<float> values = ToFloats(tensor);
    const size_t cols = tensor.shape.back();
    const auto matrix = std::make_shared<OwnedMatrix>(
        AlignedBytes(memory_, used_, values.size() * sizeof(float)), values.size() / cols, cols);
    used_ += Room(tensor);
    std::memcpy(matrix->data(), values.data(), values.size() * sizeof(float));
    return matrix;
  }

  const AdapterConfig& config_;
  const Safetensors& file_;
  std::shared_ptr<const AlignedBytes> memory_;  // of all its matrices together
  size_t used_ = 0;
};

fs::path WeightsFile(const fs::path& folder) {
  fs::path path = folder / "adapter_model.safetensors";
  if (!FileExists(path)) {
    throw Error(folder.string() + ": no adapter_model.safetensors here",
                FileExists(folder / "adapter_model.bin")
                    ? "adapter_model.bin can run code when it is loaded and is not read; save the "
                      "adapter again with PEFT, which writes safetensors"
                    : "");
  }
  return path;
}

}  // namespace

AdapterInfo ApplyAdapter(ModelWeights& weights, const fs::path& folder, ThreadPool& pool) {
  const AdapterConfig config = AdapterConfig::Load(folder);
  const Safetensors file(WeightsFile(folder));
  AdapterReader reader(config, file);
  const std::map<std::string, Factors> modules = CollectFactors(file);

  std::map<std::string, Linear*> linears;
  VisitLinears(weights, [&](const std::string& name, Linear& linear) { linears[name] = &linear; });
  AdapterInfo info{folder, modules.size(), 0, config.image_max_pixels};
  std::vector<std::pair<Linear*, LoraDelta>> deltas;
  for (const auto& [name, factors] : modules) {
    const auto at = linears.find(name);
    if (at == linears.end()) reader.Fail(factors, "the model has no such linear", kOtherModelHint);
    deltas.emplace_back(at->second, reader.Read(factors, *at->second));
    const std::vector<LoraDelta>& present = at->second->lora;
    if (!present.empty() && (config.use_dora || present.front().magnitude != nullptr)) {
      reader.Fail(factors, "DoRA cannot be combined with another adapter",
                  "Merge the first adapter into the base model: roentgen merge");
    }
    info.rank = std::max(info.rank, config.RankOf(factors.module));
  }
  for (auto& [linear, delta] : deltas) {
    if (config.use_dora) UpdateRowNorms(linear->weight, delta, pool);
  }
  for (auto& [linear, delta] : deltas) linear->lora.push_back(std::move(delta));
  return info;
}

}  // namespace roentgen
