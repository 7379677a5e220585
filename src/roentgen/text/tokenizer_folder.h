#pragma once

#include <filesystem>

#include "roentgen/text/tokenizer_files.h"

namespace roentgen {

/// What a checkpoint's folder says of its tokenizer: in tokenizer.json or, where there is none, in
/// vocab.json, merges.txt and tokenizer_config.json. Throws Error naming the file and what is wrong
/// with it.
TokenizerDefinition ReadTokenizerFolder(const std::filesystem::path& folder);

}  // namespace roentgen
