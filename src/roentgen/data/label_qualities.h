#pragma once

#include <cstdint>
#include <string_view>

namespace roentgen {

/// What a text that only qualifies another says, each a bit: a side or place, a plane or view, a
/// sequence, contrast, a course or degree, a number. "right", 右侧, "upper lobe"; "axial"; "T1
/// weighted"; "contrast-enhanced", 平扫; "acute"; "5 mm". 0 for every text that has a word of its
/// own.
using LabelQualities = uint32_t;
LabelQualities QualitiesOf(std::string_view text);

}  // namespace roentgen
