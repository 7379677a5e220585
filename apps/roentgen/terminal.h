#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "roentgen/base/progress.h"

namespace roentgen::app {

/// Standard error is a terminal: the place for progress and asides.
bool StderrIsTerminal();

/// The descriptor is a terminal that understands escape codes (ECMA-48): TERM is set and not
/// "dumb". Every place that writes such codes asks this; styles also ask NO_COLOR.
bool TakesEscapeCodes(int descriptor);

/// Columns of the terminal on standard output; where it is none, what COLUMNS says, else 100. At
/// least 40.
size_t TerminalColumns();

/// The text dimmed for a terminal on standard error that takes escape codes; as it is elsewhere or
/// with NO_COLOR set.
std::string Dim(std::string_view text);

/// Writes the text as a dimmed line to standard error.
void PrintAside(std::string_view text);

/// The text bold for a terminal on standard output that takes escape codes; as it is elsewhere or
/// with NO_COLOR set.
std::string Bold(std::string_view text);

/// A line on standard error that shows what is being done, how far it is, since when and how long
/// yet, once that has taken some tenths of a second; it vanishes when it is done. Silent when
/// standard error is no terminal, or one that cannot take a line away.
class ProgressLine {
 public:
  ProgressLine() = default;
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Update(std::string_view stage, size_t done, size_t total);
  /// Draws this text instead, at once.
  void Show(std::string_view text);
  void Clear();
  Progress AsProgress() {
    return
        [this](std::string_view stage, size_t done, size_t total) { Update(stage, done, total); };
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::string stage_;
  Clock::time_point stage_start_;
  Clock::time_point last_drawn_;
  size_t draws_ = 0;
  bool drawn_ = false;
};

}  // namespace roentgen::app
