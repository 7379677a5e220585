#include <fmt/format.h>

#include <memory>
#include <system_error>

#include "commands.h"
#include "interrupt.h"
#include "roentgen/base/error.h"
#include "roentgen/base/path_inside.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/hub/download.h"
#include "roentgen/hub/model_hub.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

struct PullOptions {
  std::string name;
  std::string from = "huggingface";
  std::string revision;
  std::filesystem::path out;
};

std::string Megabytes(uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) * 1e-6);
}

int Pull(const PullOptions& options) {
  InterruptWatch interrupts;
  const InterruptWatch::Work work(interrupts);
  const ModelHub hub(options.from);
  HttpClient client(hub.Access());
  const std::string revision = options.revision.empty() ? hub.DefaultRevision() : options.revision;
  ProgressLine progress;
  RetryOptions retry;
  retry.on_pause = [&](const std::string& reason, double seconds) {
    progress.Clear();
    PrintAside(fmt::format("{}; again in {:.0f} s", reason, seconds));
  };
  const std::vector<HubFile> files =
      hub.ListFiles(client, options.name, revision, retry, work.token());
  const std::string folder_name = options.name.substr(options.name.find('/') + 1);
  const std::filesystem::path folder =
      options.out.empty() ? ModelsFolder() / folder_name : options.out;
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) throw Error(fmt::format("{}: {}", folder.string(), problem.message()));
  uint64_t total = 0;
  for (const HubFile& file : files) total += file.size;
  Tell("{} files, {} → {}\n", files.size(), Megabytes(total), folder.string());
  for (const HubFile& file : files) {
    const std::filesystem::path path = PathInside(folder, file.path);
    DownloadFile(client, hub.AddressOf(options.name, revision, file.path), file, path, retry,
                 progress.AsProgress(), work.token());
    progress.Clear();
    const char* checked = !file.sha256.empty()     ? "SHA-256 right"
                          : !file.git_blob.empty() ? "git hash right"
                                                   : "size right";
    PrintAside(fmt::format("{}  {}  {}", file.path, Megabytes(file.size), checked));
  }
  Print("{}\n", folder.string());
  return kDone;
}

}  // namespace

void AddPull(CLI::App& app, Run& run) {
  auto options = std::make_shared<PullOptions>();
  CLI::App* command = app.add_subcommand("pull", "Fetch a model from a hub");
  command->add_option("name", options->name, "OWNER/NAME, as Qwen/Qwen2-VL-2B-Instruct")
      ->required();
  command->add_option("--from", options->from,
                      "huggingface, modelscope, or the address of a mirror of Hugging Face");
  command->add_option("--revision", options->revision,
                      "Branch, tag or commit (default: the main one)");
  command->add_option("--out", options->out,
                      "Folder (default: where roentgen looks for models by itself)");
  command->footer(
      "A download that was stopped goes on where it was. Sizes and hashes are checked.\n"
      "HF_ENDPOINT names another Hugging Face. HF_TOKEN is sent to huggingface.co and to what\n"
      "HF_ENDPOINT names, over https:// alone, and to no other hub.");
  command->callback([options, &run] { run = [options] { return Pull(*options); }; });
}

}  // namespace roentgen::app
