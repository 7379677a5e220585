#include "roentgen/imaging/dicom_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <map>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/imaging/dicom_dataset.h"
#include "roentgen/imaging/dicom_identity.h"
#include "roentgen/imaging/dicom_terms.h"
#include "roentgen/imaging/resize.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFiles = 20'000;
// Folders in folders: patient, study, series and what an archive puts around them.
constexpr int kMaxDepth = 16;
// That are named to choose from.
constexpr size_t kMaxNamed = 5;

struct Slice {
  fs::path path;
  std::optional<double> place;  // along the normal, in millimetres
  double number = 0;
};

/// Image Position projected on the cross product of Image Orientation's rows and columns (PS3.3,
/// C.7.6.2.1.1).
std::optional<double> Place(const DicomDataset& dataset) {
  const std::vector<double> position = dataset.Numbers(dicom_tag::kImagePosition);
  const std::vector<double> axes = dataset.Numbers(dicom_tag::kImageOrientation);
  if (position.size() != 3 || axes.size() != 6) return std::nullopt;
  double place = 0;
  for (size_t i = 0; i < 3; ++i) {
    const size_t next = (i + 1) % 3;
    const size_t last = (i + 2) % 3;
    place += position[i] * (axes[next] * axes[3 + last] - axes[last] * axes[3 + next]);
  }
  return std::isfinite(place) ? std::optional(place) : std::nullopt;
}

/// What the images of a series have in common (PS3.3, A.1.4). Where its UID is missing, the others
/// still tell series apart.
struct SeriesKey {
  std::string uid;
  std::string modality;
  std::string study;  // this and what follows: hashes
  std::string patient;
  std::string name;
  std::string birth_date;

  auto operator<=>(const SeriesKey&) const = default;
};

using SeriesByKey = std::map<SeriesKey, std::vector<Slice>>;

SeriesKey KeyOf(const DicomDataset& dataset, const DicomIdentity& identity) {
  return {dataset.Text(dicom_tag::kSeriesInstance),
          DicomModality(dataset.Text(dicom_tag::kModality)),
          identity.study,
          identity.patient,
          identity.name,
          identity.birth_date};
}

/// Adds the file to its series, if it is an image of one. Only its header is read.
void Sort(const fs::path& path, SeriesByKey& series) {
  try {
    const MappedFile file(path);
    if (!LooksLikeDicom(file.bytes())) return;
    const DicomFile dicom = ReadDicom(file.bytes(), 0, DicomExtent::kHeader);
    const auto has = [&](uint32_t tag) { return dicom.dataset.Find(tag) != nullptr; };
    if (!has(dicom_tag::kPixelData) && !has(dicom_tag::kFloatPixelData) &&
        !has(dicom_tag::kDoubleFloatPixelData)) {
      return;
    }
    series[KeyOf(dicom.dataset, HashDicomIdentity(file.bytes()))].push_back(
        {path, Place(dicom.dataset),
         dicom.dataset.FirstNumber(dicom_tag::kInstanceNumber).value_or(0)});
  } catch (const Error&) {  // no image of the series, or one that cannot be read
  }
}

/// The series in a folder, or in it and all below.
template <class Iterator>
SeriesByKey ReadSeries(const fs::path& folder, Iterator entries, std::error_code problem) {
  SeriesByKey series;
  size_t files = 0;
  for (; !problem && entries != Iterator(); entries.increment(problem)) {
    if constexpr (std::is_same_v<Iterator, fs::recursive_directory_iterator>) {
      if (entries.depth() >= kMaxDepth) entries.disable_recursion_pending();
    }
    std::error_code unreadable;
    if (!entries->is_regular_file(unreadable)) continue;
    if (++files > kMaxFiles) {
      throw Error(fmt::format("{}: over {} files", folder.string(), kMaxFiles),
                  "Name the folder that holds the slices themselves.");
    }
    Sort(entries->path(), series);
  }
  if (problem) throw Error(fmt::format("{}: {}", folder.string(), problem.message()));
  return series;
}

/// "a (12), b (3)", those with most slices first.
std::string NamesWithCounts(std::vector<std::pair<std::string, size_t>> counts) {
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string names;
  for (size_t i = 0; i < std::min(counts.size(), kMaxNamed); ++i) {
    names += fmt::format("{}{} ({})", i == 0 ? "" : ", ", counts[i].first, counts[i].second);
  }
  if (counts.size() > kMaxNamed) names += fmt::format(" and {} more", counts.size() - kMaxNamed);
  return names;
}

/// Several series may be of several patients: the user chooses. Nothing of a header is named but
/// its modality.
[[noreturn]] void FailNamingSeries(const fs::path& folder, const SeriesByKey& series) {
  std::vector<std::pair<std::string, size_t>> counts;
  for (const auto& [key, slices] : series) {
    counts.emplace_back(key.modality.empty() ? "unknown modality" : key.modality, slices.size());
  }
  throw Error(fmt::format("{}: {} series lie in it; with their numbers of files: {}",
                          folder.string(), series.size(), NamesWithCounts(std::move(counts))),
              "Put the files of one series into a folder of their own, or name one file.");
}

[[noreturn]] void FailNamingFolders(const fs::path& folder, const SeriesByKey& series) {
  std::map<std::string, size_t> counts;
  for (const auto& [key, slices] : series) {
    for (const Slice& slice : slices) ++counts[slice.path.parent_path().string()];
  }
  const std::string names = NamesWithCounts({counts.begin(), counts.end()});
  throw Error(fmt::format("{}: {} series lie in folders below; the folders with their numbers of "
                          "slices: {}",
                          folder.string(), series.size(), names),
              "Name one of these folders.");
}

/// The series of the folder itself; of an export that holds only folders, the one series below.
std::vector<Slice> FindSeries(const fs::path& folder) {
  std::error_code problem;
  const fs::directory_iterator entries(folder, problem);
  SeriesByKey series = ReadSeries(folder, entries, problem);
  if (series.size() > 1) FailNamingSeries(folder, series);
  if (!series.empty()) return std::move(series.begin()->second);
  const fs::recursive_directory_iterator below(
      folder, fs::directory_options::skip_permission_denied, problem);
  series = ReadSeries(folder, below, problem);
  if (series.empty()) {
    throw Error(fmt::format("{}: a folder without a DICOM picture", folder.string()),
                "Name an image file, or a folder that holds slices.");
  }
  if (series.size() > 1) FailNamingFolders(folder, series);
  return std::move(series.begin()->second);
}

void Order(std::vector<Slice>& slices) {
  const bool placed = std::all_of(slices.begin(), slices.end(),
                                  [](const Slice& slice) { return slice.place.has_value(); });
  std::sort(slices.begin(), slices.end(), [&](const Slice& a, const Slice& b) {
    if (placed && *a.place != *b.place) return *a.place < *b.place;
    if (a.number != b.number) return a.number < b.number;
    return a.path < b.path;
  });
}

/// Empty where the pictures contradict each other.
std::string Agreed(const std::vector<Image>& pictures, std::string Provenance::*field) {
  const std::string& first = pictures[0].provenance.*field;
  const bool agree = std::all_of(pictures.begin(), pictures.end(), [&](const Image& picture) {
    return picture.provenance.*field == first;
  });
  return agree ? first : "";
}

Size FitInto(Size size, int side) {
  const double scale = static_cast<double>(side) / std::max(size.width, size.height);
  const auto scaled = [&](int length) {
    return std::clamp(static_cast<int>(std::lround(length * scale)), 1, side);
  };
  return {scaled(size.width), scaled(size.height)};
}

}  // namespace

std::vector<fs::path> FindDicomSeries(const fs::path& folder) {
  std::vector<Slice> slices = FindSeries(folder);
  Order(slices);
  std::vector<fs::path> paths;
  for (Slice& slice : slices) paths.push_back(std::move(slice.path));
  return paths;
}

std::vector<size_t> SpreadSlices(size_t slices, size_t count) {
  count = std::min(slices, count);
  std::vector<size_t> chosen;
  for (size_t i = 0; i < count; ++i) chosen.push_back((2 * i + 1) * slices / (2 * count));
  return chosen;
}

Image MakeContactSheet(const std::vector<Image>& pictures, int side) {
  if (pictures.empty()) throw ShapeError("a contact sheet of no pictures");
  const auto columns =
      static_cast<size_t>(std::ceil(std::sqrt(static_cast<double>(pictures.size()))));
  const size_t rows = (pictures.size() + columns - 1) / columns;
  Image sheet;
  sheet.width = static_cast<int>(columns) * side;
  sheet.height = static_cast<int>(rows) * side;
  sheet.provenance = pictures[0].provenance;
  sheet.provenance.study_date = Agreed(pictures, &Provenance::study_date);
  sheet.provenance.body_part = Agreed(pictures, &Provenance::body_part);
  sheet.rgb.assign(static_cast<size_t>(sheet.width) * static_cast<size_t>(sheet.height) * 3, 0);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const Image tile = ResizeBicubic(pictures[i], FitInto(pictures[i].size(), side));
    const size_t left =
        i % columns * static_cast<size_t>(side) + static_cast<size_t>(side - tile.width) / 2;
    const size_t top =
        i / columns * static_cast<size_t>(side) + static_cast<size_t>(side - tile.height) / 2;
    const size_t row_bytes = static_cast<size_t>(tile.width) * 3;
    for (size_t y = 0; y < static_cast<size_t>(tile.height); ++y) {
      std::copy_n(
          tile.rgb.begin() + static_cast<ptrdiff_t>(y * row_bytes), row_bytes,
          sheet.rgb.begin() +
              static_cast<ptrdiff_t>(((top + y) * static_cast<size_t>(sheet.width) + left) * 3));
    }
  }
  return sheet;
}

}  // namespace roentgen
