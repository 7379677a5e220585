#include "roentgen/text/tokenizer_folder.h"

#include <fmt/format.h>

#include <string>
#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/lfs_pointer.h"

namespace roentgen {
namespace {

// Qwen2-VL's largest file, tokenizer.json, has 11 MB.
constexpr size_t kMaxFileBytes = size_t{64} << 20;

}  // namespace

TokenizerDefinition ReadTokenizerFolder(const std::filesystem::path& folder) {
  const auto path = [&](const char* file) { return folder / file; };
  const auto name = [&](const char* file) { return path(file).string(); };
  const auto read = [&](const char* file) {
    std::string content = ReadFile(path(file), kMaxFileBytes);
    RefuseLfsPointer(content, name(file));
    return content;
  };
  std::error_code ignored;  // what cannot be looked at is not there
  if (std::filesystem::exists(path("tokenizer.json"), ignored)) {
    return ParseTokenizerJson({name("tokenizer.json"), read("tokenizer.json")});
  }
  for (const char* file : {"vocab.json", "merges.txt", "tokenizer_config.json"}) {
    if (std::filesystem::exists(path(file), ignored)) continue;
    throw Error(fmt::format("{}: neither tokenizer.json nor {} is there", folder.string(), file),
                "A model's tokenizer is tokenizer.json, or vocab.json, merges.txt and "
                "tokenizer_config.json together; copy them from the model that this one was made "
                "from");
  }
  return ParseVocabAndMerges({name("vocab.json"), read("vocab.json")},
                             {name("merges.txt"), read("merges.txt")},
                             {name("tokenizer_config.json"), read("tokenizer_config.json")});
}

}  // namespace roentgen
