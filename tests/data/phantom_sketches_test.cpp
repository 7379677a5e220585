#include <gmock/gmock.h>

#include <sstream>

#include "roentgen/data/phantom_questions.h"

namespace roentgen {
namespace {

const std::vector<Language> kBoth = {Language::kEnglish, Language::kChinese};

/// The rows of a sketch without its blanks.
std::vector<std::string> Rows(const std::string& sketch) {
  std::vector<std::string> rows;
  std::istringstream text(sketch);
  for (std::string line; std::getline(text, line);) {
    std::erase(line, ' ');
    rows.push_back(line);
  }
  return rows;
}

/// 16 × 16 pixels, black on the left and white on the right.
PhantomImage HalfWhite() {
  PhantomImage image;
  image.size = {16, 16};
  for (int i = 0; i < 256; ++i) image.pixels.push_back(i % 16 < 8 ? 0 : 65535);
  return image;
}

Patient With(std::vector<FindingKind> kinds) {
  Patient patient;
  for (const FindingKind kind : kinds) patient.findings.push_back({.kind = kind});
  return patient;
}

TEST(PhantomSketch, BrightnessRunsFromAToH) {
  const PhantomSketch sketch = SketchOf({}, HalfWhite());
  EXPECT_EQ(sketch.brightness.substr(0, 16), "a a a a h h h h\n");
  EXPECT_THAT(Rows(sketch.brightness),
              testing::ElementsAreArray(std::vector<std::string>(8, "aaaahhhh")));
  EXPECT_THAT(Rows(sketch.signs), testing::Each("........"));
}

TEST(PhantomSketch, AFindingIsWhereItsMiddleIsAndWhereItCoversEnough) {
  PhantomImage image = HalfWhite();
  image.finding = {{2.5, 2.5, 3.5, 3.5}, {8, 8, 12, 13.1}};  // parts are 2 × 2
  const PhantomSketch sketch =
      SketchOf(With({FindingKind::kNodule, FindingKind::kConsolidation}), image);
  EXPECT_THAT(Rows(sketch.signs),
              testing::ElementsAre("........", ".n......", "........", "........", "....cc..",
                                   "....cc..", "....cc..", "........"));
}

TEST(PhantomSketch, TwinsAreAskedTheSameAndTheirSignsDiffer) {
  size_t differ = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    const Patient patient = DrawPatient(seed);
    const Patient twin = CounterfactualTwin(patient);
    const PhantomSketch ours = SketchOf(patient, DrawPhantom(patient, 64));
    const PhantomSketch theirs = SketchOf(twin, DrawPhantom(twin, 64));
    const auto questions = AskForSketches(patient, ours, kBoth);
    const auto twins = AskForSketches(twin, theirs, kBoth);
    ASSERT_EQ(questions.size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(questions[i].question, twins[i].question);
      EXPECT_EQ(questions[i].key, twins[i].key);
    }
    EXPECT_EQ(questions[0].answer, ours.brightness);
    EXPECT_EQ(questions[1].answer, ours.signs);
    differ += ours.signs != theirs.signs ? 1 : 0;
  }
  EXPECT_EQ(differ, 12u);
}

}  // namespace
}  // namespace roentgen
