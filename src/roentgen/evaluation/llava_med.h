#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// LLaVA-Med's normal form of an answer in lower case: most punctuation becomes a blank or goes,
/// number words become digits, articles go, contractions get their apostrophes (isnt as isn't).
std::string LlavaMedForm(std::string_view answer);

struct LlavaMedOverlap {
  double exact = 0;  ///< shared distinct words / words of the prediction
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};
/// Its scores of an open question. Unlike elsewhere a shared word counts as often as the prediction
/// says it, for recall too.
///
/// passes  how often the normal form is made before words are counted: its script does it twice
LlavaMedOverlap ScoreLlavaMedOpen(std::string_view prediction, std::string_view reference,
                                  int passes = 2);

}  // namespace roentgen
