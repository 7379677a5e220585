#include "roentgen/data/guess_language.h"

#include <utf8proc.h>

#include <cstddef>

#include "roentgen/data/chat_messages.h"
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

bool IsCapital(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_LU;
}

/// Marks on letters, of which some scripts' words have many.
bool IsMark(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC;
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
    if (is_latin && !in_latin_) name_ = IsCapital(c);
    in_latin_ = is_latin;
    other_ = other_ || (accented && !name_);
    kana_ = IsKana(c) ? kana_ + 1 : 0;
    japanese_ = japanese_ || kana_ >= 2;
    const bool is_other = ClassOf(c) == CharClass::kLetter && !is_latin && !IsIdeograph(c);
    others_ = is_other ? others_ + 1 : 0;
    other_ = other_ || others_ >= 3;
  }

  std::string Language() const {
    if (chinese_) return japanese_ ? "" : "zh";
    return latin_ && !other_ && !japanese_ ? "en" : "";
  }

 private:
  bool chinese_ = false;
  bool latin_ = false;
  bool japanese_ = false;
  bool other_ = false;     // a word of another language
  bool in_latin_ = false;  // the last letter was Latin
  bool name_ = false;      // the Latin word began with a capital
  size_t kana_ = 0;        // in a row
  size_t others_ = 0;      // letters of other alphabets in a row
};

}  // namespace

std::string GuessLanguage(const std::vector<Turn>& turns) {
  Letters letters;
  for (const Turn& turn : turns) {
    const std::string text = WithoutImagePlaces(turn.text);
    for (size_t at = 0; at < text.size();) {
      const Utf8Step step = ReadUtf8(text, at);
      letters.Take(step.code_point);
      at += step.length;
    }
    letters.Take(U' ');
  }
  return letters.Language();
}

}  // namespace roentgen
