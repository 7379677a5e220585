#pragma once

#include <string>
#include <vector>

#include "roentgen/data/sample.h"

namespace roentgen {

/// The language of a conversation: "zh" where there is a Chinese character and no Japanese kana;
/// where there are Latin letters and no words in other ones, "en" where English function words
/// prevail over those of other languages (function_words.h), or where there are none of any and no
/// accents. Else empty. Single letters (β, µ) and all signs (°, ≥, ’) say nothing.
std::string GuessLanguage(const std::vector<Turn>& turns);

}  // namespace roentgen
