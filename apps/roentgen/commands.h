#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "roentgen/base/error.h"

namespace roentgen::app {

/// Each adds its subcommand to the command line. What it sets `run` to is called when the command
/// was chosen; it returns the exit status.
using Run = std::function<int()>;
void AddAsk(CLI::App& app, Run& run);
void AddBench(CLI::App& app, Run& run);
void AddChat(CLI::App& app, Run& run);
void AddCompare(CLI::App& app, Run& run);
void AddData(CLI::App& app, Run& run);
void AddDoctor(CLI::App& app, Run& run);
void AddEval(CLI::App& app, Run& run);
void AddInspect(CLI::App& app, Run& run);
void AddLabels(CLI::App& app, Run& run);
void AddMerge(CLI::App& app, Run& run);
void AddNew(CLI::App& app, Run& run);
void AddPull(CLI::App& app, Run& run);
void AddQuantize(CLI::App& app, Run& run);
/// `completion` and `manual`, of what the others added.
void AddReference(CLI::App& app, Run& run);
void AddReplay(CLI::App& app, Run& run);
void AddReport(CLI::App& app, Run& run);
void AddTrain(CLI::App& app, Run& run);
/// Subcommands of `data`.
void AddDataCheck(CLI::App& data, Run& run);
void AddDataImport(CLI::App& data, Run& run);
void AddDataPhantom(CLI::App& data, Run& run);
void AddDataStats(CLI::App& data, Run& run);
/// Subcommands of `bench`.
void AddBenchQuality(CLI::App& bench, Run& run);
void AddBenchTrain(CLI::App& bench, Run& run);
/// A subcommand of `inspect`.
void AddParity(CLI::App& inspect, Run& run);

/// The command line makes no sense: exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Runs what reads a value of the command line: an Error says that the value makes no sense.
template <class Read>
auto ReadArgument(const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw UsageError(error.what(), error.hint());
  }
}

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kInterrupted = 130;

}  // namespace roentgen::app
