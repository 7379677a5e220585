#include "roentgen/evaluation/yes_no.h"

#include <array>
#include <string>

#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

double Share(size_t part, size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// What a Chinese answer begins with. The longer words come first: 不能 is no 能.
std::optional<bool> FirstChineseYesNo(std::string_view text) {
  struct Word {
    std::string_view text;
    bool yes;
  };
  static constexpr std::array<Word, 19> kWords = {{{"是否", true},
                                                   {"不是", false},
                                                   {"不存在", false},
                                                   {"不包含", false},
                                                   {"不包括", false},
                                                   {"不能", false},
                                                   {"不可以", false},
                                                   {"不", false},
                                                   {"没有", false},
                                                   {"未见", false},
                                                   {"无", false},
                                                   {"否", false},
                                                   {"是", true},
                                                   {"有", true},
                                                   {"存在", true},
                                                   {"包含", true},
                                                   {"包括", true},
                                                   {"可以", true},
                                                   {"能", true}}};
  for (const Word& word : kWords) {
    if (!text.starts_with(word.text)) continue;
    if (word.text == "是否") return std::nullopt;  // a question
    return word.yes;
  }
  return std::nullopt;
}

}  // namespace

std::optional<bool> FirstWordYesNo(std::string_view answer) {
  const std::string form = ComparisonForm(answer);
  const std::string_view first = std::string_view(form).substr(0, form.find(' '));
  if (first == "yes") return true;
  if (first == "no") return false;
  return FirstChineseYesNo(form);
}

void YesNoTable::Add(bool truth, std::optional<bool> answer) {
  if (!answer) {
    ++unanswered;
  } else if (truth) {
    ++(*answer ? true_positives : false_negatives);
  } else {
    ++(*answer ? false_positives : true_negatives);
  }
}

size_t YesNoTable::total() const {
  return true_positives + true_negatives + false_positives + false_negatives + unanswered;
}
double YesNoTable::accuracy() const {
  return Share(true_positives + true_negatives, total());
}
double YesNoTable::precision() const {
  return Share(true_positives, true_positives + false_positives);
}
double YesNoTable::recall() const {
  return Share(true_positives, true_positives + false_negatives);
}
double YesNoTable::f1() const {
  const double p = precision();
  const double r = recall();
  return p + r == 0 ? 0 : 2 * p * r / (p + r);
}
double YesNoTable::yes_ratio() const {
  return Share(true_positives + false_positives, total());
}
double YesNoTable::false_positive_rate() const {
  return Share(false_positives, false_positives + true_negatives);
}

}  // namespace roentgen
