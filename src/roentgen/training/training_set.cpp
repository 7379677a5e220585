#include "roentgen/training/training_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"

namespace roentgen {
namespace {

/// datasets.map() hands over as many samples at a time.
constexpr size_t kPackingBatch = 1000;
/// Rows that are named when they are left out; of more it is said how many.
constexpr size_t kNamedRows = 10;

/// The lengths that go into each row: greedy_knapsack in LLaMA-Factory.
std::vector<std::vector<size_t>> FillKnapsacks(std::vector<size_t> lengths, size_t capacity) {
  std::sort(lengths.begin(), lengths.end());
  std::vector<std::vector<size_t>> knapsacks;
  while (!lengths.empty()) {
    std::vector<size_t>& knapsack = knapsacks.emplace_back();
    size_t room = capacity;
    for (;;) {
      const auto behind = std::upper_bound(lengths.begin(), lengths.end(), room);
      if (behind == lengths.begin()) break;
      const auto fitting = std::prev(behind);
      room -= *fitting;
      knapsack.push_back(*fitting);
      lengths.erase(fitting);
    }
  }
  return knapsacks;
}

/// The samples end to end as one.
EncodedSample Joined(TrainingRow row) {
  EncodedSample joined = std::move(row.front());
  for (size_t i = 1; i < row.size(); ++i) {
    joined.ids.insert(joined.ids.end(), row[i].ids.begin(), row[i].ids.end());
    joined.labels.insert(joined.labels.end(), row[i].labels.begin(), row[i].labels.end());
    joined.images.insert(joined.images.end(), row[i].images.begin(), row[i].images.end());
  }
  return joined;
}

}  // namespace

DatasetSamples ReadTrainingSamples(const std::filesystem::path& dataset_dir,
                                   const ImageOptions& images,
                                   const std::vector<std::string>& datasets, size_t max_samples,
                                   Unanswered unanswered) {
  DatasetSamples read;
  for (const std::string& dataset : datasets) {
    size_t rows = 0;
    size_t dropped = 0;
    const auto source = OpenLlamaFactory(dataset_dir, {dataset}, images);
    for (const std::string& note : source->Notes()) read.notes.push_back(note);
    source->ForEach([&](SourceSample row) {
      if (max_samples != 0 && rows == max_samples) return;
      ++rows;
      if (row.flaw && row.flaw->outside) {  // a training without it would be another than was asked
        throw Error(fmt::format("{}: {}: {}", dataset, NameOf(row.sample), row.flaw->reason));
      }
      if (row.flaw && row.flaw->only_answer && unanswered == Unanswered::kKept) {
        row.sample.turns.push_back({Role::kAssistant, ""});
        row.flaw.reset();
      }
      if (!row.flaw) {
        read.samples.push_back(std::move(row.sample));
      } else if (++dropped <= kNamedRows) {
        read.dropped.push_back(NameOf(row.sample) + ": " + row.flaw->reason);
      }
    });
    if (dropped == 0) continue;
    read.dropped_counts.push_back(fmt::format("{} of {} rows of {}", dropped, rows, dataset));
  }
  if (read.samples.empty() && !read.dropped.empty()) {
    throw Error(
        fmt::format("{}: every row is left out; {}", dataset_dir.string(), read.dropped.front()));
  }
  return read;
}

std::vector<EncodedSample> EncodeAll(std::span<const Sample> samples, const ImageSet& images,
                                     const SampleEncoder& encoder) {
  std::vector<EncodedSample> encoded;
  encoded.reserve(samples.size());
  for (const Sample& sample : samples) {
    std::vector<size_t> numbers;
    std::vector<size_t> tokens;
    for (const std::string& path : sample.images) {
      numbers.push_back(images.Find(path));
      tokens.push_back(images[numbers.back()].tokens);
    }
    encoded.push_back(encoder.Encode(sample, numbers, tokens));
    RequireTrainable(encoded.back());
  }
  return encoded;
}

std::vector<TrainingRow> PackRows(std::vector<EncodedSample> samples, size_t cutoff_len,
                                  bool neat) {
  std::vector<TrainingRow> rows;
  for (size_t begin = 0; begin < samples.size(); begin += kPackingBatch) {
    const size_t end = std::min(begin + kPackingBatch, samples.size());
    std::vector<size_t> lengths;
    std::map<size_t, std::vector<size_t>> by_length;
    for (size_t i = begin; i < end; ++i) {
      if (samples[i].ids.size() >= cutoff_len) {
        throw ShapeError(samples[i].name + ": too long to be packed");
      }
      lengths.push_back(samples[i].ids.size());
      by_length[samples[i].ids.size()].push_back(i);
    }
    for (const std::vector<size_t>& knapsack : FillKnapsacks(std::move(lengths), cutoff_len - 1)) {
      TrainingRow row;
      for (const size_t length : knapsack) {
        row.push_back(std::move(samples[by_length[length].back()]));
        by_length[length].pop_back();
      }
      if (!neat) row = {Joined(std::move(row))};
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string DataFingerprint(std::span<const TrainingRow> rows, const ImageSet& images) {
  uint64_t hash = kFnv1a64Offset;
  const auto add = [&](const std::vector<int32_t>& values) {
    hash = Fnv1a64(fmt::format("{} ", values.size()), hash);
    hash = Fnv1a64({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(int32_t)},
                   hash);
  };
  for (const TrainingRow& row : rows) {
    hash = Fnv1a64(fmt::format("row {} ", row.size()), hash);
    for (const EncodedSample& sample : row) {
      add(sample.ids);
      add(sample.labels);
      for (const size_t image : sample.images) hash = Fnv1a64(images[image].sha256, hash);
    }
  }
  return fmt::format("{:016x}", hash);
}

std::vector<TrainingRow> SingleRows(std::vector<EncodedSample> samples) {
  std::vector<TrainingRow> rows;
  rows.reserve(samples.size());
  for (EncodedSample& sample : samples) rows.emplace_back().push_back(std::move(sample));
  return rows;
}

}  // namespace roentgen
