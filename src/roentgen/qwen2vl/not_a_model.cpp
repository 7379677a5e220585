#include "roentgen/qwen2vl/not_a_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

constexpr size_t kMaxConfigBytes = size_t{4} << 20;
constexpr const char* kGguf = "GGUF";
constexpr const char* kPickle = "a PyTorch pickle, which can run code when it is loaded";

/// A format of weights that is not read, by the ending of its files' names.
struct Format {
  std::string_view ending;
  const char* name;
};

constexpr Format kFormats[] = {
    {".gguf", kGguf},
    {".ggml", kGguf},
    {".bin", kPickle},
    {".pt", kPickle},
    {".pth", kPickle},
    {".ckpt", kPickle},
    {".distcp", "PyTorch's distributed checkpoint"},
    {".h5", "TensorFlow's"},
    {".msgpack", "Flax's"},
    {".onnx", "ONNX"},
    {".npz", "NumPy's"},
};

struct OtherWeights {
  fs::path file;
  const char* format;
};

/// The format of a file's weights by its name; null when it holds none, or what a trainer keeps to
/// go on.
const char* FormatOf(const fs::path& file) {
  const std::string name = file.filename().string();
  for (const char* training : {"training_args", "optimizer", "scheduler", "rng_state"}) {
    if (name.starts_with(training)) return nullptr;
  }
  for (const Format& format : kFormats) {
    if (name.ends_with(format.ending)) return format.name;
  }
  return nullptr;
}

/// What is directly in a folder, sorted; nothing where it cannot be read.
std::vector<fs::path> Entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::optional<OtherWeights> FindOtherWeights(const fs::path& path) {
  std::vector<fs::path> files{path};
  if (std::error_code ignored; fs::is_directory(path, ignored)) files = Entries(path);
  for (const fs::path& file : files) {
    if (const char* format = FormatOf(file)) return OtherWeights{file, format};
  }
  return std::nullopt;
}

[[noreturn]] void ThrowOtherWeights(const std::string& where, const fs::path& folder,
                                    const OtherWeights& weights) {
  const std::string problem = fmt::format("{}: the weights in {} are {}; only safetensors are read",
                                          where, weights.file.filename().string(), weights.format);
  if (weights.format == kGguf) {
    throw Error(problem,
                "Download the model that the GGUF file was made from. For 4 bits: --quant q4");
  }
  if (!weights.file.filename().string().starts_with("pytorch_model")) {
    throw Error(problem,
                "Load the model with the program that wrote it, and save it with Transformers' "
                "save_pretrained, which writes safetensors");
  }
  throw Error(problem, fmt::format("Save it as safetensors, with Python and Transformers:\n"
                                   "  python -c \"from transformers import AutoProcessor as P, "
                                   "Qwen2VLForConditionalGeneration as M; "
                                   "M.from_pretrained('{0}').save_pretrained('{0}-safetensors'); "
                                   "P.from_pretrained('{0}').save_pretrained('{0}-safetensors')\"",
                                   folder.lexically_normal().string()));
}

bool IsAdapter(const fs::path& folder) {
  return FileExists(folder / "adapter_config.json");
}

/// "its base model (Qwen/…)", as far as the adapter tells.
std::string BaseOf(const fs::path& adapter) {
  std::string unnamed = "its base model";
  try {
    const fs::path path = adapter / "adapter_config.json";
    const JsonObject config(ReadJsonFile(path, kMaxConfigBytes), path.string());
    const auto base = config.GetOr<std::string>("base_model_name_or_path", "");
    return base.empty() ? unnamed : fmt::format("{} ({})", unnamed, base);
  } catch (const Error&) {
    return unnamed;  // that its configuration is damaged is told when it is given as an adapter
  }
}

std::string AdapterHint(const fs::path& folder) {
  return fmt::format("This is an adapter: give {} as the model, and this folder with --adapter",
                     BaseOf(folder));
}

/// Folders directly in this one that are models or adapters.
std::vector<std::string> ModelsInside(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& entry : Entries(folder)) {
    if (FileExists(entry / "config.json") || IsAdapter(entry)) {
      names.push_back(entry.filename().string());
    }
  }
  return names;
}

}  // namespace

void ThrowNotAModel(const std::string& named, const fs::path& path) {
  if (IsAdapter(path)) throw Error(named + ": no config.json there", AdapterHint(path));
  if (const auto weights = FindOtherWeights(path)) ThrowOtherWeights(named, path, *weights);
  if (std::error_code ignored; fs::is_regular_file(path, ignored)) {
    throw Error(named + ": a file where a model's folder was expected",
                "Give the folder that the file is in");
  }
  const std::vector<std::string> inside = ModelsInside(path);
  throw Error(named + ": no config.json there",
              inside.empty()
                  ? "A model folder has config.json, tokenizer.json, "
                    "preprocessor_config.json and *.safetensors"
                  : fmt::format("Give one of the folders in it: {}", fmt::join(inside, ", ")));
}

void ThrowNoWeights(const fs::path& folder) {
  if (IsAdapter(folder)) {
    throw Error(folder.string() + ": no *.safetensors of a model here", AdapterHint(folder));
  }
  if (const auto weights = FindOtherWeights(folder)) {
    ThrowOtherWeights(folder.string(), folder, *weights);
  }
  std::string hint =
      "A checkpoint has model.safetensors, or shards with model.safetensors.index.json";
  if (FileExists(folder / "config.json")) {
    hint += "; for its shape with generated weights: --model procedural:" + folder.string();
  }
  throw Error(folder.string() + ": no *.safetensors here", hint);
}

}  // namespace roentgen
