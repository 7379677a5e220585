#include <fmt/format.h>
#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_codecs.h"

namespace roentgen {
namespace {

/// Bytes in memory as OpenJPEG reads them.
struct Reader {
  std::span<const uint8_t> bytes;
  size_t at = 0;
  std::string problem;

  static OPJ_SIZE_T Read(void* out, OPJ_SIZE_T size, void* user) {
    auto& self = *static_cast<Reader*>(user);
    const size_t count = std::min<size_t>(size, self.bytes.size() - self.at);
    if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
    std::memcpy(out, self.bytes.data() + self.at, count);
    self.at += count;
    return count;
  }

  static OPJ_OFF_T Skip(OPJ_OFF_T count, void* user) {
    auto& self = *static_cast<Reader*>(user);
    if (count < 0 || static_cast<uint64_t>(count) > self.bytes.size() - self.at) return -1;
    self.at += static_cast<size_t>(count);
    return count;
  }

  static OPJ_BOOL Seek(OPJ_OFF_T place, void* user) {
    auto& self = *static_cast<Reader*>(user);
    if (place < 0 || static_cast<uint64_t>(place) > self.bytes.size()) return OPJ_FALSE;
    self.at = static_cast<size_t>(place);
    return OPJ_TRUE;
  }

  static void OnError(const char* message, void* user) {
    std::string& problem = static_cast<Reader*>(user)->problem;
    if (!problem.empty()) return;  // the first says why, the others what followed from it
    problem = message;
    while (!problem.empty() && (problem.back() == '\n' || problem.back() == '.')) {
      problem.pop_back();
    }
  }
};

using Codec = std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)>;
using Stream = std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)>;
using Picture = std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)>;

bool IsCodeStream(std::span<const uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0xff && bytes[1] == 0x4f;
}

void CheckComponents(const opj_image_t& picture, const DicomHeader& header) {
  bool fits = picture.numcomps == static_cast<OPJ_UINT32>(header.samples);
  for (OPJ_UINT32 c = 0; fits && c < picture.numcomps; ++c) {
    const opj_image_comp_t& component = picture.comps[c];
    fits = component.w == header.columns && component.h == header.rows && component.prec >= 1 &&
           component.prec <= 32;
  }
  if (!fits) throw Error("its JPEG 2000 stream has another shape than its header says");
}

}  // namespace

DecodedStream DecodeJpeg2000Frame(const EncodedImage& stream, const DicomHeader& header) {
  Reader reader{stream.bytes, 0, {}};
  const auto fail = [&reader] {
    throw Error(fmt::format("its JPEG 2000 stream cannot be decoded: {}",
                            reader.problem.empty() ? "it is damaged" : reader.problem));
  };
  const OPJ_CODEC_FORMAT format = IsCodeStream(stream.bytes) ? OPJ_CODEC_J2K : OPJ_CODEC_JP2;
  const Codec codec(opj_create_decompress(format), opj_destroy_codec);
  const Stream source(opj_stream_default_create(OPJ_TRUE), opj_stream_destroy);
  if (!codec || !source) throw std::bad_alloc();
  opj_set_error_handler(codec.get(), Reader::OnError, &reader);
  opj_stream_set_read_function(source.get(), Reader::Read);
  opj_stream_set_skip_function(source.get(), Reader::Skip);
  opj_stream_set_seek_function(source.get(), Reader::Seek);
  opj_stream_set_user_data(source.get(), &reader, nullptr);
  opj_stream_set_user_data_length(source.get(), stream.bytes.size());

  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t* opened = nullptr;
  if (opj_setup_decoder(codec.get(), &parameters) == OPJ_FALSE ||
      opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE) == OPJ_FALSE) {
    fail();
  }
  const bool has_header = opj_read_header(source.get(), codec.get(), &opened) == OPJ_TRUE;
  const Picture picture(opened, opj_image_destroy);
  if (!has_header || !picture) fail();
  CheckComponents(*picture, header);  // before anything of its size is allocated
  if (opj_decode(codec.get(), source.get(), picture.get()) == OPJ_FALSE) fail();
  CheckComponents(*picture, header);

  DecodedStream decoded;
  decoded.bits = static_cast<int>(picture->comps[0].prec);
  decoded.values.resize(header.values());
  for (OPJ_UINT32 c = 0; c < picture->numcomps; ++c) {
    const opj_image_comp_t& component = picture->comps[c];
    if (component.data == nullptr) fail();
    for (size_t i = 0; i < header.pixels(); ++i) {
      decoded.values[i * picture->numcomps + c] = static_cast<uint32_t>(component.data[i]);
    }
  }
  return decoded;
}

}  // namespace roentgen
