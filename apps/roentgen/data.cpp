// `roentgen data`: question sets in, clean training files out.

#include "commands.h"

namespace roentgen::app {

void AddData(CLI::App& app, Run& run) {
  CLI::App* data = app.add_subcommand("data", "Question sets: import, check, count, draw");
  data->require_subcommand(1);
  AddDataImport(*data, run);
  AddDataCheck(*data, run);
  AddDataStats(*data, run);
  AddDataPhantom(*data, run);
}

}  // namespace roentgen::app
