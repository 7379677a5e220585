#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace roentgen {

/// Counts the labels of a field over a set and tells which are misspellings: "Other" beside many
/// "OTHER", "ATRIB" beside many "ATTRIB", "肝臟" beside many "肝脏". No list of right labels is
/// needed.
class LabelSpelling {
 public:
  void Count(std::string_view label) { ++counts_[std::string(label)]; }

  /// Decides, after all were counted. A label is another's misspelling when that one is at least 20
  /// times as frequent and either
  ///
  /// - they differ only in case, width, simplified and traditional characters, blanks, hyphens
  ///   between letters (but not between two single ones: A-B is not AB), and punctuation at their
  ///   edges; or
  /// - they differ in one word by a slip that hardly ever makes another word: two neighbours
  ///   swapped, a letter doubled or not, a letter left out inside a word of seven or more, or an
  ///   accent left out. A letter changed never is one: no vocabulary has all words ("fatal" and
  ///   "fetal", "virus" and "varus"), so the guess rests on the kind of slip. The first letter is
  ///   kept; the word has five letters or more in both, is no known term (IsKnownTerm), no plural
  ///   or other usual spelling of the other (WordForm), and has no other beginning or end of its
  ///   own meaning (colotomy, colostomy). Letters are those of alphabets with capitals (Latin,
  ///   Greek, Cyrillic); a label with letters of another script has no such misspellings: 肾脏 is
  ///   one character away from 肝脏. Nor have codes: words with capitals inside (HBsAg, GroupA) or
  ///   beside a digit. Words in capitals may be abbreviations (CTPA, CTAP): one is another's
  ///   misspelling only by two neighbours swapped (four letters are enough) or a letter doubled or
  ///   not.
  void Decide();

  /// How the label should be spelled.
  const std::string& Right(const std::string& label) const;

 private:
  std::map<std::string, size_t> counts_;
  std::map<std::string, std::string> right_;
};

}  // namespace roentgen
