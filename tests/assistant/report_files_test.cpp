#include "roentgen/assistant/report_files.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "assistant/made_reports.h"
#include "roentgen/assistant/transcript.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output.h"
#include "roentgen/data/html_page.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ReportFiles : public testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return folder_.path() / name; }

  std::string ProblemOf(const std::vector<fs::path>& files,
                        const std::vector<fs::path>& inputs = {},
                        Replaces replaces = Replaces::kOwn) const {
    try {
      CheckReportFiles(files, inputs, replaces);
    } catch (const Error& error) {
      return error.what() + ("\n" + error.hint());
    }
    return "";
  }

  test::TemporaryFolder folder_;
};

TEST_F(ReportFiles, AreCheckedAllAtOnceBeforeTheReportIsMade) {
  fs::create_directory(Path("folder.md"));
  fs::create_symlink("/dev/full", Path("device.pdf"));
  EXPECT_EQ(ProblemOf({Path("a.md"), Path("b.html"), Path("肺 c.fhir.json")}), "");
  EXPECT_EQ(ProblemOf({Path("报告.PDF"), Path("b.FHIR.Json"), Path("C.MD")}), "");
  EXPECT_FALSE(fs::exists(Path("a.md")));
  const std::string problem =
      ProblemOf({Path("a.md"), Path("a.doc"), Path("missing/a.md"), Path("folder.md"),
                 Path("device.pdf"), Path("a.html"), Path("./a.md")});
  EXPECT_THAT(problem,
              AllOf(HasSubstr("5 of 7 files cannot be written"), HasSubstr("a.doc: no form"),
                    HasSubstr("missing/a.md: "), HasSubstr("folder.md: a folder"),
                    HasSubstr("device.pdf: a device"), HasSubstr("./a.md: the same file as")));
  EXPECT_THAT(problem, HasSubstr("Let the name end in .md"));
  EXPECT_THAT(problem, Not(HasSubstr("a.html")));
  EXPECT_THAT(ProblemOf({Path("a.doc")}), testing::StartsWith(Path("a.doc").string()));
}

TEST_F(ReportFiles, AreNotThoseThatAreReadFromUnderAnyName) {
  const fs::path image = Path("scan.json");
  WriteFile(image, "DICM");
  fs::create_hard_link(image, Path("link.json"));
  for (const char* name : {"scan.json", "./scan.json", "link.json"}) {
    EXPECT_THAT(ProblemOf({Path(name)}, {image}, Replaces::kAny), HasSubstr("is read from"))
        << name;
  }
  EXPECT_EQ(ProblemOf({Path("other.json")}, {image, fs::path()}), "");
}

TEST_F(ReportFiles, AClosedFolderIsFoundBeforehand) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing is closed to the superuser";
  fs::create_directory(Path("closed"));
  fs::permissions(Path("closed"), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_THAT(ProblemOf({Path("closed/a.md")}), HasSubstr("closed/a.md"));
}

TEST_F(ReportFiles, ReplaceReportsAndNothingElseOfThisProgram) {
  using test::MadeReport;
  for (const Language language : {Language::kEnglish, Language::kChinese}) {
    const RadiologyReport report =
        test::Finished(MadeReport(language, test::SomeAnswers(language)));
    for (const char* name : {"a.md", "a.html", "a.json", "a.fhir.json", "a.pdf"}) {
      WriteReport(report, Path(name));
      EXPECT_NO_THROW(WriteReport(report, Path(name))) << name;
      EXPECT_TRUE(IsMadeByThisProgram(Path(name), FileKind::kReport)) << name;
      EXPECT_FALSE(IsMadeByThisProgram(Path(name), FileKind::kConversation)) << name;
    }
  }
  const std::map<std::string, std::string> others = {
      {"talk.md", "# Conversation 对话\n\n<!-- " + MadeByMark(FileKind::kConversation) + " -->\n"},
      {"page.html", HtmlPage(FileKind::kStatistics, {"数据", ""}, "")},
      {"talk.json", TranscriptLines({}, {})},
      {"scores.json", MarkedJson(FileKind::kEvaluation, {{"accuracy", 1}}).dump(2) + "\n"}};
  for (const auto& [name, content] : others) {
    WriteFile(Path(name), content);
    EXPECT_THAT(ProblemOf({Path(name)}), HasSubstr("is no report made by this program")) << name;
    EXPECT_THROW(WriteReport(test::Finished(MadeReport(Language::kEnglish,
                                                       test::SomeAnswers(Language::kEnglish))),
                             Path(name)),
                 Error);
    EXPECT_EQ(ReadFile(Path(name), 1 << 20), content);
    EXPECT_EQ(ProblemOf({Path(name)}, {}, Replaces::kAny), "");
  }
}

TEST_F(ReportFiles, OneThatFailsDoesNotTakeTheOthersAlong) {
  const RadiologyReport report =
      test::Finished(test::MadeReport(Language::kChinese, test::SomeAnswers(Language::kChinese)));
  const std::vector<fs::path> files = {Path("missing/a.pdf"), Path("b.md"), Path("gone/c.json"),
                                       Path("d.html")};
  std::vector<fs::path> written;
  const auto write = [&] {
    WriteReports(report, files, Replaces::kOwn,
                 [&](const fs::path& file) { written.push_back(file); });
  };
  try {
    write();
    FAIL() << "two cannot be written";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("2 of 4 files were not written"), HasSubstr("a.pdf"),
                                    HasSubstr("c.json"), Not(HasSubstr("d.html"))));
  }
  EXPECT_THAT(written, ElementsAre(Path("b.md"), Path("d.html")));
  EXPECT_THAT(ReadFile(Path("b.md"), 1 << 20), HasSubstr("左肺上野见一结节"));
  EXPECT_THAT(ReadFile(Path("d.html"), 1 << 24), HasSubstr("左肺上野见一结节"));
}

}  // namespace
}  // namespace roentgen
