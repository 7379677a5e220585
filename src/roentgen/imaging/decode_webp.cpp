#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

#include "roentgen/imaging/encoded_image.h"
#include "roentgen/imaging/exif.h"

namespace roentgen {
namespace {

constexpr const char* kFormat = "WebP";

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DeleteDemuxer>;

struct DeleteAnimation {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

WebPData AsWebPData(std::span<const uint8_t> bytes) {
  return {bytes.data(), bytes.size()};
}

/// Parses the container and checks the canvas it claims.
Demuxer OpenContainer(const EncodedImage& file) {
  const WebPData data = AsWebPData(file.bytes);
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  // The partial form yields the size even where the rest is missing: a bomb is called a bomb.
  Demuxer demuxer(WebPDemuxPartial(&data, &state));
  if (demuxer == nullptr || state == WEBP_DEMUX_PARSE_ERROR) {
    file.Fail(kFormat, "its container is damaged");
  }
  if (state >= WEBP_DEMUX_PARSED_HEADER) {
    file.CheckSize(kFormat, WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH),
                   WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT));
  }
  if (state != WEBP_DEMUX_DONE) file.Fail(kFormat, "it ends early");
  return demuxer;
}

RawImage DecodeStill(const EncodedImage& file, Size canvas, bool has_alpha) {
  RawImage image = MakeRawImage(kFormat, has_alpha ? PixelMode::kRgba : PixelMode::kRgb,
                                canvas.width, canvas.height);
  const auto decode = has_alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  const uint8_t* done = decode(file.bytes.data(), file.bytes.size(), image.samples.data(),
                               image.samples.size(), canvas.width * Channels(image.mode));
  if (done == nullptr) file.Fail(kFormat, "its pixels are damaged");
  return image;
}

/// The first frame of an animation, on its canvas, as Pillow shows it.
RawImage DecodeFirstFrame(const EncodedImage& file, Size canvas, bool has_alpha) {
  const WebPData data = AsWebPData(file.bytes);
  const std::unique_ptr<WebPAnimDecoder, DeleteAnimation> decoder(
      WebPAnimDecoderNew(&data, nullptr));
  uint8_t* rgba = nullptr;
  int milliseconds = 0;
  if (decoder == nullptr || WebPAnimDecoderGetNext(decoder.get(), &rgba, &milliseconds) == 0) {
    file.Fail(kFormat, "its first frame is damaged");
  }
  RawImage image = MakeRawImage(kFormat, has_alpha ? PixelMode::kRgba : PixelMode::kRgb,
                                canvas.width, canvas.height);
  const auto channels = static_cast<size_t>(Channels(image.mode));
  for (size_t i = 0, pixels = image.samples.size() / channels; i < pixels; ++i) {
    std::copy_n(rgba + 4 * i, channels, image.samples.data() + channels * i);
  }
  image.provenance.notes.push_back("the first frame of an animation");
  return image;
}

std::span<const uint8_t> MetadataChunk(const Demuxer& demuxer, const char* name) {
  WebPChunkIterator chunk{};
  std::span<const uint8_t> bytes;
  if (WebPDemuxGetChunk(demuxer.get(), name, 1, &chunk) != 0) {
    bytes = {chunk.chunk.bytes, chunk.chunk.size};  // inside the file, not the iterator
  }
  WebPDemuxReleaseChunkIterator(&chunk);
  return bytes;
}

}  // namespace

RawImage DecodeWebp(const EncodedImage& file) {
  const Demuxer demuxer = OpenContainer(file);
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(file.bytes.data(), file.bytes.size(), &features) != VP8_STATUS_OK) {
    file.Fail(kFormat, "its header is damaged");
  }
  file.CheckSize(kFormat, features.width, features.height);
  const Size canvas = {features.width, features.height};
  const bool has_alpha = features.has_alpha != 0;
  RawImage image = features.has_animation != 0 ? DecodeFirstFrame(file, canvas, has_alpha)
                                               : DecodeStill(file, canvas, has_alpha);
  const auto xmp = MetadataChunk(demuxer, "XMP ");
  image.orientation = ChooseOrientation(MetadataChunk(demuxer, "EXIF"),
                                        {reinterpret_cast<const char*>(xmp.data()), xmp.size()});
  return image;
}

}  // namespace roentgen
