#include <fmt/format.h>

#include <memory>
#include <optional>

#include "commands.h"
#include "interrupt.h"
#include "roentgen/base/error.h"
#include "roentgen/hub/pull.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

struct PullOptions {
  std::string name;
  std::string from = "huggingface";
  std::string revision;
  std::filesystem::path out;
};

/// The model that was named, with the revision wherever that stands.
ModelName NameOf(const PullOptions& options) {
  std::optional<ModelName> name = ModelName::Parse(options.name);
  if (!name && std::filesystem::is_directory(options.name)) {
    throw Error(fmt::format("{}: a folder of this machine: nothing is to be pulled", options.name),
                fmt::format("Use it as it is: roentgen chat --model {}", ShellWord(options.name)));
  }
  if (!name) {
    throw Error(
        fmt::format("{}: no name of a model", options.name),
        "Write OWNER/NAME, for instance Qwen/Qwen2-VL-2B-Instruct, or OWNER/NAME@REVISION.");
  }
  if (options.revision.empty()) return *name;
  if (!name->revision.empty() && name->revision != options.revision) {
    throw Error(fmt::format("two revisions are named, {} and {}", name->revision, options.revision),
                "Name one of them.");
  }
  if (!IsRevision(options.revision)) {
    throw Error(fmt::format("{}: no name of a revision", options.revision),
                "Write a branch, a tag or a commit.");
  }
  name->revision = options.revision;
  return *name;
}

/// What of a file was compared with what the hub says of it.
const char* Checked(const HubFile& file) {
  if (!file.sha256.empty()) return "SHA-256 right";
  return !file.git_blob.empty() ? "git hash right" : "size right";
}

int Pull(const PullOptions& options) {
  InterruptWatch interrupts;
  const InterruptWatch::Work work(interrupts);
  const PullRequest request{ReadArgument([&] { return NameOf(options); }), options.out,
                            "roentgen " ROENTGEN_VERSION};
  const ModelHub hub(options.from);
  HttpClient client(hub.Access(fmt::format("{}/{}", request.name.owner, request.name.name)));
  ProgressLine progress;
  const auto aside = [&](const std::string& text) {
    progress.Clear();
    PrintAside(text);
  };
  RetryOptions retry;
  retry.on_pause = [&](const std::string& reason, double seconds) {
    aside(fmt::format("{}; again in {:.0f} s", reason, seconds));
  };
  PullWatch watch;
  watch.progress = progress.AsProgress();
  watch.on_wait = [&] { aside("another program pulls this model; waiting for it"); };
  watch.on_list = [](const std::vector<HubFile>& files, const std::filesystem::path& place) {
    uint64_t total = 0;
    for (const HubFile& file : files) total += file.size;
    Tell("{} files, {} → {}\n", files.size(), SizeText(total), place.string());
  };
  const auto tell = [&](const HubFile& file, const char* how) {
    aside(fmt::format("{}  {}  {}{}", file.path, SizeText(file.size), how, Checked(file)));
  };
  watch.on_file = [&](const HubFile& file) { tell(file, ""); };
  watch.on_kept = [&](const HubFile& file) { tell(file, "was there, "); };
  const std::filesystem::path place = PullModel(client, hub, request, retry, watch, work.token());
  Print("{}\n", options.out.empty() ? place.string() : options.out.string());
  return kDone;
}

}  // namespace

void AddPull(CLI::App& app, Run& run) {
  auto options = std::make_shared<PullOptions>();
  CLI::App* command = app.add_subcommand("pull", "Fetch a model from a hub");
  command
      ->add_option("name", options->name,
                   "OWNER/NAME, as Qwen/Qwen2-VL-2B-Instruct, or OWNER/NAME@REVISION")
      ->required();
  command->add_option("--from", options->from,
                      "huggingface, modelscope, or the address of a mirror of Hugging Face");
  command->add_option("--revision", options->revision,
                      "Branch, tag or commit (default: the main one)");
  command->add_option("--out", options->out,
                      "Folder (default: a folder of this hub, owner, name and revision,\n"
                      "where roentgen looks for OWNER/NAME by itself)");
  command->footer(
      "The folder gets the whole model or nothing. A download that was stopped goes on where it\n"
      "was. Sizes and hashes are checked, and kept in roentgen-pull.json, by which the folder is\n"
      "looked at whenever it is opened; `roentgen doctor` compares the hashes, too.\n"
      "HF_ENDPOINT names another Hugging Face. HF_TOKEN is sent to huggingface.co and to what\n"
      "HF_ENDPOINT names, over https:// alone, and to no other hub.");
  command->callback([options, &run] { run = [options] { return Pull(*options); }; });
}

}  // namespace roentgen::app
