#include "roentgen/data/labels.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "roentgen/data/blanks.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// A comma, semicolon or slash of any width, or the Chinese 、.
bool SeparatesLabels(std::string_view character) {
  const std::string folded = FoldText(character);
  return folded == "," || folded == ";" || folded == "/" || folded == "、";
}

}  // namespace

std::vector<std::string> SplitLabels(const std::vector<std::string>& labels) {
  std::vector<std::string> split;
  const auto add = [&](std::string_view label) {
    std::string part = WithoutNeedlessBlanks(label);
    const bool known = std::find(split.begin(), split.end(), part) != split.end();
    if (!part.empty() && !known) split.push_back(std::move(part));
  };
  for (const std::string& label : labels) {
    size_t begin = 0;
    for (size_t at = 0; at < label.size();) {
      const uint32_t length = ReadUtf8(label, at).length;
      if (SeparatesLabels(std::string_view(label).substr(at, length))) {
        add(std::string_view(label).substr(begin, at - begin));
        begin = at + length;
      }
      at += length;
    }
    add(std::string_view(label).substr(begin));
  }
  return split;
}

}  // namespace roentgen
