#include "roentgen/language/answer_meaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "roentgen/language/answer_tokens.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/language/word_edges.h"
#include "roentgen/language/word_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// The usual form of a name, as MeaningOf has other words.
std::string NameForm(std::string_view name) {
  std::string form;
  const std::string usual = AnswerForm(name);
  for (std::string_view words = usual; !words.empty();) {
    const size_t end = std::min(words.find(' '), words.size());
    form += WordForm(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return form;
}

/// What is called by a name in Chinese behind its side: 左侧肺部 is left and lung.
void AddChinese(std::string_view text, std::string& form) {
  struct Side {
    std::string_view name;
    std::string_view form;
  };
  static constexpr auto kSides = std::to_array<Side>({{"左侧", "left"},
                                                      {"左边", "left"},
                                                      {"左", "left"},
                                                      {"右侧", "right"},
                                                      {"右边", "right"},
                                                      {"右", "right"},
                                                      {"左右双侧", "bilateral"},
                                                      {"左右两侧", "bilateral"},
                                                      {"左右", "bilateral"},
                                                      {"双侧", "bilateral"},
                                                      {"两侧", "bilateral"},
                                                      {"双边", "bilateral"},
                                                      {"两边", "bilateral"},
                                                      {"双", "bilateral"},
                                                      {"两", "bilateral"}});
  if (HasSynonyms(text)) {
    form += NameForm(text);
    return;
  }
  const Side* side = nullptr;
  for (const Side& each : kSides) {
    if (text.starts_with(each.name) && (side == nullptr || each.name.size() > side->name.size())) {
      side = &each;
    }
  }
  if (side != nullptr) {
    form += side->form;
    text.remove_prefix(side->name.size());
    if (text.starts_with("的")) text.remove_prefix(std::string_view("的").size());
    if (HasSynonyms(text)) {
      form += NameForm(text);
      return;
    }
  }
  for (const std::string_view shape :
       {"白色", "黑色", "灰色", "红色", "黄色", "蓝色", "绿色", "圆形", "椭圆形"}) {
    if (text == shape) text.remove_suffix(std::string_view("色").size());
  }
  constexpr std::string_view kOrgan = "脏";
  constexpr std::string_view kOf = "的";
  for (size_t at = 0; at < text.size();) {
    const size_t length = ReadUtf8(text, at).length;
    const std::string_view character = text.substr(at, length);
    const bool organ =
        character == kOrgan && at > 0 &&
        std::string_view("肝脾肾心胰肺").find(text.substr(at - 3, 3)) != std::string_view::npos;
    if (!organ && character != kOf) form += character;
    at += length;
  }
}

/// The words from `at` on that are one name (synonyms.h), the most; 0 for none.
size_t NamedWords(const Tokens& tokens, size_t at, std::string& form) {
  constexpr size_t kMost = 4;
  size_t named = 0;
  std::string words;
  for (size_t i = at; i < std::min(at + kMost, tokens.size()); ++i) {
    if (tokens[i].kind != Token::Kind::kWord) break;
    const std::string_view blank = i == at ? "" : " ";
    for (const std::string& last : {WordForm(tokens[i].text), tokens[i].text}) {
      const std::string name = fmt::format("{}{}{}", words, blank, last);
      if (!HasSynonyms(name)) continue;
      named = i + 1 - at;
      form = NameForm(name);
    }
    words += fmt::format("{}{}", blank, tokens[i].text);
  }
  return named;
}

constexpr auto kCopulas = std::to_array<std::string_view>({"is", "are", "was", "were"});

}  // namespace

std::string MeaningOf(std::string_view phrase) {
  Tokens tokens = MeasuredTokens(phrase);
  std::string meaning;
  if (HasSynonyms(phrase)) {
    meaning = NameForm(phrase);
    tokens.clear();
  }
  for (size_t at = 0; at < tokens.size(); ++at) {
    Token& token = tokens[at];
    if (token.kind == Token::Kind::kChinese) {
      AddChinese(token.text, meaning);
      continue;
    }
    if (token.kind == Token::Kind::kNumber) {
      meaning += '#' + token.text + '#';
      continue;
    }
    if (token.kind == Token::Kind::kWord) {
      if (token.text == "both") token.text = "bilateral";
      if (IsOneOf(token.text, kCopulas)) continue;
      if (at + 1 < tokens.size() && tokens[at + 1].kind == Token::Kind::kChinese) {
        const std::string mixed = token.text + tokens[at + 1].text;  // x光片
        if (HasSynonyms(mixed)) {
          meaning += NameForm(mixed);
          ++at;
          continue;
        }
      }
      std::string name;
      if (const size_t named = NamedWords(tokens, at, name)) {
        meaning += name;
        at += named - 1;
        continue;
      }
      meaning += WordForm(token.text);
      continue;
    }
    meaning += token.text;
  }
  std::erase(meaning, ' ');
  return meaning;
}

}  // namespace roentgen
