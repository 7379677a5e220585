#pragma once

#include <span>
#include <string_view>

namespace roentgen {

/// A few dozen terms of chest reports, in English and Chinese: how much of a report they cover is
/// measured.
std::span<const std::string_view> ChestReportTerms();

/// Whether a text is a term that is known to be spelled like this: one of the above, a name of
/// synonyms.h, or an anatomical, imaging or question-set term. Above all those that differ from
/// another term by one letter (ilium and ileum, spine and supine).
bool IsKnownTerm(std::string_view text);

/// Whether a text is an abbreviation of four letters or more that imaging and reports use: CTPA,
/// MRCP. Its letters in another order may well be another one (CTAP).
bool IsKnownAbbreviation(std::string_view text);

}  // namespace roentgen
