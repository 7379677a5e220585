#include "roentgen/imaging/dicom_header.h"

#include <fmt/format.h>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

using namespace dicom_tag;

uint16_t Required(const DicomDataset& dataset, uint32_t tag, const char* name) {
  const std::optional<uint16_t> value = dataset.Word(tag);
  if (!value) throw Error(fmt::format("it holds no picture: {} is missing", name));
  return *value;
}

size_t Frames(const DicomDataset& dataset) {
  const std::vector<double> numbers = dataset.Numbers(kNumberOfFrames);
  if (numbers.empty()) return 1;
  if (numbers[0] < 1 || numbers[0] > 1e6) {
    throw Error(fmt::format("its number of frames is {:g}", numbers[0]));
  }
  return static_cast<size_t>(numbers[0]);
}

void CheckBits(const DicomHeader& header) {
  const int allocated = header.bits_allocated;
  if (allocated != 1 && allocated != 8 && allocated != 16 && allocated != 32) {
    throw Error(fmt::format("{} bits a value; 1, 8, 16 and 32 can be read", allocated));
  }
  if (header.bits_stored < 1 || header.bits_stored > allocated ||
      header.high_bit < header.bits_stored - 1 || header.high_bit >= allocated) {
    throw Error(fmt::format("{} bits up to bit {} do not fit into {}", header.bits_stored,
                            header.high_bit, allocated));
  }
}

}  // namespace

DicomHeader ReadDicomHeader(const DicomDataset& dataset) {
  if (dataset.Find(kFloatPixelData) != nullptr || dataset.Find(kDoubleFloatPixelData) != nullptr) {
    throw Error("its pixels are floating-point numbers, which have no agreed appearance");
  }
  DicomHeader header;
  header.rows = Required(dataset, kRows, "Rows");
  header.columns = Required(dataset, kColumns, "Columns");
  header.samples = dataset.Word(kSamplesPerPixel).value_or(1);
  header.bits_allocated = Required(dataset, kBitsAllocated, "Bits Allocated");
  header.bits_stored =
      dataset.Word(kBitsStored).value_or(static_cast<uint16_t>(header.bits_allocated));
  header.high_bit = dataset.Word(kHighBit).value_or(static_cast<uint16_t>(header.bits_stored - 1));
  header.is_signed = dataset.Word(kPixelRepresentation).value_or(0) == 1;
  header.by_plane = dataset.Word(kPlanarConfiguration).value_or(0) == 1;
  header.photometric = dataset.Text(kPhotometricInterpretation);
  header.frames = Frames(dataset);
  CheckBits(header);
  if (header.samples != 1 && header.samples != 3) {
    throw Error(fmt::format("{} values a pixel; 1 and 3 can be read", header.samples));
  }
  if (dataset.Find(kPixelData) == nullptr) throw Error("it holds no picture: there are no pixels");
  return header;
}

}  // namespace roentgen
