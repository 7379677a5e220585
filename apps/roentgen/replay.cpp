#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "conversation.h"
#include "roentgen/assistant/replay.h"
#include "roentgen/base/error.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

struct ReplayOptions {
  std::filesystem::path transcript;
  ModelOptions model;
  bool other_model = false;
  bool json = false;
};

/// Whether a transcript may say what is opened: OWNER/NAME or NAME, no path that leads elsewhere.
bool IsName(const std::string& name) {
  constexpr std::string_view kOthers = "/._-@";
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != kOthers.npos;
  };
  return !name.empty() && name.front() != '/' && name.front() != '.' &&
         name.find("/.") == name.npos && std::count(name.begin(), name.end(), '/') <= 1 &&
         std::all_of(name.begin(), name.end(), allowed);
}

template <class Resolve>
bool IsFound(const Resolve& resolve) {
  try {
    return resolve();
  } catch (const Error&) {
    return false;
  }
}

/// The model that opens without --model where it is called as the recorded one, else the one of
/// that name.
void NameModel(const RunFacts& facts, ModelOptions& options) {
  if (IsFound([&] { return NameOf(ResolveModel(std::nullopt)) == facts.model; })) return;
  if (!IsName(facts.model) || !IsFound([&] { return ResolveModel(facts.model), true; })) {
    throw Error(fmt::format("the transcript's model, {} ({:.12}), is not found by its name",
                            facts.model, facts.model_sha256),
                "Say where it is with --model.");
  }
  options.model = facts.model;
}

void NameAdapters(const RunFacts& facts, ModelOptions& options) {
  for (const RunFacts::Adapter& adapter : facts.adapters) {
    if (!IsName(adapter.name) || !IsFound([&] { return ResolveAdapter(adapter.name), true; })) {
      throw Error(fmt::format("the transcript's adapter, {} ({:.12}), is not found by its name",
                              adapter.name, adapter.sha256),
                  "Say where all its adapters are with --adapter, in their order.");
    }
    options.adapters.emplace_back(adapter.name);
  }
}

/// What the command line does not say is as it is recorded. Where answers were made with different
/// things, as for the last one.
void TakeRecorded(const RunFacts& facts, ModelOptions& options) {
  if (!options.model) NameModel(facts, options);
  if (options.adapters.empty()) NameAdapters(facts, options);
  options.merge = options.merge || facts.adapters_merged;
  if (options.quant.empty()) options.like_weights = facts.weights;
  if (options.key_values.empty()) options.key_values = facts.key_values;
}

void PrintLines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) Print("{}\n", line);
}

int AskAgain(ReplayOptions options) {
  const Transcript transcript = ReadTranscript(options.transcript);
  if (transcript.studies_assumed) PrintAside(kStudiesAssumedNotice);
  const std::vector<Exchange>& exchanges = transcript.exchanges;
  if (exchanges.empty()) {
    throw Error(fmt::format("{}: the transcript holds no answer", options.transcript.string()));
  }
  if (!options.other_model) TakeRecorded(exchanges.back().facts.run, options.model);
  Conversation::Options opening;
  opening.model = options.model;
  Conversation conversation(opening);
  const RunFacts opened = conversation.Facts();
  const std::vector<ReplayedAnswer> answers = conversation.Replay(
      exchanges, options.other_model ? ReplayModels::kAny : ReplayModels::kRecorded,
      [&](const ReplayedAnswer& answer) {
        if (options.json) return;
        if (answer.number == 1) PrintLines(DescribeReplay(exchanges, opened));
        Print("{}", Describe(answer));
        std::fflush(stdout);
      });
  const bool equal = AreEqual(answers);
  if (options.json) {
    PrintJson(nlohmann::ordered_json{{"version", 1},
                                     {"notice", kResearchNotice},
                                     {"date", UtcNow()},
                                     {"opened", ToJson(opened)},
                                     {"equal", equal},
                                     {"answers", ToJson(answers)}});
  } else {
    Print("{}\n", Summarise(answers));
  }
  return equal ? kDone : kFailed;
}

}  // namespace

void AddReplay(CLI::App& app, Run& run) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command =
      app.add_subcommand("replay", "Ask everything in a transcript again: are the answers equal?");
  command->add_option("transcript", options->transcript, "A conversation that was kept as .jsonl")
      ->required();
  command->add_flag("--other-model", options->other_model,
                    "Ask the model that is given, with the adapters and in the bits that are\n"
                    "given, although others may have made the answers");
  command->add_flag("--json", options->json, "Print the comparison as JSON");
  options->model.AddTo(*command);
  command->footer(
      "Each question is asked with the settings of its own answer. The exit status is 0 when all\n"
      "answers are equal, token by token. Without --model and --adapter, those that the "
      "transcript\n"
      "names are opened; their hashes must be the recorded ones.\n"
      "Example:\n"
      "  roentgen replay conversation.jsonl --model Qwen2-VL-2B-Instruct");
  command->callback([options, &run] { run = [options] { return AskAgain(*options); }; });
}

}  // namespace roentgen::app
