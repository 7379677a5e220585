#include <fmt/format.h>

#include <utility>

#include "report_options.h"
#include "roentgen/assistant/examination.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/error.h"
#include "roentgen/text/normal_form.h"

namespace roentgen::app {
namespace {

struct Word {
  std::string text;
  bool quoted = false;
};

/// Words between blanks, of any width; those in quotes whole.
std::vector<Word> WordsOf(std::string_view text) {
  constexpr std::string_view kWideBlank = "　";
  std::vector<Word> words;
  Word word;
  const auto end_word = [&] {
    if (!word.text.empty() || word.quoted) words.push_back(std::exchange(word, {}));
  };
  char quote = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word.text += c;
      }
    } else if ((c == '"' || c == '\'') && word.text.empty()) {
      quote = c;
      word.quoted = true;
    } else if (c == '\\' && at + 1 < text.size()) {
      word.text += text[++at];
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (text.substr(at).starts_with(kWideBlank)) {
      end_word();
      at += kWideBlank.size() - 1;
    } else {
      word.text += c;
    }
  }
  if (quote != 0) {
    throw Error(fmt::format("a quotation mark ({}) has no end", quote),
                "End the name with the mark that it begins with.");
  }
  end_word();
  return words;
}

}  // namespace

ReportSubject NamedExamination(const std::string& name) {
  if (const auto subject = ParseExamination(name)) return *subject;
  throw Error(fmt::format("no examination: {}", name), "There are chest, head, abdomen and other.");
}

ReportRequest ReadReportRequest(std::string_view arguments) {
  constexpr std::string_view kExamination = "--examination";
  ReportRequest request;
  std::string name;  // of a file, so far
  const std::vector<Word> words = WordsOf(arguments);
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i].text;
    const std::optional<Language> language = ParseLanguage(FoldText(word));
    if (name.empty() && !words[i].quoted && language && !request.language) {
      request.language = language;
    } else if (name.empty() && word == "--force") {
      request.replaces = Replaces::kAny;
    } else if (name.empty() && word == kExamination) {
      if (i + 1 == words.size()) throw Error("--examination needs a name");
      request.examination = NamedExamination(words[++i].text);
    } else if (name.empty() && word.starts_with("--examination=")) {
      request.examination = NamedExamination(word.substr(kExamination.size() + 1));
    } else {
      name += (name.empty() ? "" : " ") + word;
      if (!words[i].quoted && !IsReportName(name)) continue;
      request.files.emplace_back(std::exchange(name, {}));
    }
  }
  if (!name.empty()) request.files.emplace_back(name);
  return request;
}

}  // namespace roentgen::app
