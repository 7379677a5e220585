#include "roentgen/evaluation/hallucination.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {

bool AsksForPresence(const Example& example) {
  const auto types = example.fields.find("question_type");
  if (types == example.fields.end()) return false;
  return std::any_of(types->second.begin(), types->second.end(), [](const std::string& type) {
    const std::string name = Lowercase(type);
    return name == "pres" || name == "abn" || name == "presence" || name == "abnormality";
  });
}

YesNoTable CountPresence(std::span<const Example> examples) {
  YesNoTable table;
  for (const Example& example : examples) {
    const std::optional<bool> truth = YesOrNo(example.reference);
    if (truth && AsksForPresence(example)) table.Add(*truth, FirstWordYesNo(example.prediction));
  }
  return table;
}

namespace {

// Whole words of a text in ComparisonForm, which has no articles and no apostrophes.
constexpr std::array<std::string_view, 15> kCannotTell = {
    "cannot be determined", "cannot determine", "cannot tell",   "cannot be assessed",
    "can t tell",           "can t determine",  "unable to",     "not possible to",
    "impossible to",        "not enough",       "insufficient",  "i do not know",
    "i don t know",         "cannot see",       "cannot be seen"};
constexpr std::array<std::string_view, 12> kCannotTellZh = {
    "无法判断", "无法确定", "无法看出", "无法评估", "无法识别", "不能判断",
    "不能确定", "不确定",   "难以判断", "看不出",   "没有足够", "信息不足"};

constexpr std::array<std::string_view, 13> kIsNotThere = {
    "not visible", "not seen",     "not present",    "not shown",     "not in image",
    "there is no", "there are no", "no evidence of", "does not show", "does not contain",
    "do not see",  "don t see",    "no such"};
constexpr std::array<std::string_view, 10> kIsNotThereZh = {
    "看不到",   "没有显示",   "未显示", "未见",   "不存在",
    "图中没有", "图像中没有", "并没有", "不可见", "没有这"};

/// Whether the answer has one of the phrases: the English ones as whole words.
template <class English, class Chinese>
bool HasPhrase(std::string_view answer, const English& english, const Chinese& chinese) {
  const std::string form = fmt::format(" {} ", ComparisonForm(answer));
  const auto has = [&](std::string_view phrase) { return form.find(phrase) != std::string::npos; };
  return std::any_of(english.begin(), english.end(),
                     [&](std::string_view phrase) { return has(fmt::format(" {} ", phrase)); }) ||
         std::any_of(chinese.begin(), chinese.end(), has);
}

}  // namespace

bool CannotTell(std::string_view answer) {
  return HasPhrase(answer, kCannotTell, kCannotTellZh);
}

bool Abstains(std::string_view answer) {
  return CannotTell(answer) || HasPhrase(answer, kIsNotThere, kIsNotThereZh);
}

FalsePremises CountFalsePremises(std::span<const Example> examples) {
  FalsePremises count;
  for (const Example& example : examples) {
    const auto premise = example.fields.find("premise");
    if (premise == example.fields.end() || premise->second != std::vector<std::string>{"false"}) {
      continue;
    }
    ++count.questions;
    count.declined += Abstains(example.prediction) ? 1 : 0;
  }
  return count;
}

}  // namespace roentgen
