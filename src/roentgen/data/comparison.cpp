#include "roentgen/data/comparison.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <vector>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

bool IsPunctuation(char32_t c) {
  const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  return within('!', '/') || within(':', '@') || within('[', '`') || within('{', '~') ||
         within(0x2010, 0x205e) ||                            // dashes, quotation marks, ellipsis
         within(0x3001, 0x3003) || within(0x3008, 0x301f) ||  // 、。〃 and brackets
         within(0xff01, 0xff0f) || within(0xff1a, 0xff20) ||  // full-width forms of ASCII
         within(0xff3b, 0xff40) || within(0xff5b, 0xff65);
}

bool IsBlank(char32_t c) {
  return c <= ' ' || c == 0xa0 || c == 0x3000;
}

bool IsArticle(std::string_view word) {
  return word == "a" || word == "an" || word == "the";
}

// The first name of each group is the usual one. The others are in ComparisonForm.
struct SynonymGroup {
  std::string_view usual;
  std::vector<std::string_view> others;
};

const std::vector<SynonymGroup>& SynonymGroups() {
  static const std::vector<SynonymGroup> kGroups = {
      {"X-ray",
       {"xray", "x ray", "xr", "cxr", "x rays", "xrays", "plain film", "radiograph",
        "plain film x ray", "x ray plain film", "plain radiograph"}},
      {"CT", {"ct", "ct scan", "cat scan", "computed tomography", "computerized tomography"}},
      {"MRI", {"mri", "mr", "mri scan", "magnetic resonance imaging"}},
      {"Ultrasound", {"ultrasound", "us", "ultrasonography", "sonography"}},
      {"PA", {"pa", "posteroanterior", "posterior anterior", "pa view", "postero anterior"}},
      {"AP", {"ap", "anteroposterior", "anterior posterior", "ap view", "antero posterior"}},
      {"Axial", {"axial", "transverse", "axial plane", "transverse plane"}},
      {"Coronal", {"coronal", "coronal plane"}},
      {"Sagittal", {"sagittal", "sagittal plane"}},
      {"横断面", {"横断面", "轴位", "横断位", "轴状面"}},
      {"X光", {"x光", "x线", "x射线", "x光片", "x线片"}},
  };
  return kGroups;
}

const std::map<std::string_view, std::string_view>& UsualNames() {
  static const auto kNames = [] {
    std::map<std::string_view, std::string_view> names;
    for (const SynonymGroup& group : SynonymGroups()) {
      for (const std::string_view other : group.others) names[other] = group.usual;
    }
    return names;
  }();
  return kNames;
}

}  // namespace

std::string ComparisonForm(std::string_view text) {
  std::string form;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && !IsArticle(word)) form += (form.empty() ? "" : " ") + word;
    word.clear();
  };
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (IsBlank(step.code_point) || IsPunctuation(step.code_point)) {
      end_word();
    } else if (step.code_point >= 'A' && step.code_point <= 'Z') {
      word += static_cast<char>(step.code_point - 'A' + 'a');
    } else {
      word += text.substr(at, step.length);
    }
    at += step.length;
  }
  end_word();
  return form;
}

std::optional<std::string> UsualName(std::string_view answer) {
  const auto name = UsualNames().find(ComparisonForm(answer));
  if (name == UsualNames().end() || name->second == answer) return std::nullopt;
  return std::string(name->second);
}

std::string AnswerForm(std::string_view answer) {
  return ComparisonForm(UsualName(answer).value_or(std::string(answer)));
}

std::optional<bool> YesOrNo(std::string_view answer) {
  static constexpr std::array<std::string_view, 9> kYes = {"yes",  "是",   "是的", "有", "存在",
                                                           "包含", "包括", "可以", "能"};
  static constexpr std::array<std::string_view, 11> kNo = {
      "no", "不", "否", "不是", "没有", "无", "不存在", "不包含", "不包括", "不可以", "不能"};
  const std::string form = ComparisonForm(answer);
  if (std::find(kYes.begin(), kYes.end(), form) != kYes.end()) return true;
  if (std::find(kNo.begin(), kNo.end(), form) != kNo.end()) return false;
  return std::nullopt;
}

}  // namespace roentgen
