// Whatever a model may answer: the forms for comparing, the side that it takes, a report's parts,
// sentences and labels. What is named must lie in the text.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "roentgen/evaluation/report_labels.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/report_sections.h"
#include "roentgen/language/sentences.h"
#include "roentgen/text/normal_form.h"

namespace {

void Require(bool held) {
  if (!held) std::abort();
}

bool Holds(std::string_view whole, std::string_view part) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string folded = roentgen::FoldText(text);
  Require(roentgen::FoldText(folded) == folded);
  roentgen::ComparisonForm(text);
  roentgen::SideTaken(text);
  roentgen::YesOrNo(text);
  roentgen::CannotTell(text);
  for (const roentgen::ReportSection& section : roentgen::SplitReport(text)) {
    Require(Holds(text, section.heading) && Holds(text, section.text));
  }
  for (const std::string_view sentence : roentgen::SplitSentences(text)) {
    Require(!sentence.empty() && Holds(text, sentence));
  }
  for (const roentgen::UnreadSentence& sentence : roentgen::ReadReport(text).unread) {
    Require(Holds(text, sentence.text));
  }
  return 0;
}
