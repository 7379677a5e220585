#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "help_text.h"
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

/// What the parser did not understand, with what to do.
int ReportWrongUsage(const CLI::App& root, const CLI::ParseError& error) {
  std::string name = root.get_name();
  const CLI::App* command = &root;  // as far as it was understood: "roentgen data import"
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    name += " " + command->get_name();
  }
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  std::string hint;
  if (extra && command->get_option_no_throw("--image") != nullptr) {
    hint = "An image is named by --image FILE; a question of several words stands in quotes. ";
  }
  return Report(roentgen::OneLine(error.what()), fmt::format("{}See {} --help", hint, name),
                kWrongUsage);
}

/// Names a first word that is no command, or no option: the parser would only say that a command is
/// missing.
bool IsMistyped(const CLI::App& app, const std::string& word) {
  if (word.starts_with("--")) {
    if (app.get_option_no_throw(word.substr(0, word.find('='))) != nullptr) return false;
    PrintError(fmt::format("{}: no such option, or it stands behind a command", word),
               "See roentgen --help");
    return true;
  }
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
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("-v,--version", "roentgen " ROENTGEN_VERSION);
  app.require_subcommand(1);
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
    if (error.get_exit_code() != 0) return ReportWrongUsage(app, error);
    app.exit(error);  // a help or a version
    RequirePrinted();
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
