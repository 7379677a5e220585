#include "roentgen/text/unicode.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/text/unicode_ranges.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// The range that holds the code point, or null.
template <class Ranges>
auto FindRange(const Ranges& ranges, char32_t code_point) {
  const auto* range =
      std::lower_bound(ranges.begin(), ranges.end(), code_point,
                       [](const auto& r, char32_t wanted) { return r.last < wanted; });
  return range != ranges.end() && range->first <= code_point ? range : nullptr;
}

CharClass SearchClass(char32_t code_point) {
  const CharClassRange* range = FindRange(kCharClassRanges, code_point);
  return range != nullptr ? range->kind : CharClass::kOther;
}

/// No normalization changes these code points, orders them or composes them with a neighbour: they
/// are the Latin letters that most text is made of, Chinese characters and their punctuation. A
/// wrong "no" would only cost time.
bool IsInertInNfc(char32_t code_point) {
  return code_point < 0x300 || (code_point >= 0x3000 && code_point < 0x302a) ||
         (code_point >= 0x4e00 && code_point < 0xa000) ||
         (code_point >= 0xff00 && code_point < 0xfff0);
}

bool IsNfcAtAGlance(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (!IsInertInNfc(step.code_point)) return false;
    at += step.length;
  }
  return true;
}

auto CombiningClass(utf8proc_int32_t code_point) {
  return utf8proc_get_property(code_point)->combining_class;
}

void AppendDecomposed(char32_t code_point, unsigned options, std::vector<utf8proc_int32_t>& out) {
  std::array<utf8proc_int32_t, 32> parts{};  // the longest decomposition, of U+FDFA, has 18
  int last_boundary_class = 0;
  const auto n =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code_point), parts.data(), parts.size(),
                              static_cast<utf8proc_option_t>(options), &last_boundary_class);
  if (n < 0 || n > static_cast<utf8proc_ssize_t>(parts.size())) {
    throw Error(fmt::format("U+{:04X} cannot be normalized", static_cast<uint32_t>(code_point)));
  }
  out.insert(out.end(), parts.begin(), parts.begin() + n);
}

/// Puts every run of combining marks into the order of their classes. utf8proc's own ordering swaps
/// neighbours, which takes hours on a megabyte of marks that someone stacked on one letter.
void OrderMarks(std::vector<utf8proc_int32_t>& code_points) {
  const auto is_starter = [](utf8proc_int32_t c) { return CombiningClass(c) == 0; };
  for (auto begin = code_points.begin(); begin != code_points.end();) {
    begin = std::find_if_not(begin, code_points.end(), is_starter);
    const auto end = std::find_if(begin, code_points.end(), is_starter);
    std::stable_sort(begin, end, [](utf8proc_int32_t a, utf8proc_int32_t b) {
      return CombiningClass(a) < CombiningClass(b);
    });
    begin = end;
  }
}

/// Appends the text of decomposed code points, in order and composed, and empties the list.
void AppendComposed(std::vector<utf8proc_int32_t>& code_points, std::string& text) {
  OrderMarks(code_points);
  const auto count = utf8proc_normalize_utf32(
      code_points.data(), static_cast<utf8proc_ssize_t>(code_points.size()),
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (count < 0) throw Error(utf8proc_errmsg(count));
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    AppendUtf8(static_cast<char32_t>(code_points[static_cast<size_t>(i)]), text);
  }
  code_points.clear();
}

}  // namespace

CharClass ClassOf(char32_t code_point) {
  static const auto latin = [] {
    std::array<CharClass, 0x300> table{};
    for (char32_t c = 0; c < table.size(); ++c) table[c] = SearchClass(c);
    return table;
  }();
  return code_point < latin.size() ? latin[code_point] : SearchClass(code_point);
}

std::string ToNfc(std::string_view text) {
  if (IsNfcAtAGlance(text)) return std::string(text);
  std::string normal;
  normal.reserve(text.size());
  std::vector<utf8proc_int32_t> piece;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    at += step.length;
    if (FindRange(kNewerThanNfc, step.code_point) == nullptr) {
      AppendDecomposed(step.code_point, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, piece);
      continue;
    }
    // To the reference this one is unassigned, and so ends what can be ordered or composed.
    AppendComposed(piece, normal);
    AppendUtf8(step.code_point, normal);
  }
  AppendComposed(piece, normal);
  return normal;
}

std::string FoldLookalikes(std::string_view text, bool fold_case) {
  if (FindInvalidUtf8(text)) return std::string(text);
  unsigned options =
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE | UTF8PROC_LUMP;
  if (fold_case) options |= UTF8PROC_CASEFOLD;
  std::vector<utf8proc_int32_t> code_points;
  code_points.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    AppendDecomposed(step.code_point, options, code_points);
    at += step.length;
  }
  std::string folded;
  folded.reserve(text.size());
  AppendComposed(code_points, folded);
  return folded;
}

}  // namespace roentgen
