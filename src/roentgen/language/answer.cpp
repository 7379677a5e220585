#include "roentgen/language/answer.h"

#include <algorithm>
#include <array>
#include <string>

#include "roentgen/text/normal_form.h"

namespace roentgen {

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
