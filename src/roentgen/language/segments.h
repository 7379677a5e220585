#pragma once

#include <string_view>
#include <vector>

namespace roentgen {

/// The words of a text in English or Chinese, without blanks and marks between them; they are
/// pieces of the text. Chinese is cut at the words of ICU's dictionary and at terms of reports
/// (ChestReportTerms), which count as one word each.
std::vector<std::string_view> SplitWords(std::string_view text);

}  // namespace roentgen
