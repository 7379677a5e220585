#pragma once

#include <string>
#include <utility>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/text/tokenizer_files.h"

namespace roentgen {

/// A JSON file with a vocabulary, its two long tables kept out of the tree: as a tree of JSON nodes
/// they would cost most of the time that loading a tokenizer takes.
// NOLINTNEXTLINE(bugprone-exception-escape): the check does not see that moving a Json cannot throw
struct VocabJson {
  enum class Place {
    kRoot,   // vocab.json: the document is the vocabulary
    kModel,  // tokenizer.json: model.vocab and model.merges
  };

  std::vector<TokenizerDefinition::Entry> vocab;                 // in the file's order
  std::vector<std::pair<std::string, std::string>> merge_pairs;  // merges given as ["a", "b"]
  std::vector<std::string> merge_lines;                          // merges given as "a b"
  Json rest;  // everything else; null when place is kRoot
};

/// Throws Error when the JSON is broken, a table is not there, is of another kind, or an id is not
/// a whole number below kTokenIdLimit.
VocabJson ParseVocabJson(const NamedText& file, VocabJson::Place place);

}  // namespace roentgen
