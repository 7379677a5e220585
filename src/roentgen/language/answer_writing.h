#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// A text in FoldText's form in which what people write in several ways is written in one: Greek
/// letters by name, powers without "^", rates (80/min, 80 bpm, 80次/分), levels of the spine
/// (L4/5, L4-5 and L4-L5), fractions (3 / 4), a decimal comma before a unit (1,5 cm), and the items
/// of a numbered list ("1. liver 2. spleen") with commas between them.
std::string WithOneWriting(std::string_view folded);

/// The same of a text in ComparisonForm: vertebrae (第3腰椎 as l3), "twice" and "half" in numbers,
/// and the part of a lung behind it (右下肺 as 右肺下部, which is no lobe).
std::string WithOneNaming(std::string_view form);

}  // namespace roentgen
