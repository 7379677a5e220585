// The count of a JPEG's codes (ITU-T T.81, annexes F and H), without what they stand for.

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/imaging/jpeg_markers.h"

namespace roentgen {
namespace {

using Bytes = std::span<const uint8_t>;

// A file has eight tables, or some for each of its scans; each takes time to unfold.
constexpr int kMaxTables = 256;

[[noreturn]] void Fail() {
  throw Error("its JPEG stream is damaged or cut short");
}

/// For each 16 bits the symbol that they begin with, and the length of its code; 0: no code.
class HuffmanTable {
 public:
  /// counts: of the codes of 1 to 16 bits (T.81, annex C).
  HuffmanTable(Bytes counts, Bytes symbols) : entries_(size_t{1} << 16) {
    size_t code = 0;
    size_t next = 0;
    for (size_t length = 1; length <= 16; ++length) {
      const size_t span = size_t{1} << (16 - length);
      for (int i = 0; i < counts[length - 1]; ++i, code += span) {
        if (code + span > entries_.size()) Fail();
        const Entry entry{static_cast<uint8_t>(length), symbols[next++]};
        std::fill_n(entries_.begin() + static_cast<ptrdiff_t>(code), span, entry);
      }
    }
  }

  struct Entry {
    uint8_t length = 0;
    uint8_t symbol = 0;
  };
  Entry operator[](size_t bits) const { return entries_[bits]; }

 private:
  std::vector<Entry> entries_;
};

/// The bits between two markers; a zero byte behind 0xff is stuffing.
class BitReader {
 public:
  BitReader(Bytes stream, size_t at) : stream_(stream), at_(at) {}

  uint8_t Symbol(const HuffmanTable& table) {
    Fill();
    const HuffmanTable::Entry entry = table[bits_ >> 48];
    if (entry.length == 0) Fail();
    Drop(entry.length);
    return entry.symbol;
  }

  void Skip(int count) {
    Fill();
    Drop(count);
  }

  /// Where the next marker stands. Codes that are left before it belong to an image of which a
  /// piece is missing; zeros are padding.
  size_t NextMarker() {
    const uint64_t rest = count_ % 8 == 0 ? bits_ : bits_ << count_ % 8;
    if (rest != 0) Fail();
    while (at_ + 1 < stream_.size() && stream_[at_] != 0xff) {
      if (stream_[at_++] != 0) Fail();
    }
    return at_;
  }

 private:
  void Fill() {
    while (count_ <= 48 && at_ < stream_.size()) {
      const uint8_t byte = stream_[at_];
      if (byte == 0xff && (at_ + 1 == stream_.size() || stream_[at_ + 1] != 0)) return;
      at_ += byte == 0xff ? 2 : 1;
      bits_ |= static_cast<uint64_t>(byte) << (56 - count_);
      count_ += 8;
    }
  }

  void Drop(int count) {
    if (count > count_) Fail();
    bits_ <<= count;
    count_ -= count;
  }

  Bytes stream_;
  size_t at_;
  uint64_t bits_ = 0;  // the next ones highest
  int count_ = 0;
};

class ScanCounter {
 public:
  explicit ScanCounter(Bytes stream) : stream_(stream) {}

  void Count() {
    for (size_t at = 0;;) {
      const std::optional<JpegSegment> segment = ReadJpegSegment(stream_, at);
      if (!segment) Fail();
      at = segment->end;
      switch (segment->marker) {
        case jpeg_marker::kHuffmanTables:
          ReadTables(segment->payload);
          break;
        case jpeg_marker::kRestartInterval:
          if (segment->payload.size() < 2) Fail();
          interval_ = Word(segment->payload, 0);
          break;
        case jpeg_marker::kBaseline:
        case jpeg_marker::kSequential:
        case jpeg_marker::kLossless:
          ReadFrame(*segment);
          break;
        case jpeg_marker::kScanStart:
          at = CountScan(*segment);
          break;
        case jpeg_marker::kImageEnd:
          if (components_.empty() || scanned_ < components_.size()) Fail();
          return;
        default:
          break;
      }
    }
  }

 private:
  struct Component {
    int64_t across = 1;  // units in the larger of a scan of several components
    int64_t down = 1;
  };
  /// A component's part in a scan.
  struct Part {
    const HuffmanTable* first = nullptr;  // DC, or all of a lossless scan
    const HuffmanTable* rest = nullptr;   // AC
    int64_t units = 1;                    // of an MCU
  };

  static size_t Word(Bytes bytes, size_t at) {
    return static_cast<size_t>(bytes[at]) << 8 | bytes[at + 1];
  }
  static int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

  void ReadTables(Bytes payload) {
    while (!payload.empty()) {
      if (payload.size() < 17 || ++tables_read_ > kMaxTables) Fail();
      size_t symbols = 0;
      for (size_t i = 1; i <= 16; ++i) symbols += payload[i];
      if (payload.size() < 17 + symbols) Fail();
      tables_.insert_or_assign(payload[0],
                               HuffmanTable(payload.subspan(1, 16), payload.subspan(17, symbols)));
      payload = payload.subspan(17 + symbols);
    }
  }

  void ReadFrame(const JpegSegment& segment) {
    const Bytes frame = segment.payload;
    if (!components_.empty() || frame.size() < 6 || frame.size() < 6 + size_t{3} * frame[5]) Fail();
    lossless_ = segment.marker == jpeg_marker::kLossless;
    rows_ = static_cast<int64_t>(Word(frame, 1));
    columns_ = static_cast<int64_t>(Word(frame, 3));
    for (size_t c = 0; c < frame[5]; ++c) {
      const uint8_t sampling = frame[7 + 3 * c];
      const Component component{sampling >> 4, sampling & 15};
      if (component.across == 0 || component.down == 0) Fail();
      components_.insert_or_assign(frame[6 + 3 * c], component);
      most_across_ = std::max(most_across_, component.across);
      most_down_ = std::max(most_down_, component.down);
    }
  }

  const HuffmanTable* Table(int kind, int number) const {
    const auto found = tables_.find(static_cast<uint8_t>(kind << 4 | number));
    if (found == tables_.end()) Fail();
    return &found->second;
  }

  /// Returns where the marker behind the scan stands.
  size_t CountScan(const JpegSegment& segment) {
    const Bytes scan = segment.payload;
    if (scan.empty() || scan.size() < 1 + size_t{2} * scan[0] || scan[0] == 0) Fail();
    std::vector<Part> parts;
    int64_t across = CeilDivide(columns_, Unit() * most_across_);
    int64_t down = CeilDivide(rows_, Unit() * most_down_);
    for (size_t i = 0; i < scan[0]; ++i) {
      const auto found = components_.find(scan[1 + 2 * i]);
      if (found == components_.end()) Fail();
      const Component& component = found->second;
      const int selectors = scan[2 + 2 * i];
      parts.push_back({Table(0, selectors >> 4), lossless_ ? nullptr : Table(1, selectors & 15),
                       component.across * component.down});
      if (scan[0] > 1) continue;
      // Alone, a component has no more units than it needs (T.81, A.2.2).
      parts[0].units = 1;
      across = CeilDivide(CeilDivide(columns_ * component.across, most_across_), Unit());
      down = CeilDivide(CeilDivide(rows_ * component.down, most_down_), Unit());
    }
    scanned_ += scan[0];
    return CountUnits(parts, across * down, segment.end);
  }

  int64_t Unit() const { return lossless_ ? 1 : 8; }

  size_t CountUnits(const std::vector<Part>& parts, int64_t mcus, size_t at) const {
    BitReader bits(stream_, at);
    for (int64_t mcu = 0; mcu < mcus; ++mcu) {
      const auto interval = static_cast<int64_t>(interval_);
      if (interval > 0 && mcu > 0 && mcu % interval == 0) {
        const std::optional<JpegSegment> restart = ReadJpegSegment(stream_, bits.NextMarker());
        const auto number = static_cast<uint8_t>((mcu / interval - 1) % 8);
        if (!restart || restart->marker != jpeg_marker::kRestart0 + number) Fail();
        bits = BitReader(stream_, restart->end);
      }
      for (const Part& part : parts) {
        for (int64_t unit = 0; unit < part.units; ++unit) CountUnit(bits, part);
      }
    }
    return bits.NextMarker();
  }

  void CountUnit(BitReader& bits, const Part& part) const {
    const uint8_t category = bits.Symbol(*part.first);
    if (category > 16) Fail();
    if (category < 16) bits.Skip(category);  // 32,768 has no bits of its own (H.1.2.2)
    if (lossless_) return;
    for (int k = 1; k < 64; ++k) {
      const uint8_t symbol = bits.Symbol(*part.rest);
      const int size = symbol & 15;
      if (size == 0 && symbol != 0xf0) return;
      bits.Skip(size);
      k += symbol >> 4;
    }
  }

  Bytes stream_;
  std::map<uint8_t, HuffmanTable> tables_;  // by class and number, as a DHT segment has them
  std::map<uint8_t, Component> components_;
  int tables_read_ = 0;
  size_t scanned_ = 0;  // components
  size_t interval_ = 0;
  int64_t rows_ = 0;
  int64_t columns_ = 0;
  int64_t most_across_ = 1;
  int64_t most_down_ = 1;
  bool lossless_ = false;
};

}  // namespace

void CheckJpegScans(Bytes stream) {
  ScanCounter(stream).Count();
}

}  // namespace roentgen
