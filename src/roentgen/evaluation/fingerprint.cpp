#include "roentgen/evaluation/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"
#include "roentgen/training/encoded_sample.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

std::string HashOfText(const std::string& text) {
  return Sha256Hex({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

std::string HashOfFile(const fs::path& path) {
  return Sha256Hex(MappedFile(path).bytes());
}

}  // namespace

std::string FingerprintOfTensors(const TensorSource& source, ThreadPool& pool,
                                 const Progress& progress) {
  const std::vector<std::string> names = source.Names();
  std::vector<std::string> hashes(names.size());
  const size_t portion = 4 * static_cast<size_t>(pool.threads());
  for (size_t begin = 0; begin < names.size(); begin += portion) {
    Report(progress, "hashing the model", begin, names.size());
    pool.ForEach(std::min(portion, names.size() - begin), [&](size_t i, int /*worker*/) {
      const std::span<const std::byte> data = source.Find(names[begin + i])->data;
      hashes[begin + i] = Sha256Hex({reinterpret_cast<const uint8_t*>(data.data()), data.size()});
    });
  }
  Report(progress, "hashing the model", names.size(), names.size());
  std::string list;
  for (size_t i = 0; i < names.size(); ++i) {
    const TensorView& tensor = *source.Find(names[i]);
    list += fmt::format("{} {} {} {}\n", names[i], DTypeName(tensor.dtype), tensor.ShapeText(),
                        hashes[i]);
  }
  return HashOfText(list);
}

std::string FingerprintOfAdapter(const fs::path& folder) {
  return HashOfText(HashOfFile(folder / "adapter_config.json") +
                    HashOfFile(folder / "adapter_model.safetensors"));
}

std::string FingerprintOfSamples(std::span<const Sample> samples) {
  std::map<std::string, std::string> images;
  std::string list;
  for (const Sample& sample : samples) {
    Json row = {{"id", sample.id}, {"system", sample.system}};
    for (const Turn& turn : sample.turns) row["turns"].push_back(turn.text);
    for (const std::string& image : sample.images) {
      try {
        if (!images.contains(image)) images[image] = HashOfFile(image);
      } catch (const Error& error) {
        throw Error(fmt::format("{}: {}", NameOf(sample), error.what()), error.hint());
      }
      row["images"].push_back(images[image]);
    }
    list += row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return HashOfText(list);
}

}  // namespace roentgen
