#include "roentgen/evaluation/yes_no.h"

#include "roentgen/evaluation/scorer.h"

namespace roentgen {
namespace {

double Share(size_t part, size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// A share of so many, or no value.
double Defined(double share, size_t whole) {
  return whole == 0 ? kUndefined : share;
}

}  // namespace

void YesNoTable::Add(bool truth, std::optional<bool> answer) {
  if (!answer) {
    ++unanswered;
    unanswered_yes += truth ? 1 : 0;
  } else if (truth) {
    ++(*answer ? true_positives : false_negatives);
  } else {
    ++(*answer ? false_positives : true_negatives);
  }
}

size_t YesNoTable::total() const {
  return true_positives + true_negatives + false_positives + false_negatives + unanswered;
}
YesNoShares YesNoTable::shares() const {
  const size_t said_yes = true_positives + false_positives;
  const size_t are_yes = true_positives + false_negatives + unanswered_yes;
  return {Defined(accuracy(), total()),
          Defined(precision(), said_yes),
          Defined(recall(), are_yes),
          Defined(f1(), said_yes + are_yes),
          Defined(yes_ratio(), total()),
          Defined(false_positive_rate(), false_positives + true_negatives),
          Defined(unanswered_share(), total())};
}
double YesNoTable::accuracy() const {
  return Share(true_positives + true_negatives, total());
}
double YesNoTable::precision() const {
  return Share(true_positives, true_positives + false_positives);
}
double YesNoTable::recall() const {
  return Share(true_positives, true_positives + false_negatives + unanswered_yes);
}
double YesNoTable::f1() const {
  const double p = precision();
  const double r = recall();
  return p + r == 0 ? 0 : 2 * p * r / (p + r);
}
double YesNoTable::yes_ratio() const {
  return Share(true_positives + false_positives, total());
}
double YesNoTable::unanswered_share() const {
  return Share(unanswered, total());
}
double YesNoTable::false_positive_rate() const {
  const size_t answered = false_positives + true_negatives;
  if (answered == 0 && unanswered > unanswered_yes) return kUndefined;
  return Share(false_positives, answered);
}

}  // namespace roentgen
