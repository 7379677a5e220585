#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "commands.h"
#include "report_options.h"
#include "roentgen/assistant/examination.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/error.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/printable.h"

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

/// Whether a word that no name goes before stands where a language does: a code of two letters,
/// also with a region behind it, or a name of one in Chinese. A modality's code is none: it begins
/// names of files ("CT head.pdf").
bool ReadsAsLanguage(std::string_view folded) {
  constexpr std::array<std::string_view, 11> kModalities = {"cr", "ct", "dr", "dx", "mg", "mr",
                                                            "nm", "pt", "rf", "us", "xa"};
  if (folded.find('/') != folded.npos) return false;
  if (std::find(kModalities.begin(), kModalities.end(), folded) != kModalities.end()) return false;
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const std::string_view code = folded.substr(0, folded.find_first_of("-_"));
  if (code.size() == 2 && std::all_of(code.begin(), code.end(), is_letter) &&
      folded.find('.') == folded.npos) {
    return true;
  }
  return folded.ends_with("文") || folded.ends_with("语") || folded.ends_with("語");
}

std::optional<Language> NamedLanguage(std::string_view folded) {
  for (const std::string_view name : {"中文", "汉语", "漢語"}) {
    if (folded == name) return Language::kChinese;
  }
  for (const std::string_view name : {"英文", "英语", "英語"}) {
    if (folded == name) return Language::kEnglish;
  }
  return ParseLanguage(folded);
}

/// Takes a language. Throws UsageError for one that there is not, and for a second one.
void TakeLanguage(const std::string& word, ReportRequest& request) {
  const std::optional<Language> language = NamedLanguage(FoldText(word));
  const std::string hint = fmt::format(
      "A report is in en or zh. A file's name that begins so stands in quotes: \"{} …\"",
      OneLine(word));
  if (!language) throw UsageError(fmt::format("no language of a report: {}", OneLine(word)), hint);
  if (request.language) {
    throw UsageError(fmt::format("a second language: {}", OneLine(word)), hint);
  }
  request.language = language;
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
    if (name.empty() && !words[i].quoted && ReadsAsLanguage(FoldText(word))) {
      TakeLanguage(word, request);
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
