#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen::test {

/// Writes the elements of a small DICOM file, in the order in which they are added.
class DicomWriter {
 public:
  explicit DicomWriter(std::string_view transfer_syntax = "1.2.840.10008.1.2.1") {
    bytes_.assign(128, '\0');
    bytes_ += "DICM";
    Text(0x00020010, "UI", transfer_syntax);
  }

  /// Elements alone, as in an item; without their VRs where they are implicit.
  static DicomWriter Elements(bool implicit) {
    DicomWriter writer;
    writer.bytes_.clear();
    writer.implicit_ = implicit;
    return writer;
  }
  /// From here on.
  DicomWriter& Implicit() {
    implicit_ = true;
    return *this;
  }

  DicomWriter& Text(uint32_t tag, std::string_view vr, std::string_view value) {
    return Raw(tag, vr, std::string(value) + (value.size() % 2 == 1 ? " " : ""));
  }
  DicomWriter& Word(uint32_t tag, uint16_t value) { return Raw(tag, "US", Words({value})); }

  DicomWriter& Raw(uint32_t tag, std::string_view vr, std::string_view value) {
    Head(tag, vr, static_cast<uint32_t>(value.size()));
    bytes_ += value;
    return *this;
  }

  /// Anything, as it is.
  DicomWriter& Bytes(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  DicomWriter& Head(uint32_t tag, std::string_view vr, uint32_t length) {
    if (implicit_) return Item(tag, length);
    Tag(tag);
    bytes_ += vr;
    const bool is_long = vr == "OW" || vr == "OB" || vr == "SQ" || vr == "UN";
    if (is_long) bytes_ += std::string(2, '\0');
    for (int i = 0; i < (is_long ? 4 : 2); ++i) bytes_ += static_cast<char>(length >> 8 * i & 255);
    return *this;
  }
  DicomWriter& Item(uint32_t tag, uint32_t length) {
    Tag(tag);
    for (int i = 0; i < 4; ++i) bytes_ += static_cast<char>(length >> 8 * i & 255);
    return *this;
  }

  /// A sequence of one item, of a known length, with any VR.
  DicomWriter& Sequence(uint32_t tag, std::string_view vr, const DicomWriter& item) {
    const auto length = static_cast<uint32_t>(item.bytes().size());
    return Head(tag, vr, length + 8).Item(0xfffee000, length).Bytes(item.bytes());
  }
  /// Compressed pixels; offsets: what the table says, empty for none.
  DicomWriter& Fragments(const std::vector<std::string>& fragments,
                         const std::string& offsets = "") {
    Head(0x7fe00010, "OB", 0xffffffff);
    Item(0xfffee000, static_cast<uint32_t>(offsets.size())).Bytes(offsets);
    for (const std::string& fragment : fragments) {
      const std::string even = fragment + std::string(fragment.size() % 2, '\0');
      Item(0xfffee000, static_cast<uint32_t>(even.size())).Bytes(even);
    }
    return Item(0xfffee0dd, 0);
  }

  /// Rows, columns and so on of colours of 8 bits.
  DicomWriter& Colour(uint16_t rows, uint16_t columns, std::string_view photometric) {
    Word(0x00280002, 3);
    if (!photometric.empty()) Text(0x00280004, "CS", photometric);
    Word(0x00280006, 0).Word(0x00280010, rows).Word(0x00280011, columns);
    Word(0x00280100, 8).Word(0x00280101, 8);
    return Word(0x00280102, 7).Word(0x00280103, 0);
  }

  /// Rows, columns and so on of grey pixels.
  DicomWriter& Grey(uint16_t rows, uint16_t columns, uint16_t allocated, uint16_t stored,
                    std::string_view photometric = "MONOCHROME2") {
    Word(0x00280002, 1).Text(0x00280004, "CS", photometric);
    Word(0x00280010, rows).Word(0x00280011, columns);
    Word(0x00280100, allocated).Word(0x00280101, stored);
    return Word(0x00280102, static_cast<uint16_t>(stored - 1)).Word(0x00280103, 0);
  }

  static std::string Words(std::initializer_list<int> values) {
    std::string bytes;
    for (const int value : values) {
      bytes += static_cast<char>(value & 255);
      bytes += static_cast<char>(value >> 8 & 255);
    }
    return bytes;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void Tag(uint32_t tag) {
    for (const int shift : {16, 24, 0, 8}) bytes_ += static_cast<char>(tag >> shift & 255);
  }

  std::string bytes_;
  bool implicit_ = false;
};

}  // namespace roentgen::test
