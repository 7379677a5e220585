#pragma once

#include <vector>

#include "roentgen/assistant/pasted_text.h"

namespace roentgen {

/// Puts the parts of a line in the order in which the model sees them: images at either end before
/// the words; where some stand among the words, all of those behind stay in their places, so that
/// the first that is named is the first that is seen. Marks that only part names are dropped, and
/// words that ask nothing beside images.
void ArrangeParts(std::vector<PastedPart>& parts);

}  // namespace roentgen
