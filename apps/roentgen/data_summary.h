#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "roentgen/data/import.h"

namespace roentgen::app {

/// A finding and where: what `check` lists of rows that nobody can use.
struct FoundRow {
  std::string id;
  SourceRow source;
  CleaningFinding finding;
};

/// What an import found, on standard output, for a terminal of so many columns.
void PrintSummary(const ImportSummary& summary, const ImportOptions& options, size_t columns);

/// How to do what rules only reported: what each would do, and the command with these rules added.
/// Nothing without rules.
void PrintActing(const ImportSummary& summary, const std::string& command, const std::string& rules,
                 size_t columns);

/// Whether texts and images go together, and what training makes of them: what `check` adds.
void PrintAlignment(const ImportSummary& summary, const RuleModes& modes,
                    const std::vector<FoundRow>& unusable, size_t columns);

/// How many rows were found that nobody can use.
size_t UnusableRows(const ImportSummary& summary);

}  // namespace roentgen::app
