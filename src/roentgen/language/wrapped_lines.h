#pragma once

#include <cstddef>

#include "roentgen/language/folded_text.h"

namespace roentgen {

/// Whether the Chinese line that ends at a newline goes on in the next one, as text does that was
/// broken to a width: behind a comma, a word that joins or that asks for what is seen (和, 未见),
/// within a word, and where the lines around are full. Reports in the style of telegrams have one
/// statement a line, without marks: 两肺未见结节 \n 右侧胸腔积液 do not go on.
bool ChineseLineGoesOn(const FoldedText& text, size_t newline);

}  // namespace roentgen
