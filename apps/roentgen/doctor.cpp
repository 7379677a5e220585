#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "commands.h"
#include "conversation.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/base/output.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/number_text.h"
#include "roentgen/hub/manifest.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/qwen2vl/finite_weights.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/qwen2vl/model_lookup.h"
#include "roentgen/text/printable.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

struct DoctorOptions {
  ModelOptions model;
  PixelOptions pixels;
  std::filesystem::path data;
  bool allow_outside = false;
};

/// Looks at one thing after the other and says what is right, what is not, and what to do.
class Doctor {
 public:
  explicit Doctor(const DoctorOptions& options) : options_(options) {}

  int Run() {
    Look("processor", [this] { return Processor(); });
    Look("memory", [] { return Memory(); });
    Look("terminal", [] { return TerminalState(); });
    Look("own folders", [] { return OwnFolders(); });
    Look("PDF in Chinese", [] { return ChinesePdf(); });
    Look("model", [this] { return ModelState(); });
    LookAtPulled();
    if (!options_.data.empty()) Look("question set", [this] { return DataState(); });
    if (wrong_ == 0) Print("\nNothing is wrong.\n");
    return wrong_ == 0 ? kDone : kFailed;
  }

 private:
  /// Thrown where something works, but not well.
  class Weakness : public Error {
   public:
    using Error::Error;
  };

  template <class Check>
  void Look(const char* what, const Check& check) {
    const auto tell = [&](const char* state, const std::string& text, const std::string& hint) {
      Print("{:<5} {:<15} {}\n", state, what, text);
      if (!hint.empty()) Print("{:21} → {}\n", "", hint);
      std::fflush(stdout);
    };
    try {
      tell("right", check(), "");
    } catch (const Weakness& weakness) {
      tell("weak", weakness.what(), weakness.hint());
    } catch (const Error& error) {
      ++wrong_;
      tell("WRONG", error.what(), error.hint());
    }
  }

  std::string Processor() const {
    std::string text = fmt::format("{} physical cores, {}", PhysicalCores(), InstructionSet());
    if (InstructionSet().rfind("SSE", 0) == 0) {
      throw Weakness(text, "Without AVX2 a 2B model answers slowly; take --quant q4.");
    }
    return text;
  }

  static std::string Memory() {
    const size_t free = AvailableMemory();
    std::string text = fmt::format("{:.1f} GB are free", static_cast<double>(free) * 1e-9);
    constexpr size_t kFor4Bits = 2'500'000'000;
    constexpr size_t kForAll = 6'000'000'000;
    if (free < kFor4Bits) {
      throw Weakness(text, "A 2B model takes 2 GB in 4 bits: close other programs.");
    }
    if (free < kForAll) throw Weakness(text, "Take --quant q4 or q8 for a 2B model.");
    return text;
  }

  static std::string TerminalState() {
    if (!StderrIsTerminal()) return "none here: no prompt, no previews, lines come from a pipe";
    const std::string term = Environment("TERM").value_or("");
    if (!TakesEscapeCodes(STDERR_FILENO)) {
      throw Weakness("TERM is " + (term.empty() ? "not set" : term),
                     "Lines can hardly be edited, pastes of several lines are several questions; "
                     "use another terminal.");
    }
    return fmt::format("{}, {} columns", term, TerminalColumns());
  }

  static std::string OwnFolders() {
    MakePrivateFolder(StateFolder());
    const std::filesystem::path probe = StateFolder() / "doctor";
    WriteFile(probe, "", Readers::kOwner);
    std::filesystem::remove(probe);
    return fmt::format("{} can be written; models are looked for in {}", StateFolder().string(),
                       ModelsFolder().string());
  }

  static std::string ChinesePdf() {
    if (!PdfHasCharacters("影像表现诊断意见")) {
      throw Weakness("no installed font has Chinese characters: they are written as numbers",
                     "Install one: apt-get install fonts-droid-fallback");
    }
    return "a font is there";
  }

  /// models/phantom, which comes with the program: below the current folder, or below one above
  /// the program's.
  static std::optional<std::filesystem::path> ModelToTry() {
    constexpr int kFoldersUp = 4;  // from build/release
    const std::filesystem::path models = std::filesystem::path("models") / "phantom";
    if (FileExists(models / "config.json")) return models;
    std::error_code unreadable;
    std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", unreadable);
    for (int i = 0; i < kFoldersUp && folder.has_relative_path(); ++i) {
      folder = folder.parent_path();
      if (FileExists(folder / models / "config.json")) return folder / models;
    }
    return std::nullopt;
  }

  Model LoadModelOrNameOne(ThreadPool& pool, const Progress& progress) const {
    try {
      return options_.model.Load(pool, progress);
    } catch (const NoModelInstalled& none) {
      const std::optional<std::filesystem::path> model = ModelToTry();
      if (!model) throw;
      throw Weakness(
          fmt::format("none is installed; {}, which comes with the program, can be tried",
                      model->string()),
          fmt::format("To try it: {0} chat --model {1} --adapter {1}-radiology. To install one: "
                      "{0} pull Qwen/Qwen2-VL-2B-Instruct",
                      ::program_invocation_name, model->string()));
    }
  }

  std::string ModelState() const {
    ThreadPool pool(options_.model.threads);
    ProgressLine progress;
    Model model = LoadModelOrNameOne(pool, progress.AsProgress());
    progress.Clear();
    CheckVocabulary(Tokenizer::Load(model.location.folder), model.config);
    if (const auto bad = FindNotFinite(model.weights, pool)) {
      throw Error(fmt::format("{}: {}: {} of its values are NaN or infinite",
                              model.location.folder.string(), bad->name, bad->values),
                  "No answer comes out of it: the file is damaged, or its training went wrong. Get "
                  "it again.");
    }
    const PreprocessorConfig preprocessor =
        options_.pixels.Apply(PreprocessorConfig::Load(model.location.folder), model.adapters);
    const MemoryNeed need =
        EstimateMemory(model, SessionOptions().context_tokens, preprocessor.max_pixels);
    std::string text = fmt::format(
        "{} ({}), {}, at most {:.1f} GB", model.location.folder.string(), model.location.found_by,
        CountText(model.adapters.size(), "adapters"), static_cast<double>(need.total()) * 1e-9);
    if (need.total() > AvailableMemory()) {
      throw Weakness(text + ", more than is free", "Take --quant q4, or a smaller --context.");
    }
    for (const AdapterInfo& adapter : model.adapters) {
      if (adapter.notes.empty()) continue;
      throw Weakness(text + "; " + adapter.notes.front(),
                     "The adapter may lack what its author measured: merge it with the program "
                     "that wrote that file.");
    }
    return text;
  }

  /// Folders of the model and its adapters that were pulled. What cannot be found was told before.
  void LookAtPulled() {
    std::vector<std::filesystem::path> folders;
    try {
      folders.push_back(options_.model.Locate().folder);
      for (const std::filesystem::path& adapter : options_.model.adapters) {
        folders.push_back(ResolveAdapter(adapter.string()).folder);
      }
    } catch (const Error&) {
    }
    for (const std::filesystem::path& folder : folders) {
      if (FileExists(folder / PullManifest::kName)) {
        Look("pulled files", [&] { return PulledState(folder); });
      }
    }
  }

  static std::string PulledState(const std::filesystem::path& folder) {
    ProgressLine progress;
    const std::optional<PullManifest> pulled = CheckPulledHashes(folder, progress.AsProgress());
    progress.Clear();
    return fmt::format(
        "{} with the SHA-256 that they were pulled with: {}@{}{} of {}, {}",
        CountText(pulled->files.size(), "files"), pulled->model.FullName(), pulled->model.revision,
        pulled->commit.empty() ? "" : " (" + pulled->commit + ")", pulled->model.hub, pulled->date);
  }

  std::string DataState() const {
    std::string notes;
    const std::vector<Sample> samples = ReadSamples(
        options_.data, "", [&](const std::string& note) { notes += "; " + OneLine(note); },
        options_.allow_outside);
    size_t missing = 0;
    std::string first;
    for (const Sample& sample : samples) {
      for (const std::string& image : sample.images) {
        if (FileExists(image)) continue;
        if (missing++ == 0) first = image;
      }
    }
    if (missing > 0) {
      throw Error(
          fmt::format("{}, {} missing, the first {}", CountText(samples.size(), "questions"),
                      CountText(missing, "pictures") + (missing == 1 ? " is" : " are"),
                      OneLine(first)),
          "Put the pictures where the set names them; `roentgen data check` tells all.");
    }
    LookAtIds(samples);
    return fmt::format("{}, all pictures are there{}", CountText(samples.size(), "questions"),
                       notes);
  }

  /// Questions are asked by their ids. What is the same only in several parts can be asked part by
  /// part.
  static void LookAtIds(const std::vector<Sample>& samples) {
    try {
      NumbersById(samples);
    } catch (const Error& error) {
      std::set<std::pair<std::string_view, std::string_view>> known;
      const bool by_part = std::all_of(samples.begin(), samples.end(), [&](const Sample& sample) {
        return known.emplace(sample.split, sample.id).second;
      });
      if (by_part) throw Weakness(error.what(), error.hint());
      throw;
    }
  }

  const DoctorOptions& options_;
  int wrong_ = 0;
};

}  // namespace

void AddDoctor(CLI::App& app, Run& run) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = app.add_subcommand(
      "doctor", "Say what of machine, model, adapter and question set is right, and what to do");
  options->model.AddTo(*command);
  options->pixels.AddTo(*command);
  command->add_option("--data", options->data, "Also look at this question set");
  command->add_flag("--allow-outside", options->allow_outside,
                    "It may name images outside of its folder");
  command->footer("Ends with 1 when something is wrong; what is only weak does not count.");
  command->callback([options, &run] { run = [options] { return Doctor(*options).Run(); }; });
}

}  // namespace roentgen::app
