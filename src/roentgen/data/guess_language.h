#pragma once

#include <string>
#include <vector>

#include "roentgen/data/sample.h"

namespace roentgen {

/// The language of a conversation by its letters: "zh" where there is a Chinese character, "en"
/// where there are Latin letters. Empty where there are none, and for words of other languages: of
/// another alphabet, in Japanese kana, or in small letters with accents. Single letters (β, µ),
/// names (Ménière) and all signs (°, ≥, ’) say nothing.
std::string GuessLanguage(const std::vector<Turn>& turns);

}  // namespace roentgen
