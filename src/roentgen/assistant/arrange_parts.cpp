#include "roentgen/assistant/arrange_parts.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "roentgen/assistant/characters.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// Blanks and marks between names, and characters that nobody sees.
bool IsBetweenNames(std::string_view text) {
  const std::string seen = Replace(Replace(FoldLookalikes(text), "、", ","), "。", ".");
  return seen.find_first_not_of(" \t\r\n,.;:'\"+&|/") == std::string::npos;
}

/// A question mark alone is no question.
bool AsksNothing(std::string_view text) {
  return IsBetweenNames(Replace(Replace(FoldLookalikes(text), "?", ""), "!", ""));
}

std::string TrimStart(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = ReadUtf8(text, 0);
    const std::string_view character = text.substr(0, step.length);
    const std::string seen = FoldLookalikes(character);
    const bool between = seen.empty() || IsSpace(seen[0]) || IsOneOf(seen[0], ",:;") ||
                         character == "、" || character == "。";
    if (!between) break;
    text.remove_prefix(step.length);
  }
  return std::string(text);
}

std::string TrimEnd(std::string_view text) {
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

void ArrangeParts(std::vector<PastedPart>& parts) {
  const auto is_text = [](const PastedPart& part) { return part.kind == PastedPart::Kind::kText; };
  const bool images = !std::all_of(parts.begin(), parts.end(), is_text);
  const bool asks = !images || std::any_of(parts.begin(), parts.end(), [&](const PastedPart& part) {
    return is_text(part) && !AsksNothing(part.text);
  });
  std::erase_if(parts, [&](const PastedPart& part) {
    return is_text(part) && (!asks || (images && IsBetweenNames(part.text)));
  });
  const auto first = std::find_if(parts.begin(), parts.end(), is_text);
  if (first == parts.end()) return;
  const auto last = std::find_if(parts.rbegin(), parts.rend(), is_text).base();
  if (std::all_of(first, last, is_text)) {
    std::rotate(first, last, parts.end());  // the images behind the words
  }
  PastedPart& words = *std::find_if(parts.begin(), parts.end(), is_text);
  words.text = TrimStart(words.text);
  if (is_text(parts.back())) parts.back().text = TrimEnd(parts.back().text);
}

}  // namespace roentgen
