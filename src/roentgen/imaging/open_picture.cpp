#include "roentgen/imaging/open_picture.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/dicom_series.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

// The sheet is about as large as a picture that the model gets: more would be thrown away.
constexpr int kSheetSide = 1024;
constexpr size_t kMaxSheetSlices = 64;

OpenedPicture OpenFile(const fs::path& path, const DicomView& view) {
  const std::string content = ReadFile(path, kMaxImageFileBytes);
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(content.data()),
                                       content.size());
  LoadOptions options;
  options.view = view;
  return {DecodeImage(bytes, path.string(), options), Sha256Hex(bytes), HashDicomIdentity(bytes)};
}

OpenedPicture OpenSheet(const std::vector<fs::path>& slices, const PictureChoice& choice) {
  const std::vector<size_t> chosen =
      SpreadSlices(slices.size(), std::min(choice.sheet, kMaxSheetSlices));
  std::vector<Image> pictures;
  std::string hashes;
  DicomIdentity identity;
  for (const size_t index : chosen) {
    OpenedPicture opened = OpenFile(slices[index], choice.view);
    pictures.push_back(std::move(opened.image));
    if (hashes.empty()) identity = opened.identity;
    hashes += opened.sha256;
  }
  size_t columns = 1;
  while (columns * columns < pictures.size()) ++columns;
  OpenedPicture sheet{MakeContactSheet(pictures, kSheetSide / static_cast<int>(columns)),
                      Sha256Hex(hashes), identity};
  sheet.image.provenance.stored = sheet.image.size();
  sheet.image.provenance.notes.push_back(
      fmt::format("{} of {} slices side by side", chosen.size(), slices.size()));
  return sheet;
}

OpenedPicture OpenSlice(const std::vector<fs::path>& slices, const PictureChoice& choice) {
  const size_t number = choice.slice.value_or(slices.size() / 2 + 1);
  if (number < 1 || number > slices.size()) {
    throw Error(fmt::format("{}: slice {} was asked for, there are {}",
                            slices[0].parent_path().string(), number, slices.size()));
  }
  OpenedPicture opened = OpenFile(slices[number - 1], choice.view);
  opened.image.provenance.notes.push_back(fmt::format("slice {} of {}", number, slices.size()));
  return opened;
}

}  // namespace

OpenedPicture OpenPicture(const fs::path& path, const PictureChoice& choice) {
  std::error_code unreadable;
  if (!fs::is_directory(path, unreadable)) {
    if (choice.slice || choice.sheet > 0) {
      throw Error(fmt::format("{}: slices are of a folder with a series", path.string()));
    }
    return OpenFile(path, choice.view);
  }
  const std::vector<fs::path> slices = FindDicomSeries(path);
  return choice.sheet > 0 ? OpenSheet(slices, choice) : OpenSlice(slices, choice);
}

}  // namespace roentgen
