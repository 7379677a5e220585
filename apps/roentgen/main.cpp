#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "roentgen/base/error.h"
#include "roentgen/base/yaml.h"
#include "roentgen/text/printable.h"
#include "terminal.h"

namespace {

using namespace roentgen::app;  // NOLINT(google-build-using-namespace): the program's own

int Report(const std::string& message, const std::string& hint, int status = kFailed) {
  PrintError(message, hint);
  return status;
}

int RunCommand(const Run& command) {
  try {
    return command();
  } catch (const roentgen::Cancelled&) {
    return Report("interrupted", "", kInterrupted);
  } catch (const UsageError& error) {
    return Report(error.what(), error.hint(), kWrongUsage);
  } catch (const roentgen::Error& error) {
    return Report(error.what(), error.hint());
  } catch (const std::bad_alloc&) {
    return Report("out of memory", "Close other programs, or lower --context or --max-pixels.");
  } catch (const std::exception& error) {
    return Report(error.what(), "");
  }
}

/// The command as far as it was understood: "roentgen data import".
std::string NameOfCommand(const CLI::App& root) {
  std::string name = root.get_name();
  for (auto chosen = root.get_subcommands(); !chosen.empty();
       chosen = chosen[0]->get_subcommands()) {
    name += " " + chosen[0]->get_name();
  }
  return name;
}

/// Names a first word that is no command: the parser would only say that a command is missing.
bool IsMistyped(const CLI::App& app, const std::string& word) {
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  if (word.starts_with('-') ||
      std::find(commands.begin(), commands.end(), word) != commands.end()) {
    return false;
  }
  const std::optional<std::string> meant = roentgen::NearestName(word, commands);
  PrintError(fmt::format("{}: no such command{}", word,
                         meant ? fmt::format(". Did you mean {}?", *meant) : ""),
             "See roentgen --help");
  return true;
}

/// What was printed has arrived. That it has not, as on a full disk, may have been told earlier:
/// the stream remembers it.
void RequirePrinted() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw roentgen::Error("standard output cannot be written to");
}

int ParseAndRun(int argc, char** argv) {
  CLI::App app(
      "Medical visual question answering on Qwen2-VL.\n"
      "For research. Not a medical device; its answers are no diagnosis.");
  app.name("roentgen");
  app.set_version_flag("-v,--version", "roentgen " ROENTGEN_VERSION);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* root, const CLI::Error& error) {
    return fmt::format("roentgen: {}\n  See {} --help\n", roentgen::OneLine(error.what()),
                       NameOfCommand(*root));
  });
  Run run;
  AddAsk(app, run);
  AddChat(app, run);
  AddReport(app, run);
  AddReplay(app, run);
  AddData(app, run);
  AddEval(app, run);
  AddCompare(app, run);
  AddLabels(app, run);
  AddInspect(app, run);
  AddNew(app, run);
  AddTrain(app, run);
  AddMerge(app, run);
  AddQuantize(app, run);
  AddBench(app, run);
  AddPull(app, run);
  AddDoctor(app, run);
  AddReference(app, run);
  if (argc > 1 && IsMistyped(app, argv[1])) return kWrongUsage;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.exit(error) != 0) return kWrongUsage;
    RequirePrinted();  // a help or a version
    return kDone;
  }
  const int status = run();
  RequirePrinted();
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return RunCommand([&] { return ParseAndRun(argc, argv); });
  } catch (...) {  // standard error itself cannot be written
    return kFailed;
  }
}
