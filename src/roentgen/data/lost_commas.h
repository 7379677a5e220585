#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// The text of a set in which tabs stand for lost commas, with the commas: "Heart \tlungs" is
/// "Heart, lungs". A tab at the edge of a line or behind another mark stays; right before one it
/// goes. From the second comma of a text on the blank that stood behind it may have got before the
/// last letter of its word ("Heart \tsplee n\tlungs", as VQA-RAD has it): that word is put together
/// again.
std::string WithCommasForTabs(std::string_view text);

}  // namespace roentgen
