#include "roentgen/imaging/dicom_palette.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

DicomLut ReadChannel(const DicomDataset& dataset, uint32_t channel) {
  const auto count = dataset.Word(kRedPaletteDescriptor + channel, 0);
  const auto first = dataset.Word(kRedPaletteDescriptor + channel, 1);
  const auto bits = dataset.Word(kRedPaletteDescriptor + channel, 2);
  if (!count || !first || !bits) throw Error("its palette is missing");
  if (*bits != 8 && *bits != 16) throw Error(fmt::format("its palette has {} bits", *bits));
  DicomLut lut;
  lut.first = *first;
  lut.bits = *bits;
  const size_t entries = *count == 0 ? kMaxEntries : *count;
  if (dataset.Find(kRedPalette + channel) != nullptr) {
    lut.entries = Entries(dataset, kRedPalette + channel, entries);
  } else {
    lut.entries = SegmentExpander(Entries(dataset, kSegmentedRedPalette + channel, 0)).Expand();
  }
  if (lut.entries.empty()) throw Error("its palette is empty");
  lut.entries.resize(std::min(lut.entries.size(), entries));
  return lut;
}

}  // namespace

double DicomLut::At(double value) const {
  const double last = static_cast<double>(entries.size()) - 1;
  return entries[static_cast<size_t>(std::clamp(std::trunc(value) - first, 0.0, last))];
}

DicomLut ReadDicomLut(const DicomDataset& item, bool negative) {
  DicomLut lut;
  const auto count = item.Word(kLutDescriptor, 0);
  const auto first = item.Word(kLutDescriptor, 1);
  const auto bits = item.Word(kLutDescriptor, 2);
  if (!count || !first || !bits || *bits < 1 || *bits > 16) return lut;
  const size_t entries = *count == 0 ? kMaxEntries : *count;
  const DicomElement* descriptor = item.Find(kLutDescriptor);
  const bool is_signed = descriptor->vr == "SS" || negative;
  lut.first = is_signed ? static_cast<int16_t>(*first) : static_cast<int>(*first);
  lut.bits = *bits;
  lut.entries = Entries(item, kLutData, entries);
  lut.entries.resize(std::min(lut.entries.size(), entries));
  return lut;
}

std::array<DicomLut, 3> ReadDicomPalette(const DicomDataset& dataset) {
  return {ReadChannel(dataset, 0), ReadChannel(dataset, 1), ReadChannel(dataset, 2)};
}

}  // namespace roentgen
