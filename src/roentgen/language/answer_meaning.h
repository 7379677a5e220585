#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// What a phrase says, so that equal meanings are equal texts: names by their usual one
/// (synonyms.h), words in their WordForm, numbers as quantities, sides before what they are of.
///
/// phrase  in ComparisonForm and WithSigns, without a denial
std::string MeaningOf(std::string_view phrase);

}  // namespace roentgen
