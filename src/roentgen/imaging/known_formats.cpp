#include "roentgen/imaging/known_formats.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <string>

#include "roentgen/base/ascii.h"

namespace roentgen {
namespace {

using namespace std::string_view_literals;

constexpr auto kSavePng = "Open it in an image viewer or editor and save it as PNG or JPEG."sv;
constexpr auto kSaveDeep =
    "Open it in the program that it comes from and save it as PNG or TIFF of 8 or 16 bits."sv;
constexpr auto kSlices =
    "It holds a volume: export its slices as PNG or TIFF of 16 bits, or convert it to DICOM."sv;
constexpr auto kPage = "Export the page, or the image on it, as PNG or JPEG."sv;
constexpr auto kFrame = "Save one frame of it as PNG or JPEG."sv;
constexpr auto kUnpack = "Unpack it, and name the image or the folder that was in it."sv;
constexpr auto kArray = "Save the array that it holds as PNG or TIFF of 16 bits."sv;
constexpr auto kFetch =
    "This is not the image itself: look where the file came from, and get it again."sv;
constexpr auto kPhone =
    "Save it as JPEG: phones do that when they share or export it, and most image viewers can."sv;

/// A format that begins, or goes on at some place, with certain bytes.
struct Mark {
  size_t at;
  std::string_view bytes;
  KnownFormat format;
};

constexpr KnownFormat kJpeg2000{"a JPEG 2000 image", kSavePng};
constexpr KnownFormat kJpegXl{"a JPEG XL image", kSavePng};
constexpr KnownFormat kPnm{"a Netpbm image (PBM, PGM, PPM, PAM or PFM)", kSavePng};
constexpr KnownFormat kTga{"a TGA image", kSavePng};
constexpr KnownFormat kSvg{"an SVG drawing", kSavePng};
constexpr KnownFormat kWebPage{"a web page", kFetch};
constexpr KnownFormat kNifti{"a NIfTI volume", kSlices};
constexpr KnownFormat kNiftiGz{"a compressed NIfTI volume (.nii.gz)", kSlices};
constexpr KnownFormat kAnalyze{"the header of an Analyze 7.5 or NIfTI volume (.hdr)", kSlices};
constexpr KnownFormat kVideo{"a video", kFrame};

constexpr std::array kMarks = {
    Mark{0, "\0\0\0\x0cjP  \r\n\x87\n"sv, kJpeg2000},
    Mark{0, "\xff\x4f\xff\x51"sv, kJpeg2000},
    Mark{0, "\0\0\0\x0cJXL \r\n\x87\n"sv, kJpegXl},
    Mark{0, "\xff\x0a"sv, kJpegXl},
    Mark{0, "8BPS"sv, {"a Photoshop image (PSD)", kSavePng}},
    Mark{0, "icns"sv, {"a Macintosh icon (ICNS)", kSavePng}},
    Mark{0, "gimp xcf"sv, {"a GIMP image (XCF)", kSavePng}},
    Mark{0, "DDS "sv, {"a DirectDraw surface (DDS)", kSavePng}},
    Mark{0, "\xabKTX "sv, {"a KTX texture", kSavePng}},
    Mark{0, "qoif"sv, {"a QOI image", kSavePng}},
    Mark{0, "farbfeld"sv, {"a farbfeld image", kSavePng}},
    Mark{0, "FLIF"sv, {"a FLIF image", kSavePng}},
    Mark{0, "BPG\xfb"sv, {"a BPG image", kSavePng}},
    Mark{0, "II\xbc\1"sv, {"a JPEG XR image", kSavePng}},
    Mark{0, "\x8aMNG\r\n\x1a\n"sv, {"an MNG animation", kFrame}},
    Mark{0, "\x8bJNG\r\n\x1a\n"sv, {"a JNG image", kSavePng}},
    Mark{0, "\1\xda\0\1"sv, {"an SGI image", kSavePng}},
    Mark{0, "\1\xda\1\1"sv, {"an SGI image", kSavePng}},
    Mark{0, "\1\xda\0\2"sv, {"an SGI image", kSavePng}},
    Mark{0, "\1\xda\1\2"sv, {"an SGI image", kSavePng}},
    Mark{0, "\x59\xa6\x6a\x95"sv, {"a Sun raster image", kSavePng}},
    Mark{0, "/* XPM"sv, {"an XPM image", kSavePng}},
    Mark{0, "#define "sv, {"an XBM image or a C header", kSavePng}},
    Mark{0, "\x0a\0\1"sv, {"a PCX image", kSavePng}},
    Mark{0, "\x0a\2\1"sv, {"a PCX image", kSavePng}},
    Mark{0, "\x0a\3\1"sv, {"a PCX image", kSavePng}},
    Mark{0, "\x0a\4\1"sv, {"a PCX image", kSavePng}},
    Mark{0, "\x0a\5\1"sv, {"a PCX image", kSavePng}},
    Mark{0, "\xb1\x68\xde\x3a"sv, {"a DCX image", kSavePng}},
    Mark{522, "\0\x11\2\xff\x0c\0"sv, {"a Macintosh picture (PICT)", kSavePng}},
    Mark{8, "PBM "sv, {"an Amiga image (PBM)", kSavePng}},
    Mark{8, "ILBM"sv, {"an Amiga image (ILBM)", kSavePng}},
    Mark{4, "\x11\xaf"sv, {"an FLI animation", kFrame}},
    Mark{4, "\x12\xaf"sv, {"an FLC animation", kFrame}},
    Mark{0, "BLP1"sv, {"a BLP texture", kSavePng}},
    Mark{0, "BLP2"sv, {"a BLP texture", kSavePng}},
    Mark{20, "GIMP"sv, {"a GIMP brush", kSavePng}},
    Mark{0, "AT&TFORM"sv, {"a DjVu document", kPage}},
    Mark{0, "\xd7\xcd\xc6\x9a"sv, {"a Windows metafile (WMF)", kSavePng}},
    Mark{40, " EMF"sv, {"a Windows metafile (EMF)", kSavePng}},
    Mark{0, "v/1\1"sv, {"an OpenEXR image", kSaveDeep}},
    Mark{0, "#?RADIANCE"sv, {"a Radiance image (HDR)", kSaveDeep}},
    Mark{0, "#?RGBE"sv, {"a Radiance image (HDR)", kSaveDeep}},
    Mark{0, "FUJIFILMCCD-RAW"sv, {"a raw photograph (RAF)", kSavePng}},
    Mark{0, "IIRO"sv, {"a raw photograph (ORF)", kSavePng}},
    Mark{0, "IIU\0"sv, {"a raw photograph (RW2)", kSavePng}},
    Mark{0, "FOVb"sv, {"a raw photograph (X3F)", kSavePng}},
    Mark{0, "SIMPLE  ="sv, {"a FITS file", kSaveDeep}},
    Mark{344, "n+1\0"sv, kNifti},
    Mark{344, "ni1\0"sv, kAnalyze},
    Mark{4, "n+2\0"sv, kNifti},
    Mark{4, "ni2\0"sv, kAnalyze},
    Mark{0, "\x5c\1\0\0"sv, kAnalyze},
    Mark{0, "\0\0\1\x5c"sv, kAnalyze},
    Mark{0, "NRRD0"sv, {"an NRRD volume", kSlices}},
    Mark{0, "ObjectType"sv, {"a MetaImage volume (.mha or .mhd)", kSlices}},
    Mark{0, "NDims"sv, {"a MetaImage volume (.mha or .mhd)", kSlices}},
    Mark{0, "\x89HDF\r\n\x1a\n"sv, {"an HDF5 file (MINC 2, Keras and MATLAB write them)", kArray}},
    Mark{0, "CDF\1"sv, {"a NetCDF file (MINC 1)", kSlices}},
    Mark{0, "CDF\2"sv, {"a NetCDF file", kArray}},
    Mark{0, "MATRIX7"sv, {"an ECAT 7 volume", kSlices}},
    Mark{0, "\x93NUMPY"sv, {"a NumPy array", kArray}},
    Mark{0, "MATLAB 5.0"sv, {"a MATLAB file", kArray}},
    Mark{0, "GRIB"sv, {"a GRIB file", kArray}},
    Mark{0, "BUFR"sv, {"a BUFR file", kArray}},
    Mark{0, "%PDF"sv, {"a PDF document", kPage}},
    Mark{0, "%!PS"sv, {"a PostScript document", kPage}},
    Mark{0, "\xc5\xd0\xd3\xc6"sv, {"an EPS document", kPage}},
    Mark{0, "{\\rtf"sv, {"an RTF document", kPage}},
    Mark{
        0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, {"an Office document (or FlashPix image)", kPage}},
    Mark{0, "PK\3\4"sv, {"a ZIP archive, which Word, PowerPoint and Excel files are too", kUnpack}},
    Mark{0, "PK\5\6"sv, {"an empty ZIP archive", kUnpack}},
    Mark{0, "Rar!"sv, {"a RAR archive", kUnpack}},
    Mark{0, "7z\xbc\xaf\x27\x1c"sv, {"a 7-Zip archive", kUnpack}},
    Mark{0, "\x1f\x8b"sv, {"a gzip archive", kUnpack}},
    Mark{0, "BZh"sv, {"a bzip2 archive", kUnpack}},
    Mark{0,
         "\xfd"
         "7zXZ"sv,
         {"an XZ archive", kUnpack}},
    Mark{0, "\x28\xb5\x2f\xfd"sv, {"a Zstandard archive", kUnpack}},
    Mark{257, "ustar"sv, {"a tar archive", kUnpack}},
    Mark{8, "AVI "sv, kVideo},
    Mark{8, "WAVE"sv, {"a sound file", kFetch}},
    Mark{0, "\x1a\x45\xdf\xa3"sv, {"a video (Matroska or WebM)", kFrame}},
    Mark{0, "\0\0\1\xba"sv, kVideo},
    Mark{0, "\0\0\1\xb3"sv, kVideo},
    Mark{0, "FLV\1"sv, kVideo},
    Mark{0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, {"a video (WMV)", kFrame}},
    Mark{0,
         "version https://git-lfs"sv,
         {"a pointer of Git LFS to a file", "Fetch the file that it stands for: git lfs pull."}},
};

bool Has(std::string_view text, size_t at, std::string_view bytes) {
  return text.size() >= at && text.substr(at).starts_with(bytes);
}

/// ISO base media files (HEIF, MP4) name themselves in their first box.
std::optional<KnownFormat> NameIsoMedia(std::string_view text) {
  if (!Has(text, 4, "ftyp")) return std::nullopt;
  constexpr std::array kHeic = {"heic"sv, "heix"sv, "hevc"sv, "hevx"sv,
                                "heim"sv, "heis"sv, "mif1"sv, "msf1"sv};
  const std::string_view boxes = text.substr(8, 32);
  if (boxes.find("avif") != boxes.npos || boxes.find("avis") != boxes.npos) {
    return KnownFormat{"an AVIF image", kSavePng};
  }
  if (std::any_of(kHeic.begin(), kHeic.end(),
                  [&](auto brand) { return boxes.starts_with(brand); })) {
    return KnownFormat{"an HEIC image, as phones take them", kPhone};
  }
  if (boxes.starts_with("crx ")) return KnownFormat{"a raw photograph (CR3)", kSavePng};
  return KnownFormat{"a video (MP4 or QuickTime)", kFrame};
}

/// An ICO begins as some TGA files do, but counts its pictures.
std::optional<KnownFormat> NameIcon(std::string_view text) {
  if (text.size() < 6 || (text[4] == 0 && text[5] == 0)) return std::nullopt;
  if (text.starts_with("\0\0\1\0"sv)) return KnownFormat{"a Windows icon (ICO)", kSavePng};
  if (text.starts_with("\0\0\2\0"sv)) return KnownFormat{"a Windows cursor (CUR)", kSavePng};
  return std::nullopt;
}

/// The first bytes of what a gzip file holds; empty where they cannot be had.
std::string Gunzip(std::string_view text, size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return "";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(std::min<size_t>(text.size(), size_t{1} << 16));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(size);
  inflate(&stream, Z_SYNC_FLUSH);
  out.resize(size - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

std::optional<KnownFormat> NameGzip(std::string_view text) {
  constexpr size_t kNiftiHeader = 348;
  if (!text.starts_with("\x1f\x8b")) return std::nullopt;
  const std::string inside = Gunzip(text, kNiftiHeader + 4);
  if (Has(inside, 344, "n+1\0"sv) || Has(inside, 4, "n+2\0"sv)) return kNiftiGz;
  return std::nullopt;
}

/// The new formats of Office are ZIP archives, which name their parts as they are.
std::optional<KnownFormat> NameOfficeZip(std::string_view text) {
  if (!text.starts_with("PK\3\4")) return std::nullopt;
  if (text.find("xl/workbook.") != text.npos) return KnownFormat{"an Excel file (.xlsx)", kPage};
  if (text.find("word/document.") != text.npos) return KnownFormat{"a Word file (.docx)", kPage};
  return std::nullopt;
}

/// P1 to P7, PF or Pf and a blank.
bool IsNetpbm(std::string_view text) {
  if (text.size() < 3 || text[0] != 'P') return false;
  const bool kind = (text[1] >= '1' && text[1] <= '7') || text[1] == 'F' || text[1] == 'f';
  return kind && (text[2] == '\n' || text[2] == ' ' || text[2] == '\r' || text[2] == '\t');
}

/// Older TGA files have no mark: a header whose fields go together.
bool IsTga(std::string_view text) {
  if (text.ends_with("TRUEVISION-XFILE.\0"sv)) return true;
  if (text.size() < 18) return false;
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const unsigned kind = byte(2) & ~8u;  // 8: run lengths
  const bool palette = byte(1) == 1;
  const bool kinds = palette ? kind == 1 : byte(1) == 0 && (kind == 2 || kind == 3);
  const unsigned depth = byte(16);
  const bool depths = kind == 2 ? depth == 15 || depth == 16 || depth == 24 || depth == 32
                                : depth == 8 || (kind == 3 && depth == 16);
  const bool has_size = (byte(12) | byte(13)) != 0 && (byte(14) | byte(15)) != 0;
  const bool entries =
      !palette || byte(7) == 8 || byte(7) == 15 || byte(7) == 16 || byte(7) == 24 || byte(7) == 32;
  return kinds && depths && has_size && entries && (byte(17) & 0xc0) == 0;
}

std::optional<KnownFormat> NameMarkup(std::string_view text) {
  constexpr size_t kLook = 4096;
  std::string start = LowerAscii(text.substr(0, kLook));
  if (start.starts_with("\xef\xbb\xbf")) start.erase(0, 3);
  start.erase(0, start.find_first_not_of(" \t\r\n"));
  if (!start.starts_with('<')) return std::nullopt;
  if (start.find("<svg") != start.npos || start.find("www.w3.org/2000/svg") != start.npos) {
    return kSvg;
  }
  if (start.starts_with("<!doctype html") || start.find("<html") != start.npos) return kWebPage;
  return std::nullopt;
}

}  // namespace

std::optional<KnownFormat> NameKnownFormat(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (const auto format = NameIsoMedia(text)) return format;
  if (const auto format = NameIcon(text)) return format;
  if (const auto format = NameGzip(text)) return format;
  if (const auto format = NameOfficeZip(text)) return format;
  if (const auto format = NameMarkup(text)) return format;
  if (IsNetpbm(text)) return kPnm;
  // A mark further inside is the surer one.
  const Mark* found = nullptr;
  for (const Mark& mark : kMarks) {
    if (Has(text, mark.at, mark.bytes) && (found == nullptr || mark.at > found->at)) found = &mark;
  }
  if (found != nullptr) return found->format;
  return IsTga(text) ? std::optional(kTga) : std::nullopt;
}

bool MayBeNoText(std::string_view bytes) {
  const size_t begin = bytes.find_first_not_of(" \t\r\n");
  if (begin == bytes.npos) return false;
  const std::string_view text = bytes.substr(begin);
  if (text.starts_with('<') || text.starts_with("%PDF") || text.starts_with("{\\rtf")) return true;
  return std::any_of(bytes.begin(), bytes.end(), [](char c) {
    constexpr char kEscape = 0x1b;  // of ISO-2022
    return c >= 0 && c < ' ' && (c < '\t' || c > '\r') && c != kEscape;
  });
}

}  // namespace roentgen
