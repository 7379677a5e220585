#include "roentgen/hub/http_head.h"

#include <algorithm>
#include <charconv>

#include "roentgen/base/ascii.h"

namespace roentgen {
namespace {

/// What a stranger's server says, fit for a terminal: no control characters, not long.
std::string PlainWords(std::string_view text) {
  constexpr size_t kLongest = 200;
  std::string words;
  for (const char c : text.substr(0, kLongest)) {
    if (c >= ' ' && c <= '~') words += c;
  }
  const size_t begin = words.find_first_not_of(' ');
  return begin == words.npos ? "" : words.substr(begin);
}

/// Nothing that ends a header's line.
bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t parsed = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, parsed);
  return problem == std::errc() && stop == end ? std::optional(parsed) : std::nullopt;
}

/// "bytes 100-199/1234" as 100 and 1234; "bytes */1234", of status 416, as nothing and 1234.
void ParseContentRange(std::string_view value, HttpHead& head) {
  constexpr std::string_view kUnit = "bytes";
  value = Trim(value);
  if (!LowerAscii(value).starts_with(kUnit)) return;
  value = Trim(value.substr(kUnit.size()));
  const size_t slash = value.find('/');
  if (slash == value.npos) return;
  head.part_begin = ParseNumber(value.substr(0, std::min(value.find('-'), slash)));
  head.whole_size = ParseNumber(value.substr(slash + 1));
}

/// "<https://…>; rel=\"next\", <…>; rel=\"last\"": the first address; empty where there is none.
std::string ParseNextLink(std::string_view value) {
  while (true) {
    const size_t begin = value.find('<');
    const size_t end = value.find('>', begin);
    if (begin == value.npos || end == value.npos) return "";
    const size_t next = value.find('<', end);
    const std::string facts = LowerAscii(value.substr(end + 1, next - end - 1));
    if (facts.find("rel=\"next\"") != facts.npos || facts.find("rel=next") != facts.npos) {
      return std::string(value.substr(begin + 1, end - begin - 1));
    }
    if (next == value.npos) return "";
    value = value.substr(next);
  }
}

}  // namespace

void HttpHead::TakeLine(std::string_view line) {
  if (line.starts_with("HTTP/")) *this = {};
  const size_t colon = line.find(':');
  if (colon == line.npos) return;
  const std::string name = LowerAscii(line.substr(0, colon));
  const std::string_view value = Trim(line.substr(colon + 1));
  if (name == "content-range") ParseContentRange(value, *this);
  if (name == "content-type") is_web_page = LowerAscii(value).starts_with("text/html");
  if (name == "etag" && value.starts_with('"') && IsPrintable(value)) etag = value;
  if (name == "link" && next_link.empty()) next_link = ParseNextLink(value);
  if (name == "x-error-message") error_message = PlainWords(value);
}

}  // namespace roentgen
