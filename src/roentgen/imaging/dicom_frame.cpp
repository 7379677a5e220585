#include "roentgen/imaging/dicom_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_codecs.h"

namespace roentgen {
namespace {

using Bytes = std::span<const uint8_t>;

enum class Coding { kNative, kRunLength, kJpeg, kJpegLs, kJpeg2000, kDeflatedFrames };

struct Syntax {
  std::string_view uid;
  Coding coding;
};

constexpr std::array kSyntaxes = {
    Syntax{"1.2.840.10008.1.2", Coding::kNative},
    Syntax{"1.2.840.10008.1.2.1", Coding::kNative},
    Syntax{"1.2.840.10008.1.2.1.99", Coding::kNative},
    Syntax{"1.2.840.10008.1.2.2", Coding::kNative},
    Syntax{"1.2.840.10008.1.2.5", Coding::kRunLength},
    Syntax{"1.2.840.10008.1.2.4.50", Coding::kJpeg},
    Syntax{"1.2.840.10008.1.2.4.51", Coding::kJpeg},
    Syntax{"1.2.840.10008.1.2.4.57", Coding::kJpeg},
    Syntax{"1.2.840.10008.1.2.4.70", Coding::kJpeg},
    Syntax{"1.2.840.10008.1.2.4.80", Coding::kJpegLs},
    Syntax{"1.2.840.10008.1.2.4.81", Coding::kJpegLs},
    Syntax{"1.2.840.10008.1.2.4.90", Coding::kJpeg2000},
    Syntax{"1.2.840.10008.1.2.4.91", Coding::kJpeg2000},
    Syntax{"1.2.840.10008.1.2.4.201", Coding::kJpeg2000},  // HTJ2K
    Syntax{"1.2.840.10008.1.2.4.202", Coding::kJpeg2000},
    Syntax{"1.2.840.10008.1.2.4.203", Coding::kJpeg2000},
    Syntax{"1.2.840.10008.1.2.8.1", Coding::kDeflatedFrames},
};

Coding CodingOf(const std::string& uid) {
  const auto found = std::find_if(kSyntaxes.begin(), kSyntaxes.end(),
                                  [&](const Syntax& syntax) { return syntax.uid == uid; });
  if (found != kSyntaxes.end()) return found->coding;
  throw Error(fmt::format("transfer syntax {} cannot be read", uid),
              "Films (MPEG, HEVC) and some rare kinds are not supported; export the picture as\n"
              "uncompressed DICOM or PNG.");
}

/// The pixels of all frames, whichever way the reader found them. Those of deflated frames may lie
/// in fragments or in one plain value.
const DicomElement& Pixels(const DicomFile& file) {
  return *file.dataset.Find(dicom_tag::kPixelData);
}

bool BeginsCodeStream(Bytes fragment) {
  return fragment.size() >= 2 && fragment[0] == 0xff &&
         (fragment[1] == 0xd8 || fragment[1] == 0x4f);
}

/// Which fragments, the offset table not counted, a frame begins with and ends before: by the
/// offsets, else one each, else by the first bytes of code streams (PS3.5, annex A.4).
std::vector<size_t> FrameBegins(std::span<const Bytes> fragments, Bytes offsets, size_t frames) {
  std::vector<size_t> begins;
  if (frames == 1) return {0};
  if (fragments.size() == frames) {
    for (size_t i = 0; i < frames; ++i) begins.push_back(i);
  } else if (offsets.size() == 4 * frames) {
    size_t offset = 0;
    size_t fragment = 0;
    for (size_t i = 0; i < frames; ++i) {
      size_t wanted = 0;
      for (size_t byte = 4; byte-- > 0;) wanted = wanted << 8 | offsets[4 * i + byte];
      while (offset < wanted && fragment < fragments.size()) {
        offset += 8 + fragments[fragment++].size();
      }
      if (offset != wanted || fragment == fragments.size()) return {};
      begins.push_back(fragment);
    }
  } else {
    for (size_t i = 0; i < fragments.size(); ++i) {
      if (BeginsCodeStream(fragments[i])) begins.push_back(i);
    }
  }
  return begins;
}

std::vector<uint8_t> CompressedFrame(const DicomElement& pixels, size_t frames, size_t frame) {
  if (pixels.fragments.size() < 2) throw Error("its compressed pixels are missing");
  const Bytes offsets = pixels.fragments[0];
  const std::span<const Bytes> fragments = std::span(pixels.fragments).subspan(1);
  const std::vector<size_t> begins = FrameBegins(fragments, offsets, frames);
  if (begins.size() != frames) {
    throw Error(fmt::format("its {} compressed parts are not those of {} frames", fragments.size(),
                            frames));
  }
  const size_t end = frame + 1 < frames ? begins[frame + 1] : fragments.size();
  std::vector<uint8_t> joined;
  for (size_t i = begins[frame]; i < end; ++i) {
    joined.insert(joined.end(), fragments[i].begin(), fragments[i].end());
  }
  return joined;
}

/// Values of whole bytes as they lie in a native file.
std::vector<uint32_t> Unpack(Bytes bytes, size_t count, int bits, bool big_endian) {
  const auto width = static_cast<size_t>(bits) / 8;
  if (bytes.size() / width < count) throw Error("its pixels end early");
  std::vector<uint32_t> values(count);
  for (size_t i = 0; i < count; ++i) {
    uint32_t value = 0;
    for (size_t byte = 0; byte < width; ++byte) {
      const size_t place = big_endian ? byte : width - 1 - byte;
      value = value << 8 | bytes[i * width + place];
    }
    values[i] = value;
  }
  return values;
}

/// Single bits, the lowest first, from a bit of the bytes on.
std::vector<uint32_t> UnpackBits(Bytes bytes, size_t first, size_t count) {
  if (bytes.size() * 8 < first + count) throw Error("its pixels end early");
  std::vector<uint32_t> values(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t bit = first + i;
    values[i] = bytes[bit / 8] >> (bit % 8) & 1;
  }
  return values;
}

/// Y Y Cb Cr for each two pixels (YBR_FULL_422, PS3.3 C.7.6.3.1.2) as Y Cb Cr for each.
std::vector<uint32_t> SpreadChroma(const std::vector<uint32_t>& pairs, const DicomHeader& header) {
  std::vector<uint32_t> values(header.values());
  for (size_t i = 0; i < header.pixels(); ++i) {
    const size_t pair = i / 2 * 4;
    values[3 * i] = pairs[pair + i % 2];
    values[3 * i + 1] = pairs[pair + 2];
    values[3 * i + 2] = pairs[pair + 3];
  }
  return values;
}

std::vector<uint32_t> NativeFrame(const DicomFile& file, const DicomHeader& header, size_t frame) {
  const DicomElement& pixels = Pixels(file);
  if (!pixels.fragments.empty()) throw Error("its pixels are said to be plain but are compressed");
  Bytes bytes = pixels.value;
  std::vector<uint8_t> swapped;
  const bool big_endian = file.dataset.big_endian();
  if (big_endian && header.bits_allocated <= 8 && pixels.vr == "OW") {  // bytes in 16-bit words
    swapped.assign(bytes.begin(), bytes.end());
    for (size_t i = 0; i + 1 < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
    bytes = swapped;
  }
  if (header.bits_allocated == 1) {
    return UnpackBits(bytes, frame * header.values(), header.values());
  }
  const bool halved = header.photometric == "YBR_FULL_422" && header.samples == 3;
  const size_t count = halved ? (header.pixels() + 1) / 2 * 4 : header.values();
  const size_t frame_bytes = count * static_cast<size_t>(header.bits_allocated) / 8;
  if (bytes.size() / frame_bytes <= frame) throw Error("its pixels end early");
  const std::vector<uint32_t> values =
      Unpack(bytes.subspan(frame * frame_bytes), count, header.bits_allocated, big_endian);
  if (halved) return SpreadChroma(values, header);
  return header.by_plane ? InterleaveSamples(values, header) : values;
}

/// A frame whose compressed form holds the bytes of a native little-endian one.
std::vector<uint32_t> UnpackedFrame(Bytes bytes, const DicomHeader& header, bool by_plane) {
  if (header.bits_allocated == 1) return UnpackBits(bytes, 0, header.values());
  const std::vector<uint32_t> values =
      Unpack(bytes, header.values(), header.bits_allocated, /*big_endian=*/false);
  return by_plane ? InterleaveSamples(values, header) : values;
}

/// The bits that are stored, in their place, with the sign where there is one.
void KeepStoredBits(std::vector<uint32_t>& values, const DicomHeader& header, int shift) {
  const int unused = 32 - header.bits_stored;
  for (uint32_t& value : values) {
    const uint32_t top = value >> shift << unused;
    value = header.is_signed ? static_cast<uint32_t>(static_cast<int32_t>(top) >> unused)
                             : top >> unused;
  }
}

}  // namespace

std::vector<uint32_t> InterleaveSamples(const std::vector<uint32_t>& planes,
                                        const DicomHeader& header) {
  const auto samples = static_cast<size_t>(header.samples);
  std::vector<uint32_t> values(planes.size());
  for (size_t s = 0; s < samples; ++s) {
    for (size_t i = 0; i < header.pixels(); ++i) {
      values[i * samples + s] = planes[s * header.pixels() + i];
    }
  }
  return values;
}

DicomFrame DecodeDicomFrame(const DicomFile& file, const DicomHeader& header, size_t frame,
                            const EncodedImage& source) {
  const Coding coding = CodingOf(file.transfer_syntax);
  // Code streams hold the stored bits alone; elsewhere they may lie higher in their word.
  int shift = 0;
  DicomFrame result;
  result.is_signed = header.is_signed;
  if (coding == Coding::kNative) {
    shift = header.high_bit + 1 - header.bits_stored;
    result.values = NativeFrame(file, header, frame);
  } else {
    const std::vector<uint8_t> bytes = CompressedFrame(Pixels(file), header.frames, frame);
    const EncodedImage stream{bytes, source.name, source.max_pixels};
    switch (coding) {
      case Coding::kJpeg:
        result.values = DecodeJpegFrame(stream, header);
        break;
      case Coding::kJpegLs:
        result.values = DecodeJpegLsFrame(stream, header);
        break;
      case Coding::kJpeg2000:
        result.values = DecodeJpeg2000Frame(stream, header);
        break;
      case Coding::kRunLength:
        result.values = UnpackedFrame(DecodeRunLengthFrame(bytes, header), header, true);
        break;
      default:
        result.values =
            UnpackedFrame(InflateRaw(bytes, header.values() * 4 + 16), header, header.by_plane);
    }
  }
  KeepStoredBits(result.values, header, shift);
  return result;
}

}  // namespace roentgen
