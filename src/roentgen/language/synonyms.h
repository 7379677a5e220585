#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// The most usual name, in the same language, for a whole answer that has several: "X-ray" for
/// "xray" and "CXR", "磁共振" for "核磁共振". Nothing when it has that name already, where no name
/// is more usual than another (左侧, 左边), and for an answer in traditional characters, whose
/// script would change.
std::optional<std::string> UsualName(std::string_view answer);

/// Equal for answers that say the same: ComparisonForm, with all names of one thing, in English
/// and Chinese, taken for the same ("MRI", "磁共振", "磁振造影"), and all ways to say only yes or
/// only no ("没有", "无", "no").
std::string AnswerForm(std::string_view answer);

/// Whether a text is one of the names that the functions above know.
bool HasSynonyms(std::string_view text);

}  // namespace roentgen
