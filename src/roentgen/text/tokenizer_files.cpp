#include "roentgen/text/tokenizer_files.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/text/pretokenizer.h"
#include "roentgen/text/vocab_json.h"

namespace roentgen {
namespace {

constexpr const char* kOnlyQwen2 =
    "Only the byte-level BPE tokenizer of Qwen2 is supported; take tokenizer.json from a Qwen2-VL "
    "checkpoint";

[[noreturn]] void Unsupported(const JsonObject& object, const std::string& key) {
  throw Error(fmt::format("{}: {}: this setting is not supported", object.where(), key),
              kOnlyQwen2);
}

/// Refuses the object unless its key, where present and not null, has the value.
template <class T>
void Require(const JsonObject& object, const std::string& key, const T& value) {
  if (object.Has(key) && object.Get<T>(key) != value) Unsupported(object, key);
}

void RequireType(const JsonObject& object, const std::string& type) {
  if (object.Get<std::string>("type") != type) Unsupported(object, "type");
}

std::vector<JsonObject> ObjectList(const JsonObject& object, const std::string& key) {
  std::vector<JsonObject> list;
  if (!object.Has(key)) return list;
  const Json& array = object.json().at(key);
  if (!array.is_array()) object.Fail(key, "expected a list");
  for (const Json& element : array) {
    list.emplace_back(element, fmt::format("{}: {}[{}]", object.where(), key, list.size()));
  }
  return list;
}

void CheckModel(const JsonObject& model) {
  RequireType(model, "BPE");
  Require(model, "dropout", 0.0);
  Require<std::string>(model, "continuing_subword_prefix", "");
  Require<std::string>(model, "end_of_word_suffix", "");
  Require(model, "ignore_merges", false);
}

void CheckPreTokenizer(const JsonObject& sequence) {
  RequireType(sequence, "Sequence");
  const std::vector<JsonObject> steps = ObjectList(sequence, "pretokenizers");
  if (steps.size() != 2) Unsupported(sequence, "pretokenizers");
  const JsonObject& split = steps[0];
  RequireType(split, "Split");
  if (split.Object("pattern").Get<std::string>("Regex") != kWordPattern) {
    Unsupported(split, "pattern");
  }
  Require<std::string>(split, "behavior", "Isolated");
  Require(split, "invert", false);
  const JsonObject& byte_level = steps[1];
  RequireType(byte_level, "ByteLevel");
  // Both are true where they are not given.
  if (byte_level.GetOr("add_prefix_space", true)) Unsupported(byte_level, "add_prefix_space");
  if (byte_level.GetOr("use_regex", true)) Unsupported(byte_level, "use_regex");
}

/// A post-processor may be there as long as it puts no tokens around the text.
void CheckPostProcessor(const JsonObject& processor) {
  if (processor.Get<std::string>("type") == "ByteLevel") return;
  RequireType(processor, "TemplateProcessing");
  const std::vector<JsonObject> single = ObjectList(processor, "single");
  if (single.size() != 1 || !single[0].Has("Sequence")) Unsupported(processor, "single");
}

TokenizerDefinition::AddedToken ReadAddedToken(const JsonObject& token, int64_t id) {
  for (const char* flag : {"lstrip", "rstrip", "single_word", "normalized"}) {
    Require(token, flag, false);
  }
  if (id < 0 || id >= kTokenIdLimit) {
    throw Error(fmt::format("{}: id {} is out of range", token.where(), id));
  }
  std::string content = token.Get<std::string>("content");
  if (content.empty()) token.Fail("content", "empty");
  return {std::move(content), static_cast<int32_t>(id), token.GetOr("special", false)};
}

std::pair<std::string, std::string> SplitMerge(std::string_view merge, const std::string& where) {
  const size_t blank = merge.find(' ');
  if (blank == 0 || blank == std::string_view::npos || blank + 1 == merge.size() ||
      merge.find(' ', blank + 1) != std::string_view::npos) {
    throw Error(fmt::format("{}: expected two tokens with a blank between them", where));
  }
  return {std::string(merge.substr(0, blank)), std::string(merge.substr(blank + 1))};
}

std::vector<std::pair<std::string, std::string>> ReadMergeLines(const NamedText& file) {
  std::vector<std::pair<std::string, std::string>> merges;
  size_t number = 0;
  for (size_t at = 0; at < file.text.size();) {
    const size_t end = std::min(file.text.find('\n', at), file.text.size());
    std::string_view line = file.text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || (number == 1 && line.starts_with("#version"))) continue;
    merges.push_back(SplitMerge(line, fmt::format("{}: line {}", file.name, number)));
  }
  if (merges.empty()) throw Error(file.name + ": there are no merges in it");
  return merges;
}

int64_t ParseIdKey(const std::string& key, const JsonObject& where) {
  int64_t id = -1;
  const auto [rest, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (error != std::errc() || rest != key.data() + key.size()) {
    where.Fail(key, "expected a token id as the key");
  }
  return id;
}

}  // namespace

TokenizerDefinition ParseTokenizerJson(const NamedText& file) {
  VocabJson parsed = ParseVocabJson(file, VocabJson::Place::kModel);
  const JsonObject root(std::move(parsed.rest), file.name);
  CheckModel(root.Object("model"));
  RequireType(root.Object("normalizer"), "NFC");
  CheckPreTokenizer(root.Object("pre_tokenizer"));
  if (root.Has("post_processor")) CheckPostProcessor(root.Object("post_processor"));
  RequireType(root.Object("decoder"), "ByteLevel");

  TokenizerDefinition definition;
  definition.vocab = std::move(parsed.vocab);
  definition.vocab_name = file.name + ": model.vocab";
  definition.merges_name = file.name + ": model.merges";
  definition.added_tokens_name = file.name + ": added_tokens";
  definition.merges = std::move(parsed.merge_pairs);
  for (const std::string& line : parsed.merge_lines) {
    definition.merges.push_back(
        SplitMerge(line, fmt::format("{}[{}]", definition.merges_name, definition.merges.size())));
  }
  for (const JsonObject& token : ObjectList(root, "added_tokens")) {
    definition.added_tokens.push_back(ReadAddedToken(token, token.Get<int64_t>("id")));
  }
  return definition;
}

TokenizerDefinition ParseVocabAndMerges(const NamedText& vocab_json, const NamedText& merges_txt,
                                        const NamedText& tokenizer_config_json) {
  TokenizerDefinition definition;
  definition.vocab = ParseVocabJson(vocab_json, VocabJson::Place::kRoot).vocab;
  definition.vocab_name = vocab_json.name;
  definition.merges = ReadMergeLines(merges_txt);
  definition.merges_name = merges_txt.name;
  const JsonObject config(ParseJson(tokenizer_config_json.text, tokenizer_config_json.name),
                          tokenizer_config_json.name);
  const JsonObject added = config.Object("added_tokens_decoder");
  for (const auto& [key, value] : added.json().items()) {
    definition.added_tokens.push_back(ReadAddedToken(added.Object(key), ParseIdKey(key, added)));
  }
  definition.added_tokens_name = added.where();
  return definition;
}

}  // namespace roentgen
