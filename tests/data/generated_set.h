#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/data/sample_source.h"
#include "support/paths.h"

namespace roentgen::test {

/// A picture of the fuzzing seeds, under a name in the folder.
inline void PutImage(const std::filesystem::path& folder, const std::string& name,
                     const std::string& seed = "rgb.png") {
  std::filesystem::create_directories((folder / name).parent_path());
  std::filesystem::copy_file(SourceDir() / "fuzz/seeds/image_fuzz" / seed, folder / name,
                             std::filesystem::copy_options::overwrite_existing);
}

/// Samples in memory as a set.
class SamplesInMemory : public SampleSource {
 public:
  explicit SamplesInMemory(std::vector<Sample> samples) : samples_(std::move(samples)) {}
  void ForEach(const std::function<void(SourceSample)>& take) const override {
    for (const Sample& sample : samples_) take({sample, {}});
  }

 private:
  std::vector<Sample> samples_;
};

inline std::vector<SourceSample> ReadAll(const SampleSource& source) {
  std::vector<SourceSample> rows;
  source.ForEach([&](SourceSample row) { rows.push_back(std::move(row)); });
  return rows;
}

}  // namespace roentgen::test
