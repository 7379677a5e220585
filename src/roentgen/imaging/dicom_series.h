#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "roentgen/imaging/image.h"

namespace roentgen {

/// The slices of a folder's DICOM series, in the order of the body: along the normal of the slices
/// where they tell their place, else by their instance numbers. Where the folder itself holds
/// several series, the one with most slices; where it holds none, the one series in the folders
/// below, as in an export or on a disc with a DICOMDIR. Files that are no DICOM images are left
/// out.
///
/// Throws Error when the folder cannot be read, holds no slice, or over 20,000 files, and when
/// there are several series in folders below: it names those folders.
std::vector<std::filesystem::path> FindDicomSeries(const std::filesystem::path& folder);

/// Which `count` of so many slices show the whole best: evenly spread, from 0, in order.
std::vector<size_t> SpreadSlices(size_t slices, size_t count);

/// Pictures side by side in rows, in as square a sheet as their number allows, each fitted into a
/// tile of `side` pixels. Their provenance is that of the first.
Image MakeContactSheet(const std::vector<Image>& pictures, int side);

}  // namespace roentgen
