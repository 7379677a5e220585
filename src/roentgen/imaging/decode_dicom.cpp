#include <fmt/format.h>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_dataset.h"
#include "roentgen/imaging/dicom_display.h"
#include "roentgen/imaging/dicom_frame.h"
#include "roentgen/imaging/dicom_header.h"
#include "roentgen/imaging/encoded_image.h"

namespace roentgen {
namespace {

// Of a deflated file: an uncompressed picture of three 32-bit samples, and its header.
size_t MaxInflatedBytes(int64_t max_pixels) {
  return static_cast<size_t>(max_pixels) * 12 + (size_t{16} << 20);
}

RawImage Decode(const EncodedImage& file) {
  const DicomFile dicom = ReadDicom(file.bytes, MaxInflatedBytes(file.max_pixels));
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
