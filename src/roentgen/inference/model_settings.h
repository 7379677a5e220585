#pragma once

#include <string>

#include "roentgen/qwen2vl/model.h"

namespace roentgen {

/// SHA-256 over what decides a model's answers beside its weights: the configuration, the end
/// tokens, and, of its folder, how images are prepared and the tokenizer (vocabulary, merges, added
/// tokens). What the files say counts, not how they are written: blanks, the order of keys, a
/// default that is spelled out, tokenizer.json instead of vocab.json and merges.txt make no
/// difference. The chat template is not in it: it is the program's own, whatever the folder has.
/// How answers are sampled is not either: each answer records that on its own.
/// Throws Error, naming the file, when the folder's files cannot be read.
std::string FingerprintOfSettings(const Model& model);

}  // namespace roentgen
