#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// The elements that are read, as (group << 16 | element). All others are stepped over: of what
/// tells who the patient is only his ID, name, birth date and sex enter the program, and
/// HashDicomIdentity alone reads them.
namespace dicom_tag {
inline constexpr uint32_t kMediaStorageSopClass = 0x00020002;
inline constexpr uint32_t kTransferSyntax = 0x00020010;
inline constexpr uint32_t kSopClass = 0x00080016;
inline constexpr uint32_t kStudyDate = 0x00080020;
inline constexpr uint32_t kModality = 0x00080060;
inline constexpr uint32_t kPatientName = 0x00100010;
inline constexpr uint32_t kPatientId = 0x00100020;
inline constexpr uint32_t kIssuerOfPatientId = 0x00100021;
inline constexpr uint32_t kPatientBirthDate = 0x00100030;
inline constexpr uint32_t kPatientSex = 0x00100040;
inline constexpr uint32_t kBodyPartExamined = 0x00180015;
inline constexpr uint32_t kStudyInstance = 0x0020000d;
inline constexpr uint32_t kSeriesInstance = 0x0020000e;
inline constexpr uint32_t kInstanceNumber = 0x00200013;
inline constexpr uint32_t kImagePosition = 0x00200032;
inline constexpr uint32_t kImageOrientation = 0x00200037;
inline constexpr uint32_t kSamplesPerPixel = 0x00280002;
inline constexpr uint32_t kPhotometricInterpretation = 0x00280004;
inline constexpr uint32_t kPlanarConfiguration = 0x00280006;
inline constexpr uint32_t kNumberOfFrames = 0x00280008;
inline constexpr uint32_t kRows = 0x00280010;
inline constexpr uint32_t kColumns = 0x00280011;
inline constexpr uint32_t kBitsAllocated = 0x00280100;
inline constexpr uint32_t kBitsStored = 0x00280101;
inline constexpr uint32_t kHighBit = 0x00280102;
inline constexpr uint32_t kPixelRepresentation = 0x00280103;
inline constexpr uint32_t kPixelPaddingValue = 0x00280120;
inline constexpr uint32_t kPixelPaddingRangeLimit = 0x00280121;
inline constexpr uint32_t kBurnedInAnnotation = 0x00280301;
inline constexpr uint32_t kWindowCenter = 0x00281050;
inline constexpr uint32_t kWindowWidth = 0x00281051;
inline constexpr uint32_t kRescaleIntercept = 0x00281052;
inline constexpr uint32_t kRescaleSlope = 0x00281053;
inline constexpr uint32_t kVoiLutFunction = 0x00281056;
inline constexpr uint32_t kRedPaletteDescriptor = 0x00281101;  // green and blue follow
inline constexpr uint32_t kRedPalette = 0x00281201;
inline constexpr uint32_t kSegmentedRedPalette = 0x00281221;
inline constexpr uint32_t kModalityLutSequence = 0x00283000;
inline constexpr uint32_t kLutDescriptor = 0x00283002;
inline constexpr uint32_t kLutData = 0x00283006;
inline constexpr uint32_t kVoiLutSequence = 0x00283010;
inline constexpr uint32_t kFrameVoiLutSequence = 0x00289132;
inline constexpr uint32_t kPixelValueTransformationSequence = 0x00289145;
inline constexpr uint32_t kSharedFunctionalGroups = 0x52009229;
inline constexpr uint32_t kPerFrameFunctionalGroups = 0x52009230;
inline constexpr uint32_t kFloatPixelData = 0x7fe00008;
inline constexpr uint32_t kDoubleFloatPixelData = 0x7fe00009;
inline constexpr uint32_t kPixelData = 0x7fe00010;
}  // namespace dicom_tag

class DicomDataset;

/// A value as it lies in the file.
struct DicomElement {
  std::string vr;                                   ///< two letters; empty where they are implicit
  std::span<const uint8_t> value;                   ///< of anything but the two below
  std::vector<DicomDataset> items;                  ///< of a sequence
  std::vector<std::span<const uint8_t>> fragments;  ///< of encapsulated pixels: the offsets first
};

/// How values are written (PS3.5, section 7).
struct DicomEncoding {
  bool implicit_vr = false;
  bool big_endian = false;
};

/// The elements of a file, or of an item in a sequence, that are read (dicom_tag).
class DicomDataset {
 public:
  bool big_endian() const { return big_endian_; }
  const DicomElement* Find(uint32_t tag) const;

  /// Text without the blanks and zeros around it; empty when the element is absent.
  std::string Text(uint32_t tag) const;
  /// A value of 16 bits, or nothing.
  std::optional<uint16_t> Word(uint32_t tag, size_t index = 0) const;
  /// The finite numbers of a decimal or integer string. Those that are none are left out.
  std::vector<double> Numbers(uint32_t tag) const;
  /// The first number of a decimal or integer string: nothing when it is empty, absent, no number
  /// or not finite, whatever follows it.
  std::optional<double> FirstNumber(uint32_t tag) const;
  /// The first item of a sequence, or null.
  const DicomDataset* FirstItem(uint32_t tag) const;

 private:
  friend class DicomReader;
  bool big_endian_ = false;
  std::map<uint32_t, DicomElement> elements_;
};

/// A file's elements, up to its pixels, where it is complete enough for that.
struct DicomFile {
  std::string transfer_syntax;  ///< its UID; guessed from the first element where the file has none
  std::string sop_class;  ///< the UID of what it is: an image of CT, a report, …; may be empty
  DicomDataset dataset;
  std::vector<uint8_t> inflated;  ///< what the values point into when the file is deflated
};

/// How much of a file is read.
enum class DicomExtent {
  kWhole,
  kHeader,  ///< pixel elements are noted without their values, and deflated ones not inflated
};

/// True when the bytes begin as a DICOM file does, with or without the preamble of PS3.10.
bool LooksLikeDicom(std::span<const uint8_t> bytes);

/// Reads the elements of a DICOM file (PS3.10); values point into the bytes. GDCM's own reader is
/// not used: it takes memory for what a length claims before it looks how long the file is.
///
/// Throws Error saying what is wrong and at which byte when the elements do not fit the file; only
/// the pixels of several frames may end early, and hold what is there. A deflated file is
/// inflated to the pixels that its header states, and never beyond max_bytes: one that goes on is
/// an error.
DicomFile ReadDicom(std::span<const uint8_t> bytes, size_t max_bytes,
                    DicomExtent extent = DicomExtent::kWhole);

}  // namespace roentgen
