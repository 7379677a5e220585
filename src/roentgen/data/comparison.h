#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// A text reduced to what two people would call the same question or answer: ASCII letters in lower
/// case, without punctuation, without English articles, one blank between words.
std::string ComparisonForm(std::string_view text);

/// The most usual name for a whole answer that has several ("xray" and "CXR" for "X-ray",
/// "posteroanterior" for "PA"); nothing when it has none, or has that name already.
std::optional<std::string> UsualName(std::string_view answer);

/// ComparisonForm, with synonyms of a whole answer taken for the same.
std::string AnswerForm(std::string_view answer);

/// Whether an answer says yes (true), no (false), in English or Chinese, and nothing else.
std::optional<bool> YesOrNo(std::string_view answer);

}  // namespace roentgen
