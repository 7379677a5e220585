#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace roentgen::test {

/// The text that EscapeMarkdown was given, from what it gave.
inline std::string UnescapeMarkdown(std::string_view markdown) {
  static constexpr std::string_view kMarks = R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";
  std::string text;
  for (size_t at = 0; at < markdown.size(); ++at) {
    const std::string_view rest = markdown.substr(at);
    const auto skip = [&](std::string_view written, char read) {
      if (!rest.starts_with(written)) return false;
      text += read;
      at += written.size() - 1;
      return true;
    };
    if (rest[0] == '\\' && rest.size() > 1 &&
        (rest[1] == '\n' || kMarks.find(rest[1]) != std::string_view::npos)) {
      text += markdown[++at];
    } else if (skip("&#32;", ' ') || skip("&#9;", '\t') || skip("&#10;", '\n')) {
    } else if (rest[0] != '`') {  // code holds nothing but @
      text += rest[0];
    }
  }
  return text;
}

/// The text that EscapeMarkup was given.
inline std::string UnescapeMarkup(std::string_view markup) {
  std::string text;
  for (size_t at = 0; at < markup.size();) {
    const std::string_view rest = markup.substr(at);
    bool entity = false;
    for (const auto& [written, read] : {std::pair{"&lt;", '<'},
                                        {"&gt;", '>'},
                                        {"&quot;", '"'},
                                        {"&#39;", '\''},
                                        {"&amp;", '&'}}) {
      if (!rest.starts_with(written)) continue;
      text += read;
      at += std::string_view(written).size();
      entity = true;
      break;
    }
    if (!entity) text += markup[at++];
  }
  return text;
}

}  // namespace roentgen::test
