#include "roentgen/imaging/dicom_dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/imaging/raw_inflate.h"

namespace roentgen {
namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const uint8_t>;

constexpr size_t kPreambleBytes = 128;
constexpr std::string_view kMagic = "DICM";
constexpr std::string_view kImplicitLittleEndian = "1.2.840.10008.1.2";
constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";
constexpr std::string_view kDeflatedExplicitLittleEndian = "1.2.840.10008.1.2.1.99";
constexpr std::string_view kExplicitBigEndian = "1.2.840.10008.1.2.2";

constexpr uint32_t kItem = 0xfffee000;
constexpr uint32_t kItemEnd = 0xfffee00d;
constexpr uint32_t kSequenceEnd = 0xfffee0dd;
constexpr uint32_t kUndefinedLength = 0xffffffff;
constexpr uint32_t kMetaGroup = 0x0002;

// Sequences in sequences: real ones have six levels or so.
constexpr int kMaxDepth = 32;
// Of one sequence: a frame each in the longest runs there are.
constexpr size_t kMaxItems = 1 << 16;

constexpr std::array kSequences = {
    dicom_tag::kModalityLutSequence,    dicom_tag::kVoiLutSequence,
    dicom_tag::kFrameVoiLutSequence,    dicom_tag::kPixelValueTransformationSequence,
    dicom_tag::kSharedFunctionalGroups, dicom_tag::kPerFrameFunctionalGroups,
};

constexpr std::array kValues = {
    dicom_tag::kMediaStorageSopClass,
    dicom_tag::kTransferSyntax,
    dicom_tag::kSopClass,
    dicom_tag::kStudyDate,
    dicom_tag::kModality,
    dicom_tag::kPatientName,
    dicom_tag::kPatientId,
    dicom_tag::kIssuerOfPatientId,
    dicom_tag::kPatientBirthDate,
    dicom_tag::kPatientSex,
    dicom_tag::kBodyPartExamined,
    dicom_tag::kStudyInstance,
    dicom_tag::kSeriesInstance,
    dicom_tag::kInstanceNumber,
    dicom_tag::kImagePosition,
    dicom_tag::kImageOrientation,
    dicom_tag::kSamplesPerPixel,
    dicom_tag::kPhotometricInterpretation,
    dicom_tag::kPlanarConfiguration,
    dicom_tag::kNumberOfFrames,
    dicom_tag::kRows,
    dicom_tag::kColumns,
    dicom_tag::kBitsAllocated,
    dicom_tag::kBitsStored,
    dicom_tag::kHighBit,
    dicom_tag::kPixelRepresentation,
    dicom_tag::kPixelPaddingValue,
    dicom_tag::kPixelPaddingRangeLimit,
    dicom_tag::kBurnedInAnnotation,
    dicom_tag::kWindowCenter,
    dicom_tag::kWindowWidth,
    dicom_tag::kRescaleIntercept,
    dicom_tag::kRescaleSlope,
    dicom_tag::kVoiLutFunction,
    dicom_tag::kRedPaletteDescriptor,
    dicom_tag::kRedPaletteDescriptor + 1,
    dicom_tag::kRedPaletteDescriptor + 2,
    dicom_tag::kRedPalette,
    dicom_tag::kRedPalette + 1,
    dicom_tag::kRedPalette + 2,
    dicom_tag::kSegmentedRedPalette,
    dicom_tag::kSegmentedRedPalette + 1,
    dicom_tag::kSegmentedRedPalette + 2,
    dicom_tag::kLutDescriptor,
    dicom_tag::kLutData,
    dicom_tag::kFloatPixelData,
    dicom_tag::kDoubleFloatPixelData,
    dicom_tag::kPixelData,
};

constexpr std::array kPixelElements = {
    dicom_tag::kFloatPixelData,
    dicom_tag::kDoubleFloatPixelData,
    dicom_tag::kPixelData,
};

// Of a deflated file, before its pixels: functional groups and icons in the largest there are.
constexpr size_t kMaxInflatedHeader = size_t{64} << 20;
// What may follow the pixels: padding, signatures.
constexpr size_t kMaxInflatedTrailer = size_t{16} << 20;

template <class List>
bool Contains(const List& list, uint32_t tag) {
  return std::find(list.begin(), list.end(), tag) != list.end();
}

/// Value representations whose length has 32 bits (PS3.5, table 7.1-1).
bool HasLongLength(std::string_view vr) {
  static constexpr std::array kLong = {"OB"sv, "OD"sv, "OF"sv, "OL"sv, "OV"sv, "OW"sv, "SQ"sv,
                                       "SV"sv, "UC"sv, "UN"sv, "UR"sv, "UT"sv, "UV"sv};
  return std::find(kLong.begin(), kLong.end(), vr) != kLong.end();
}

bool IsVr(std::string_view text) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return text.size() == 2 && is_upper(text[0]) && is_upper(text[1]);
}

std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view Trim(std::string_view text) {
  const auto blanks = " \t\r\n\0"sv;
  const size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

/// Walks through the elements of a file. Lengths are checked against what is there before anything
/// is done with them.
class DicomReader {
 public:
  DicomReader(Bytes bytes, size_t at, DicomEncoding encoding)
      : bytes_(bytes), at_(at), encoding_(encoding) {}

  size_t at() const { return at_; }

  /// The meta group, which is always explicit and little-endian.
  DicomDataset ReadMeta() {
    DicomDataset meta;
    while (bytes_.size() - at_ >= 8 && PeekGroup() == kMetaGroup) ReadElement(meta, bytes_.size());
    return meta;
  }

  /// What comes behind the meta group. What follows the pixels does not matter, and is not read.
  DicomDataset ReadTop(DicomExtent extent) {
    FollowFirstElement();
    DicomDataset dataset;
    dataset.big_endian_ = encoding_.big_endian;
    while (at_ < bytes_.size() && dataset.Find(dicom_tag::kPixelData) == nullptr) {
      if (extent == DicomExtent::kHeader && AtPixels(dataset)) break;
      ReadElement(dataset, bytes_.size());
    }
    return dataset;
  }

 private:
  /// Some writers announce implicit elements and write explicit ones. The first tells: read as the
  /// length of an implicit element, the two letters of a VR would stand for 16 KB or more.
  void FollowFirstElement() {
    if (!encoding_.implicit_vr || bytes_.size() - at_ < 8) return;
    if (IsVr(AsText(bytes_.subspan(at_ + 4, 2)))) encoding_.implicit_vr = false;
  }

  /// Notes a pixel element that comes next, without its value.
  bool AtPixels(DicomDataset& dataset) {
    const size_t before = at_;
    const Head head = ReadHead(bytes_.size());
    if (Contains(kPixelElements, head.tag)) {
      dataset.elements_[head.tag].vr = head.vr;
      return true;
    }
    at_ = before;
    return false;
  }

  struct Head {
    uint32_t tag = 0;
    std::string vr;
    uint32_t length = 0;
  };

  [[noreturn]] void Fail(const std::string& problem) const {
    throw Error(fmt::format("damaged at byte {}: {}", at_, problem),
                "The file is incomplete or no DICOM file; copy or export it again.");
  }

  void Need(size_t count, size_t end) const {
    if (count > end - at_) Fail("it ends in the middle of an element");
  }

  uint32_t PeekGroup() const {
    return encoding_.big_endian ? bytes_[at_] << 8 | bytes_[at_ + 1]
                                : bytes_[at_ + 1] << 8 | bytes_[at_];
  }

  uint32_t ReadNumber(size_t count, size_t end) {
    Need(count, end);
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const size_t place = encoding_.big_endian ? i : count - 1 - i;
      value = value << 8 | bytes_[at_ + place];
    }
    at_ += count;
    return value;
  }

  uint32_t ReadTag(size_t end) {
    const uint32_t group = ReadNumber(2, end);
    return group << 16 | ReadNumber(2, end);
  }

  Head ReadHead(size_t end) {
    Head head;
    head.tag = ReadTag(end);
    if (head.tag >> 16 == 0xfffe) {  // items and ends of items have no VR
      head.length = ReadNumber(4, end);
      return head;
    }
    Need(2, end);
    const std::string_view vr = AsText(bytes_.subspan(at_, 2));
    // A few writers put implicit elements between explicit ones.
    if (encoding_.implicit_vr || !IsVr(vr)) {
      head.length = ReadNumber(4, end);
      return head;
    }
    head.vr = vr;
    at_ += 2;
    if (!HasLongLength(vr)) {
      head.length = ReadNumber(2, end);
      return head;
    }
    ReadNumber(2, end);
    head.length = ReadNumber(4, end);
    return head;
  }

  void ReadElement(DicomDataset& dataset, size_t end) {
    const Head head = ReadHead(end);
    if (head.tag == kItemEnd || head.tag == kSequenceEnd) return;  // one too many
    DicomElement element;
    element.vr = head.vr;
    const bool is_sequence = Contains(kSequences, head.tag);
    const bool several_frames = depth_ == 0 && Contains(kPixelElements, head.tag) &&
                                dataset.FirstNumber(dicom_tag::kNumberOfFrames).value_or(1) > 1;
    if (head.length == kUndefinedLength && head.tag == dicom_tag::kPixelData) {
      ReadFragments(element, end, several_frames);
    } else if (head.length == kUndefinedLength || is_sequence) {
      ReadSequence(element, head, end);
    } else {
      const size_t length = several_frames ? std::min<size_t>(head.length, end - at_) : head.length;
      Need(length, end);
      element.value = bytes_.subspan(at_, length);
      at_ += length;
    }
    if (is_sequence || Contains(kValues, head.tag)) {
      dataset.elements_.insert_or_assign(head.tag, std::move(element));
    }
  }

  void ReadSequence(DicomElement& element, const Head& head, size_t end) {
    if (++depth_ > kMaxDepth) Fail("sequences are nested too deeply");
    const DicomEncoding outer = encoding_;
    // PS3.5, section 6.2.2: archives keep what they do not know as UN, with implicit elements
    // inside.
    if (head.vr == "UN") encoding_ = {.implicit_vr = true, .big_endian = false};
    const bool delimited = head.length == kUndefinedLength;
    if (!delimited) {
      Need(head.length, end);
      end = at_ + head.length;
    }
    const bool kept = Contains(kSequences, head.tag);
    while (at_ < end) {
      const uint32_t tag = ReadTag(end);
      const uint32_t length = ReadNumber(4, end);
      if (tag == kSequenceEnd) break;
      if (tag != kItem) Fail("a sequence holds something else than items");
      DicomDataset item = ReadItem(length, end);
      if (element.items.size() == kMaxItems) Fail("a sequence has too many items");
      if (kept) element.items.push_back(std::move(item));
    }
    encoding_ = outer;
    --depth_;
  }

  DicomDataset ReadItem(uint32_t length, size_t end) {
    DicomDataset item;
    item.big_endian_ = encoding_.big_endian;
    const bool delimited = length == kUndefinedLength;
    if (!delimited) {
      Need(length, end);
      end = at_ + length;
    }
    while (at_ < end) {
      if (delimited && AtItemEnd(end)) break;
      ReadElement(item, end);
    }
    return item;
  }

  bool AtItemEnd(size_t end) {
    const size_t before = at_;
    if (ReadTag(end) == kItemEnd) {
      ReadNumber(4, end);
      return true;
    }
    at_ = before;
    return false;
  }

  /// Whether an item is whole.
  bool HoldsItem(size_t end) const {
    if (end - at_ < 8) return false;
    DicomReader ahead = *this;
    ahead.ReadTag(end);
    const uint32_t length = ahead.ReadNumber(4, end);
    return length <= end - ahead.at_;
  }

  /// PS3.5, annex A.4: items of bytes up to a delimiter, which may stand in an item's bytes too.
  /// Of several frames in a file that was cut, the fragments that are whole are kept.
  void ReadFragments(DicomElement& element, size_t end, bool several_frames) {
    while (at_ < end) {
      if (several_frames && element.fragments.size() > 1 && !HoldsItem(end)) {
        at_ = end;
        return;
      }
      const uint32_t tag = ReadTag(end);
      const uint32_t length = ReadNumber(4, end);
      if (tag == kSequenceEnd) return;
      if (tag != kItem) Fail("compressed pixels hold something else than items");
      Need(length, end);
      element.fragments.push_back(bytes_.subspan(at_, length));
      at_ += length;
    }
  }

  Bytes bytes_;
  size_t at_;
  DicomEncoding encoding_;
  int depth_ = 0;
};

namespace {

/// What the first element tells about a file that does not say how it is written.
std::string GuessTransferSyntax(Bytes bytes, size_t at) {
  if (bytes.size() < at + 6) return std::string(kImplicitLittleEndian);
  if (bytes[at] == 0 && bytes[at + 1] != 0) return std::string(kExplicitBigEndian);
  return std::string(IsVr(AsText(bytes.subspan(at + 4, 2))) ? kExplicitLittleEndian
                                                            : kImplicitLittleEndian);
}

std::optional<double> ParseNumber(std::string_view text) {
  text = Trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = problem == std::errc() && stop == text.data() + text.size();
  return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

/// How many bytes the pixels of all frames take by the header; the largest number where none can.
size_t StatedPixelBytes(const DicomDataset& dataset) {
  const double frames = dataset.FirstNumber(dicom_tag::kNumberOfFrames).value_or(1);
  double bytes = std::max(frames, 1.0);
  const int bytes_a_value = (dataset.Word(dicom_tag::kBitsAllocated).value_or(0) + 7) / 8;
  bytes *= bytes_a_value;
  bytes *= dataset.Word(dicom_tag::kSamplesPerPixel).value_or(1);
  for (const uint32_t side : {dicom_tag::kRows, dicom_tag::kColumns}) {
    bytes *= dataset.Word(side).value_or(0);
  }
  return bytes < 1e15 ? static_cast<size_t>(bytes) : std::numeric_limits<size_t>::max() / 2;
}

/// Inflates the elements before the pixels, and little more.
DicomDataset ReadInflatedHeader(RawInflater& inflater, DicomEncoding encoding) {
  for (size_t size = size_t{64} << 10; size <= kMaxInflatedHeader; size *= 2) {
    inflater.InflateTo(size);
    try {
      DicomReader reader(inflater.bytes(), 0, encoding);
      DicomDataset dataset = reader.ReadTop(DicomExtent::kHeader);
      const bool at_pixels =
          std::any_of(kPixelElements.begin(), kPixelElements.end(),
                      [&](uint32_t tag) { return dataset.Find(tag) != nullptr; });
      if (at_pixels || inflater.ended()) return dataset;
    } catch (const Error&) {  // for want of bytes, most likely
      if (inflater.ended()) throw;
    }
  }
  throw Error("its deflated header grows beyond what a header can be");
}

/// Reads the elements of a deflated file (PS3.5, annex A.5). Its header says how far it may grow.
void ReadDeflated(Bytes deflated, DicomEncoding encoding, size_t max_bytes, DicomExtent extent,
                  DicomFile& file) {
  RawInflater inflater(deflated);
  file.dataset = ReadInflatedHeader(inflater, encoding);
  if (extent == DicomExtent::kWhole) {
    const size_t stated = StatedPixelBytes(file.dataset);
    const size_t limit =
        std::min(max_bytes, stated + inflater.bytes().size() + kMaxInflatedTrailer);
    inflater.InflateTo(limit + 1);
    if (inflater.bytes().size() > limit) {
      throw Error(
          fmt::format("its deflated part grows beyond the {} bytes of pixels that its "
                      "header states",
                      stated));
    }
    file.dataset = DicomReader(inflater.bytes(), 0, encoding).ReadTop(extent);
  }
  file.inflated = inflater.Take();
}

}  // namespace

const DicomElement* DicomDataset::Find(uint32_t tag) const {
  const auto found = elements_.find(tag);
  return found == elements_.end() ? nullptr : &found->second;
}

std::string DicomDataset::Text(uint32_t tag) const {
  const DicomElement* element = Find(tag);
  return element == nullptr ? "" : std::string(Trim(AsText(element->value)));
}

std::optional<uint16_t> DicomDataset::Word(uint32_t tag, size_t index) const {
  const DicomElement* element = Find(tag);
  if (element == nullptr || element->value.size() / 2 <= index) return std::nullopt;
  const uint8_t first = element->value[2 * index];
  const uint8_t second = element->value[2 * index + 1];
  return static_cast<uint16_t>(big_endian_ ? first << 8 | second : second << 8 | first);
}

std::vector<double> DicomDataset::Numbers(uint32_t tag) const {
  const std::string text = Text(tag);
  std::vector<double> numbers;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\\', begin), text.size());
    const std::optional<double> number =
        ParseNumber(std::string_view(text).substr(begin, end - begin));
    if (number) numbers.push_back(*number);
    begin = end + 1;
  }
  return numbers;
}

std::optional<double> DicomDataset::FirstNumber(uint32_t tag) const {
  const std::string text = Text(tag);
  return ParseNumber(std::string_view(text).substr(0, text.find('\\')));
}

const DicomDataset* DicomDataset::FirstItem(uint32_t tag) const {
  const DicomElement* element = Find(tag);
  return element == nullptr || element->items.empty() ? nullptr : element->items.data();
}

bool LooksLikeDicom(Bytes bytes) {
  if (bytes.size() >= kPreambleBytes + kMagic.size() &&
      AsText(bytes.subspan(kPreambleBytes)).starts_with(kMagic)) {
    return true;
  }
  // Without the preamble: the first element is of the meta or the identifying group, and small.
  if (bytes.size() < 16) return false;
  const bool meta = AsText(bytes).starts_with("\x02\0\0\0UL"sv);
  const bool identifying = bytes[0] == 8 && bytes[1] == 0 && bytes[2] <= 0x60 && bytes[3] == 0;
  const bool explicit_vr = IsVr(AsText(bytes.subspan(4, 2))) && bytes[7] == 0;
  const bool implicit_vr = bytes[4] <= 64 && bytes[5] == 0 && bytes[6] == 0 && bytes[7] == 0;
  return meta || (identifying && (explicit_vr || implicit_vr));
}

DicomFile ReadDicom(Bytes bytes, size_t max_bytes, DicomExtent extent) {
  const bool preamble = bytes.size() >= kPreambleBytes + kMagic.size() &&
                        AsText(bytes.subspan(kPreambleBytes)).starts_with(kMagic);
  DicomReader meta_reader(bytes, preamble ? kPreambleBytes + kMagic.size() : 0, {});
  const DicomDataset meta = meta_reader.ReadMeta();
  const size_t at = meta_reader.at();
  DicomFile file;
  file.transfer_syntax = meta.Text(dicom_tag::kTransferSyntax);
  if (file.transfer_syntax.empty()) file.transfer_syntax = GuessTransferSyntax(bytes, at);
  const DicomEncoding encoding{.implicit_vr = file.transfer_syntax == kImplicitLittleEndian,
                               .big_endian = file.transfer_syntax == kExplicitBigEndian};
  if (file.transfer_syntax == kDeflatedExplicitLittleEndian) {
    ReadDeflated(bytes.subspan(at), encoding, max_bytes, extent, file);
  } else {
    file.dataset = DicomReader(bytes, at, encoding).ReadTop(extent);
  }
  file.sop_class = file.dataset.Text(dicom_tag::kSopClass);
  if (file.sop_class.empty()) file.sop_class = meta.Text(dicom_tag::kMediaStorageSopClass);
  return file;
}

}  // namespace roentgen
