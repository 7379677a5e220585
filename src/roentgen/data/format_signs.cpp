#include "roentgen/data/format_signs.h"

#include <algorithm>

#include "roentgen/data/sample.h"

namespace roentgen {
namespace {

/// "<|word|>" at the beginning of a text; empty for none.
std::string_view ControlTokenAt(std::string_view text) {
  if (!text.starts_with("<|")) return {};
  constexpr std::string_view kWord =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  const size_t end = std::min(text.find_first_not_of(kWord, 2), text.size());
  return end > 2 && text.substr(end).starts_with("|>") ? text.substr(0, end + 2)
                                                       : std::string_view();
}

bool IsOfGrounding(std::string_view token) {
  return token.starts_with("<|object_ref_") || token.starts_with("<|box_") ||
         token.starts_with("<|quad_");
}

/// The sign that training takes for something else at the beginning of a text; empty for none.
std::string_view ForeignSignAt(std::string_view text) {
  for (const std::string_view place : {"<video>", "<audio>"}) {
    if (text.starts_with(place)) return place;
  }
  const std::string_view token = ControlTokenAt(text);
  return IsOfGrounding(token) ? std::string_view() : token;
}

}  // namespace

std::optional<std::string_view> ForeignSignIn(std::string_view text) {
  for (size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
    const std::string_view sign = ForeignSignAt(text.substr(at));
    if (!sign.empty()) return sign;
  }
  return std::nullopt;
}

size_t CountFormatSigns(std::string_view text) {
  size_t count = 0;
  for (size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with(kImagePlaceholder) || !ForeignSignAt(rest).empty()) ++count;
  }
  return count;
}

}  // namespace roentgen
