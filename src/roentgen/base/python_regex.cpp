#include "roentgen/base/python_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr size_t kMaxPattern = 4096;
/// Calls of PCRE2's inner function for one text: names take a few hundred, a pattern that
/// backtracks without end would take them by the million.
constexpr uint32_t kMatchLimit = 100'000;

/// What PCRE2 says of an error number.
std::string Reason(int error) {
  PCRE2_UCHAR text[256] = {};
  pcre2_get_error_message(error, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

PCRE2_SPTR Units(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());
}

}  // namespace

PythonRegex::PythonRegex(std::string_view pattern) : pattern_(pattern.substr(0, kMaxPattern)) {
  if (pattern.size() > kMaxPattern) {
    throw Error(
        fmt::format("regular expression of {} bytes: longer than {}", pattern.size(), kMaxPattern));
  }
  // Python's "at most n times", which PCRE2 reads as plain characters before its version 10.43.
  if (pattern.find("{,") != std::string_view::npos) {
    throw Error(fmt::format("regular expression {}: {{,n}} is not supported", pattern),
                "Write {0,n}, which means the same.");
  }
  int error = 0;
  PCRE2_SIZE place = 0;
  pcre2_code* code =
      pcre2_compile(Units(pattern), pattern.size(), PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C,
                    &error, &place, nullptr);
  if (code == nullptr) {
    throw Error(fmt::format("regular expression {}: {} at byte {}", pattern, Reason(error), place));
  }
  code_ = std::shared_ptr<const void>(code, [](pcre2_code* owned) { pcre2_code_free(owned); });
}

bool PythonRegex::FitsStartOf(std::string_view text) const {
  const auto* code = static_cast<const pcre2_code*>(code_.get());
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> found(
      pcre2_match_data_create_from_pattern(code, nullptr), pcre2_match_data_free);
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> limits(
      pcre2_match_context_create(nullptr), pcre2_match_context_free);
  if (!found || !limits) throw std::bad_alloc();
  pcre2_set_match_limit(limits.get(), kMatchLimit);

  const int result =
      pcre2_match(code, Units(text), text.size(), 0, PCRE2_ANCHORED, found.get(), limits.get());
  if (result >= 0) return true;
  if (result == PCRE2_ERROR_NOMATCH) return false;
  throw Error(fmt::format("regular expression {}: {} in {}", pattern_, Reason(result), text));
}

}  // namespace roentgen
