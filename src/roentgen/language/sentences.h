#pragma once

#include <string_view>
#include <vector>

namespace roentgen {

/// The sentences of a text in English or Chinese, each with its marks and without the blanks around
/// it; none is empty. They are pieces of the text.
///
/// A sentence ends at 。 ! ? ; in any width, at a full stop that is no part of a number or an
/// abbreviation, at the end of a line unless it goes on in the next one (in a small letter, or as
/// ChineseLineGoesOn says), and before the number of an item: "1. … 2. …", "1) … 2) …", "(1) …",
/// "①…②…", "1、… 2、…", "一、…".
std::vector<std::string_view> SplitSentences(std::string_view text);

}  // namespace roentgen
