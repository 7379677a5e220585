#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// The most usual name for a whole answer that has several ("xray" and "CXR" for "X-ray",
/// "posteroanterior" for "PA"); nothing when it has none, or has that name already.
std::optional<std::string> UsualName(std::string_view answer);

/// ComparisonForm, with synonyms of a whole answer taken for the same.
std::string AnswerForm(std::string_view answer);

}  // namespace roentgen
