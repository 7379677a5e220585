// `roentgen labels`, as a user meets it.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "apps/program.h"

namespace roentgen {
namespace {

using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;

TEST(LabelsProgram, SaysWhatAReportStatesAndWhatWasNotUnderstood) {
  const Outcome outcome =
      RunProgram({"labels", "-"}, "两肺未见结节，右侧胸腔积液。双肺见蟛蜞状改变。\n");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "standard input\n"
            "  present         Pleural Effusion\n"
            "  absent          Lung Lesion\n"
            "  other           something abnormal that is none of the 14\n"
            "  not understood  双肺见蟛蜞状改变。\n"
            "                  蟛蜞\n");
}

TEST(LabelsProgram, ReadsPredictionsAndTheirReferences) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "generated_predictions.jsonl";
  WriteFile(
      file,
      R"({"id": "1", "prompt": "report", "predict": "No effusion.", "label": "Findings: Effusion.\nImpression: Effusion."})"
      "\n"
      R"({"id": "2", "prompt": "Is there an effusion?", "predict": "no", "label": "yes"})"
      "\n");
  const Outcome said = RunProgram({"labels", "--json", folder.path().string()});
  EXPECT_EQ(said.status, 0) << said.err;
  const auto json = nlohmann::json::parse(said.out);
  EXPECT_EQ(json["report"], "1");
  EXPECT_EQ(json["labels"]["Pleural Effusion"], "absent");
  EXPECT_EQ(json["wholly_read"], true);
  EXPECT_THAT(said.err, HasSubstr("1 of 2 rows are reports"));
  const Outcome truth = RunProgram({"labels", "--references", file.string()});
  EXPECT_THAT(truth.out, HasSubstr("present         Pleural Effusion"));
  EXPECT_EQ(RunProgram({"labels", "--unread", file.string()}).out, "");
}

TEST(LabelsProgram, ATextInAnotherEncodingIsRefused) {
  const Outcome outcome = RunProgram({"labels", "-"}, "\xd3\xd2\xb2\xe0\xc6\xf8\xd0\xd8");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("standard input"));
  EXPECT_THAT(outcome.err, HasSubstr("iconv"));
}

TEST(LabelsProgram, ReadsThisProgramsReportsInEveryFormAndNamesOtherFiles) {
  const test::TemporaryFolder folder;
  const auto path = [&](const std::string& name) { return (folder.path() / name).string(); };
  const std::string model = (test::SourceDir() / "models/phantom").string();
  const std::string image = (test::SourceDir() / "fuzz/seeds/image_fuzz/rgb.png").string();
  const Outcome made = RunProgram({"report",        image,
                                   "--model",       model,
                                   "--adapter",     model + "-radiology",
                                   "--examination", "chest",
                                   "--language",    "zh",
                                   "--audit",       "none",
                                   "--indication",  "肺炎？",
                                   "--out",         path("r.json"),
                                   "--out",         path("r.md"),
                                   "--out",         path("r.html"),
                                   "--out",         path("r.pdf"),
                                   "--out",         path("r.fhir.json")});
  ASSERT_EQ(made.status, 0) << made.err;
  const auto labels = [&](const std::string& name) {
    const Outcome outcome = RunProgram({"labels", path(name)});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out.substr(outcome.out.find('\n'));
  };
  EXPECT_THAT(labels("r.json"), testing::AnyOf(HasSubstr("absent  "), HasSubstr("present  ")));
  EXPECT_EQ(labels("r.md"), labels("r.json"));
  EXPECT_EQ(labels("r.html"), labels("r.json"));
  EXPECT_EQ(RunProgram({"labels", "-"}, made.out).out, "standard input" + labels("r.json"));

  WriteFile(path("other.html"), "<!DOCTYPE html><style>a{border-collapse:collapse}</style>");
  WriteFile(path("r.csv"), "report\nNo effusion.\nPneumothorax.\n");
  WriteFile(path("r.docx"), std::string("PK\3\4\0\0\0\0", 8));
  const auto refused = [&](const std::string& file, const char* says, const char* hint) {
    const Outcome outcome = RunProgram({"labels", file});
    EXPECT_EQ(outcome.status, 1) << file;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, testing::AllOf(HasSubstr(says), HasSubstr(hint)));
  };
  refused(path("r.pdf"), "a PDF document", "plain text");
  refused(path("r.docx"), "Word", "plain text");
  refused(path("r.fhir.json"), "it is JSON", ".json are read");
  refused(path("other.html"), "a web page", "plain text");
  refused(image, "an image", "plain text");
  refused(path("r.csv"), "a table", ".jsonl");
}

}  // namespace
}  // namespace roentgen
