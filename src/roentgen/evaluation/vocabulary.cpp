#include "roentgen/evaluation/vocabulary.h"

#include <algorithm>
#include <sstream>

#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/medical_terms.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr size_t kMaxFile = 16 << 20;
/// Longer ones are sentences, which no report repeats.
constexpr size_t kMaxTermWords = 12;

/// Every key and text of a JSON value. Not by recursion: its depth is the file's.
std::vector<std::string> Texts(const Json& json) {
  std::vector<std::string> texts;
  std::vector<const Json*> open = {&json};
  while (!open.empty()) {
    const Json& value = *open.back();
    open.pop_back();
    if (value.is_string()) texts.push_back(value.get<std::string>());
    if (value.is_array()) {
      for (const Json& element : value) open.push_back(&element);
    }
    if (value.is_object()) {
      for (const auto& [key, element] : value.items()) {
        texts.push_back(key);
        open.push_back(&element);
      }
    }
  }
  return texts;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::vector<std::string> ReportWords(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  const std::string lower = Lowercase(text);
  for (size_t at = 0; at < lower.size();) {
    const Utf8Step step = ReadUtf8(lower, at);
    const CharClass kind = ClassOf(step.code_point);
    const bool part = step.valid && (kind == CharClass::kLetter || kind == CharClass::kNumber);
    const bool han = part && IsHan(step.code_point);
    if (han || (part && !inside)) words.emplace_back();
    if (part) words.back() += std::string_view(lower).substr(at, step.length);
    inside = part && !han;
    at += step.length;
  }
  return words;
}

Vocabulary Vocabulary::BuiltIn() {
  Vocabulary vocabulary;
  for (const std::string_view term : ChestReportTerms()) vocabulary.Add(term);
  return vocabulary;
}

Vocabulary Vocabulary::Read(const std::filesystem::path& file) {
  Vocabulary vocabulary;
  const bool json = EndingOf(file) == ".json";
  for (const std::string& term :
       json ? Texts(ReadJsonFile(file, kMaxFile)) : Lines(ReadFile(file, kMaxFile))) {
    vocabulary.Add(term);
  }
  if (vocabulary.terms_.empty()) {
    throw Error(file.string() + " has no term", "Give a JSON file or a text with one term a line");
  }
  return vocabulary;
}

void Vocabulary::Add(std::string_view term) {
  const std::vector<std::string> words = ReportWords(term);
  if (words.empty() || words.size() > kMaxTermWords) return;
  longest_ = std::max(longest_, words.size());
  terms_.insert(Join(words, " ") + " ");
}

size_t Vocabulary::Covered(std::span<const std::string> words) const {
  size_t covered = 0;
  for (size_t at = 0; at < words.size();) {
    size_t longest = 0;
    std::string term;
    for (size_t n = 1; n <= longest_ && at + n <= words.size(); ++n) {
      term += words[at + n - 1] + " ";
      if (terms_.contains(term)) longest = n;
    }
    covered += longest;
    at += std::max<size_t>(longest, 1);
  }
  return covered;
}

}  // namespace roentgen
