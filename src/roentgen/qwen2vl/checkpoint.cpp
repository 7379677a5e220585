#include "roentgen/qwen2vl/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/qwen2vl/names.h"
#include "roentgen/qwen2vl/not_a_model.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

constexpr const char* kSingleFile = "model.safetensors";
constexpr const char* kIndexFile = "model.safetensors.index.json";
constexpr size_t kMaxIndexBytes = size_t{64} << 20;

class CheckpointFolder : public TensorSource {
 public:
  explicit CheckpointFolder(const fs::path& folder) : folder_(folder) {
    if (FileExists(folder / kSingleFile)) {
      AddFile(kSingleFile);
    } else if (FileExists(folder / kIndexFile)) {
      AddIndexed();
    } else {
      AddUnindexed();
    }
  }

  const TensorView* Find(const std::string& name) const override {
    const auto at = tensors_.find(name);
    return at == tensors_.end() ? nullptr : at->second.view;
  }

  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, entry] : tensors_) names.push_back(name);
    return names;
  }

  std::string Describe() const override { return folder_.string(); }

  void Evict(std::span<const std::byte> data) const override { ForgetMappedPages(data); }

 private:
  struct Entry {
    const TensorView* view;  // in file's map, whose elements do not move
    const Safetensors* file;
    std::string name_in_file;
  };

  void Add(const std::string& name, const TensorView& view, const Safetensors& file) {
    const auto [at, added] = tensors_.try_emplace(PublishedName(name), Entry{&view, &file, name});
    if (added) return;
    const Entry& other = at->second;
    const std::string place = other.file->path().filename().string();
    throw Error(other.name_in_file == name
                    ? fmt::format("{}: tensor {} is in {} too", file.path().string(), name, place)
                    : fmt::format("{}: tensor {} is the same parameter as {} in {}",
                                  file.path().string(), name, other.name_in_file, place));
  }

  void AddFile(const fs::path& name) {
    const Safetensors& file = *files_.emplace_back(std::make_unique<Safetensors>(folder_ / name));
    for (const auto& [tensor, view] : file.tensors()) Add(tensor, view, file);
  }

  /// Opens a shard that the index names. Names come from a download: they must stay inside.
  const Safetensors& OpenShard(const JsonObject& index, const std::string& shard) {
    const fs::path inside = fs::path(shard).lexically_normal();
    if (inside.empty() || inside.is_absolute() || *inside.begin() == "..") {
      index.Fail("weight_map", fmt::format("\"{}\" is no file of this folder", shard));
    }
    if (!FileExists(folder_ / inside)) {
      index.Fail("weight_map", fmt::format("the shard {} is missing", shard),
                 "The download is incomplete; fetch the missing file");
    }
    return *files_.emplace_back(std::make_unique<Safetensors>(folder_ / inside));
  }

  /// The index decides: what it does not list is not loaded, as in Transformers.
  void AddIndexed() {
    const fs::path path = folder_ / kIndexFile;
    const JsonObject index(ReadJsonFile(path, kMaxIndexBytes), path.string());
    const JsonObject weight_map = index.Object("weight_map");
    std::map<std::string, const Safetensors*> shards;
    for (const auto& item : weight_map.json().items()) {
      const std::string& name = item.key();
      const auto shard = weight_map.Get<std::string>(name);
      const Safetensors*& file = shards[shard];
      if (file == nullptr) file = &OpenShard(index, shard);
      const TensorView* view = file->Find(name);
      if (view == nullptr) {
        weight_map.Fail(name, fmt::format("{} has no such tensor", file->path().string()));
      }
      Add(name, *view, *file);
    }
  }

  void AddUnindexed() {
    std::error_code problem;
    fs::directory_iterator entries(folder_, problem);
    if (problem) throw Error(folder_.string() + ": cannot read the folder: " + problem.message());
    std::vector<fs::path> names;
    for (const auto& entry : entries) {
      const fs::path name = entry.path().filename();
      if (name.extension() == ".safetensors" && name != "adapter_model.safetensors") {
        names.push_back(name);
      }
    }
    if (names.empty()) ThrowNoWeights(folder_);
    std::sort(names.begin(), names.end());
    for (const fs::path& name : names) AddFile(name);
  }

  fs::path folder_;
  std::vector<std::unique_ptr<Safetensors>> files_;
  std::map<std::string, Entry> tensors_;  // by published name
};

}  // namespace

std::shared_ptr<const TensorSource> OpenCheckpoint(const std::filesystem::path& folder) {
  return std::make_shared<CheckpointFolder>(folder);
}

}  // namespace roentgen
