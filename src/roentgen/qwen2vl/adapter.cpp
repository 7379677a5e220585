#include "roentgen/qwen2vl/adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <system_error>

#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/qwen2vl/merged_rows.h"
#include "roentgen/qwen2vl/names.h"
#include "roentgen/qwen2vl/replaced_tensors.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view kModulePrefix = "base_model.model.";
constexpr const char* kWeightsName = "adapter_model.safetensors";
constexpr const char* kHead = "lm_head.weight";
constexpr const char* kOtherModelHint = "The adapter was trained on another model";
constexpr const char* kOtherLoraHint =
    "LoRA is only read on the linears of the layers, the vision tower and the merger; merge the "
    "adapter into its base model with PEFT and load the result";

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

/// The published name of a parameter that is saved whole.
std::string ParameterName(std::string_view name) {
  if (name.starts_with(kModulePrefix)) name.remove_prefix(kModulePrefix.size());
  std::string published = PublishedName(name);
  constexpr std::string_view kInside = ".modules_to_save.default";  // likewise
  if (const size_t at = published.find(kInside); at != std::string::npos) {
    published.erase(at, kInside.size());
  }
  return published;
}

/// A parameter of the model and how it is shaped, as far as its weights tell.
struct Parameter {
  const WeightMatrix* matrix = nullptr;
  const std::vector<float>* vector = nullptr;

  bool HasShape(const TensorView& tensor) const {
    if (vector != nullptr) return tensor.shape == std::vector<size_t>{vector->size()};
    // The patch embedding has more dimensions in a file.
    return tensor.shape.size() >= 2 && tensor.shape[0] == matrix->rows &&
           tensor.elements() == matrix->rows * matrix->cols;
  }
  std::string ShapeText() const {
    return vector != nullptr ? roentgen::ShapeText(std::vector<size_t>{vector->size()})
                             : roentgen::ShapeText(std::vector<size_t>{matrix->rows, matrix->cols});
  }
};

std::map<std::string, Parameter> ParametersOf(ModelWeights& weights) {
  std::map<std::string, Parameter> parameters;
  VisitParameters(
      weights,
      [&](const std::string& name, WeightMatrix& matrix) {
        parameters[name] = {&matrix, nullptr};
      },
      [&](const std::string& name, std::vector<float>& vector) {
        parameters[name] = {nullptr, &vector};
      });
  parameters[kHead] = {&weights.lm_head, nullptr};  // also where it is tied
  return parameters;
}

/// The module of a tensor that PEFT only writes for LoRA on embeddings or on the vocabulary head:
/// their factors, and the base's own weight beside them. Empty for others.
std::string ModuleOfOtherLora(std::string_view name) {
  for (const std::string_view part : {".lora_embedding_", ".base_layer."}) {
    const size_t at = name.find(part);
    if (at == std::string_view::npos) continue;
    name = name.substr(0, at);
    if (name.starts_with(kModulePrefix)) name.remove_prefix(kModulePrefix.size());
    return PublishedName(name);
  }
  return {};
}

/// What the tensors of an adapter's file are, under published names.
struct SortedTensors {
  std::map<std::string, Factors> linears;  // A, B and, with DoRA, the magnitude
  std::map<std::string, TensorView> whole;
};

[[noreturn]] void FailOn(const Safetensors& file, std::string_view tensor,
                         const std::string& problem, const std::string& hint = {}) {
  throw Error(fmt::format("{}: tensor {} {}", file.path().string(), tensor, problem), hint);
}

SortedTensors Sort(const Safetensors& file, const std::map<std::string, Parameter>& parameters) {
  SortedTensors sorted;
  for (const auto& [name, tensor] : file.tensors()) {
    bool is_new = true;
    if (const std::optional<AdapterKey> key = ParseKey(name)) {
      Factors& factors = sorted.linears[PublishedName(key->module)];
      const TensorView*& side = factors.*key->part;
      is_new = side == nullptr;
      factors.module = key->module;
      side = &tensor;
    } else {
      const std::string parameter = ParameterName(name);
      const auto at = parameters.find(parameter);
      if (at == parameters.end()) {
        const std::string module = ModuleOfOtherLora(name);
        if (!module.empty()) {
          FailOn(file, name, fmt::format("belongs to LoRA on {}, which is not supported", module),
                 kOtherLoraHint);
        }
        FailOn(file, name, "is neither a factor of a linear's LoRA nor a parameter of the model",
               kOtherModelHint);
      }
      if (!at->second.HasShape(tensor)) {
        FailOn(file, name,
               fmt::format("has shape {}, the model's has {}", tensor.ShapeText(),
                           at->second.ShapeText()),
               kOtherModelHint);
      }
      if (!IsFloat(tensor.dtype)) {
        FailOn(file, name,
               fmt::format("is {} where F32, F16 or BF16 was expected", DTypeName(tensor.dtype)));
      }
      is_new = sorted.whole.emplace(parameter, tensor).second;
    }
    if (!is_new) FailOn(file, name, "is there under two names");
  }
  if (sorted.linears.empty() && sorted.whole.empty()) {
    throw Error(file.path().string() + ": no tensors");
  }
  return sorted;
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
  fs::path path = folder / kWeightsName;
  if (!FileExists(path)) {
    throw Error(folder.string() + ": no adapter_model.safetensors here",
                FileExists(folder / "adapter_model.bin")
                    ? "adapter_model.bin can run code when it is loaded and is not read; save the "
                      "adapter again with PEFT, which writes safetensors"
                    : "");
  }
  return path;
}

/// LoRA on a module that is no linear here: the vocabulary head, an embedding, a convolution.
bool IsOtherModule(const std::string& module, const std::map<std::string, Parameter>& parameters) {
  return parameters.contains(module + ".weight");
}

/// PEFT refuses such a file too: the base's own module would answer in the trained one's place.
void RequireSavedModules(const AdapterContent& content,
                         const std::map<std::string, Parameter>& parameters) {
  for (const auto& [name, parameter] : parameters) {
    if (content.whole.contains(name) || !LiesInModule(name, content.config.modules_to_save)) {
      continue;
    }
    throw Error(fmt::format("{}: no tensor for {}, which modules_to_save of adapter_config.json "
                            "says is in it",
                            content.file->path().string(), name),
                "The adapter is incomplete; save or fetch it again");
  }
}

/// A linear that target_modules name has LoRA in PEFT; without tensors it does nothing, which PEFT
/// warns of.
std::optional<std::string> NoteOnMissingLinears(ModelWeights& weights,
                                                const AdapterContent& content) {
  if (!content.config.targets.known()) return std::nullopt;
  size_t missing = 0;
  std::string first;
  VisitLinears(weights, [&](const std::string& name, const Linear& /*linear*/) {
    const AdapterConfig& config = content.config;
    if (!config.targets.Name(name) || content.linears.contains(name) ||
        LiesInModule(name + ".weight", config.modules_to_save)) {
      return;
    }
    if (missing++ == 0) first = name;
  });
  if (missing == 0) return std::nullopt;
  return fmt::format(
      "{}: no tensors for {} of the linears that target_modules name ({}{}); they stay as in the "
      "base",
      content.file->path().string(), missing, first, missing > 1 ? ", …" : "");
}

void RequireRoomForDora(ModelWeights& weights, const AdapterContent& content) {
  VisitLinears(weights, [&](const std::string& name, Linear& linear) {
    if (linear.lora.empty() || !content.linears.contains(name)) return;
    if (!content.config.use_dora && linear.lora.front().magnitude == nullptr) return;
    throw Error(fmt::format("{}: {}: DoRA cannot be combined with another adapter",
                            content.file->path().string(), name),
                "Merge the first adapter into the base model: roentgen merge");
  });
}

void PutInPlace(ModelWeights& weights, const AdapterContent& content) {
  if (content.whole.empty()) return;
  const auto find = [&](const std::string& name) {
    const auto at = content.whole.find(name);
    return at == content.whole.end() ? nullptr : &at->second;
  };
  const auto replace = [](const TensorView& tensor, WeightMatrix& matrix) {
    matrix = {tensor.dtype, tensor.data.data(), matrix.rows, matrix.cols};
  };
  // The head first: where it was tied it is not visited.
  if (const TensorView* tensor = find(kHead)) replace(*tensor, weights.lm_head);
  VisitParameters(
      weights,
      [&](const std::string& name, WeightMatrix& matrix) {
        if (const TensorView* tensor = find(name)) replace(*tensor, matrix);
      },
      [&](const std::string& name, std::vector<float>& vector) {
        if (const TensorView* tensor = find(name)) vector = ToFloats(*tensor);
      });
  VisitLinears(weights, [&](const std::string& name, Linear& linear) {
    if (find(name + ".weight") != nullptr) linear.lora.clear();
  });
  weights.source = WithReplacedTensors(std::move(weights.source), content.whole, content.file);
}

}  // namespace

AdapterContent ReadAdapter(ModelWeights& weights, const fs::path& folder) {
  AdapterContent content;
  content.config = AdapterConfig::Load(folder);
  content.file = std::make_shared<const Safetensors>(WeightsFile(folder));
  const std::map<std::string, Parameter> parameters = ParametersOf(weights);
  SortedTensors sorted = Sort(*content.file, parameters);
  AdapterReader reader(content.config, *content.file);
  std::map<std::string, Linear*> linears;
  VisitLinears(weights, [&](const std::string& name, Linear& linear) { linears[name] = &linear; });
  for (const auto& [name, factors] : sorted.linears) {
    const auto at = linears.find(name);
    if (at == linears.end()) {
      const bool other = IsOtherModule(name, parameters);
      reader.Fail(factors, other ? "LoRA on it is not supported" : "the model has no such linear",
                  other ? kOtherLoraHint : kOtherModelHint);
    }
    if (sorted.whole.contains(name + ".weight")) {
      reader.Fail(factors, "it is there as LoRA and whole");
    }
    if (const char* key = content.config.targets.KeyThatLeavesOut(factors.module)) {
      reader.Fail(
          factors,
          fmt::format("it is in the file, but {} of adapter_config.json leaves it out", key),
          "PEFT would not use it; the two files may be of different adapters, or the "
          "config was changed since");
    }
    content.linears[name] = reader.Read(factors, *at->second);
    content.names_in_file[name] = factors.module;
  }
  content.whole = std::move(sorted.whole);
  RequireSavedModules(content, parameters);
  return content;
}

AdapterInfo ApplyAdapter(ModelWeights& weights, const fs::path& folder, ThreadPool& pool) {
  AdapterContent content = ReadAdapter(weights, folder);
  RequireRoomForDora(weights, content);
  AdapterInfo info;
  info.folder = folder;
  info.name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  info.linears = content.linears.size();
  info.image_max_pixels = content.config.image_max_pixels;
  for (const auto& [name, tensor] : content.whole) info.whole.push_back(name);
  for (const std::string& file : UnreadWeights(folder)) {
    info.notes.push_back(fmt::format("{}: not read; only {} is", (folder / file).string(),
                                     content.file->path().filename().string()));
  }
  if (const auto note = NoteOnMissingLinears(weights, content)) info.notes.push_back(*note);
  PutInPlace(weights, content);
  VisitLinears(weights, [&](const std::string& name, Linear& linear) {
    const auto at = content.linears.find(name);
    if (at == content.linears.end()) return;
    if (at->second.magnitude != nullptr) UpdateRowNorms(linear.weight, at->second, pool);
    info.rank = std::max(info.rank, static_cast<int>(at->second.a->rows()));
    linear.lora.push_back(std::move(at->second));
  });
  return info;
}

std::vector<std::string> UnreadWeights(const fs::path& folder) {
  constexpr std::array<std::string_view, 14> kWeightEndings{
      ".safetensors", ".bin", ".pt", ".pth",     ".ckpt", ".pkl",  ".pickle",
      ".npz",         ".npy", ".h5", ".msgpack", ".gguf", ".onnx", ".ot"};
  constexpr std::array<std::string_view, 5> kStatesOfTrainers{"training_args", "optimizer",
                                                              "scheduler", "scaler", "rng_state"};
  std::vector<std::string> unread;
  std::error_code ignored;  // whoever opened the adapter has found the folder
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const std::string ending = EndingOf(entry.path());
    const bool weights =
        std::find(kWeightEndings.begin(), kWeightEndings.end(), ending) != kWeightEndings.end();
    const bool state = std::any_of(kStatesOfTrainers.begin(), kStatesOfTrainers.end(),
                                   [&](std::string_view begin) { return name.starts_with(begin); });
    if (weights && !state && name != kWeightsName && !entry.is_directory(ignored)) {
      unread.push_back(name);
    }
  }
  std::sort(unread.begin(), unread.end());
  return unread;
}

}  // namespace roentgen
