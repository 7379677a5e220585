#include "roentgen/imaging/raw_inflate.h"

#include <zlib.h>

#include <algorithm>

#include "roentgen/base/error.h"

namespace roentgen {

struct RawInflater::State {
  z_stream stream{};
  ~State() { inflateEnd(&stream); }
};

RawInflater::RawInflater(std::span<const uint8_t> deflated) : state_(std::make_unique<State>()) {
  z_stream& stream = state_->stream;
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw Error("zlib cannot be used");
  // zlib does not write through next_in.
  stream.next_in =
      const_cast<Bytef*>(deflated.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  stream.avail_in = static_cast<uInt>(std::min<size_t>(deflated.size(), UINT32_MAX));
}

RawInflater::~RawInflater() = default;

void RawInflater::InflateTo(size_t size) {
  constexpr size_t kChunk = size_t{64} << 10;
  z_stream& stream = state_->stream;
  while (!ended_ && inflated_.size() < size) {
    const size_t before = inflated_.size();
    inflated_.resize(before + kChunk);
    stream.next_out = inflated_.data() + before;
    stream.avail_out = kChunk;
    const int state = inflate(&stream, Z_NO_FLUSH);
    inflated_.resize(before + kChunk - stream.avail_out);
    ended_ = state == Z_STREAM_END;
    if (!ended_ && state != Z_OK) throw Error("its deflated part is damaged or cut short");
  }
}

std::vector<uint8_t> InflateRaw(std::span<const uint8_t> deflated, size_t max_bytes) {
  RawInflater inflater(deflated);
  inflater.InflateTo(max_bytes + 1);
  if (inflater.bytes().size() > max_bytes) {
    throw Error("its deflated part grows beyond what its pixels can be");
  }
  return inflater.Take();
}

}  // namespace roentgen
