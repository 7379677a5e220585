#pragma once

namespace roentgen {

/// The simplified form of a traditional Chinese character (ICU's Hant-Hans); any other character is
/// its own. Character by character: what is read is not shown, so 乾 in 乾坤 may become 干.
char32_t SimplifiedOf(char32_t code_point);

/// A Chinese character: of the unified ideographs, their extensions and compatibility forms.
inline bool IsIdeograph(char32_t c) {
  return (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff) || c == U'〇';
}

}  // namespace roentgen
