// `roentgen data phantom`: a question set drawn from physics.

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "help_text.h"
#include "interrupt.h"
#include "output_options.h"
#include "roentgen/base/made_by.h"
#include "roentgen/data/phantom_set.h"
#include "roentgen/imaging/encode_png.h"
#include "roentgen/phantom/contact_sheet.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

struct PhantomFlags {
  PhantomSetOptions set;
  bool no_twins = false;
  int bits = 8;
  fs::path sheet;
  Replaces replaces = Replaces::kOwn;
  int threads = PhysicalCores();
};

/// The first patients of the set, each beside his twin.
void WriteSheet(const PhantomFlags& flags, ThreadPool& pool) {
  constexpr size_t kPatients = 12;
  constexpr size_t kColumns = 6;
  const std::vector<Patient> drawn = DrawPatients(flags.set);
  std::vector<Patient> patients;
  for (size_t i = 0; i < std::min(kPatients, drawn.size()); ++i) {
    patients.push_back(drawn[i]);
    patients.push_back(CounterfactualTwin(drawn[i]));
  }
  const ContactSheet sheet = DrawContactSheet(patients, kColumns, flags.set.side, pool);
  WriteFile(flags.sheet, EncodePng(sheet.pixels, sheet.size, UnsealedMark(FileKind::kContactSheet)),
            Readers::kUmask, flags.replaces, FileKind::kContactSheet);
  Print("{}\n", flags.sheet.string());
}

void PrintSummary(const PhantomSetSummary& summary) {
  Print("{} images, {} of them without a finding\n", summary.images, summary.normal);
  for (const auto& [kind, count] : summary.findings) {
    Print("  {:<22}{:>6}\n", NameOf(kind), count);
  }
  Print("\nWritten:");
  const char* before = " ";
  for (const auto& [part, count] : summary.questions) {
    Print("{}{} {}", before, part, count);
    before = ", ";
  }
  Print(" questions\n");
  for (const fs::path& file : summary.files) Print("  {}\n", file.string());
}

int RunPhantom(const PhantomFlags& flags) {
  if (flags.set.output.folder.empty() && flags.sheet.empty()) {
    throw UsageError("say where to: --out FOLDER for a question set, --sheet FILE for a look");
  }
  if (flags.set.test_share + flags.set.validation_share >= 1) {
    throw UsageError("--test-share and --validation-share leave nothing to train on");
  }
  if (!flags.sheet.empty()) CheckOutput(flags.sheet, flags.replaces, FileKind::kContactSheet);
  InterruptWatch interrupt;
  ThreadPool pool(flags.threads);
  const InterruptWatch::Work work(interrupt);
  PhantomSetOptions options = flags.set;
  options.twins = !flags.no_twins;
  options.sixteen_bits = flags.bits == 16;
  options.stop = work.token();
  options.output.source = "phantoms";
  options.output.force = flags.replaces == Replaces::kAny;
  options.output.on_replaced = [](const std::string& dataset) {
    PrintAside("replaces " + dataset);
  };
  if (!flags.sheet.empty()) WriteSheet(flags, pool);
  if (options.output.folder.empty()) return kDone;
  ProgressLine progress;
  const PhantomSetSummary summary = WritePhantomSet(options, pool, progress.AsProgress());
  progress.Clear();
  PrintSummary(summary);
  return kDone;
}

}  // namespace

void AddDataPhantom(CLI::App& data, Run& run) {
  auto flags = std::make_shared<PhantomFlags>();
  flags->set.output.name = "phantom";
  CLI::App* command =
      data.add_subcommand("phantom", "Draw patients with known findings, and questions about them");
  command->add_option("--out", flags->set.output.folder, "Folder to write the set to");
  command->add_option("--sheet", flags->sheet,
                      "Also draw the first 12 patients, each beside his twin, into this PNG file");
  AddForce(*command, flags->replaces);
  command->add_option("--count", flags->set.patients, "Patients")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--seed", flags->set.seed, "The same seed gives the same set")
      ->capture_default_str();
  command->add_option("--size", flags->set.side, "Pixels of a side")
      ->check(CLI::Range(64, 2048))
      ->capture_default_str();
  command->add_option("--bits", flags->bits, "Grey levels of the PNG files: 8 or 16 bits")
      ->check(CLI::IsMember({8, 16}))
      ->capture_default_str();
  command->add_flag("--no-twins", flags->no_twins,
                    "No second picture of each patient with one finding removed or moved");
  command
      ->add_option(
          "--questions", flags->set.questioner,
          "radiology: VQA-RAD's kinds of questions, and reports, in a radiologist's words; "
          "general: what anybody may ask, answered in whole sentences; "
          "sketch: the picture in letters, by which a model learns to look")
      ->transform(Named<PhantomQuestioner>({{"radiology", PhantomQuestioner::kRadiologist},
                                            {"general", PhantomQuestioner::kAnybody},
                                            {"sketch", PhantomQuestioner::kTeacher}}));
  command->add_option("--language", flags->set.languages, "en, zh; both by default")
      ->delimiter(',')
      ->transform(Named<Language>({{"en", Language::kEnglish}, {"zh", Language::kChinese}}));
  command->add_option("--study", flags->set.studies, "chest, head, abdomen; all by default")
      ->delimiter(',')
      ->transform(Named<Study>(
          {{"chest", Study::kChest}, {"head", Study::kHead}, {"abdomen", Study::kAbdomen}}));
  command->add_option("--test-share", flags->set.test_share, "Of the patients")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--validation-share", flags->set.validation_share, "Of the patients")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--name", flags->set.output.name, "The dataset's name")
      ->capture_default_str();
  command->add_flag("--jsonl", flags->set.output.json_lines, "Write JSON lines");
  command->add_option("--threads", flags->threads, "Threads that draw")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->callback([flags, &run] { run = [flags] { return RunPhantom(*flags); }; });
}

}  // namespace roentgen::app
