#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "roentgen/data/sample_source.h"
#include "roentgen/training/encoded_sample.h"
#include "roentgen/training/image_set.h"

namespace roentgen {

/// What was read of datasets.
struct DatasetSamples {
  std::vector<Sample> samples;
  /// Rows that were left out, which and why; of each dataset the first ten. LLaMA-Factory leaves
  /// out the same ones.
  std::vector<std::string> dropped;
  /// For each dataset with such rows, how many of its rows they are.
  std::vector<std::string> dropped_counts;
  std::vector<std::string> notes;  ///< SampleSource::Notes of the datasets
};

/// What becomes of rows that lack nothing but an answer: they cannot train, but can be asked.
enum class Unanswered {
  kDropped,
  kKept,  ///< with an empty answer
};

/// The rows of datasets, in order; of each dataset the first max_samples rows (0: all), those that
/// are dropped counted. The folders are those of OpenLlamaFactory. Throws Error as its source does,
/// for a row with an image outside of the folders, and when every row is dropped.
DatasetSamples ReadTrainingSamples(const std::filesystem::path& dataset_dir,
                                   const ImageOptions& images,
                                   const std::vector<std::string>& datasets, size_t max_samples,
                                   Unanswered unanswered = Unanswered::kDropped);

/// Each sample encoded. Throws Error as SampleEncoder::Encode and RequireTrainable do.
std::vector<EncodedSample> EncodeAll(std::span<const Sample> samples, const ImageSet& images,
                                     const SampleEncoder& encoder);

/// What a row of a batch is: one sample, or several that neat_packing puts side by side without
/// their seeing each other.
using TrainingRow = std::vector<EncodedSample>;

/// LLaMA-Factory's packing: samples go together so that a row has at most cutoff_len − 1 tokens
/// (one is left for padding there), which the samples must have been cut to; a thousand samples at
/// a time, the longest that still fits first.
///
/// With neat they stay apart, else they become one long sample, each seeing those before it.
/// Padding, which changes no result, is left out.
std::vector<TrainingRow> PackRows(std::vector<EncodedSample> samples, size_t cutoff_len, bool neat);

/// Tells whether a run that is resumed has the data that it was begun with: a hash of all tokens,
/// labels and pictures, in order. 16 hexadecimal digits.
std::string DataFingerprint(std::span<const TrainingRow> rows, const ImageSet& images);

/// Rows of one sample each.
std::vector<TrainingRow> SingleRows(std::vector<EncodedSample> samples);

}  // namespace roentgen
