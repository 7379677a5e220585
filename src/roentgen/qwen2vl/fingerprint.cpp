#include "roentgen/qwen2vl/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/qwen2vl/adapter_config.h"

namespace roentgen {
namespace fs = std::filesystem;

std::string FingerprintOfTensors(const TensorSource& source, ThreadPool& pool,
                                 const Progress& progress) {
  const std::vector<std::string> names = source.Names();
  std::vector<std::string> hashes(names.size());
  const size_t portion = 4 * static_cast<size_t>(pool.threads());
  for (size_t begin = 0; begin < names.size(); begin += portion) {
    Report(progress, "Hashing the model", begin, names.size());
    pool.ForEach(std::min(portion, names.size() - begin), [&](size_t i, int /*worker*/) {
      const std::span<const std::byte> data = source.Find(names[begin + i])->data;
      hashes[begin + i] = Sha256Hex({reinterpret_cast<const uint8_t*>(data.data()), data.size()});
    });
  }
  Report(progress, "Hashing the model", names.size(), names.size());
  std::string list;
  for (size_t i = 0; i < names.size(); ++i) {
    const TensorView& tensor = *source.Find(names[i]);
    list += fmt::format("{} {} {} {}\n", names[i], DTypeName(tensor.dtype), tensor.ShapeText(),
                        hashes[i]);
  }
  return Sha256Hex(list);
}

std::string FingerprintOfAdapter(const fs::path& folder) {
  std::string hashes = Sha256Hex(MappedFile(folder / "adapter_config.json").bytes()) +
                       Sha256Hex(MappedFile(folder / "adapter_model.safetensors").bytes());
  const fs::path own = folder / kOwnAdapterConfig;
  if (FileExists(own)) hashes += Sha256Hex(MappedFile(own).bytes());
  return Sha256Hex(hashes);
}

}  // namespace roentgen
