#include "roentgen/text/simplified.h"

#include <unicode/translit.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>

#include <memory>
#include <unordered_map>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

using SimplifiedForms = std::unordered_map<char32_t, char32_t>;

/// ICU's transliterator, asked once for every character that it can change: looking one up is then
/// a hundred times faster than a pass of it, and answers are compared by the hundred thousand.
SimplifiedForms AskIcu() {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> simplify(
      icu::Transliterator::createInstance("Hant-Hans", UTRANS_FORWARD, status));
  if (U_FAILURE(status) != 0) {
    throw Error("ICU has no table of simplified characters", "Reinstall the package libicu72.");
  }
  icu::UnicodeSet changed;
  simplify->getSourceSet(changed);
  SimplifiedForms forms;
  for (int32_t i = 0; i < changed.size(); ++i) {
    const UChar32 traditional = changed.charAt(i);
    icu::UnicodeString text(traditional);
    simplify->transliterate(text);
    const UChar32 simplified = text.char32At(0);
    if (text.countChar32() == 1 && simplified != traditional) {
      forms.emplace(static_cast<char32_t>(traditional), static_cast<char32_t>(simplified));
    }
  }
  return forms;
}

}  // namespace

char32_t SimplifiedOf(char32_t code_point) {
  if (!IsIdeograph(code_point)) return code_point;
  static const SimplifiedForms kForms = AskIcu();
  const auto form = kForms.find(code_point);
  return form == kForms.end() ? code_point : form->second;
}

}  // namespace roentgen
