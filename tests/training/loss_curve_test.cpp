#include "roentgen/training/loss_curve.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "roentgen/base/files.h"
#include "roentgen/imaging/load.h"
#include "roentgen/training/line_chart.h"
#include "support/paths.h"

// Fontconfig, which Cairo asks for a font, keeps some hundred bytes to the end of the program. The
// leak sanitizer asks for what it shall overlook by this name.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libfontconfig";
}

namespace roentgen {
namespace {

using testing::HasSubstr;

TEST(SmoothLosses, FollowsItsFormula) {
  const std::vector<double> losses = {4, 2, 1};
  const double weight = 1.8 * (1 / (1 + std::exp(-0.15)) - 0.5);
  const double second = 4 * weight + 2 * (1 - weight);
  const std::vector<double> smooth = SmoothLosses(losses);
  ASSERT_EQ(smooth.size(), 3u);
  EXPECT_DOUBLE_EQ(smooth[0], 4);
  EXPECT_DOUBLE_EQ(smooth[1], second);
  EXPECT_DOUBLE_EQ(smooth[2], second * weight + 1 * (1 - weight));
  EXPECT_TRUE(SmoothLosses({}).empty());
}

TEST(LineChart, IsAnSvgThatHoldsItsNamesAndTicks) {
  const std::string svg =
      ChartAsSvg({"a < b", "step", "loss", {{"raw", {1, 2, 3}, {2.5, 2, 1}, "#1f77b4", 0.5}}});
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns="));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("a &lt; b"));
  EXPECT_THAT(svg, HasSubstr(">raw</text>"));
  EXPECT_THAT(svg, HasSubstr(">2.5</text>"));
  EXPECT_THAT(svg, HasSubstr("stroke-opacity=\"0.5\""));
}

TEST(LineChart, ALargerLossIsHigher) {
  // The line is the only one with a width of 2 that is not in the legend.
  const std::string svg = ChartAsSvg({"", "", "", {{"", {0, 10}, {0, 10}, "#000001", 1}}});
  EXPECT_THAT(svg, HasSubstr("points=\"70.00,365.00 620.00,40.00 \" stroke=\"#000001\""));
}

TEST(LineChart, OnePointNoneAndNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(ChartAsSvg({"", "", "", {{"x", {1}, {2}, "#000000", 1}}}), HasSubstr("</svg>"));
  EXPECT_THAT(ChartAsSvg({"", "", "", {}}), HasSubstr("</svg>"));
  const std::string svg = ChartAsSvg({"", "", "", {{"x", {1, 2}, {nan, 2}, "#000000", 1}}});
  EXPECT_THAT(svg, testing::Not(HasSubstr("nan")));
}

TEST(PlotLosses, WritesBothPictures) {
  const test::TemporaryFolder folder;
  TrainingLog log(folder.path(), {.total_steps = 40});
  PlotLosses(log, folder.path());
  EXPECT_FALSE(FileExists(folder.path() / "training_loss.svg"));
  for (size_t step = 1; step <= 40; ++step) {
    const auto x = static_cast<double>(step);
    log.Add(StepEntry{step, x / 20, 2.5 * std::exp(-x / 15) + 0.3 + 0.1 * std::sin(x * 5), 1, 1e-4},
            x);
    if (step % 10 == 0) log.Add(EvaluationEntry{step, x / 20, 2.6 * std::exp(-x / 15), 1, 3, 3}, x);
  }
  PlotLosses(log, folder.path());
  EXPECT_THAT(ReadFile(folder.path() / "training_loss.svg", 1 << 20), HasSubstr("evaluation"));
  const Image image = LoadImage(folder.path() / "training_loss.png");
  EXPECT_EQ(image.width, 1280);
  EXPECT_EQ(image.height, 840);
  // Nothing is drawn left of the axis, between the name and the numbers, and few lines in all.
  size_t stray = 0;
  size_t drawn = 0;
  for (size_t y = 0; y < 840; ++y) {
    for (size_t x = 0; x < 1280; ++x) {
      const bool white = image.rgb[3 * (y * 1280 + x)] == 255;
      drawn += white ? 0 : 1;
      stray += !white && x > 44 && x < 76 ? 1 : 0;
    }
  }
  EXPECT_EQ(stray, 0u);
  EXPECT_GT(drawn, 5000u);
}

}  // namespace
}  // namespace roentgen
