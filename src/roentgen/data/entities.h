#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// The text with the characters that its HTML entities stand for: "&lt;5 mm" is "<5 mm", "&#177;"
/// and "&plusmn;" are "±". Those are meant that HTML 4 names, and numbers, with their semicolon;
/// "&" alone, "AT&T" and names that HTML does not know stay. What was escaped twice ("&amp;lt;")
/// is read to the end, so that a text that was read is not changed again.
///
/// A text whose entities would spell a sign of the format ("&lt;image&gt;") stays as it is: it may
/// tell of the sign.
std::string WithoutEntities(std::string_view text);

}  // namespace roentgen
