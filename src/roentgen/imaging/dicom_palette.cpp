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

/// The words of a value, or its bytes where there is one for each entry.
std::vector<uint16_t> Entries(const DicomDataset& dataset, uint32_t tag, size_t count) {
  const DicomElement* element = dataset.Find(tag);
  if (element == nullptr) return {};
  std::vector<uint16_t> entries;
  if (element->value.size() == count) {
    entries.assign(element->value.begin(), element->value.end());
    return entries;
  }
  const size_t words = std::min(element->value.size() / 2, kMaxEntries);
  for (size_t i = 0; i < words; ++i) entries.push_back(*dataset.Word(tag, i));
  return entries;
}

/// Expands runs of entries, straight lines between them, and repetitions of earlier segments.
class SegmentExpander {
 public:
  explicit SegmentExpander(const std::vector<uint16_t>& words) : words_(words) {}

  std::vector<uint16_t> Expand() {
    for (size_t at = 0; at < words_.size();) at = Segment(at, /*repeated=*/false);
    return std::move(entries_);
  }

 private:
  [[noreturn]] static void Fail() { throw Error("its segmented palette is damaged"); }

  uint16_t Word(size_t at) const {
    if (at >= words_.size()) Fail();
    return words_[at];
  }

  void Add(uint16_t entry) {
    if (entries_.size() == kMaxEntries) Fail();
    entries_.push_back(entry);
  }

  /// Returns where the next segment begins.
  size_t Segment(size_t at, bool repeated) {
    const uint16_t kind = Word(at);
    const size_t length = Word(at + 1);
    if (kind == 0) {
      for (size_t i = 0; i < length; ++i) Add(Word(at + 2 + i));
      return at + 2 + length;
    }
    if (kind == 1) {
      if (entries_.empty()) Fail();
      const double from = entries_.back();
      const double to = Word(at + 2);
      const double step = length > 0 ? (to - from) / static_cast<double>(length) : 0;
      for (size_t i = 1; i <= length; ++i) {
        Add(static_cast<uint16_t>(std::nearbyint(from + step * static_cast<double>(i))));
      }
      return at + 3;
    }
    if (kind != 2 || repeated) Fail();
    size_t earlier = Word(at + 2) | static_cast<size_t>(Word(at + 3)) << 16;
    for (size_t i = 0; i < length; ++i) earlier = Segment(earlier, /*repeated=*/true);
    return at + 4;
  }

  const std::vector<uint16_t>& words_;
  std::vector<uint16_t> entries_;
};

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
    lut->entries = SegmentExpander(Entries(dataset, kSegmentedRedPalette + channel, 0)).Expand();
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
  lut->entries.resize(std::min(lut->entries.size(), entries));
  return *std::move(lut);
}

std::array<DicomLut, 3> ReadDicomPalette(const DicomDataset& dataset, const ValueRange& values) {
  return {ReadChannel(dataset, 0, values), ReadChannel(dataset, 1, values),
          ReadChannel(dataset, 2, values)};
}

}  // namespace roentgen
