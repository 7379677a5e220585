#include "roentgen/data/lost_commas.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iterator>

#include "roentgen/data/sample.h"

namespace roentgen {
namespace {

/// Whether the text ends in a word whose last letter was parted from it: "splee n". A lone "a" may
/// be a word.
bool EndsInPartedWord(std::string_view text) {
  const auto is_small = [&](size_t from_end) {
    return std::islower(static_cast<unsigned char>(text[text.size() - from_end])) != 0;
  };
  return text.size() > 3 && is_small(1) && text.back() != 'a' && text[text.size() - 2] == ' ' &&
         is_small(3) && is_small(4);
}

/// Whether a comma can follow: not at the beginning, behind an image's place or another mark.
bool MayBeFollowedByComma(std::string_view text) {
  return !text.empty() && !text.ends_with(kImagePlaceholder) &&
         std::string_view("\n\r,;:.!(").find(text.back()) == std::string_view::npos;
}

/// Whether the text at this place begins with a mark before which no comma was lost: another comma,
/// or one that ends a sentence or bracket, but not ".5".
bool BeginsWithMark(std::string_view text, size_t at) {
  constexpr std::string_view kCommas[] = {",", ";", "，", "；", "、", "。", "？", "！", "）"};
  const std::string_view rest = text.substr(at);
  const bool comma = std::any_of(std::begin(kCommas), std::end(kCommas),
                                 [&](std::string_view mark) { return rest.starts_with(mark); });
  const bool ends = std::string_view(".:?!)").find(rest[0]) != std::string_view::npos &&
                    (rest.size() == 1 || std::isspace(static_cast<unsigned char>(rest[1])) != 0);
  return comma || ends;
}

}  // namespace

std::string WithCommasForTabs(std::string_view text) {
  std::string result;
  bool later = false;  // a comma was found before
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_not_of(" \t", at), text.size());
    const std::string_view blanks = text.substr(at, end - at);
    const bool inside = end < text.size() && text[end] != '\n' && text[end] != '\r';
    const bool tab = blanks.find('\t') != std::string_view::npos;
    if (tab && inside && !result.empty() && BeginsWithMark(text, end)) {
      // the blanks go
    } else if (tab && inside && MayBeFollowedByComma(result)) {
      if (later && blanks[0] == '\t' && EndsInPartedWord(result))
        result.erase(result.size() - 2, 1);
      result += ", ";
      later = true;
    } else {
      result += blanks;
    }
    if (end < text.size()) result += text[end];
    at = end + 1;
  }
  return result;
}

}  // namespace roentgen
