// Files of formats that are not read: each is called by its name, with what to do about it.

#include "roentgen/imaging/known_formats.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/imaging/load.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string ErrorOf(const std::string& bytes) {
  try {
    DecodeImage({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "影像.bin");
  } catch (const Error& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
  return "none";
}

/// The bytes at a place, with zeros before.
std::string At(size_t place, const std::string& bytes) {
  return std::string(place, '\0') + bytes;
}

std::string Gzip(const std::string& text) {
  std::string out(text.size() + 100, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(KnownFormats, AreNamedWithWhatToDo) {
  const std::string nifti = "\x5c\1\0\0"s + std::string(340, '\0') + "n+1\0"s;
  const std::string tga = "\0\0\2\0\0\0\0\0\0\0\0\0\5\0\4\0\x18\0"s + std::string(60, 'x');
  const std::vector<std::tuple<std::string, const char*, const char*>> files = {
      {"\0\0\0\x0cjP  \r\n\x87\n"s, "a JPEG 2000 image", "save it as PNG"},
      {"\xff\x4f\xff\x51\0\x29"s, "a JPEG 2000 image", "save it as PNG"},
      {"\0\0\0\x20"
       "ftypavif\0\0\0\0avifmif1"s,
       "an AVIF image", "save it as PNG"},
      {"\0\0\0\x20"
       "ftypmif1\0\0\0\0mif1avif"s,
       "an AVIF image", "save it as PNG"},
      {"\0\0\0\x24"
       "ftypheic\0\0\0\0mif1heic"s,
       "an HEIC image", "Save it as JPEG"},
      {"\0\0\0\x20"
       "ftypisom\0\0\2\0isomiso2"s,
       "a video (MP4", "Save one frame"},
      {"8BPS\0\1"s, "a Photoshop image", "save it as PNG"},
      {"\0\0\1\0\1\0\x10\x10"s, "a Windows icon", "save it as PNG"},
      {tga, "a TGA image", "save it as PNG"},
      {At(40, "TRUEVISION-XFILE.\0"s), "a TGA image", "save it as PNG"},
      {"P5\n2 2\n255\nabcd"s, "a Netpbm image", "save it as PNG"},
      {"P6 2 2 255 "s, "a Netpbm image", "save it as PNG"},
      {"\xff\x0a\x7f"s, "a JPEG XL image", "save it as PNG"},
      {"\0\0\0\x0cJXL \r\n\x87\n"s, "a JPEG XL image", "save it as PNG"},
      {"<?xml version=\"1.0\"?>\n<!-- 心脏 -->\n<svg xmlns=\"\"/>"s, "an SVG drawing", "save it"},
      {"%PDF-1.7\n"s, "a PDF document", "Export the page"},
      {nifti, "a NIfTI volume", "export its slices"},
      {Gzip(nifti + "more"), "a compressed NIfTI volume", "export its slices"},
      {Gzip("text"), "a gzip archive", "Unpack it"},
      {"NRRD0004\n"s, "an NRRD volume", "export its slices"},
      {"ObjectType = Image\nNDims = 3\n"s, "a MetaImage volume", "export its slices"},
      {"PK\3\4\x14"s, "a ZIP archive", "Unpack it"},
      {At(257, "ustar"), "a tar archive", "Unpack it"},
      {"RIFF\0\0\0\0AVI LIST"s, "a video", "Save one frame"},
      {"\x1a\x45\xdf\xa3"s, "a video (Matroska", "Save one frame"},
      {"\x93NUMPY\1\0"s, "a NumPy array", "Save the array"},
      {"\x89HDF\r\n\x1a\n"s, "an HDF5 file", "Save the array"},
      {"\xef\xbb\xbf\n<!DOCTYPE html><title>登录</title>"s, "a web page", "get it again"},
      {"version https://git-lfs.github.com/spec/v1\n"s, "a pointer of Git LFS", "git lfs pull"},
  };
  for (const auto& [bytes, name, advice] : files) {
    const std::string error = ErrorOf(bytes);
    EXPECT_THAT(error, HasSubstr("影像.bin: it is "s + name));
    EXPECT_THAT(error, HasSubstr(advice));
    EXPECT_THAT(error, HasSubstr("What is read: JPEG, PNG"));
  }
}

TEST(KnownFormats, OfficeFilesAreNamedByTheirParts) {
  const std::string zip = "PK\3\4\x14\0\6\0"s + std::string(600, '\0');
  EXPECT_THAT(ErrorOf(zip + "xl/workbook.xml"), HasSubstr("an Excel file (.xlsx)"));
  EXPECT_THAT(ErrorOf(zip + "word/document.xml"), HasSubstr("a Word file (.docx)"));
}

TEST(KnownFormats, TextsMayBeNoOtherFormat) {
  for (const std::string& text :
       {""s, "P5 shows no effusion"s, "两肺清晰。\r\n\t心影不大。\f"s,
        "\xd3\xd2\xb2\xe0\xc6\xf8\xd0\xd8"s, "{\"a\": 1}"s, "% of lung"s}) {
    EXPECT_FALSE(MayBeNoText(text)) << text;
  }
  for (const std::string& bytes :
       {"PK\3\4"s, "\x89PNG\r\n\x1a\n\0"s, "%PDF-1.7"s, "\n<html>"s, "{\\rtf1 a}"s, "BM\0\0"s}) {
    EXPECT_TRUE(MayBeNoText(bytes)) << bytes;
  }
}

TEST(KnownFormats, OthersHaveNoName) {
  for (const std::string& bytes : {""s, "P"s, "P5"s, "Dear doctor"s, "\x1f"s, "\0\0\0\0\0\0\0\0"s,
                                   "胸部正位片"s, std::string(400, '\0'), "<note>a</note>"s}) {
    EXPECT_FALSE(NameKnownFormat({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}))
        << bytes;
  }
  EXPECT_THAT(ErrorOf("胸部正位片"), HasSubstr("not a picture"));
}

TEST(KnownFormats, WhatIsReadIsNotAmongThem) {
  const auto seeds = test::SourceDir() / "fuzz" / "seeds" / "image_fuzz";
  for (const auto& entry : std::filesystem::directory_iterator(seeds)) {
    const std::string bytes = ReadFile(entry.path(), 1 << 20);
    if (LooksLikeImage({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()})) {
      EXPECT_FALSE(NameKnownFormat({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}))
          << entry.path();
    }
  }
}

}  // namespace
}  // namespace roentgen
