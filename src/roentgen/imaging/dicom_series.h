#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "roentgen/imaging/image.h"

namespace roentgen {

/// The slices of a folder's DICOM series, in the order of the body: along the normal of the slices
/// where they tell their place, else by their instance numbers. Where the folder itself holds none,
/// the one series in the folders below, as in an export or on a disc with a DICOMDIR. Files that
/// are no DICOM images are left out. A series has one Series Instance UID, patient, study and
/// modality: files that differ in one of these are of several, also where the UID is missing.
///
/// Throws Error when the folder cannot be read, holds no slice, or over 20,000 files, and when
/// there are several series: it names those of the folder by modality and number of files, nothing
/// of their patients, and the folders of those below.
std::vector<std::filesystem::path> FindDicomSeries(const std::filesystem::path& folder);

/// Which `count` of so many slices show the whole best: evenly spread, from 0, in order.
std::vector<size_t> SpreadSlices(size_t slices, size_t count);

/// Pictures side by side in rows, in as square a sheet as their number allows, each fitted into a
/// tile of `side` pixels. Their provenance is that of the first, without a study date or body part
/// that others contradict.
Image MakeContactSheet(const std::vector<Image>& pictures, int side);

}  // namespace roentgen
