#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <optional>

#include "roentgen/data/phantom_questions.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<Language> kEnglishOnly = {Language::kEnglish};
const std::vector<Language> kBoth = {Language::kEnglish, Language::kChinese};

std::map<std::string, PhantomQuestion> ByKey(const Patient& patient, const Patient& twin,
                                             const std::vector<Language>& languages) {
  std::map<std::string, PhantomQuestion> questions;
  for (PhantomQuestion& question : AskGenerally(patient, twin, languages)) {
    EXPECT_TRUE(questions.emplace(question.key, question).second) << question.key;
  }
  return questions;
}

TEST(PhantomGeneralQuestions, TwinsAreAskedTheSameButForDetailsOfWhatIsThere) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Patient patient = DrawPatient(seed);
    const Patient twin = CounterfactualTwin(patient);
    const auto theirs = ByKey(twin, patient, kBoth);
    for (const auto& [key, question] : ByKey(patient, twin, kBoth)) {
      const auto other = theirs.find(key);
      if (other == theirs.end()) {
        EXPECT_TRUE(key.starts_with("half/") || key.starts_with("big/")) << key;
      } else {
        EXPECT_EQ(question.question, other->second.question);
      }
      for (const std::string& text : {question.question, question.answer}) {
        EXPECT_FALSE(text.empty());
        EXPECT_THAT(text, Not(HasSubstr("{")));
        EXPECT_THAT(text, Not(HasSubstr("  ")));
      }
    }
  }
}

TEST(PhantomGeneralQuestions, WhatIsSeenIsWhatIsThere) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Patient patient = DrawPatient(seed);
    for (const auto& [key, question] : ByKey(patient, CounterfactualTwin(patient), kEnglishOnly)) {
      const std::optional<bool> yes = YesOrNo(question.answer.substr(0, question.answer.find(',')));
      if (key.starts_with("see/")) {
        const std::string kind = key.substr(4, key.find('/', 4) - 4);
        const bool there =
            std::any_of(patient.findings.begin(), patient.findings.end(),
                        [&](const ImagingFinding& f) { return NameOf(f.kind) == kind; });
        EXPECT_EQ(yes, there) << question.answer;
      }
      if (key.starts_with("describe")) {
        EXPECT_EQ(question.answer.find("Nothing in it") != std::string::npos,
                  patient.findings.empty());
      }
    }
  }
}

TEST(PhantomGeneralQuestions, ThePatientsRightIsOnThePicturesLeft) {
  Patient patient;
  patient.findings = {{FindingKind::kNodule, Side::kRight, Zone::kUpper, 22, 1, 5}};
  size_t asked = 0;
  for (const auto& [key, question] : ByKey(patient, patient, kEnglishOnly)) {
    if (!key.starts_with("half/")) continue;
    EXPECT_EQ(question.answer, "I see it at the top of the left half of the picture.");
    ++asked;
  }
  EXPECT_EQ(asked, 1u);
}

TEST(PhantomQuestions, APremiseIsFalseOnlyWhereNothingIsThere) {
  size_t false_premises = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const Patient patient = DrawPatient(seed);
    for (const PhantomQuestion& question :
         AskAboutPhantom(patient, CounterfactualTwin(patient), kEnglishOnly)) {
      if (!question.false_premise) continue;
      ++false_premises;
      EXPECT_THAT(question.answer, testing::StartsWith("There is no "));
      for (const ImagingFinding& finding : patient.findings) {
        EXPECT_NE(question.answer.substr(12), TermOf(finding.kind, Language::kEnglish));
      }
    }
  }
  EXPECT_GT(false_premises, 50u);
}

TEST(PhantomQuestions, SomeAreAskedAgainInOtherWords) {
  size_t repeated = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Patient patient = DrawPatient(seed);
    std::map<std::string, std::string> asked;  // subject → question
    for (const PhantomQuestion& question :
         AskAboutPhantom(patient, CounterfactualTwin(patient), kEnglishOnly)) {
      const auto [first, is_new] = asked.emplace(question.subject, question.question);
      if (is_new) continue;
      ++repeated;
      EXPECT_NE(first->second, question.question);
    }
  }
  EXPECT_GT(repeated, 20u);
}

}  // namespace
}  // namespace roentgen
