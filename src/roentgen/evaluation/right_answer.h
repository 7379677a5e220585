#pragma once

#include <string_view>

namespace roentgen {

/// Whether an answer is right, as twins and, for sentences, image use count it: the side that it
/// takes (SideTaken) where the reference is only yes or no, else equal to the reference in
/// MeasureForm. 是，有骨折 is right for 有.
bool IsRight(std::string_view answer, std::string_view reference);

}  // namespace roentgen
