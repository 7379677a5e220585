#include "roentgen/training/image_set.h"

#include <fmt/format.h>

#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/load.h"
#include "roentgen/imaging/orientation.h"
#include "roentgen/training/encoded_sample.h"

namespace roentgen {
namespace {

/// A file that samples name, and the first of them.
struct NamedFile {
  std::string path;
  const Sample* sample;
};

std::vector<NamedFile> FilesOf(std::span<const Sample> samples) {
  std::vector<NamedFile> files;
  std::map<std::string, size_t> seen;
  for (const Sample& sample : samples) {
    for (const std::string& path : sample.images) {
      if (seen.try_emplace(path, files.size()).second) files.push_back({path, &sample});
    }
  }
  return files;
}

/// The pixels themselves, in base64, where a file's name belongs: no message should repeat them.
void RefuseInlineImage(const NamedFile& file) {
  constexpr size_t kLongestName = 4096;  // of a path in Linux
  const size_t mark = file.path.find(";base64,");
  if (mark == std::string::npos && file.path.size() <= kLongestName) return;
  throw Error(fmt::format("{}: an image is given as {} characters of base64, not as a file's name",
                          NameOf(*file.sample), file.path.size()),
              "Write it into a file and name that file in the row.");
}

ImageSet::Entry LookAt(const NamedFile& file, const PrepareImage& prepare, int merge) {
  RefuseInlineImage(file);
  try {
    const Patches patches = prepare(file.path);
    const auto* bytes = reinterpret_cast<const uint8_t*>(patches.values.data());
    return {file.path, patches.grid,
            static_cast<size_t>(patches.grid.t) * static_cast<size_t>(patches.grid.h / merge) *
                static_cast<size_t>(patches.grid.w / merge),
            Sha256Hex({bytes, patches.values.size() * sizeof(float)})};
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", NameOf(*file.sample), error.what()), error.hint());
  }
}

}  // namespace

Patches PrepareTrainingImage(const std::filesystem::path& path,
                             const ImagePreparation& preparation) {
  RawImage image = LoadRawImage(path);
  if (preparation.apply_exif) ApplyOrientation(image);
  return MakePatches(PrepareForLlamaFactory(std::move(image), preparation.limits),
                     preparation.preprocessor);
}

ImageSet::ImageSet(std::span<const Sample> samples, const ImagePreparation& preparation,
                   ThreadPool& pool, const Progress& progress)
    : ImageSet(
          samples,
          [preparation](const std::filesystem::path& path) {
            return PrepareTrainingImage(path, preparation);
          },
          preparation.preprocessor.merge_size, pool, progress) {}

ImageSet::ImageSet(std::span<const Sample> samples, PrepareImage prepare, int merge_size,
                   ThreadPool& pool, const Progress& progress)
    : prepare_(std::move(prepare)) {
  const std::vector<NamedFile> files = FilesOf(samples);
  std::vector<Entry> looked(files.size());
  // A few at a time, so that somebody who watches sees it go on.
  const size_t portion = 4 * static_cast<size_t>(pool.threads());
  for (size_t begin = 0; begin < files.size(); begin += portion) {
    Report(progress, "Measuring images", begin, files.size());
    pool.ForEach(std::min(portion, files.size() - begin), [&](size_t i, int) {
      looked[begin + i] = LookAt(files[begin + i], prepare_, merge_size);
    });
  }
  std::map<std::string, size_t> by_content;
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string key = fmt::format("{}x{}x{} {}", looked[i].grid.t, looked[i].grid.h,
                                        looked[i].grid.w, looked[i].sha256);
    const auto [known, added] = by_content.try_emplace(key, entries_.size());
    if (added) entries_.push_back(std::move(looked[i]));
    numbers_[files[i].path] = known->second;
  }
}

Patches ImageSet::Load(size_t image) const {
  const Entry& entry = entries_[image];
  Patches patches = prepare_(entry.path);
  if (patches.grid != entry.grid) {
    throw Error(entry.path.string() + ": the file has changed since the run began");
  }
  return patches;
}

}  // namespace roentgen
