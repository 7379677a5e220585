#pragma once

#include <CLI/CLI.hpp>

#include "roentgen/evaluation/prediction_columns.h"

namespace roentgen::app {

/// Options that say which columns of a file of predictions count, where their names do not.
inline void AddColumnOptions(CLI::App& command, ColumnChoice& columns) {
  command.add_option("--prediction-column", columns.prediction,
                     "The column with the model's answers, where its name does not tell");
  command.add_option("--reference-column", columns.reference, "The column with the right answers");
}

}  // namespace roentgen::app
