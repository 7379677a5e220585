#include "roentgen/assistant/written_words.h"

#include <algorithm>

#include "roentgen/assistant/characters.h"
#include "roentgen/assistant/path_forms.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// "a.png(1)", but not "(1)" alone.
bool EndsInCopyNumber(std::string_view text) {
  for (const auto& [open, close] : kCopyBrackets) {
    if (!text.ends_with(close)) continue;
    std::string_view before = text.substr(0, text.size() - close.size());
    const size_t digits = before.size();
    while (!before.empty() && IsDigit(before.back())) before.remove_suffix(1);
    return before.size() < digits && before.size() > open.size() && before.ends_with(open);
  }
  return false;
}

}  // namespace

bool IsWidePunctuation(char32_t c) {
  return (c >= 0x3000 && c < 0x3030) || (c >= 0xff00 && c < 0xff10) ||
         (c >= 0xff1a && c < 0xff21) || (c >= 0x2018 && c < 0x2020) || c == 0x2026;
}

std::string_view WithoutMarksBehind(std::string_view text) {
  while (!text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && (text[last] & 0xc0) == 0x80) --last;
    const bool mark = IsOneOf(text[last], ".,;:!?)]}>'\"*`|") ||
                      IsWidePunctuation(ReadUtf8(text, last).code_point);
    if (!mark || EndsInCopyNumber(text)) break;
    text = text.substr(0, last);
  }
  return text;
}

std::string_view WithoutPunctuation(std::string_view word) {
  for (size_t at = 0; at < word.size();) {
    if (IsAscii(word[at])) {
      ++at;
      continue;
    }
    const Utf8Step step = ReadUtf8(word, at);
    const size_t copy = at > 0 ? CopyNumberLength(word, at) : 0;
    if (copy == 0 && IsWidePunctuation(step.code_point)) {
      word = word.substr(0, at);
      break;
    }
    at += std::max<size_t>(copy, step.length);
  }
  return WithoutMarksBehind(word);
}

std::string_view AsciiName(std::string_view word) {
  size_t end = 0;
  while (end < word.size() && (IsAlnum(word[end]) || IsOneOf(word[end], "_-."))) ++end;
  if (end < word.size() && (IsAscii(word[end]) || NameGoesOn(word, end))) return {};
  return WithoutMarksBehind(word.substr(0, end));
}

std::string_view Unquote(std::string_view text) {
  text = Strip(text);
  for (const QuotePair& quotes : kQuotes) {
    if (text.size() >= quotes.open.size() + quotes.close.size() && text.starts_with(quotes.open) &&
        text.ends_with(quotes.close)) {
      return text.substr(quotes.open.size(),
                         text.size() - quotes.open.size() - quotes.close.size());
    }
  }
  return text;
}

std::optional<std::string_view> SourceOfTag(std::string_view tag) {
  const size_t at = tag.find("src=");
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view value = tag.substr(at + 4);
  if (value.starts_with('"') || value.starts_with('\'')) {
    return value.substr(1, value.find(value[0], 1) - 1);
  }
  return value.substr(0, value.find_first_of(" \t\r\n>"));
}

ShellWord ReadShellWord(std::string_view text) {
  constexpr size_t kMostWritten = 4;  // bytes for one: '\''
  text = text.substr(0, kMaxPathBytes);
  ShellWord word;
  char quote = 0;
  size_t at = 0;
  size_t component = 0;     // where the last one begins in the word's text
  size_t component_at = 0;  // and as it is written
  size_t folders = 0;
  size_t written_at = 0;  // the last byte that gave one of the word's text
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const size_t before = word.text.size();
    if (quote == 0 && IsSpace(c)) break;
    if (quote == 0 && (c == '\'' || c == '"')) {
      if (text.find(c, at + 1) == std::string_view::npos) return {};  // an apostrophe
      quote = c;
      word.quoted = true;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      word.text += text[++at];
    } else {
      word.text += c;
    }
    if (word.text.size() > before) {
      written_at = at;
    } else if (at > written_at + kMostWritten) {
      return {};  // quotes and nothing in them
    }
    if (word.text.ends_with('/') && word.text.size() > component) {
      component = word.text.size();
      component_at = at;
      ++folders;
    }
    const bool long_name = word.text.size() > component + kMaxNameBytes ||
                           at > component_at + kMostWritten * kMaxNameBytes;
    if (long_name || folders > kMaxFolders) return {};  // no path
  }
  word.length = at;
  return word;
}

std::string_view MarkdownTarget(std::string_view text) {
  if (text.starts_with('<') && text.find('>') != std::string_view::npos) {
    return text.substr(1, text.find('>') - 1);
  }
  for (const char* title : {" \"", " '"}) {
    const size_t at = text.find(title);
    if (at != std::string_view::npos && text.size() > at + 2 && text.back() == title[1]) {
      return Strip(text.substr(0, at));
    }
  }
  return text;
}

}  // namespace roentgen
