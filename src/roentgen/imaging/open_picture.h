#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "roentgen/imaging/dicom_identity.h"
#include "roentgen/imaging/image.h"
#include "roentgen/imaging/load.h"

namespace roentgen {

/// What of a file or of a folder with a DICOM series is looked at.
struct PictureChoice {
  DicomView view;               ///< of DICOM
  std::optional<size_t> slice;  ///< of a series, from 1; none: the middle one
  size_t sheet = 0;             ///< so many slices of a series side by side instead; 0: one
};

/// A picture that somebody named.
struct OpenedPicture {
  Image image;
  std::string sha256;           ///< of the file; of a contact sheet, over the hashes of its files
  DicomIdentity identity = {};  ///< of a DICOM file, or of the first of a contact sheet
};

/// Opens a picture file, or a slice or contact sheet of the series in a folder. Throws Error as
/// LoadImage and FindDicomSeries do, and when slices are asked of a file.
OpenedPicture OpenPicture(const std::filesystem::path& path, const PictureChoice& choice = {});

}  // namespace roentgen
