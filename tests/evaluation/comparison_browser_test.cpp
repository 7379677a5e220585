// The comparison page in a real browser: Debian's chromium, without a window.

#include <gmock/gmock.h>

#include <cstdlib>
#include <set>

#include "evaluation/some_comparison.h"
#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/imaging/encode_png.h"
#include "roentgen/imaging/load.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ComparisonBrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v chromium >/dev/null") != 0) {
      GTEST_SKIP() << "chromium is not installed (scripts/install-packages check)";
    }
    const fs::path picture = folder_.path() / "picture.png";
    std::vector<uint8_t> grey(64 * 64);
    for (size_t i = 0; i < grey.size(); ++i) grey[i] = static_cast<uint8_t>(i / 16);
    WriteFile(picture, EncodePng(grey, {64, 64}));
    RunComparison comparison = test::SomeComparison();
    for (Example& example : comparison.before.examples) example.images = {picture.string()};
    page_ = ComparisonToHtml(comparison, 100);
  }

  /// The page with a script behind it, opened; what the browser prints.
  std::string Open(const std::string& script, const std::string& flags) {
    WriteFile(folder_.path() / "page.html", page_ + "<script>" + script + "</script>");
    const std::string folder = folder_.path().string();
    const std::string command =
        "timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
        "--hide-scrollbars --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir=" +
        folder + "/profile " + flags + " file://" + folder + "/page.html >" + folder + "/out 2>" +
        folder + "/err";
    EXPECT_EQ(std::system(command.c_str()), 0) << ReadFile(folder_.path() / "err", 1 << 20);
    return ReadFile(folder_.path() / "out", size_t{64} << 20);
  }

  test::TemporaryFolder folder_;
  std::string page_;
};

TEST_F(ComparisonBrowser, FiltersShowWhatTheySay) {
  const std::string dom = Open(R"(
    const shown = () => [...document.querySelectorAll('figure')].filter(f => f.offsetParent).length;
    const press = (by, value) =>
      document.querySelector(`button[data-by="${by}"][data-value="${value}"]`).click();
    const counts = [shown()];
    press('outcome', 'mended'); counts.push(shown());
    press('outcome', 'still right'); counts.push(shown());
    press('type', 'PRES'); counts.push(shown());
    press('outcome', ''); counts.push(shown());
    document.body.dataset.counts = counts.join(' ');
    document.body.dataset.pictures =
      [...document.images].filter(i => i.complete && i.naturalWidth === 64).length;
    document.body.dataset.loaded =
      performance.getEntriesByType('resource').filter(e => !e.name.startsWith('data:')).length;)",
                               "--dump-dom");
  EXPECT_THAT(dom, HasSubstr("data-counts=\"6 2 1 1 6\""));
  EXPECT_THAT(dom, HasSubstr("data-pictures=\"6\""));
  EXPECT_THAT(dom, HasSubstr("data-loaded=\"0\""));
}

TEST_F(ComparisonBrowser, ANarrowWindowScrollsTablesNotThePage) {
  const std::string dom =
      Open("document.body.dataset.wider = document.documentElement.scrollWidth > innerWidth;",
           "--dump-dom --window-size=500,900");
  EXPECT_THAT(dom, HasSubstr("data-wider=\"false\""));
}

TEST_F(ComparisonBrowser, ItIsDrawn) {
  const fs::path screenshot = folder_.path() / "screenshot.png";
  Open("", "--window-size=1200,1600 --screenshot=" + screenshot.string());
  const Image image = LoadImage(screenshot);
  EXPECT_EQ(image.size(), (Size{1200, 1600}));
  std::set<uint32_t> colours;
  for (size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
    colours.insert(image.rgb[i] | image.rgb[i + 1] << 8 | image.rgb[i + 2] << 16);
  }
  EXPECT_GT(colours.size(), 250u);  // the picture's greys, text, the table's marks
}

}  // namespace
}  // namespace roentgen
