#pragma once

#include <string_view>

namespace roentgen {

// Classes of single bytes; what is not ASCII is in none of them.

inline bool IsSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
inline bool IsAlpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
inline bool IsAlnum(char c) {
  return IsAlpha(c) || IsDigit(c);
}
inline bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
inline bool IsAscii(char c) {
  return (c & 0x80) == 0;
}
inline bool IsOneOf(char c, std::string_view set) {
  for (const char each : set) {
    if (each == c) return true;
  }
  return false;
}

}  // namespace roentgen
