#include "roentgen/assistant/read_report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "roentgen/assistant/report.h"
#include "roentgen/base/json_text.h"

namespace roentgen {
namespace {

constexpr std::string_view kNextAnswer = "\n\n";

struct Reference {
  std::string_view written;
  char meant;
};
constexpr std::array kReferences = {
    Reference{"&amp;", '&'},  Reference{"&lt;", '<'},   Reference{"&gt;", '>'},
    Reference{"&quot;", '"'}, Reference{"&#39;", '\''}, Reference{"&#10;", '\n'},
    Reference{"&#32;", ' '},  Reference{"&#9;", '\t'},  Reference{"<br>", '\n'},
};

/// Takes a character of HTML away from the beginning of a text that is not empty.
char TakeFromHtml(std::string_view& text) {
  for (const auto& [written, meant] : kReferences) {
    if (!text.starts_with(written)) continue;
    text.remove_prefix(written.size());
    return meant;
  }
  const char character = text.front();
  text.remove_prefix(1);
  return character;
}

std::string FromHtml(std::string_view html) {
  std::string text;
  while (!html.empty()) text += TakeFromHtml(html);
  return text;
}

/// What stands between two texts, and what comes behind; nothing where either is missing.
std::optional<std::pair<std::string_view, std::string_view>> Between(std::string_view text,
                                                                     std::string_view begin,
                                                                     std::string_view end) {
  const size_t from = text.find(begin);
  if (from == text.npos) return std::nullopt;
  text.remove_prefix(from + begin.size());
  const size_t to = text.find(end);
  if (to == text.npos) return std::nullopt;
  return std::pair(text.substr(0, to), text.substr(to + end.size()));
}

/// ReportHtml's: the sentences, and nothing else, are isolated from the text around them.
std::optional<std::string> OfHtml(std::string_view file) {
  constexpr std::string_view kMark = R"(<meta name="generator" content="Made by roentgen )";
  if (!file.starts_with("<!doctype html>")) return std::nullopt;
  const auto mark = Between(file, kMark, "\">");
  if (!mark || mark->first.find(": report") == mark->first.npos) return std::nullopt;
  const auto report = Between(mark->second, "<div class=\"report\">", "</div>");
  if (!report) return std::nullopt;
  std::string text;
  for (auto rest = Between(report->first, "<bdi>", "</bdi>"); rest;
       rest = Between(rest->second, "<bdi>", "</bdi>")) {
    text += FromHtml(rest->first);
    text += kNextAnswer;
  }
  return text;
}

void Erase(std::string& text, std::string_view piece) {
  std::string kept;
  size_t begin = 0;
  for (size_t at = text.find(piece); at != text.npos; at = text.find(piece, begin)) {
    kept.append(text, begin, at - begin);
    begin = at + piece.size();
  }
  kept.append(text, begin);
  text = std::move(kept);
}

/// A paragraph of ReportMarkdown without what is emphasised: the topic, and the marks behind a
/// sentence with their brackets.
std::string FromMarkdown(std::string_view markdown) {
  std::string text;
  bool emphasised = false;
  while (!markdown.empty()) {
    const char first = markdown.front();
    if (first == '*') {
      emphasised = !emphasised;
      markdown.remove_prefix(std::min(markdown.find_first_not_of('*'), markdown.size()));
      continue;
    }
    if (first == '\\') markdown.remove_prefix(1);
    const char character = markdown.empty() ? ' ' : TakeFromHtml(markdown);
    if (!emphasised && first != '`') text += character;
  }
  for (const std::string_view brackets : {" ()", "（）"}) Erase(text, brackets);
  for (const std::string_view colon : {": ", "："}) {
    if (text.starts_with(colon)) text.erase(0, colon.size());
  }
  return text;
}

/// A block of a part without the number of its question, which only what was answered has.
std::optional<std::string_view> Answer(std::string_view block) {
  const size_t bracket = block.rfind(" [");
  if (bracket == block.npos || !block.ends_with(']')) return std::nullopt;
  const std::string_view number = block.substr(bracket + 2, block.size() - bracket - 3);
  if (number.empty() || number.find_first_not_of("0123456789") != number.npos) return std::nullopt;
  return block.substr(0, bracket);
}

/// ReportMarkdown's and ReportBody's, which begin with the title and the notice.
std::optional<std::string> OfMarkdown(std::string_view file) {
  constexpr std::string_view kHeading = "## ";
  std::optional<std::string> text;
  for (const Language language : {Language::kEnglish, Language::kChinese}) {
    const ReportWords& words = WordsOf(language);
    if (file.starts_with(fmt::format("# {}\n\n> **{}**\n", words.title, words.notice))) text = "";
  }
  if (!text) return std::nullopt;
  size_t parts = 0;
  while (!file.empty() && parts < 3) {
    const size_t end = std::min(file.find("\n\n"), file.size());
    std::string_view block = file.substr(0, end);
    while (block.ends_with('\n')) block.remove_suffix(1);
    parts += block.starts_with(kHeading) ? 1 : 0;
    if (const auto answer = Answer(block); answer && (parts == 1 || parts == 2)) {
      *text += FromMarkdown(*answer);
      *text += kNextAnswer;
    }
    file.remove_prefix(std::min(end + 2, file.size()));
  }
  return text;
}

/// ReportJson's.
std::optional<std::string> OfJson(std::string_view file) {
  if (!file.starts_with('{')) return std::nullopt;
  const std::optional<Json> json = TryParseJson(file);
  if (!json || json->value("type", Json()) != "roentgen report") return std::nullopt;
  std::string text;
  for (const Json& sentence : json->value("sentences", Json::array())) {
    if (!sentence.is_object() || !sentence.value("text", Json()).is_string()) return std::nullopt;
    text += sentence["text"].get<std::string>();
    text += kNextAnswer;
  }
  return text;
}

}  // namespace

std::optional<std::string> ReadReportText(std::string_view file) {
  for (const auto read : {OfHtml, OfMarkdown, OfJson}) {
    if (std::optional<std::string> text = read(file)) return text;
  }
  return std::nullopt;
}

}  // namespace roentgen
