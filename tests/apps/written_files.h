#pragma once

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "apps/program.h"
#include "apps/small_model.h"

namespace roentgen::test {

/// What the commands read in tests of what they write, made once: phantoms in data/, an untrained
/// model in model/, an adapter of it in adapter/, a run of eval in run/, run.yaml.
class MadeInputs {
 public:
  MadeInputs() {
    MakePhantomsAndModel(folder_.path(), "3");
    WriteFile(folder_.path() / "run.yaml",
              fmt::format("model_name_or_path: {}\ndataset_dir: {}\ndataset: phantom_train\n"
                          "eval_dataset: phantom_test\nstage: sft\ntemplate: qwen2_vl\n"
                          "max_samples: 3\nmax_steps: 1\nsave_steps: 1\nmax_new_tokens: 2\n"
                          "predict_with_generate: true\n",
                          Path("model"), Path("data")));
    Make({"train", Path("run.yaml"), "do_train=true", "output_dir=" + Path("adapter")});
    Make({"eval", "--model", Path("model"), "--data", Path("data"), "--split", "test", "--out",
          Path("run"), "--max-new-tokens", "2", "--max-samples", "3", "--images", "true,blank"});
  }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string Image() const { return Path("data/images/phantom-000001.png"); }

 private:
  static void Make(const std::vector<std::string>& arguments) {
    const Outcome made = RunProgram(arguments);
    EXPECT_EQ(made.status, 0) << made.err;
  }

  TemporaryFolder folder_;
};

using Arguments = std::vector<std::string>;

/// A command that writes one file whose name the user chooses.
struct FileWriter {
  const char* command;  // as in the program's help
  const char* file;     // a name that it takes
  Arguments (*arguments)(const MadeInputs& made, const std::string& out);
  /// Files that it reads, by their paths below those of MadeInputs.
  Arguments reads = {};
  bool replaces_own = true;  // what it wrote before, without --force
  const char* typed = "";    // on standard input
};

inline Arguments ReportTo(const MadeInputs& made, const std::string& out) {
  return {"report",
          made.Image(),
          "--model",
          made.Path("model"),
          "--adapter",
          made.Path("adapter"),
          "--audit",
          "none",
          "--examination",
          "chest",
          "--language",
          "en",
          "--max-new-tokens",
          "2",
          "--out",
          out};
}

inline Arguments ChatTo(const MadeInputs& made, const std::string& out) {
  return {"chat",    "--model", made.Path("model"), "--image", made.Image(),
          "--audit", "none",    "--max-new-tokens", "2",       "--save",
          out};
}

inline const Arguments& ModelAndImage() {
  static const Arguments files = {"model/config.json", "model/model.safetensors",
                                  "model/vocab.json", "data/images/phantom-000001.png"};
  return files;
}

inline const std::vector<FileWriter>& FileWriters() {
  static const std::vector<FileWriter> writers = {
      {"data stats",
       "page.html",
       [](const MadeInputs& made, const std::string& out) {
         return Arguments{
             "data",   "stats", "llamafactory", made.Path("data"), "--model", made.Path("model"),
             "--html", out};
       },
       {"data/phantom_train.json", "data/dataset_info.json", "data/images/phantom-000001.png",
        "model/config.json", "model/vocab.json"}},
      {"data phantom", "sheet.png",
       [](const MadeInputs&, const std::string& out) {
         return Arguments{"data", "phantom", "--count", "2", "--size", "64", "--sheet", out};
       }},
      {"bench",
       "chart.svg",
       [](const MadeInputs& made, const std::string& out) {
         return Arguments{
             "bench",    "--model", made.Path("model"), "--runs", "1",     "--prefill", "8",
             "--decode", "1",       "--image-side",     "56",     "--svg", out};
       },
       {"model/config.json", "model/model.safetensors"}},
      {"report", "report.md", ReportTo, ModelAndImage()},
      {"report", "report.html", ReportTo, {"adapter/README.md"}},
      {"report", "report.pdf", ReportTo, {"adapter/adapter_model.safetensors"}},
      {"report", "report.json", ReportTo, {"adapter/adapter_config.json", "model/config.json"}},
      {"report", "报告.fhir.json", ReportTo, {"data/images/phantom-000001.png"}},
      // A conversation is not made again: only one that was loaded is written over.
      {"chat", "talk.jsonl", ChatTo, {"model/config.json"}, false, "Is it?\n"},
      {"chat", "对话.md", ChatTo, ModelAndImage(), false, "Is it?\n"},
  };
  return writers;
}

/// A command that writes files of names of its own into a folder that the user chooses.
struct FolderWriter {
  const char* command;
  const char* name;  // of the case
  const char* file;  // one of those that it writes
  Arguments (*arguments)(const MadeInputs& made, const std::string& out);
  Arguments force;  // empty: it never writes over files of others
  /// Whether the folder is one thing, a model, and no other files may lie there.
  bool whole = false;
};

inline Arguments TrainTo(const MadeInputs& made, const std::string& out, const Arguments& more) {
  Arguments arguments = {"train", made.Path("run.yaml"), "output_dir=" + out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

inline const std::vector<FolderWriter>& FolderWriters() {
  static const Arguments overwrite = {"overwrite_output_dir=true"};
  static const std::vector<FolderWriter> writers = {
      {"merge",
       "merge",
       "config.json",
       [](const MadeInputs& made, const std::string& out) {
         return Arguments{"merge", "--model", made.Path("model"), "--adapter", made.Path("adapter"),
                          "--out", out};
       },
       {},
       true},
      {"quantize",
       "quantize",
       "model.safetensors",
       [](const MadeInputs& made, const std::string& out) {
         return Arguments{"quantize", "--model", made.Path("model"), "--quant", "q8", "--out", out};
       },
       {},
       true},
      {"new",
       "new",
       "vocab.json",
       [](const MadeInputs& made, const std::string& out) {
         return Arguments{"new",
                          "--out",
                          out,
                          "--texts",
                          made.Path("data"),
                          "--vocab-size",
                          "400",
                          "--layers",
                          "1",
                          "--hidden-size",
                          "64",
                          "--vision-depth",
                          "1"};
       },
       {},
       true},
      {"eval",
       "eval of a model",
       "evaluation.json",
       [](const MadeInputs& made, const std::string& out) {
         return Arguments{"eval",
                          "--model",
                          made.Path("model"),
                          "--data",
                          made.Path("data"),
                          "--split",
                          "test",
                          "--out",
                          out,
                          "--max-new-tokens",
                          "2",
                          "--max-samples",
                          "3",
                          "--images",
                          "true,blank"};
       },
       {"--force"}},
      {"eval",
       "eval of predictions",
       "evaluation.json",
       [](const MadeInputs& made, const std::string& out) {
         return Arguments{"eval", "--predictions", made.Path("run/generated_predictions.jsonl"),
                          "--out", out};
       },
       {"--force"}},
      {"compare",
       "compare",
       "comparison.md",
       [](const MadeInputs& made, const std::string& out) {
         return Arguments{
             "compare", made.Path("run"), made.Path("run"), "--resamples", "100", "--out", out};
       },
       {"--force"}},
      {"train", "train an adapter", "README.md",
       [](const MadeInputs& made, const std::string& out) {
         return TrainTo(made, out, {"do_train=true", "plot_loss=true"});
       },
       overwrite},
      {"train", "train a model", "all_results.json",
       [](const MadeInputs& made, const std::string& out) {
         return TrainTo(made, out, {"do_train=true", "finetuning_type=full"});
       },
       overwrite},
      {"train", "do_eval", "eval_results.json",
       [](const MadeInputs& made, const std::string& out) {
         return TrainTo(made, out, {"do_eval=true"});
       },
       overwrite},
      {"train", "do_predict", "all_results.json",
       [](const MadeInputs& made, const std::string& out) {
         return TrainTo(made, out, {"do_predict=true"});
       },
       overwrite},
      {"data import",
       "data import",
       "d_train.json",
       [](const MadeInputs& made, const std::string& out) {
         return Arguments{"data",   "import", "llamafactory", made.Path("data"),
                          "--name", "d",      "--out",        out};
       },
       {}},
      {"data phantom",
       "data phantom",
       "phantom_train.json",
       [](const MadeInputs&, const std::string& out) {
         return Arguments{"data", "phantom", "--count", "3", "--size", "64", "--out", out};
       },
       {}},
  };
  return writers;
}

/// Everything below a folder by its path: kind, mode and content.
inline std::map<std::string, std::string> Snapshot(const std::filesystem::path& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    struct stat status {};
    if (::lstat(entry.path().c_str(), &status) != 0) continue;
    const std::string content = S_ISREG(status.st_mode) ? ReadAll(entry.path())
                                : S_ISLNK(status.st_mode)
                                    ? std::filesystem::read_symlink(entry.path()).string()
                                    : "";
    found[entry.path().lexically_relative(folder).string()] =
        fmt::format("{:o} {}", status.st_mode, content);
  }
  return found;
}

inline mode_t ModeOf(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

}  // namespace roentgen::test
