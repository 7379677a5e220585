#pragma once

#include <string>
#include <vector>

namespace roentgen {

/// What the words of a text in Latin letters say of its language.
enum class LatinLanguage {
  kEnglish,
  kOther,
  kUnsure,  ///< as much for English as for another language
  kNone,    ///< nothing
};

/// By which language's function words (articles, pronouns, forms of to be, question words, yes and
/// no) prevail: English ones or those of one of the larger European languages, Vietnamese, Turkish
/// or Indonesian. A word that both have counts for neither. English is unsure, too, where more
/// words have accents than are English function words.
///
/// words  in small letters; those with hyphens as one ("est-ce", "café-au-lait")
LatinLanguage LanguageByFunctionWords(const std::vector<std::string>& words);

}  // namespace roentgen
