#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "commands.h"
#include "conversation.h"
#include "output_options.h"
#include "report_options.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/error.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/evaluation/words.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

struct ReportOptions {
  Conversation::Options conversation;
  ChoiceOptions choice;
  std::vector<std::filesystem::path> images;
  std::vector<std::filesystem::path> outputs;
  Replaces replaces = Replaces::kOwn;
  std::string language;
  std::string examination;
  std::string indication;
  bool json = false;
};

/// Before hours of work.
void CheckOutputs(const ReportOptions& options) {
  if (options.outputs.empty()) return;
  std::vector<std::filesystem::path> read = FilesOf(options.conversation);
  read.insert(read.end(), options.images.begin(), options.images.end());
  CheckReportFiles(options.outputs, read, options.replaces);
}

int MakeAndPrint(const ReportOptions& options) {
  CheckOutputs(options);
  ImagingStudy study;
  study.indication = options.indication;
  if (!options.examination.empty()) {
    const ReportSubject subject =
        ReadArgument([&] { return NamedExamination(options.examination); });
    study.examination = {subject, Examination::Source::kGiven, ""};
  }
  Conversation conversation(options.conversation);
  std::vector<AttachedImage> images;
  std::vector<DicomIdentity> identities;
  for (const std::filesystem::path& path : options.images) {
    images.push_back(conversation.Attach({path}, options.choice.Resolve()));
    PrintAside(images.back().Describe());
    identities.push_back(images.back().picture.identity);
  }
  const bool different_patients = AreOfDifferentPatients(identities);
  study.different_patients = different_patients;
  if (different_patients) {
    PrintAside("the files name different patients: this is one report on all");
  }
  const Language language = ParseLanguage(options.language).value_or(LanguageOfUser());
  for (AttachedImage& image : images) study.images.push_back(std::move(image.picture.shown));
  const RadiologyReport report = conversation.Report(std::move(study), language, ShowStep);
  // Files first: whoever reads standard output may stop reading.
  std::optional<Error> problem;
  try {
    WriteReports(report, options.outputs, options.replaces);
  } catch (const Error& error) {
    problem = error;
  }
  if (options.json) {
    PrintJsonText(Strip(ReportJson(report)));
  } else {
    PrintReport(report, ReportExtent::kWhole);
  }
  if (problem) throw *problem;
  return kDone;
}

}  // namespace

std::optional<Language> ParseLanguage(std::string_view code) {
  if (code == CodeOf(Language::kEnglish)) return Language::kEnglish;
  if (code == CodeOf(Language::kChinese)) return Language::kChinese;
  return std::nullopt;
}

Language LanguageOfUser() {
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    if (const auto value = Environment(variable)) {
      return value->starts_with("zh") ? Language::kChinese : Language::kEnglish;
    }
  }
  return Language::kEnglish;
}

void PrintReport(const RadiologyReport& report, ReportExtent extent) {
  if (::isatty(STDOUT_FILENO) == 1) {
    PrintStyled(stdout, ReportForTerminal(DocumentOf(report), TerminalColumns(), extent));
  } else {
    PrintText(extent == ReportExtent::kBody ? ReportBody(report) : ReportMarkdown(report));
  }
  std::fflush(stdout);
}

void ShowStep(size_t number, size_t count, std::string_view topic) {
  if (!StderrIsTerminal()) return;
  const std::string of_count = count == 0 ? "" : fmt::format("/{}", count);
  PrintAside(fmt::format("{}{} {}", number, of_count, topic));
}

void AddReport(CLI::App& app, Run& run) {
  auto options = std::make_shared<ReportOptions>();
  options->conversation.audited = true;
  CLI::App* command = app.add_subcommand("report", "Write a radiology report in two parts");
  command->add_option("image", options->images, "Picture files, or a folder with a DICOM series")
      ->required();
  command->add_option("--language", options->language, "en or zh (default: what LANG says)")
      ->check(CLI::IsMember({"en", "zh"}));
  command->add_option("--examination", options->examination,
                      "chest, head, abdomen or other: which questions are asked (default: what\n"
                      "DICOM files say, else the model's answer)");
  command->add_option("--indication", options->indication,
                      "Why the images were made: the model is told before the first question");
  command
      ->add_option("--out", options->outputs,
                   "A file: .md, .html, .pdf, .json or .fhir.json; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  AddForce(*command, options->replaces);
  command->add_flag("--json", options->json, "Print the report as its .json instead");
  options->choice.AddTo(*command);
  options->conversation.AddTo(*command);
  command->footer(
      "A fixed list of questions is asked about the picture, and each sentence tells to which it\n"
      "is the answer.\n"
      "Example:\n"
      "  roentgen report chest.dcm --language zh --out report.pdf");
  command->callback([options, &run] { run = [options] { return MakeAndPrint(*options); }; });
}

}  // namespace roentgen::app
