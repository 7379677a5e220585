#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// A text in ClauseForm in which each number with a unit (measures.h) is one word, the same one for
/// equal quantities: 5 cm, 50 mm, 5.0厘米 and 五厘米. Ranges and products (2-3 cm, 20 x 30 mm) are
/// one word, too, so that no part of them is taken for a quantity by itself. Other numbers stay,
/// but for .5, which is 0.5, and 2.0, which is 2. The words are for comparison alone.
std::string WithQuantityWords(std::string_view form);

}  // namespace roentgen
