// Samples of reports as files: scripts/check-exports shows them to readers by others.

#include <gtest/gtest.h>

#include <cstdlib>

#include "assistant/made_reports.h"
#include "roentgen/assistant/report_files.h"
#include "support/paths.h"

namespace roentgen {
namespace {

/// Into the folder ROENTGEN_SAMPLES where it is set, and then as PDF, too.
TEST(ReportSamples, AreWrittenInEveryForm) {
  const test::TemporaryFolder temporary;
  const char* wanted = std::getenv("ROENTGEN_SAMPLES");
  const std::filesystem::path folder = wanted != nullptr ? wanted : temporary.path();
  std::vector<std::string> endings = {".json", ".fhir.json", ".md", ".html"};
  if (wanted != nullptr) endings.emplace_back(".pdf");
  for (const auto& [name, report] : test::MadeReports()) {
    for (const std::string& ending : endings) {
      const std::filesystem::path path = folder / (name + ending);
      WriteReport(report, path);
      EXPECT_GT(std::filesystem::file_size(path), 100u) << path;
    }
  }
}

}  // namespace
}  // namespace roentgen
