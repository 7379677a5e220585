#include "roentgen/evaluation/ablation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/consistency.h"
#include "roentgen/evaluation/hallucination.h"
#include "roentgen/evaluation/holm.h"
#include "roentgen/evaluation/metadata.h"
#include "roentgen/evaluation/report_quality.h"
#include "roentgen/evaluation/right_answer.h"
#include "roentgen/evaluation/same_questions.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/segments.h"
#include "roentgen/language/sentences.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

/// The measure's value where `made_for` the example.
template <class MadeFor, class Value>
std::vector<double> Column(std::span<const Example> examples, const MadeFor& made_for,
                           const Value& value) {
  std::vector<double> column;
  column.reserve(examples.size());
  for (const Example& example : examples) {
    column.push_back(made_for(example) ? static_cast<double>(value(example)) : kUndefined);
  }
  return column;
}

bool IsYesNo(const Example& example) {
  return YesOrNo(example.reference).has_value();
}

bool IsOpen(const Example& example) {
  return !IsYesNo(example) && !IsReport(example) && !HasFalsePremise(example);
}

std::vector<double> AnswersRight(std::span<const Example> examples) {
  return Column(
      examples, [](const Example& e) { return IsYesNo(e) || IsOpen(e); }, IsRecognised);
}

std::vector<double> YesNoRight(std::span<const Example> examples) {
  return Column(examples, IsYesNo, IsRecognised);
}

std::vector<double> OpenRight(std::span<const Example> examples) {
  return Column(examples, IsOpen, IsRecognised);
}

/// A twin's value stands at its first question.
std::vector<double> TwinsRight(std::span<const Example> examples) {
  std::vector<double> column(examples.size(), kUndefined);
  for (const std::vector<size_t>& twin : TwinsAmong(examples)) {
    column[twin.front()] = AreRight(examples, twin) ? 1.0 : 0.0;
  }
  return column;
}

/// The twins that both runs group alike.
std::vector<std::vector<size_t>> SharedTwins(std::span<const Example> before,
                                             std::span<const Example> after) {
  std::vector<std::vector<size_t>> shared = TwinsAmong(before);
  const std::vector<std::vector<size_t>> others = TwinsAmong(after);
  std::erase_if(shared, [known = std::set(others.begin(), others.end())](const auto& twin) {
    return !known.contains(twin);
  });
  return shared;
}

/// Examples in which only these twins are left.
std::vector<Example> WithTwins(std::span<const Example> examples,
                               std::span<const std::vector<size_t>> twins) {
  std::vector<bool> kept(examples.size());
  for (const std::vector<size_t>& twin : twins) {
    for (const size_t i : twin) kept[i] = true;
  }
  std::vector<Example> left(examples.begin(), examples.end());
  for (size_t i = 0; i < left.size(); ++i) {
    if (!kept[i]) left[i].fields.erase(kTwin);
  }
  return left;
}

std::vector<double> ExactlySaid(std::span<const Example> examples) {
  return Column(
      examples, [](const Example& e) { return !IsReport(e); },
      [](const Example& e) { return MeasureForm(e.prediction) == MeasureForm(e.reference); });
}

std::vector<double> TwoParts(std::span<const Example> examples) {
  return Column(examples, IsReport, [](const Example& e) { return HasBothParts(e.prediction); });
}

std::vector<std::string> SentenceForms(std::string_view report) {
  std::vector<std::string> forms;
  for (const std::string_view sentence : SplitSentences(report)) {
    forms.push_back(ComparisonForm(sentence));
  }
  return forms;
}

/// Of the reference's sentences, how many are among the report's.
double SentencesFound(const Example& example) {
  const std::vector<std::string> said = SentenceForms(example.prediction);
  std::vector<std::string> wanted = SentenceForms(example.reference);
  std::erase(wanted, "");
  const auto found = std::count_if(wanted.begin(), wanted.end(), [&](const std::string& sentence) {
    return std::find(said.begin(), said.end(), sentence) != said.end();
  });
  return wanted.empty() ? 0 : static_cast<double>(found) / static_cast<double>(wanted.size());
}

std::vector<double> ReportSentences(std::span<const Example> examples) {
  return Column(examples, IsReport, SentencesFound);
}

/// Of the reference's words, how many the answer has.
double TermsFound(const Example& example) {
  const std::string answer = ComparisonForm(example.prediction);
  const std::string reference = ComparisonForm(example.reference);
  std::vector<std::string_view> said = SplitWords(answer);
  const std::vector<std::string_view> wanted = SplitWords(reference);
  size_t found = 0;
  for (const std::string_view word : wanted) {
    const auto at = std::find(said.begin(), said.end(), word);
    if (at == said.end()) continue;
    said.erase(at);
    ++found;
  }
  return wanted.empty() ? 0 : static_cast<double>(found) / static_cast<double>(wanted.size());
}

std::vector<double> OpenTerms(std::span<const Example> examples) {
  return Column(examples, IsOpen, TermsFound);
}

std::vector<double> InventedFindings(std::span<const Example> examples) {
  return Column(
      examples, [](const Example&) { return true; }, InventsFinding);
}

std::vector<double> AbsentAnswered(std::span<const Example> examples) {
  return Column(
      examples, [](const Example&) { return true; }, AnswersAboutAbsent);
}

std::vector<double> DeclinedPremises(std::span<const Example> examples) {
  return Column(examples, HasFalsePremise,
                [](const Example& e) { return Abstains(e.prediction, e.question); });
}

constexpr std::array<AblationMeasure, 11> kMeasures = {
    {{Aspect::kRecognition, kUsualPrimary,
      "Of yes/no questions and open ones together: their two measures in one.", true, AnswersRight},
     {Aspect::kRecognition, "yes/no right", "Yes or no, as the answer begins, is the truth.", true,
      YesNoRight},
     {Aspect::kRecognition, "open right",
      "The true answer stands in the answer, affirmed or denied as it is.", true, OpenRight},
     {Aspect::kRecognition, "twins right",
      "All pictures of a twin, which differ in the one thing asked for, are answered right.", true,
      TwinsRight},
     {Aspect::kLanguage, "said as the reference",
      "The answer is the reference but for case and punctuation.", true, ExactlySaid},
     {Aspect::kLanguage, "reports in two parts",
      "Findings / Impression, or 影像表现 / 诊断意见, are both there.", true, TwoParts},
     {Aspect::kTerminology, "words of the answer",
      "Share of the true answer's words that are used.", true, OpenTerms},
     {Aspect::kTerminology, "sentences of the report",
      "Share of the true report's sentences that stand in the report.", true, ReportSentences},
     {Aspect::kHallucination, "findings invented",
      "\"Yes\" to a finding or an abnormality that is not there, where both runs say yes or no.",
      false, InventedFindings},
     {Aspect::kHallucination, "absent findings answered",
      "Asked for a finding or an abnormality that is not there, it says yes or no.", true,
      AbsentAnswered},
     {Aspect::kHallucination, "false premises declined",
      "Asked for the place of something that is not there, it says so.", true, DeclinedPremises}}};

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The row of a measure, but for Holm's p; nothing when it is made for no example.
std::optional<AblationRow> CompareBy(const AblationMeasure& measure,
                                     std::span<const Example> before,
                                     std::span<const Example> after, const SamplingUnits& units,
                                     const PairedTestOptions& options) {
  const std::vector<double> all_first = measure.of(before);
  const std::vector<double> all_second = measure.of(after);
  std::vector<double> first;
  std::vector<double> second;
  std::vector<double> differences;
  std::vector<uint32_t> of_unit;
  for (size_t i = 0; i < all_first.size(); ++i) {
    if (std::isnan(all_first[i]) || std::isnan(all_second[i])) continue;
    first.push_back(all_first[i]);
    second.push_back(all_second[i]);
    differences.push_back(all_second[i] - all_first[i]);
    of_unit.push_back(units.of[i]);
  }
  if (first.empty()) return std::nullopt;
  AblationRow row;
  row.measure = &measure;
  row.before = Mean(first);
  row.after = Mean(second);
  row.test = TestPaired(differences, of_unit, options);
  row.p = row.test.p;
  return row;
}

/// Sets Holm's p; returns among how many tests.
size_t AdjustAllButThePrimary(std::vector<AblationRow>& rows) {
  std::vector<AblationRow*> others;
  std::vector<double> p;
  for (AblationRow& row : rows) {
    if (row.primary || !row.p) continue;
    others.push_back(&row);
    p.push_back(*row.p);
  }
  const std::vector<double> adjusted = HolmAdjusted(p);
  for (size_t i = 0; i < others.size(); ++i) others[i]->p = adjusted[i];
  return others.size();
}

/// The units by what either run knows: patients and images may stand in one of the files only.
SamplingUnits UnitsOfBoth(std::span<const Example> before, std::span<const Example> after) {
  std::vector<Example> known(before.begin(), before.end());
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i].patient.empty()) known[i].patient = after[i].patient;
    if (known[i].images.empty()) known[i].images = after[i].images;
    if (known[i].image_hashes.empty()) known[i].image_hashes = after[i].image_hashes;
    known[i].fields.insert(after[i].fields.begin(), after[i].fields.end());
  }
  return FindSamplingUnits(known);
}

}  // namespace

void RequireMeasure(const std::string& name) {
  std::vector<std::string> names;
  for (const AblationMeasure& measure : kMeasures) {
    if (measure.name == name) return;
    names.emplace_back(measure.name);
  }
  throw Error(fmt::format("there is no measure \"{}\"", name), "There are: " + Join(names, ", "));
}

std::string_view TitleOf(Aspect aspect) {
  constexpr std::array<std::string_view, kAspects> kTitles = {
      "Visual recognition", "Report language", "Terminology", "Hallucination"};
  return kTitles[static_cast<size_t>(aspect)];
}

std::span<const AblationMeasure> AblationMeasures() {
  return kMeasures;
}

Change AblationRow::change() const {
  if (!p) return Change::kTooFew;
  if (*p > 0.05 || test.difference == 0) return Change::kNone;
  return (test.difference > 0) == measure->higher_is_better ? Change::kBetter : Change::kWorse;
}

Ablation CompareRuns(std::span<const Example> before, std::span<const Example> after,
                     const CompareOptions& options, ThreadPool& pool) {
  RequireMeasure(options.primary);
  RequireSameQuestions(before, after);
  Ablation ablation;
  ablation.primary = options.primary;
  ablation.units = UnitsOfBoth(before, after);
  const std::vector<std::vector<size_t>> twins = SharedTwins(before, after);
  const std::vector<Example> first = WithTwins(before, twins);
  const std::vector<Example> second = WithTwins(after, twins);
  std::vector<std::optional<AblationRow>> rows(kMeasures.size());
  pool.ForEach(rows.size(), [&](size_t i, int /*worker*/) {
    rows[i] = CompareBy(kMeasures[i], first, second, ablation.units, options.test);
  });
  for (std::optional<AblationRow>& row : rows) {
    if (!row) continue;
    row->primary = row->measure->name == options.primary;
    ablation.rows.push_back(*row);
  }
  std::stable_partition(ablation.rows.begin(), ablation.rows.end(),
                        [](const AblationRow& row) { return row.primary; });
  ablation.tested_together = AdjustAllButThePrimary(ablation.rows);
  return ablation;
}

std::vector<std::string> OneSidedMeasures(std::span<const Example> before,
                                          std::span<const Example> after) {
  // With the same answers, so that only what is said of the questions counts.
  std::vector<Example> with_answers(after.begin(), after.end());
  for (size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    with_answers[i].prediction = before[i].prediction;
  }
  std::vector<std::string> notes;
  const size_t shared = SharedTwins(before, after).size();
  const size_t all = TwinsAmong(before).size() + TwinsAmong(after).size() - shared;
  if (all > shared) {
    notes.push_back(fmt::format(
        "twins right: {} twin{} left out, of which the runs do not name the "
        "same questions{}",
        all - shared, all - shared == 1 ? " is" : "s are", shared == 0 ? "; none is left" : ""));
  }
  for (const AblationMeasure& measure : AblationMeasures()) {
    if (measure.of == TwinsRight) continue;
    const std::vector<double> first = measure.of(before);
    const std::vector<double> second = measure.of(with_answers);
    size_t both = 0;
    size_t one = 0;
    for (size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
      both += !std::isnan(first[i]) && !std::isnan(second[i]) ? 1 : 0;
      one += std::isnan(first[i]) != std::isnan(second[i]) ? 1 : 0;
    }
    if (one == 0) continue;
    notes.push_back(fmt::format(
        "{}: {} question{} left out, which only one run says to be of the "
        "kind that it is made for{}",
        measure.name, one, one == 1 ? " is" : "s are", both == 0 ? "; none is left" : ""));
  }
  return notes;
}

std::string_view NameOf(Outcome outcome) {
  constexpr std::array<std::string_view, 4> kNames = {"still right", "mended", "broken",
                                                      "still wrong"};
  return kNames[static_cast<size_t>(outcome)];
}

bool IsRecognised(const Example& example) {
  return IsRight(example.prediction, example.reference, example.question);
}

Outcome OutcomeOf(const Example& before, const Example& after) {
  const bool was = IsRecognised(before);
  const bool is = IsRecognised(after);
  if (was) return is ? Outcome::kStillRight : Outcome::kBroken;
  return is ? Outcome::kMended : Outcome::kStillWrong;
}

}  // namespace roentgen
