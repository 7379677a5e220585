#pragma once

#include <cstddef>
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

/// A name inside a text, and the form that all names of its thing have.
struct NamePart {
  size_t length;  ///< bytes of the text
  std::string_view form;
  bool plane;  ///< a plane's name that says so by no word of its own ("transverse")
};

/// The longest name of a modality, weighting, plane or view that begins at a place of a text in
/// ComparisonForm and ends with a word. "CXR" and single Chinese characters are none here.
std::optional<NamePart> NameAt(std::string_view form, size_t at);

/// Whether a text is one of the names that the functions above know.
bool HasSynonyms(std::string_view text);

}  // namespace roentgen
