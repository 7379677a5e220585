#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// LLaVA-Med's normal form of an answer in lower case, without its table of contractions: most
/// punctuation becomes a blank or goes, number words become digits, articles go.
std::string LlavaMedForm(std::string_view answer);

struct LlavaMedOverlap {
  double exact = 0;  ///< shared distinct words / words of the prediction
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};
/// Its scores of an open question. Unlike elsewhere a shared word counts as often as the prediction
/// says it, for recall too.
LlavaMedOverlap ScoreLlavaMedOpen(std::string_view prediction, std::string_view reference);

}  // namespace roentgen
