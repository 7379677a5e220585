#include "roentgen/qwen2vl/save_model.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/tensor/safetensors.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxSettingsBytes = size_t{64} << 20;

void CopySettings(const fs::path& from, const fs::path& to) {
  for (const char* name :
       {"config.json", "generation_config.json", "preprocessor_config.json", "chat_template.json",
        "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt"}) {
    if (!FileExists(from / name)) continue;
    std::error_code ignored;
    if (fs::equivalent(from / name, to / name, ignored)) continue;
    WriteFileAtomically(to / name, ReadFile(from / name, kMaxSettingsBytes));
  }
}

}  // namespace

void SaveModel(const fs::path& folder, const TensorSource& source,
               const std::map<std::string, TensorView>& changed, const fs::path& settings_folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(fmt::format("{}: cannot make it: {}", folder.string(), error.message()));
  std::vector<std::pair<std::string, TensorView>> tensors;
  for (const std::string& name : source.Names()) {
    const auto change = changed.find(name);
    tensors.emplace_back(name, change == changed.end() ? *source.Find(name) : change->second);
  }
  SaveSafetensors(folder / "model.safetensors", tensors, {{"format", "pt"}});
  CopySettings(settings_folder, folder);
}

}  // namespace roentgen
