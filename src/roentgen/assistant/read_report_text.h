#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// The sentences of both parts of a report that this program wrote as .md, .html or .json, or
/// printed, with an empty line at least between those of two answers; without headings, topics,
/// marks, and what else stands in it. Nothing for any other text.
std::optional<std::string> ReadReportText(std::string_view file);

}  // namespace roentgen
