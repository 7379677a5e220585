#include <gif_lib.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>

#include "roentgen/imaging/encoded_image.h"

namespace roentgen {
namespace {

constexpr const char* kFormat = "GIF";

// GIF89a, appendix E: where the rows of the four passes of an interlaced picture start, and how far
// apart they are.
constexpr std::array<std::array<int, 2>, 4> kPasses = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};

class GifDecoder {
 public:
  explicit GifDecoder(const EncodedImage& file) : file_(file) {
    int error = 0;
    gif_ = DGifOpen(this, OnRead, &error);
    if (gif_ == nullptr) Fail(error);
  }
  ~GifDecoder() { DGifCloseFile(gif_, nullptr); }
  GifDecoder(const GifDecoder&) = delete;
  GifDecoder& operator=(const GifDecoder&) = delete;

  RawImage Decode() {
    // Some screens are 0 × 0: the first frame makes them as large as it is.
    file_.CheckSize(kFormat, std::max(gif_->SWidth, 1), std::max(gif_->SHeight, 1));
    FindFirstFrame();
    Require(DGifGetImageDesc(gif_));
    const GifImageDesc& frame = gif_->Image;
    file_.CheckSize(kFormat, frame.Width, frame.Height);
    // A frame that leaves the screen widens it, as in Pillow.
    const int width = std::max(gif_->SWidth, frame.Left + frame.Width);
    const int height = std::max(gif_->SHeight, frame.Top + frame.Height);
    file_.CheckSize(kFormat, width, height);
    RawImage image = MakeRawImage(kFormat, PixelMode::kPalette, width, height);
    TakePalette(image);
    if (key_) {
      image.colour_key = {*key_};
      std::fill(image.samples.begin(), image.samples.end(), static_cast<uint8_t>(*key_));
    }
    ReadRows(image);
    return image;
  }

 private:
  [[noreturn]] void Fail(int error) const {
    // giflib's word for LZW codes that begin with more than 8 bits, which some encoders write.
    if (error == D_GIF_ERR_READ_FAILED && !ended_) {
      file_.FailUnsupported(kFormat, "its compression begins with codes of more than 8 bits");
    }
    const char* reason = GifErrorString(error);
    file_.Fail(kFormat, ended_ || reason == nullptr ? "it ends early" : reason);
  }

  void Require(int status) const {
    if (status != GIF_OK) Fail(gif_->Error);
  }

  /// Goes to the first picture; a graphic control block before it may name a transparent index.
  void FindFirstFrame() {
    while (true) {
      GifRecordType record = UNDEFINED_RECORD_TYPE;
      Require(DGifGetRecordType(gif_, &record));
      if (record == IMAGE_DESC_RECORD_TYPE) return;
      if (record != EXTENSION_RECORD_TYPE) file_.Fail(kFormat, "no picture in it");
      int code = 0;
      GifByteType* block = nullptr;
      Require(DGifGetExtension(gif_, &code, &block));
      if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr) TakeControlBlock(block);
      while (block != nullptr) Require(DGifGetExtensionNext(gif_, &block));
    }
  }

  void TakeControlBlock(const GifByteType* block) {
    GraphicsControlBlock control{};
    if (DGifExtensionToGCB(block[0], block + 1, &control) != GIF_OK) return;
    if (control.TransparentColor != NO_TRANSPARENT_COLOR) key_ = control.TransparentColor;
  }

  /// A palette of its own comes before the screen's; none, or one that is the plain grey ramp,
  /// makes a grey picture.
  void TakePalette(RawImage& image) const {
    const ColorMapObject* map =
        gif_->Image.ColorMap != nullptr ? gif_->Image.ColorMap : gif_->SColorMap;
    const int count = map == nullptr ? 0 : std::min(map->ColorCount, 256);
    for (int i = 0; i < count; ++i) {
      const GifColorType& colour = map->Colors[i];
      image.palette[static_cast<size_t>(i)] = {colour.Red, colour.Green, colour.Blue, 255};
    }
    if (IsGreyRamp(image.palette, count)) image.mode = PixelMode::kGrey;
  }

  void ReadRows(RawImage& image) {
    const GifImageDesc& frame = gif_->Image;
    const auto read_row = [&](int y) {
      const size_t at = static_cast<size_t>(frame.Top + y) * static_cast<size_t>(image.width) +
                        static_cast<size_t>(frame.Left);
      Require(DGifGetLine(gif_, image.samples.data() + at, frame.Width));
    };
    if (!frame.Interlace) {
      for (int y = 0; y < frame.Height; ++y) read_row(y);
      return;
    }
    for (const auto& [start, step] : kPasses) {
      for (int y = start; y < frame.Height; y += step) read_row(y);
    }
  }

  static int OnRead(GifFileType* gif, GifByteType* out, int size) {
    auto& self = *static_cast<GifDecoder*>(gif->UserData);
    const auto rest = self.file_.bytes.subspan(self.read_);
    const size_t count = std::min(rest.size(), static_cast<size_t>(size));
    self.ended_ = self.ended_ || count < static_cast<size_t>(size);
    std::memcpy(out, rest.data(), count);
    self.read_ += count;
    return static_cast<int>(count);
  }

  const EncodedImage& file_;
  size_t read_ = 0;
  bool ended_ = false;
  GifFileType* gif_ = nullptr;
  std::optional<int> key_;
};

}  // namespace

RawImage DecodeGif(const EncodedImage& file) {
  return GifDecoder(file).Decode();
}

}  // namespace roentgen
