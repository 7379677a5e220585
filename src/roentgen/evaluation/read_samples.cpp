#include <fmt/format.h>

#include <memory>
#include <set>

#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/data/name_list.h"
#include "roentgen/data/reading.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

std::unique_ptr<SampleSource> Open(const fs::path& path, bool allow_outside) {
  const ImageOptions images({}, allow_outside);
  if (fs::is_directory(path)) {
    if (FileExists(path / "dataset_info.json")) return OpenLlamaFactory(path, {}, images);
    if (FileExists(path / "imgs")) return OpenSlake(path);
    return OpenVqaRad(path);
  }
  const std::string extension = EndingOf(path);
  if (extension == ".csv" || extension == ".tsv") {
    CsvOptions options;
    options.allow_outside = allow_outside;
    return OpenCsv(path, options);
  }
  return OpenShareGpt(path, images);
}

/// "test.json: row 1 (part "test")".
std::string PlaceOf(const Sample& sample) {
  return fmt::format("{}: row {} (part {})", sample.source.file, sample.source.row,
                     QuotedName(sample.split));
}

/// How to do without one of two rows with the same id.
std::string InsteadOfBoth(const Sample& one, const Sample& other) {
  if (one.split != other.split) {
    return fmt::format("Name a part, such as --split {}, or import", ShortName(one.split));
  }
  return one.source.file != other.source.file ? "Name one of the files, or import" : "Import";
}

}  // namespace

std::unordered_map<std::string, size_t> NumbersById(std::span<const Sample> samples) {
  std::unordered_map<std::string, size_t> numbers;
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto [known, added] = numbers.try_emplace(samples[i].id, i);
    if (added) continue;
    const Sample& one = samples[known->second];
    throw Error(
        fmt::format("{} and {} have the same id, {}", PlaceOf(one), PlaceOf(samples[i]),
                    QuotedName(one.id)),
        fmt::format("{} the set first: roentgen data import", InsteadOfBoth(one, samples[i])));
  }
  return numbers;
}

std::vector<Sample> ReadSamples(const fs::path& path, const std::string& split,
                                const std::function<void(const std::string&)>& note,
                                bool allow_outside) {
  const std::string part = PartOrName(split);
  std::set<std::string> parts;
  std::vector<Sample> samples;
  const std::unique_ptr<SampleSource> source = Open(path, allow_outside);
  if (note) {
    for (const std::string& text : source->Notes()) note(text);
  }
  source->ForEach([&](SourceSample row) {
    if (row.flaw) {
      throw Error(
          fmt::format("{}: row {}: {}", path.string(), row.sample.source.row, row.flaw->reason),
          row.flaw->outside ? "" : "Clean the set first: roentgen data import");
    }
    parts.insert(row.sample.split);
    if (!part.empty() && row.sample.split != part) return;
    for (Turn& turn : row.sample.turns) turn.text = std::string(Strip(turn.text));
    samples.push_back(std::move(row.sample));
  });
  if (samples.empty()) {
    if (parts.empty()) throw Error(path.string() + ": no questions in it");
    throw Error(fmt::format("{}: no questions of the part \"{}\" in it", path.string(), split),
                "There are: " + ListOf({parts.begin(), parts.end()}));
  }
  return samples;
}

}  // namespace roentgen
