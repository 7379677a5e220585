#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace roentgen {

/// Raw deflate (RFC 1951), inflated only as far as somebody asks: two megabytes may stand for two
/// gigabytes.
class RawInflater {
 public:
  explicit RawInflater(std::span<const uint8_t> deflated);
  ~RawInflater();
  RawInflater(const RawInflater&) = delete;
  RawInflater& operator=(const RawInflater&) = delete;

  /// Inflates until `size` bytes are there, or a few more, or the stream ends. Throws Error when it
  /// is damaged or cut short before that.
  void InflateTo(size_t size);
  bool ended() const { return ended_; }
  /// What was inflated so far; the next InflateTo may move it.
  std::span<const uint8_t> bytes() const { return inflated_; }
  std::vector<uint8_t> Take() { return std::move(inflated_); }

 private:
  struct State;  // zlib's
  std::unique_ptr<State> state_;
  std::vector<uint8_t> inflated_;
  bool ended_ = false;
};

/// A whole stream. Throws Error when it is damaged or grows beyond max_bytes.
std::vector<uint8_t> InflateRaw(std::span<const uint8_t> deflated, size_t max_bytes);

}  // namespace roentgen
