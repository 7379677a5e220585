#include "roentgen/evaluation/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

template <size_t N>
bool IsAmong(std::string_view text, const std::array<std::string_view, N>& texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::string NumberText(const Json& value) {
  if (!value.is_number_float()) return value.dump();
  const auto number = value.get<double>();  // 12.0 is 12 in a table with gaps
  const bool whole = std::abs(number) < 0x1p53 && number == std::floor(number);
  return whole ? std::to_string(static_cast<int64_t>(number)) : value.dump();
}

/// The text of a single value; nothing where it has none.
std::optional<std::string> TextOf(const Json& value) {
  if (value.is_boolean()) return value.dump();
  if (value.is_number()) return NumberText(value);
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = Strip(value.get_ref<const std::string&>());
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

/// Whether something is said to be true or false.
std::optional<bool> TruthOf(const std::string& text) {
  static constexpr std::array<std::string_view, 5> kTrue = {"true", "t", "1", "真", "成立"};
  static constexpr std::array<std::string_view, 5> kFalse = {"false", "f", "0", "假", "不成立"};
  const std::string form = FoldText(text);
  if (IsAmong(form, kTrue)) return true;
  if (IsAmong(form, kFalse)) return false;
  if (form == "y" || form == "n") return form == "y";
  return YesOrNo(text);
}

std::string Shown(const Json& value) {
  constexpr size_t kShown = 60;
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() > kShown ? text.substr(0, kShown) + "…" : text;
}

std::string OneOf(const std::string& where, const std::string& name, const Json& value) {
  const auto fail = [&](const char* expected) {
    throw Error(fmt::format("{}: {}: expected {}, found {}", where, name, expected, Shown(value)),
                "Give the column another name if it says something else.");
  };
  if (value.is_null()) return "";
  if (value.is_string() && SaysNothing(value.get_ref<const std::string&>())) return "";
  const std::optional<std::string> text = TextOf(value);
  if (name != kPremise) {
    if (!text || value.is_boolean()) fail("a text or number that questions share");
    return *text;
  }
  const std::optional<bool> truth = text ? TruthOf(*text) : std::nullopt;
  if (!truth) fail("true or false");
  return *truth ? "true" : "false";
}

}  // namespace

bool IsMeasured(std::string_view name) {
  return name == kPremise || name == kTwin || name == kParaphrase || name == kLinkedQuestion;
}

bool SaysNothing(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kNothing = {"nan", "none", "null",    "nil",
                                                               "n/a", "<na>", "unknown", "未知"};
  const std::string form = FoldText(Strip(text));
  return form.find_first_not_of("-? ") == std::string::npos || IsAmong(form, kNothing);
}

bool IsMissingValue(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kMissing = {"nan", "null", "<na>", "#n/a"};
  return IsAmong(FoldText(Strip(text)), kMissing);
}

std::vector<std::string> MetadataOf(const std::string& where, const std::string& name,
                                    const Json& value) {
  std::vector<std::string> texts;
  if (IsMeasured(name)) {
    if (std::string text = OneOf(where, name, value); !text.empty()) {
      texts.push_back(std::move(text));
    }
    return texts;
  }
  if (value.is_array()) {
    for (const Json& item : value) {
      if (auto text = TextOf(item)) texts.push_back(std::move(*text));
    }
  } else if (auto text = TextOf(value)) {
    texts.push_back(std::move(*text));
  }
  return texts;
}

}  // namespace roentgen
