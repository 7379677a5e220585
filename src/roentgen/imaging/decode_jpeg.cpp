// jpeglib.h needs FILE and size_t from before it, jerror.h the configuration jpeglib.h brings.
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>

#include <jerror.h>

#include <csetjmp>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "roentgen/imaging/encoded_image.h"
#include "roentgen/imaging/exif.h"
#include "roentgen/imaging/jpeg_markers.h"
#include "roentgen/imaging/rare_jpeg.h"

namespace roentgen {
namespace {

constexpr const char* kFormat = "JPEG";

// Encoders write about ten scans. Every scan of a progressive file costs a pass over the whole
// picture however few bytes it has, so a small file with thousands of them would run for hours.
constexpr int kMaxScans = 100;

// A Huffman code has at least one bit and every 8×8 block of the first scan at least one code, so
// a byte of the file stands for at most 8 blocks.
constexpr int64_t kMaxPixelsPerByte = 8 * 64;

using namespace std::string_view_literals;
constexpr std::string_view kExifPrefix = "Exif\0\0"sv;
constexpr std::string_view kXmpPrefix = "http://ns.adobe.com/xap/1.0/\0"sv;

/// libjpeg's warnings that mean lost pixels. Pillow stops at the missing end only; a radiograph
/// whose lower half is made up must not be answered about.
bool MeansLostPixels(int code) {
  switch (code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
      return true;
    default:
      return false;
  }
}

enum class JpegColours { kConverted, kAsStored };

class JpegDecoder {
 public:
  JpegDecoder(const EncodedImage& file, JpegColours colours) : file_(file), colours_(colours) {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = OnError;
    errors_.emit_message = OnMessage;
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = OnProgress;
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&info_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  RawImage Decode() {
    if (!Try([this] { ReadHeader(); })) return DecodeOtherProcess();
    RawImage image = PrepareImage();
    Attempt([this, &image] { ReadRows(image); });
    // No jpeg_finish_decompress: like Pillow, what follows the last row does not matter.
    InvertCmyk(image);
    image.orientation = Orientation();
    return image;
  }

 private:
  /// Runs body; libjpeg leaves it by longjmp when it gives up, and false is returned. So body, and
  /// all that it calls, must own nothing that has a destructor.
  template <class Body>
  bool Try(const Body& body) {
    if (setjmp(jump_) != 0) return false;
    body();
    return true;
  }

  template <class Body>
  void Attempt(const Body& body) {
    if (!Try(body)) file_.Fail(kFormat, message_);
  }

  void ReadHeader() {
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, file_.bytes.data(), file_.bytes.size());
    jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(&info_, TRUE);
  }

  RawImage PrepareImage() {
    const int64_t width = info_.image_width;
    const int64_t height = info_.image_height;
    file_.CheckSize(kFormat, width, height);
    const auto bytes = static_cast<int64_t>(file_.bytes.size());
    if (info_.arith_code == FALSE && width * height / kMaxPixelsPerByte > bytes) {
      file_.Fail(kFormat, "it ends long before its last row");
    }
    PixelMode mode = PixelMode::kRgb;
    switch (info_.num_components) {
      case 1:
        mode = PixelMode::kGrey;
        info_.out_color_space = JCS_GRAYSCALE;
        break;
      case 3:
        info_.out_color_space = JCS_RGB;
        break;
      case 4:
        mode = PixelMode::kCmyk;
        info_.out_color_space = JCS_CMYK;
        break;
      default:
        file_.Fail(kFormat, std::to_string(info_.num_components) + " colour components");
    }
    if (colours_ == JpegColours::kAsStored) {
      info_.jpeg_color_space = JCS_UNKNOWN;
      info_.out_color_space = JCS_UNKNOWN;
    }
    return MakeRawImage(kFormat, mode, static_cast<int>(width), static_cast<int>(height));
  }

  /// After libjpeg gave up at the header: perhaps it is a kind that it does not decode.
  RawImage DecodeOtherProcess() {
    const bool unknown_kind = errors_.msg_code == JERR_SOF_UNSUPPORTED ||
                              errors_.msg_code == JERR_BAD_PRECISION ||
                              errors_.msg_code == JERR_UNKNOWN_MARKER;
    const std::optional<JpegFrameStart> start = FindJpegFrameStart(file_.bytes);
    if (!unknown_kind || !start || colours_ == JpegColours::kAsStored) {
      file_.Fail(kFormat, message_);
    }
    RawImage image = DecodeRareJpeg(file_, *start);
    image.orientation = Orientation();
    return image;
  }

  void ReadRows(RawImage& image) {
    jpeg_start_decompress(&info_);
    const size_t row_bytes = image.samples.size() / info_.output_height;
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = image.samples.data() + info_.output_scanline * row_bytes;
      jpeg_read_scanlines(&info_, &row, 1);
    }
  }

  /// Four components are taken for Adobe's, which stores light instead of ink. So does Pillow,
  /// with or without Adobe's marker.
  static void InvertCmyk(RawImage& image) {
    if (image.mode != PixelMode::kCmyk) return;
    for (uint8_t& sample : image.samples) sample = static_cast<uint8_t>(255 - sample);
  }

  int Orientation() const {
    std::vector<uint8_t> exif;
    std::string_view xmp;
    for (const auto* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      const std::string_view text(reinterpret_cast<const char*>(marker->data), marker->data_length);
      if (text.starts_with(kExifPrefix)) {
        // A long block is split over several markers.
        exif.insert(exif.end(), marker->data + kExifPrefix.size(),
                    marker->data + marker->data_length);
      } else if (text.starts_with(kXmpPrefix)) {
        xmp = text.substr(kXmpPrefix.size());
      }
    }
    return ChooseOrientation(exif, xmp);
  }

  static JpegDecoder& Self(j_common_ptr info) {
    return *static_cast<JpegDecoder*>(info->client_data);
  }

  [[noreturn]] static void OnError(j_common_ptr info) {
    JpegDecoder& self = Self(info);
    (*info->err->format_message)(info, self.message_);
    longjmp(self.jump_, 1);
  }

  static void OnMessage(j_common_ptr info, int level) {
    if (level < 0 && MeansLostPixels(info->err->msg_code)) OnError(info);
  }

  static void OnProgress(j_common_ptr info) {
    JpegDecoder& self = Self(info);
    if (self.info_.input_scan_number <= kMaxScans) return;
    std::snprintf(self.message_, sizeof(self.message_), "more than %d scans", kMaxScans);
    longjmp(self.jump_, 1);
  }

  const EncodedImage& file_;
  const JpegColours colours_;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  char message_[JMSG_LENGTH_MAX] = {};
};

}  // namespace

RawImage DecodeJpeg(const EncodedImage& file) {
  return JpegDecoder(file, JpegColours::kConverted).Decode();
}

RawImage DecodeJpegComponents(const EncodedImage& file) {
  return JpegDecoder(file, JpegColours::kAsStored).Decode();
}

}  // namespace roentgen
