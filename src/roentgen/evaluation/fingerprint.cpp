#include "roentgen/evaluation/fingerprint.h"

#include <fmt/format.h>

#include <map>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"
#include "roentgen/training/encoded_sample.h"

namespace roentgen {
namespace fs = std::filesystem;

std::string FingerprintOfSamples(std::span<const Sample> samples) {
  std::map<std::string, std::string> images;
  std::string list;
  for (const Sample& sample : samples) {
    Json row = {{"id", sample.id}, {"system", sample.system}};
    for (const Turn& turn : sample.turns) row["turns"].push_back(turn.text);
    for (const std::string& image : sample.images) {
      try {
        if (!images.contains(image)) images[image] = Sha256Hex(MappedFile(image).bytes());
      } catch (const Error& error) {
        throw Error(fmt::format("{}: {}", NameOf(sample), error.what()), error.hint());
      }
      row["images"].push_back(images[image]);
    }
    list += row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return Sha256Hex(list);
}

}  // namespace roentgen
