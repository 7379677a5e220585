#include "roentgen/language/folded_text.h"

#include <algorithm>

#include "roentgen/text/normal_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {

FoldedText::FoldedText(std::string_view text) : text_(text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = ReadUtf8(text, at).length;
    const std::string folded = FoldText(text.substr(at, length));
    for (size_t i = 0; i < folded.size();) {
      const Utf8Step step = ReadUtf8(folded, i);
      folded_ += step.code_point;
      origins_.push_back(at);
      i += step.length;
    }
    at += length;
  }
  origins_.push_back(text.size());
}

std::string_view FoldedText::Written(size_t begin, size_t end) const {
  const size_t first = origins_[begin];
  return text_.substr(first, std::max(first, origins_[end]) - first);
}

}  // namespace roentgen
