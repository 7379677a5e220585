#include "roentgen/imaging/dicom_palette.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

using namespace dicom_tag;

constexpr size_t kMaxEntries = 65536;

std::vector<uint16_t> Bytes(const DicomDataset& dataset, uint32_t tag) {
  const DicomElement* element = dataset.Find(tag);
  if (element == nullptr) return {};
  return {element->value.begin(), element->value.end()};
}

std::vector<uint16_t> Words(const DicomDataset& dataset, uint32_t tag) {
  std::vector<uint16_t> words;
  while (words.size() < kMaxEntries) {
    const std::optional<uint16_t> word = dataset.Word(tag, words.size());
    if (!word) break;
    words.push_back(*word);
  }
  return words;
}

/// The words of a value, or its bytes where there is one for each entry. Values have an even
/// length (PS3.5, section 7.1.1): a byte of padding follows an odd number of bytes.
std::vector<uint16_t> Entries(const DicomDataset& dataset, uint32_t tag, size_t count) {
  const DicomElement* element = dataset.Find(tag);
  if (element == nullptr) return {};
  const size_t size = element->value.size();
  const bool one_byte_each = size == count || (size == count + 1 && count % 2 == 1 && count > 1);
  std::vector<uint16_t> entries = one_byte_each ? Bytes(dataset, tag) : Words(dataset, tag);
  entries.resize(std::min(entries.size(), count));
  return entries;
}

/// Expands runs of entries, straight lines between them, and repetitions of earlier segments. The
/// numbers of the segments are words, or bytes in palettes of 8 bits.
class SegmentExpander {
 public:
  SegmentExpander(const std::vector<uint16_t>& numbers, bool bytes, bool big_endian)
      : numbers_(numbers), bytes_(bytes), big_endian_(big_endian) {}

  std::vector<uint16_t> Expand() {
    // No segment is a single number: that one is padding.
    for (size_t at = 0; at + 1 < numbers_.size();) at = Segment(at, /*repeated=*/false);
    return std::move(entries_);
  }

 private:
  [[noreturn]] static void Fail() { throw Error("its segmented palette is damaged"); }

  uint16_t Number(size_t at) const {
    if (at >= numbers_.size()) Fail();
    return numbers_[at];
  }

  size_t Word(size_t at) const {
    if (!bytes_) return Number(at);
    const size_t high = Number(big_endian_ ? at : at + 1);
    return high << 8 | Number(big_endian_ ? at + 1 : at);
  }

  void Add(uint16_t entry) {
    if (entries_.size() == kMaxEntries) Fail();
    entries_.push_back(entry);
  }

  /// Returns where the next segment begins.
  size_t Segment(size_t at, bool repeated) {
    const uint16_t kind = Number(at);
    const size_t length = Number(at + 1);
    if (kind == 0) {
      for (size_t i = 0; i < length; ++i) Add(Number(at + 2 + i));
      return at + 2 + length;
    }
    if (kind == 1) {
      if (entries_.empty()) Fail();
      const double from = entries_.back();
      const double to = Number(at + 2);
      const double step = length > 0 ? (to - from) / static_cast<double>(length) : 0;
      for (size_t i = 1; i <= length; ++i) {
        Add(static_cast<uint16_t>(std::nearbyint(from + step * static_cast<double>(i))));
      }
      return at + 3;
    }
    if (kind != 2 || repeated) Fail();
    const size_t word = bytes_ ? 2 : 1;
    size_t earlier = Word(at + 2) | Word(at + 2 + word) << 16;
    for (size_t i = 0; i < length; ++i) earlier = Segment(earlier, /*repeated=*/true);
    return at + 2 + 2 * word;
  }

  const std::vector<uint16_t>& numbers_;
  bool bytes_;
  bool big_endian_;
  std::vector<uint16_t> entries_;
};

std::vector<uint16_t> ExpandSegments(const DicomDataset& dataset, uint32_t tag, bool bytes) {
  const std::vector<uint16_t> numbers = bytes ? Bytes(dataset, tag) : Words(dataset, tag);
  return SegmentExpander(numbers, bytes, dataset.big_endian()).Expand();
}

/// Segments of a palette of 8 bits are bytes (PS3.3, C.7.9.2), but words for some writers: the
/// reading counts that gives as many entries as there must be, or at least more than the other.
std::vector<uint16_t> SegmentedEntries(const DicomDataset& dataset, uint32_t tag, int bits,
                                       size_t count) {
  if (bits != 8) return ExpandSegments(dataset, tag, /*bytes=*/false);
  std::vector<uint16_t> most;
  for (const bool bytes : {true, false}) {
    try {
      std::vector<uint16_t> entries = ExpandSegments(dataset, tag, bytes);
      if (entries.size() >= count) return entries;
      if (entries.size() > most.size()) most = std::move(entries);
    } catch (const Error&) {
      if (!bytes && most.empty()) throw;
    }
  }
  return most;
}

/// How many of the values a table of so many entries tells apart when it begins at `first`.
double Covered(double first, size_t entries, const ValueRange& values) {
  const double last = first + static_cast<double>(entries) - 1;
  return std::max(std::min(last, values.high) - std::max(first, values.low) + 1, 0.0);
}

/// The second value of a descriptor, which is signed or unsigned as the values are (PS3.3,
/// C.7.6.3.1.5 and C.11.1.1.1). Implicit files do not say which, and some explicit ones call a
/// negative number US. It is positive where no value can be negative. Else the reading counts under
/// which the table covers more of the values that can occur; US is believed if it covers any.
int FirstMapped(const DicomElement& descriptor, uint16_t word, size_t entries,
                const ValueRange& values) {
  const auto negative = static_cast<int>(static_cast<int16_t>(word));
  const int positive = word;
  if (descriptor.vr == "SS") return negative;
  if (values.low >= 0) return positive;
  const double as_negative = Covered(negative, entries, values);
  const double as_positive = Covered(positive, entries, values);
  if (descriptor.vr == "US" && as_positive > 0) return positive;
  return as_negative >= as_positive ? negative : positive;
}

/// The head of a table without its entries; nothing when there is none.
std::optional<DicomLut> ReadDescriptor(const DicomDataset& dataset, uint32_t tag,
                                       const ValueRange& values, size_t& entries) {
  const auto count = dataset.Word(tag, 0);
  const auto first = dataset.Word(tag, 1);
  const auto bits = dataset.Word(tag, 2);
  if (!count || !first || !bits) return std::nullopt;
  entries = *count == 0 ? kMaxEntries : *count;
  DicomLut lut;
  lut.first = FirstMapped(*dataset.Find(tag), *first, entries, values);
  lut.bits = *bits;
  return lut;
}

DicomLut ReadChannel(const DicomDataset& dataset, uint32_t channel, const ValueRange& values) {
  size_t entries = 0;
  std::optional<DicomLut> lut =
      ReadDescriptor(dataset, kRedPaletteDescriptor + channel, values, entries);
  if (!lut) throw Error("its palette is missing");
  if (lut->bits != 8 && lut->bits != 16) {
    throw Error(fmt::format("its palette has {} bits", lut->bits));
  }
  if (dataset.Find(kRedPalette + channel) != nullptr) {
    lut->entries = Entries(dataset, kRedPalette + channel, entries);
  } else {
    lut->entries = SegmentedEntries(dataset, kSegmentedRedPalette + channel, lut->bits, entries);
  }
  if (lut->entries.empty()) throw Error("its palette is empty");
  lut->entries.resize(std::min(lut->entries.size(), entries));
  return *std::move(lut);
}

}  // namespace

double DicomLut::At(double value) const {
  const double last = static_cast<double>(entries.size()) - 1;
  return entries[static_cast<size_t>(std::clamp(std::trunc(value) - first, 0.0, last))];
}

DicomLut ReadDicomLut(const DicomDataset& item, const ValueRange& values) {
  size_t entries = 0;
  std::optional<DicomLut> lut = ReadDescriptor(item, kLutDescriptor, values, entries);
  if (!lut || lut->bits < 1 || lut->bits > 16) return {};
  lut->entries = Entries(item, kLutData, entries);
  return *std::move(lut);
}

std::array<DicomLut, 3> ReadDicomPalette(const DicomDataset& dataset, const ValueRange& values) {
  return {ReadChannel(dataset, 0, values), ReadChannel(dataset, 1, values),
          ReadChannel(dataset, 2, values)};
}

void NoteUnusedLevels(std::span<const DicomLut> tables, std::vector<std::string>& notes) {
  int most = 0;
  int levels = 0;
  for (const DicomLut& table : tables) {
    const int used = *std::max_element(table.entries.begin(), table.entries.end()) + 1;
    levels = 1 << table.bits;
    if (used > levels / 2) return;
    most = std::max(most, used);
  }
  notes.push_back(fmt::format(
      "the lookup table uses {} of its {} levels, so the image has little contrast", most, levels));
}

}  // namespace roentgen
