#include "roentgen/imaging/dicom_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <numeric>
#include <string_view>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_codecs.h"
#include "roentgen/imaging/raw_inflate.h"

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
  // What is no UID may be anything, a name too: it is not repeated.
  const bool is_uid = uid.find_first_not_of("0123456789.") == std::string::npos;
  throw Error(is_uid ? fmt::format("transfer syntax {} cannot be read", uid)
                     : "its transfer syntax is no UID",
              "Films (MPEG, HEVC) and some rare kinds are not supported; export the picture as\n"
              "uncompressed DICOM or PNG.");
}

constexpr const char* kDamageHint = "The file is damaged or was cut; copy or export it again.";

/// The pixels of all frames, whichever way the reader found them. Those of deflated frames may lie
/// in fragments or in one plain value.
const DicomElement& Pixels(const DicomFile& file) {
  return *file.dataset.Find(dicom_tag::kPixelData);
}

/// A value of whole bytes as it lies in a file.
uint32_t NativeValue(Bytes bytes, size_t index, size_t width, bool big_endian) {
  uint32_t value = 0;
  for (size_t byte = 0; byte < width; ++byte) {
    const size_t place = big_endian ? byte : width - 1 - byte;
    value = value << 8 | bytes[index * width + place];
  }
  return value;
}

/// The header of a frame in run lengths (PS3.5, annex G.5): the number of segments, where they
/// begin, and zeros up to 64 bytes.
bool BeginsRunLengths(Bytes fragment) {
  constexpr size_t kNumbers = 16;
  if (fragment.size() < 4 * kNumbers) return false;
  const uint32_t segments = NativeValue(fragment, 0, 4, /*big_endian=*/false);
  if (segments == 0 || segments >= kNumbers) return false;
  uint32_t before = 4 * kNumbers - 1;
  for (size_t i = 1; i < kNumbers; ++i) {
    const uint32_t begin = NativeValue(fragment, i, 4, /*big_endian=*/false);
    if (i <= segments ? begin <= before : begin != 0) return false;
    if (i == 1 && begin != 4 * kNumbers) return false;
    before = begin;
  }
  return true;
}

/// JPEG, JPEG-LS and JPEG 2000, the last with or without the boxes of a JP2 file.
bool BeginsCodeStream(Bytes fragment) {
  constexpr std::array<uint8_t, 8> kJp2 = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
  if (fragment.size() < kJp2.size()) return false;
  if (std::equal(kJp2.begin(), kJp2.end(), fragment.begin())) return true;
  return fragment[0] == 0xff && (fragment[1] == 0xd8 || fragment[1] == 0x4f);
}

/// The marker at the end of JPEG, JPEG-LS and JPEG 2000, which stands nowhere else in their codes,
/// with padding behind it.
bool EndsCodeStream(Bytes fragment) {
  constexpr size_t kMarkerAndPadding = 10;
  constexpr std::array<uint8_t, 2> kEnd = {0xff, 0xd9};
  const Bytes end = fragment.last(std::min(fragment.size(), kMarkerAndPadding));
  return std::search(end.begin(), end.end(), kEnd.begin(), kEnd.end()) != end.end();
}

/// The fragments that begin a frame: with the first bytes of one, or, where those are damaged, as
/// the first fragment or behind the end of a stream. Nothing where no fragment has such bytes, as
/// in deflated frames.
std::vector<size_t> MarkedBegins(std::span<const Bytes> fragments, Coding coding) {
  constexpr size_t kMostPadding = 8;
  if (coding == Coding::kDeflatedFrames) return {};
  const bool run_lengths = coding == Coding::kRunLength;
  std::vector<size_t> begins;
  bool marked = false;
  for (size_t i = 0; i < fragments.size(); ++i) {
    const bool begin =
        run_lengths ? BeginsRunLengths(fragments[i]) : BeginsCodeStream(fragments[i]);
    const bool must = i == 0 || (!run_lengths && EndsCodeStream(fragments[i - 1]));
    if (begin || (must && fragments[i].size() > kMostPadding)) begins.push_back(i);
    marked = marked || begin;
  }
  return marked ? begins : std::vector<size_t>{};
}

/// The fragments that the offset table (PS3.5, annex A.4) names as the beginnings of frames, as far
/// as they are there; nothing when it names other places, or places that do not follow each other.
std::vector<size_t> BeginsByOffsets(std::span<const Bytes> fragments, Bytes offsets) {
  std::vector<size_t> table(offsets.size() / 4);
  for (size_t i = 0; i < table.size(); ++i) {
    table[i] = NativeValue(offsets, i, 4, /*big_endian=*/false);
  }
  const bool follow =
      std::adjacent_find(table.begin(), table.end(), std::greater_equal<>()) == table.end();
  if (!follow || table.empty() || table[0] != 0) return {};
  std::vector<size_t> begins;
  size_t offset = 0;
  size_t fragment = 0;
  for (const size_t wanted : table) {
    while (offset < wanted && fragment < fragments.size()) {
      offset += 8 + fragments[fragment++].size();
    }
    if (fragment == fragments.size()) break;
    if (offset != wanted) return {};
    begins.push_back(fragment);
  }
  return begins;
}

/// Which fragments, the offset table not counted, the frames begin with, as far as they are there:
/// each where that suits their first bytes, else those that the offsets name, else those that have
/// such bytes. Run lengths and deflated frames shall have a fragment each (PS3.5, annex A.4).
std::vector<size_t> FrameBegins(std::span<const Bytes> fragments, Bytes offsets, size_t frames,
                                Coding coding) {
  if (frames == 1) return {0};
  const std::vector<size_t> marked = MarkedBegins(fragments, coding);
  std::vector<size_t> one_each(fragments.size());
  std::iota(one_each.begin(), one_each.end(), size_t{0});
  const bool one_suits = coding == Coding::kRunLength || marked.empty() || marked == one_each;
  if (fragments.size() == frames && one_suits) return one_each;
  if (offsets.size() >= 4 * frames) {
    std::vector<size_t> begins = BeginsByOffsets(fragments, offsets);
    if (!begins.empty()) return begins;
  }
  return marked.empty() && fragments.size() < frames ? one_each : marked;
}

[[noreturn]] void FailWithoutFrame(size_t frame, size_t present, size_t frames) {
  throw Error(fmt::format("frame {} is not in the file: {} of its {} frames are", frame + 1,
                          present, frames),
              "The file was cut. Its first frames can be read; copy or export it again for the\n"
              "others.");
}

/// Looks whether a frame is there, and notes it when others are not.
void CheckPresent(size_t present, const DicomHeader& header, size_t frame, DicomFrame& result) {
  if (present == 0) throw Error("its pixels end early", kDamageHint);
  if (frame >= present) FailWithoutFrame(frame, present, header.frames);
  if (present >= header.frames) return;
  result.notes.push_back(
      fmt::format("only {} of {} frames are in the file", present, header.frames));
}

std::vector<uint8_t> CompressedFrame(const DicomElement& pixels, const DicomHeader& header,
                                     size_t frame, Coding coding, DicomFrame& result) {
  if (pixels.fragments.size() < 2) throw Error("its compressed pixels are missing");
  const Bytes offsets = pixels.fragments[0];
  const std::span<const Bytes> fragments = std::span(pixels.fragments).subspan(1);
  const std::vector<size_t> begins = FrameBegins(fragments, offsets, header.frames, coding);
  if (begins.empty()) {
    throw Error(fmt::format("its {} compressed parts are not those of {} frames", fragments.size(),
                            header.frames));
  }
  CheckPresent(begins.size(), header, frame, result);
  const size_t end = frame + 1 < begins.size() ? begins[frame + 1] : fragments.size();
  std::vector<uint8_t> joined;
  for (size_t i = begins[frame]; i < end; ++i) {
    joined.insert(joined.end(), fragments[i].begin(), fragments[i].end());
  }
  return joined;
}

std::vector<uint32_t> Unpack(Bytes bytes, size_t count, int bits, bool big_endian) {
  const auto width = static_cast<size_t>(bits) / 8;
  if (bytes.size() / width < count) throw Error("its pixels end early");
  std::vector<uint32_t> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = NativeValue(bytes, i, width, big_endian);
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

/// The part of native pixels that is a frame's.
Bytes FrameBytes(Bytes pixels, size_t frame_bytes, const DicomHeader& header, size_t frame,
                 DicomFrame& result) {
  CheckPresent(pixels.size() / frame_bytes, header, frame, result);
  return pixels.subspan(frame * frame_bytes, frame_bytes);
}

std::vector<uint32_t> NativeFrame(const DicomFile& file, const DicomHeader& header, size_t frame,
                                  DicomFrame& result) {
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
    CheckPresent(bytes.size() * 8 / header.values(), header, frame, result);
    return UnpackBits(bytes, frame * header.values(), header.values());
  }
  const auto width = static_cast<size_t>(header.bits_allocated) / 8;
  const bool halved = header.photometric == "YBR_FULL_422" && header.samples == 3;
  if (halved && bytes.size() >= header.values() * width * header.frames) {
    throw Error("its pixels are a third too long for YBR_FULL_422",
                "Whoever decompressed it left a wrong Photometric Interpretation, which should be\n"
                "YBR_FULL or RGB; correct it, or export the image as PNG.");
  }
  const size_t count = halved ? (header.pixels() + 1) / 2 * 4 : header.values();
  const std::vector<uint32_t> values =
      Unpack(FrameBytes(bytes, count * width, header, frame, result), count, header.bits_allocated,
             big_endian);
  if (halved) return SpreadChroma(values, header);
  return header.by_plane ? InterleaveSamples(values, header) : values;
}

/// IEEE 754 numbers of 32 or 64 bits (PS3.3, C.7.6.24 and C.7.6.25).
std::vector<double> FloatFrame(const DicomFile& file, const DicomHeader& header, size_t frame,
                               DicomFrame& result) {
  const bool is_double = header.bits_allocated == 64;
  const DicomElement* pixels =
      file.dataset.Find(is_double ? dicom_tag::kDoubleFloatPixelData : dicom_tag::kFloatPixelData);
  const size_t width = is_double ? 8 : 4;
  const Bytes bytes = FrameBytes(pixels->value, header.pixels() * width, header, frame, result);
  std::vector<double> values(header.pixels());
  for (size_t i = 0; i < values.size(); ++i) {
    uint64_t bits = 0;
    for (size_t byte = 0; byte < width; ++byte) {
      const size_t place = file.dataset.big_endian() ? byte : width - 1 - byte;
      bits = bits << 8 | bytes[i * width + place];
    }
    values[i] =
        is_double ? std::bit_cast<double>(bits) : std::bit_cast<float>(static_cast<uint32_t>(bits));
  }
  return values;
}

/// A frame whose compressed form holds the bytes of a native little-endian one.
std::vector<uint32_t> UnpackedFrame(Bytes bytes, const DicomHeader& header, bool by_plane) {
  if (header.bits_allocated == 1) return UnpackBits(bytes, 0, header.values());
  const std::vector<uint32_t> values =
      Unpack(bytes, header.values(), header.bits_allocated, /*big_endian=*/false);
  return by_plane ? InterleaveSamples(values, header) : values;
}

/// Whether a value somewhere in the native pixels of all frames has one of its lowest bits set.
bool UsesLowBits(const DicomFile& file, const DicomHeader& header, int count) {
  const Bytes bytes = Pixels(file).value;
  const auto width = std::max(static_cast<size_t>(header.bits_allocated) / 8, size_t{1});
  const uint32_t mask = (uint32_t{1} << count) - 1;
  for (size_t i = 0; i < bytes.size() / width; ++i) {
    if ((NativeValue(bytes, i, width, file.dataset.big_endian()) & mask) != 0) return true;
  }
  return false;
}

/// How far the values lie above the lowest bit of their words. High Bit is believed only where the
/// values agree with it: those that really lie higher have zeros below.
int BelievedShift(const DicomFile& file, const DicomHeader& header, DicomFrame& result) {
  const int shift = header.shift();
  const bool doubtful = header.high_bit != header.bits_stored - 1;
  if (!doubtful || (shift > 0 && !UsesLowBits(file, header, shift))) return shift;
  result.notes.push_back(
      fmt::format("High Bit {} does not fit the values, which are taken from the lowest bit on",
                  header.high_bit));
  return 0;
}

/// So many bits from the shifted place on, with the sign where there is one.
void KeepBits(DicomFrame& frame, int shift) {
  const int unused = 32 - std::min(frame.bits, 32);
  for (uint32_t& value : frame.values) {
    const uint32_t top = value >> shift << unused;
    value = frame.is_signed ? static_cast<uint32_t>(static_cast<int32_t>(top) >> unused)
                            : top >> unused;
  }
}

void Accept(DecodedStream decoded, const DicomHeader& header, DicomFrame& result) {
  result.values = std::move(decoded.values);
  result.bits = decoded.bits;
  if (header.samples == 3) {
    result.colours = ChooseColours(header.photometric, decoded.colours, result.notes);
  }
}

void DecodeCompressed(const DicomFile& file, const DicomHeader& header, size_t frame, Coding coding,
                      const EncodedImage& source, DicomFrame& result) {
  const std::vector<uint8_t> bytes = CompressedFrame(Pixels(file), header, frame, coding, result);
  const EncodedImage stream{bytes, source.name, source.max_pixels, {}, kDamageHint};
  switch (coding) {
    case Coding::kJpeg:
      return Accept(DecodeJpegFrame(stream, header), header, result);
    case Coding::kJpegLs:
      return Accept(DecodeJpegLsFrame(stream, header), header, result);
    case Coding::kJpeg2000:
      return Accept(DecodeJpeg2000Frame(stream, header), header, result);
    case Coding::kRunLength:
      result.values = UnpackedFrame(DecodeRunLengthFrame(bytes, header), header, true);
      return;
    default:
      result.values =
          UnpackedFrame(InflateRaw(bytes, header.values() * 4 + 16), header, header.by_plane);
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
  DicomFrame result;
  result.is_signed = header.is_signed;
  result.bits = header.bits_stored;
  if (header.is_float) {
    if (coding != Coding::kNative) throw Error("its floating-point pixels are compressed");
    result.real = FloatFrame(file, header, frame, result);
    return result;
  }
  const bool is_stream =
      coding == Coding::kJpeg || coding == Coding::kJpegLs || coding == Coding::kJpeg2000;
  if (header.samples == 3 && !is_stream) {
    result.colours = ChooseColours(header.photometric, {}, result.notes);
  }
  int shift = 0;  // code streams hold the stored bits alone
  if (coding == Coding::kNative) {
    result.values = NativeFrame(file, header, frame, result);
    shift = BelievedShift(file, header, result);
  } else {
    DecodeCompressed(file, header, frame, coding, source, result);
  }
  KeepBits(result, shift);
  return result;
}

}  // namespace roentgen
