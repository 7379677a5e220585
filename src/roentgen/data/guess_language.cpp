#include "roentgen/data/guess_language.h"

#include <utf8proc.h>

#include <cstddef>

#include "roentgen/data/chat_messages.h"
#include "roentgen/data/function_words.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

bool IsPlainLatin(char32_t c) {
  if (c >= 0xff21 && c <= 0xff5a) c -= 0xfee0;  // full width
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsAccentedLatin(char32_t c) {
  return (c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7) || (c >= 0x1e00 && c <= 0x1eff);
}

bool IsKana(char32_t c) {
  return (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa);
}

/// Marks on letters, of which some scripts' words have many, and raised or lowered letters
/// (SUVₘₐₓ).
bool IsMark(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_LM;
}

/// What the letters of a text, taken one after the other, tell.
class Letters {
 public:
  void Take(char32_t c) {
    if (IsMark(c)) return;
    const bool accented = IsAccentedLatin(c);
    const bool is_latin = accented || IsPlainLatin(c);
    chinese_ = chinese_ || IsIdeograph(c);
    latin_ = latin_ || is_latin;
    accented_ = accented_ || accented;
    kana_ = IsKana(c) ? kana_ + 1 : 0;
    japanese_ = japanese_ || kana_ >= 2;
    const bool is_other = ClassOf(c) == CharClass::kLetter && !is_latin && !IsIdeograph(c);
    others_ = is_other ? others_ + 1 : 0;
    other_ = other_ || others_ >= 3;
  }

  bool IsChinese() const { return chinese_ && !japanese_; }
  bool IsLatin() const { return latin_ && !chinese_ && !other_ && !japanese_; }
  bool HasAccents() const { return accented_; }

 private:
  bool chinese_ = false;
  bool latin_ = false;
  bool japanese_ = false;
  bool accented_ = false;
  bool other_ = false;  // a word in other letters
  size_t kana_ = 0;     // in a row
  size_t others_ = 0;   // letters of other alphabets in a row
};

/// Appends the words in Latin letters, in small ones, those with hyphens as one.
void AppendLatinWords(const std::string& text, std::vector<std::string>& words) {
  const std::string folded = FoldText(text);
  std::string word;
  const auto end_word = [&] {
    while (word.ends_with('-')) word.pop_back();
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (size_t at = 0; at < folded.size();) {
    const Utf8Step step = ReadUtf8(folded, at);
    const char32_t c = step.code_point;
    const bool in_word = IsPlainLatin(c) || IsAccentedLatin(c) || (c == '-' && !word.empty());
    if (in_word) word += folded.substr(at, step.length);
    if (!in_word) end_word();
    at += step.length;
  }
  end_word();
}

}  // namespace

std::string GuessLanguage(const std::vector<Turn>& turns) {
  Letters letters;
  std::vector<std::string> texts;
  for (const Turn& turn : turns) {
    std::string& text = texts.emplace_back(WithoutImagePlaces(turn.text));
    for (size_t at = 0; at < text.size();) {
      const Utf8Step step = ReadUtf8(text, at);
      letters.Take(step.code_point);
      at += step.length;
    }
    letters.Take(U' ');
  }
  if (letters.IsChinese()) return "zh";
  if (!letters.IsLatin()) return "";
  std::vector<std::string> words;
  for (const std::string& text : texts) AppendLatinWords(text, words);
  const LatinLanguage language = LanguageByFunctionWords(words);
  const bool english = language == LatinLanguage::kEnglish ||
                       (language == LatinLanguage::kNone && !letters.HasAccents());
  return english ? "en" : "";
}

}  // namespace roentgen
