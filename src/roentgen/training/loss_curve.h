#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "roentgen/training/training_log.h"

namespace roentgen {

/// LLaMA-Factory's smoothing: an exponential mean whose weight of the past grows with the number of
/// losses, 1.8 · (sigmoid(0.05 · n) − 0.5) (extras/ploting.py).
std::vector<double> SmoothLosses(std::span<const double> losses);

/// Writes training_loss.svg and training_loss.png: losses as they are and smoothed, with the
/// evaluation's where there is one. Nothing where nothing was logged.
void PlotLosses(const TrainingLog& log, const std::filesystem::path& output_dir);
/// The names of these files.
std::set<std::string> PlotFiles();

}  // namespace roentgen
