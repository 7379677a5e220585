#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace roentgen {

/// A report's words in small letters: runs of letters and digits, and each Chinese character.
std::vector<std::string> ReportWords(std::string_view text);

/// Medical terms, of one word or more, in any language.
class Vocabulary {
 public:
  /// ChestReportTerms of language/medical_terms.h.
  static Vocabulary BuiltIn();
  /// The terms of a file of at most 16 MB: of a .json file every key and every text in it, else one
  /// a line. Throws Error when it cannot be read or has no term.
  static Vocabulary Read(const std::filesystem::path& file);

  /// How many of the words belong to terms; at each place the longest term counts.
  size_t Covered(std::span<const std::string> words) const;
  size_t size() const { return terms_.size(); }

 private:
  void Add(std::string_view term);

  std::unordered_set<std::string> terms_;  // words, each with a blank behind it
  size_t longest_ = 0;                     // in words
};

}  // namespace roentgen
