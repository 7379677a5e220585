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

}  // namespace
}  // namespace roentgen
