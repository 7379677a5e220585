#include "roentgen/language/word_form.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace roentgen {
namespace {

struct Ending {
  std::string_view from;
  std::string_view to;
  size_t shortest;  ///< letters that the word has at least
};

/// The first ending that the word has is changed, if any.
template <size_t Count>
void ChangeEnding(const std::array<Ending, Count>& endings, std::string& word) {
  for (const Ending& ending : endings) {
    if (!word.ends_with(ending.from)) continue;
    if (word.size() < ending.shortest) return;
    word.replace(word.size() - ending.from.size(), ending.from.size(), ending.to);
    return;
  }
}

std::string Replaced(std::string_view from, std::string_view to, std::string_view word) {
  std::string result;
  for (size_t at = 0; at < word.size();) {
    const bool here = word.substr(at).starts_with(from);
    result += here ? to : word.substr(at, 1);
    at += here ? from.size() : 1;
  }
  return result;
}

/// Singular and plural, English and Latin. -sis and -ses, -um and -a, -ex, -ix and -ices meet in a
/// form of their own.
void MakeSingular(std::string& word) {
  static constexpr auto kPlurals = std::to_array<Ending>(
      {{"ies", "y", 5},      {"ss", "ss", 0},    {"exes", "ice", 6}, {"ixes", "ice", 6},
       {"axes", "ace", 6},   {"nxes", "nge", 6}, {"ex", "ice", 4},   {"ix", "ice", 4},
       {"ax", "ace", 5},     {"yx", "yce", 5},   {"nx", "nge", 5},   {"itides", "itis", 8},
       {"mina", "men", 7},   {"us", "us", 0},    {"sis", "s", 5},    {"xis", "x", 5},
       {"is", "is", 0},      {"as", "as", 0},    {"s", "", 4},       {"mata", "ma", 6},
       {"ae", "a", 5},       {"um", "a", 5},     {"i", "us", 5},     {"feet", "foot", 4},
       {"teeth", "tooth", 5}});
  ChangeEnding(kPlurals, word);
  // masse(s), diseas(e), boxe(s)
  static constexpr auto kEndings = std::to_array<Ending>(
      {{"se", "s", 5}, {"xe", "x", 4}, {"ze", "z", 5}, {"che", "ch", 5}, {"she", "sh", 5}});
  ChangeEnding(kEndings, word);
}

void MakeAmerican(std::string& word) {
  static constexpr auto kEndings = std::to_array<Ending>({{"isation", "ization", 9},
                                                          {"ising", "izing", 7},
                                                          {"ised", "ized", 6},
                                                          {"is", "iz", 6},
                                                          {"ysed", "yzed", 6},
                                                          {"tre", "ter", 5},
                                                          {"bre", "ber", 5},
                                                          {"ogue", "og", 6},
                                                          {"grey", "gray", 4}});
  ChangeEnding(kEndings, word);
  if (word.size() > 4) word = Replaced("our", "or", word);
  word = Replaced("ae", "e", word);
  word = Replaced("oe", "e", word);
  word = Replaced("ll", "l", word);
  word = Replaced("sulph", "sulf", word);
  word = Replaced("leuco", "leuko", word);
  word = Replaced("artefact", "artifact", word);
}

}  // namespace

std::string WordForm(std::string_view word) {
  std::string form(word);
  const bool letters =
      std::all_of(form.begin(), form.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!letters) return form;
  MakeSingular(form);
  MakeAmerican(form);
  return form;
}

}  // namespace roentgen
