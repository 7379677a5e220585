#pragma once

#include <string>
#include <string_view>

#include "roentgen/phantom/patient.h"

namespace roentgen {

enum class Language { kEnglish, kChinese };

/// "en", "zh".
std::string_view CodeOf(Language language);

// What radiologists call the things that a phantom can show, in either language.

std::string_view TermOf(FindingKind kind, Language language);  ///< "pleural effusion", "胸腔积液"
std::string_view TermOf(Side side, Language language);         ///< "right", "右侧"
std::string_view TermOf(View view, Language language);         ///< "PA", "后前位"
std::string_view ModalityTerm(Study study, Language language);  ///< "X-ray", "X光"
std::string_view BodyPartTerm(Study study, Language language);  ///< "chest", "胸部"

/// "right upper zone", "右肺上野"; the side alone for what has no zone.
std::string PlaceOf(const ImagingFinding& finding, Language language);

/// A size as it is said: to 5 mm, "about 20 mm", "约20毫米".
std::string SizeOf(const ImagingFinding& finding, Language language);

}  // namespace roentgen
