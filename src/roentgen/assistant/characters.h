#pragma once

#include <cctype>
#include <string_view>

namespace roentgen {

// Classes of single bytes; what is not ASCII is in none of them.

inline bool IsSpace(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}
inline bool IsAlpha(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
inline bool IsDigit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
inline bool IsAlnum(char c) {
  return IsAlpha(c) || IsDigit(c);
}
inline bool IsUpper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}
inline bool IsAscii(char c) {
  return (c & 0x80) == 0;
}
inline bool IsOneOf(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

}  // namespace roentgen
