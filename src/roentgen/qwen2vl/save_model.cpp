#include "roentgen/qwen2vl/save_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/lfs_pointer.h"
#include "roentgen/base/output.h"
#include "roentgen/qwen2vl/checkpoint.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/tensor/safetensors.h"
#include "roentgen/tensor/widen_row.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr const char* kConfigFile = "config.json";
constexpr const char* kTied = "tie_word_embeddings";

/// Adds values to bytes, rounded to the type.
void AppendAs(DType dtype, ConstVector values, std::vector<std::byte>& bytes) {
  const size_t begin = bytes.size();
  bytes.resize(begin + values.size() * DTypeSize(dtype));
  const auto round = [&](auto to_type) {
    std::byte* out = bytes.data() + begin;
    for (const float value : values) {
      const auto rounded = to_type(value);
      std::memcpy(out, &rounded, sizeof(rounded));
      out += sizeof(rounded);
    }
  };
  switch (dtype) {
    case DType::kF32:
      return round([](float value) { return value; });
    case DType::kBF16:
      return round([](float value) { return ToBFloat16(value); });
    case DType::kF16:
      return round([](float value) { return ToFloat16(value); });
    default:
      throw Error(fmt::format("weights cannot be written as {}", DTypeName(dtype)));
  }
}

/// A model's parameters as tensors of a file, by published name.
class FileTensors {
 public:
  FileTensors(const Model& model, const SaveOptions& options)
      : source_(*model.weights.source), options_(options) {
    for (const TensorSpec& spec : ExpectedTensors(model.config)) shapes_[spec.name] = spec.shape;
    VisitLinears(model.weights, [](const std::string& name, const Linear& linear) {
      if (!linear.lora.empty()) throw Error(name + ": its adapter is not merged into the weights");
    });
    VisitParameters(
        model.weights,
        [this](const std::string& name, const WeightMatrix& matrix) { AddMatrix(name, matrix); },
        [this](const std::string& name, const std::vector<float>& vector) {
          AddVector(name, vector);
        });
    for (const std::string& name : model.weights.unused) {
      tensors_.emplace_back(name, *source_.Find(name));
    }
  }

  const std::vector<std::pair<std::string, TensorView>>& tensors() const { return tensors_; }

 private:
  DType TypeOf(const std::string& name, DType held) const {
    return options_.type ? options_.type(name).value_or(held) : held;
  }

  void AddMatrix(const std::string& name, const WeightMatrix& matrix) {
    if (matrix.quantized != nullptr) return AddBlocks(name, *matrix.quantized);
    const auto expected = shapes_.find(name);
    // An lm_head that differs from the embeddings it should be tied to is in no configuration.
    std::vector<size_t> shape = expected == shapes_.end()
                                    ? std::vector<size_t>{matrix.rows, matrix.cols}
                                    : expected->second;
    const DType type = TypeOf(name, matrix.dtype);
    std::span<const std::byte> data(matrix.data, matrix.bytes());
    if (type != matrix.dtype) {
      std::vector<std::byte>& bytes = converted_.emplace_back();
      bytes.reserve(matrix.rows * matrix.cols * DTypeSize(type));
      std::vector<float> row(matrix.cols);
      for (size_t i = 0; i < matrix.rows; ++i) {
        WidenRow(matrix, i, 0, row);
        AppendAs(type, row, bytes);
      }
      data = bytes;
    }
    tensors_.emplace_back(name, TensorView{type, std::move(shape), data});
  }

  void AddBlocks(const std::string& name, const QuantizedWeights& quantized) {
    const auto* blocks = dynamic_cast<const BlockWeights*>(&quantized);
    if (blocks == nullptr) throw Error(name + ": its quantisation is not one that is written");
    tensors_.emplace_back(
        BlockTensorName(name, blocks->scheme()),
        TensorView{DType::kU8, {blocks->strips(), blocks->strip_bytes()}, blocks->Parts().front()});
  }

  void AddVector(const std::string& name, const std::vector<float>& vector) {
    const DType type = TypeOf(name, source_.Find(name)->dtype);
    std::vector<std::byte>& bytes = converted_.emplace_back();
    AppendAs(type, vector, bytes);
    tensors_.emplace_back(name, TensorView{type, {vector.size()}, bytes});
  }

  const TensorSource& source_;
  const SaveOptions& options_;
  std::map<std::string, std::vector<size_t>> shapes_;
  std::deque<std::vector<std::byte>> converted_;  // what tensors_ points into does not move
  std::vector<std::pair<std::string, TensorView>> tensors_;
};

std::string ReadSettings(const fs::path& path) {
  std::string content = ReadFile(path, kMaxSettingsBytes);
  RefuseLfsPointer(content, path.string());
  return content;
}

/// All but config.json, each read back.
void CopySettings(const fs::path& from, const fs::path& to) {
  for (const fs::path& name : SettingsFiles(from)) {
    std::error_code ignored;
    if (name == kConfigFile || fs::equivalent(from / name, to / name, ignored)) continue;
    fs::create_directories((to / name).parent_path(), ignored);
    const std::string content = ReadSettings(from / name);
    WriteFile(to / name, content);
    if (ReadSettings(to / name) != content) {
      throw Error((to / name).string() + ": it does not hold what was written");
    }
  }
}

/// untie: the embeddings, which the base's configuration ties, differ.
void WriteConfig(const fs::path& from, const fs::path& to, const Json& more, bool untie) {
  std::string content = ReadSettings(from / kConfigFile);
  if (!more.empty() || untie) {
    auto config = ParseOrderedJson(content, (from / kConfigFile).string());
    for (const auto& item : more.items()) config[item.key()] = item.value();
    if (untie) {
      config[kTied] = false;
      if (config.contains("text_config")) config["text_config"].erase(kTied);
    }
    content = config.dump(2) + "\n";
  }
  WriteFile(to / kConfigFile, content);
}

/// Compares what was read back from a folder with the model in memory.
class ReadBack {
 public:
  ReadBack(const ModelWeights& held, const ModelWeights& saved) : saved_(saved) {
    VisitParameters(
        held,
        [this](const std::string& name, const WeightMatrix& matrix) { matrices_[name] = &matrix; },
        [this](const std::string& name, const std::vector<float>& vector) {
          vectors_[name] = &vector;
        });
  }

  void Compare(const Progress& progress) {
    const size_t all = matrices_.size() + vectors_.size();
    size_t done = 0;
    const auto check = [&](const std::string& name, bool same) {
      if (!same) Fail(name);
      Report(progress, "Reading it back", ++done, all);
    };
    VisitParameters(
        saved_,
        [&](const std::string& name, const WeightMatrix& matrix) {
          const auto held = matrices_.extract(name);
          check(name, !held.empty() && IsMatrix(*held.mapped(), matrix));
          if (matrix.quantized == nullptr) saved_.source->Evict({matrix.data, matrix.bytes()});
        },
        [&](const std::string& name, const std::vector<float>& /*values*/) {
          const auto held = vectors_.extract(name);
          check(name, !held.empty() && IsVector(name, *held.mapped()));
        });
    if (!matrices_.empty()) Fail(matrices_.begin()->first);
    if (!vectors_.empty()) Fail(vectors_.begin()->first);
  }

 private:
  static bool SameBytes(std::span<const std::byte> a, std::span<const std::byte> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
  }

  bool IsMatrix(const WeightMatrix& held, const WeightMatrix& saved) const {
    if (held.rows != saved.rows || held.cols != saved.cols) return false;
    if (held.quantized != nullptr || saved.quantized != nullptr) return IsBlocks(held, saved);
    if (held.dtype == saved.dtype) {
      return std::memcmp(held.data, saved.data, saved.bytes()) == 0;
    }
    const size_t row_bytes = saved.cols * DTypeSize(saved.dtype);
    std::vector<float> values(held.cols);
    std::vector<std::byte> rounded;
    for (size_t row = 0; row < held.rows; ++row) {
      WidenRow(held, row, 0, values);
      rounded.clear();
      AppendAs(saved.dtype, values, rounded);
      if (!SameBytes(rounded, {saved.data + row * row_bytes, row_bytes})) return false;
    }
    return true;
  }

  bool IsBlocks(const WeightMatrix& held, const WeightMatrix& saved) const {
    const auto* a = dynamic_cast<const BlockWeights*>(held.quantized);
    const auto* b = dynamic_cast<const BlockWeights*>(saved.quantized);
    if (a == nullptr || b == nullptr || a->scheme() != b->scheme()) return false;
    const std::span<const std::byte> bytes = b->Parts().front();
    const bool same = SameBytes(a->Parts().front(), bytes);
    saved_.source->Evict(bytes);
    return same;
  }

  bool IsVector(const std::string& name, const std::vector<float>& held) const {
    const TensorView& saved = *saved_.source->Find(name);
    std::vector<std::byte> rounded;
    AppendAs(saved.dtype, held, rounded);
    return SameBytes(rounded, saved.data);
  }

  [[noreturn]] void Fail(const std::string& name) const {
    throw Error(fmt::format("{}: tensor {} is not as the model in memory has it",
                            saved_.source->Describe(), name),
                "Look at the disk's health and free space, then write the model again");
  }

  const ModelWeights& saved_;
  std::map<std::string, const WeightMatrix*> matrices_;
  std::map<std::string, const std::vector<float>*> vectors_;
};

}  // namespace

void CheckSettingsOf(const fs::path& base) {
  ModelSettings::Load(base);
  for (const fs::path& name : SettingsFiles(base)) ReadSettings(base / name);
}

void SaveModel(const Model& model, const fs::path& folder, const SaveOptions& options,
               const Progress& progress) {
  const fs::path& base = model.location.folder;
  CheckSettingsOf(base);  // throws before anything is written
  ModelSettings settings = ModelSettings::Load(base);
  const bool untie = settings.config.tie_word_embeddings &&
                     !SameMemory(model.weights.embed_tokens, model.weights.lm_head);
  if (untie) settings.config.tie_word_embeddings = false;
  const FileTensors tensors(model, options);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(fmt::format("{}: cannot make it: {}", folder.string(), error.message()),
                "Name another folder.");
  SaveSafetensors(folder / "model.safetensors", tensors.tensors(), {{"format", "pt"}});
  CopySettings(base, folder);
  WriteConfig(base, folder, options.config, untie);
  CheckSavedModel(folder, settings.config, model.weights, progress);
  if (ModelSettings::Load(folder) == settings) return;
  throw Error(folder.string() + ": its settings read differently from those of " + base.string(),
              "Other files lie there already; name an empty folder");
}

void CheckSavedModel(const fs::path& folder, const ModelConfig& config, const ModelWeights& weights,
                     const Progress& progress) {
  if (ModelSettings::Load(folder).config != config) {
    throw Error((folder / kConfigFile).string() + ": it is not the configuration of this model");
  }
  const ModelWeights saved = ModelWeights::Load(config, OpenCheckpoint(folder));
  ReadBack(weights, saved).Compare(progress);
}

}  // namespace roentgen
