#include "roentgen/language/segments.h"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <algorithm>
#include <memory>

#include "roentgen/base/error.h"
#include "roentgen/language/medical_terms.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

std::unique_ptr<icu::BreakIterator> MakeWordBreaks() {
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> made(
      icu::BreakIterator::createWordInstance(icu::Locale::getChinese(), status));
  if (U_FAILURE(status)) throw Error("ICU has no word boundaries", "Install its data: libicu72");
  return made;
}

/// The bytes at which ICU parts words, the end among them.
std::vector<size_t> Boundaries(std::string_view text) {
  // One for each thread: it has a state and is slow to make.
  thread_local const std::unique_ptr<icu::BreakIterator> breaks = MakeWordBreaks();
  UErrorCode status = U_ZERO_ERROR;
  UText* opened = utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &status);
  const std::unique_ptr<UText, UText* (*)(UText*)> in_icu(opened, utext_close);
  breaks->setText(in_icu.get(), status);
  if (U_FAILURE(status)) throw Error("ICU cannot read a text");
  std::vector<size_t> boundaries;
  for (int32_t at = breaks->first(); at != icu::BreakIterator::DONE; at = breaks->next()) {
    boundaries.push_back(static_cast<size_t>(at));
  }
  return boundaries;
}

/// The length of the longest term with Chinese characters that begins at a byte, or 0.
size_t TermAt(std::string_view text, size_t at) {
  size_t longest = 0;
  for (const std::string_view term : ChestReportTerms()) {
    const bool chinese = (term[0] & 0x80) != 0;
    if (chinese && term.size() > longest && text.substr(at).starts_with(term)) {
      longest = term.size();
    }
  }
  return longest;
}

/// Terms stay whole, whatever is inside.
std::vector<size_t> AroundTerms(std::string_view text, const std::vector<size_t>& boundaries) {
  std::vector<size_t> kept;
  size_t inside_until = 0;
  size_t next = 0;
  for (size_t at = 0; at <= text.size(); ++at) {
    while (next < boundaries.size() && boundaries[next] < at) ++next;
    const bool boundary = next < boundaries.size() && boundaries[next] == at;
    if (at < inside_until) continue;
    const bool term_ended = inside_until > 0 && at == inside_until;
    const bool lead = at < text.size() && (static_cast<uint8_t>(text[at]) & 0xc0) == 0xc0;
    const size_t term = lead ? TermAt(text, at) : 0;
    if (boundary || term_ended || term > 0) kept.push_back(at);
    if (term > 0) inside_until = at + term;
  }
  return kept;
}

bool IsWord(std::string_view piece) {
  for (size_t at = 0; at < piece.size();) {
    const Utf8Step step = ReadUtf8(piece, at);
    const CharClass kind = ClassOf(step.code_point);
    if (kind == CharClass::kLetter || kind == CharClass::kNumber) return true;
    at += step.length;
  }
  return false;
}

}  // namespace

std::vector<std::string_view> SplitWords(std::string_view text) {
  const std::vector<size_t> cuts = AroundTerms(text, Boundaries(text));
  std::vector<std::string_view> words;
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const std::string_view piece = text.substr(cuts[i], cuts[i + 1] - cuts[i]);
    if (IsWord(piece)) words.push_back(piece);
  }
  return words;
}

}  // namespace roentgen
