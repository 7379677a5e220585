#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_codecs.h"

namespace roentgen {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr size_t kHeaderBytes = 64;
constexpr size_t kMaxSegments = 15;

uint32_t HeaderNumber(Bytes stream, size_t index) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | stream[4 * index + i];
  return value;
}

/// PackBits: n bytes as they are, or one byte n times. Returns how many bytes were written.
size_t Unpack(Bytes packed, std::span<uint8_t> out) {
  size_t written = 0;
  for (size_t at = 0; at < packed.size() && written < out.size();) {
    const uint8_t head = packed[at++];
    if (head == 128) continue;
    const size_t count = head < 128 ? head + size_t{1} : size_t{257} - head;
    const size_t room = std::min(count, out.size() - written);
    const size_t taken = head < 128 ? count : 1;
    if (taken > packed.size() - at) break;
    if (head < 128) {
      std::copy_n(packed.begin() + static_cast<ptrdiff_t>(at), room,
                  out.begin() + static_cast<ptrdiff_t>(written));
    } else {
      std::fill_n(out.begin() + static_cast<ptrdiff_t>(written), room, packed[at]);
    }
    at += taken;
    written += room;
  }
  return written;
}

}  // namespace

std::vector<uint8_t> DecodeRunLengthFrame(Bytes stream, const DicomHeader& header) {
  if (stream.size() < kHeaderBytes) throw Error("its run lengths end in their header");
  const bool bits = header.bits_allocated == 1;
  const size_t bytes_a_value = bits ? 1 : static_cast<size_t>(header.bits_allocated) / 8;
  const auto samples = static_cast<size_t>(header.samples);
  const size_t plane = bits ? (header.values() + 7) / 8 : header.pixels();
  const size_t segments = HeaderNumber(stream, 0);
  if (segments != bytes_a_value * samples || segments > kMaxSegments) {
    throw Error(fmt::format("its run lengths have {} segments instead of {}", segments,
                            bytes_a_value * samples));
  }
  std::vector<uint8_t> out(plane * segments);
  std::vector<uint8_t> bytes(plane);
  for (size_t s = 0; s < segments; ++s) {
    const size_t begin = HeaderNumber(stream, s + 1);
    const size_t end = s + 1 < segments ? HeaderNumber(stream, s + 2) : stream.size();
    if (begin < kHeaderBytes || begin > end || end > stream.size() ||
        Unpack(stream.subspan(begin, end - begin), bytes) != plane) {
      throw Error("its run lengths end early");
    }
    // The highest byte of a sample comes first.
    const size_t sample = s / bytes_a_value;
    const size_t byte = bytes_a_value - 1 - s % bytes_a_value;
    for (size_t i = 0; i < plane; ++i) out[(sample * plane + i) * bytes_a_value + byte] = bytes[i];
  }
  return out;
}

}  // namespace roentgen
