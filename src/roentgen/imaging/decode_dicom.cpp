#include <fmt/format.h>

#include <filesystem>
#include <string_view>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_dataset.h"
#include "roentgen/imaging/dicom_display.h"
#include "roentgen/imaging/dicom_frame.h"
#include "roentgen/imaging/dicom_header.h"
#include "roentgen/imaging/dicom_kind.h"
#include "roentgen/imaging/encoded_image.h"

namespace roentgen {
namespace {

// Of a deflated file: an uncompressed picture of three 32-bit samples, and its header.
size_t MaxInflatedBytes(int64_t max_pixels) {
  return static_cast<size_t>(max_pixels) * 12 + (size_t{16} << 20);
}

/// Reports, plans, waveforms, spectra and so on are DICOM files, but there is nothing to look at.
void RefuseNonImage(const DicomFile& dicom, const EncodedImage& file) {
  if (dicom.sop_class == kDicomDirectory) {
    const std::filesystem::path folder = std::filesystem::path(file.name).parent_path();
    throw Error(fmt::format("{}: a DICOMDIR, the index of the DICOM files in {}, not an image",
                            file.name, folder.empty() ? "its folder" : folder.string()),
                "Name that folder, or one of the images in it.");
  }
  for (const uint32_t tag :
       {dicom_tag::kPixelData, dicom_tag::kFloatPixelData, dicom_tag::kDoubleFloatPixelData}) {
    if (dicom.dataset.Find(tag) != nullptr) return;
  }
  const std::string kind = DescribeNonImage(dicom.sop_class);
  if (kind.empty()) return;  // what is missing for an image will be said
  throw Error(fmt::format("{}: not an image but {}", file.name, kind),
              "Name a file with an image: of CT, MR, CR, DX, US and so on.");
}

RawImage Decode(const EncodedImage& file) {
  const DicomFile dicom = ReadDicom(file.bytes, MaxInflatedBytes(file.max_pixels));
  RefuseNonImage(dicom, file);
  const DicomHeader header = ReadDicomHeader(dicom.dataset);
  file.CheckSize("DICOM", header.columns, header.rows);
  if (file.view.frame < 1 || file.view.frame > header.frames) {
    throw Error(fmt::format("frame {} was asked for, it has {}", file.view.frame, header.frames));
  }
  const DicomFrame pixels = DecodeDicomFrame(dicom, header, file.view.frame - 1, file);
  return DisplayDicomFrame(dicom.dataset, header, pixels, file.view);
}

}  // namespace

RawImage DecodeDicom(const EncodedImage& file) {
  try {
    return Decode(file);
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(file.name + ":")) throw;  // named already
    throw Error(fmt::format("{}: not a readable DICOM picture: {}", file.name, error.what()),
                error.hint());
  }
}

}  // namespace roentgen
