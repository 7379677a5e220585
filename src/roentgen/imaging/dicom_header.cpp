#include "roentgen/imaging/dicom_header.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

using namespace dicom_tag;

uint16_t Required(const DicomDataset& dataset, uint32_t tag, const char* name) {
  const std::optional<uint16_t> value = dataset.Word(tag);
  if (!value) throw Error(fmt::format("it holds no picture: {} is missing", name));
  return *value;
}

/// 0 stands for 1, as in pydicom and DCMTK: writers of single images leave it so.
size_t Frames(const DicomDataset& dataset) {
  const double frames = dataset.FirstNumber(kNumberOfFrames).value_or(1);
  if (frames < 0 || frames > 1e6) {
    throw Error(fmt::format("its number of frames is {:g}", frames));
  }
  return std::max(static_cast<size_t>(frames), size_t{1});
}

void ReadBits(const DicomDataset& dataset, DicomHeader& header) {
  const int allocated = Required(dataset, kBitsAllocated, "Bits Allocated");
  header.bits_allocated = allocated;
  header.bits_stored = dataset.Word(kBitsStored).value_or(static_cast<uint16_t>(allocated));
  header.high_bit = dataset.Word(kHighBit).value_or(static_cast<uint16_t>(header.bits_stored - 1));
  if (header.is_float) {
    const int wanted = dataset.Find(kFloatPixelData) != nullptr ? 32 : 64;
    if (allocated == wanted) return;
    throw Error(
        fmt::format("{} bits a value; its floating-point pixels need {}", allocated, wanted));
  }
  if (allocated != 1 && allocated != 8 && allocated != 16 && allocated != 32) {
    throw Error(fmt::format("{} bits a value; 1, 8, 16 and 32 can be read", allocated));
  }
  if (header.bits_stored < 1 || header.bits_stored > allocated) {
    throw Error(fmt::format("{} bits stored do not fit into {}", header.bits_stored, allocated));
  }
}

}  // namespace

DicomHeader ReadDicomHeader(const DicomDataset& dataset) {
  DicomHeader header;
  header.rows = Required(dataset, kRows, "Rows");
  header.columns = Required(dataset, kColumns, "Columns");
  header.samples = dataset.Word(kSamplesPerPixel).value_or(1);
  header.is_float =
      dataset.Find(kFloatPixelData) != nullptr || dataset.Find(kDoubleFloatPixelData) != nullptr;
  ReadBits(dataset, header);
  header.is_signed = dataset.Word(kPixelRepresentation).value_or(0) == 1;
  header.by_plane = dataset.Word(kPlanarConfiguration).value_or(0) == 1;
  header.photometric = dataset.Text(kPhotometricInterpretation);
  header.frames = Frames(dataset);
  if (header.samples != 1 && (header.samples != 3 || header.is_float)) {
    throw Error(fmt::format("{} values a pixel; {} can be read", header.samples,
                            header.is_float ? "1 of floating point" : "1 and 3"));
  }
  if (dataset.Find(kPixelData) == nullptr && !header.is_float) {
    throw Error("it holds no picture: there are no pixels");
  }
  return header;
}

}  // namespace roentgen
