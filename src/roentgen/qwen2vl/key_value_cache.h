#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/kernels/attention.h"
#include "roentgen/tensor/matrix.h"

namespace roentgen {

/// The keys and values of every token so far, for every layer: what a conversation need not compute
/// again. Keys are stored rotated. Memory grows in pages and is never moved.
class KeyValueCache {
 public:
  static constexpr size_t kPageTokens = 256;

  KeyValueCache(size_t layers, const KeyValueFormat& format) : format_(format), layers_(layers) {}

  /// Tokens whose keys and values are complete in every layer.
  size_t size() const { return size_; }
  /// Memory held, in bytes.
  size_t bytes() const;
  /// What `tokens` tokens would hold, in bytes.
  size_t BytesFor(size_t tokens) const;

  /// Makes room for `tokens` tokens in all. Throws Error when the memory cannot be had; what is
  /// cached stays as it was.
  void Reserve(size_t tokens);

  /// Writes a layer's keys and values of the tokens [size(), size() + keys.rows), for which there
  /// must be room. They count once Advance was called for them.
  void Write(size_t layer, ConstMatrix keys, ConstMatrix values);
  void Advance(size_t tokens) { size_ += tokens; }

  /// Forgets the tokens from `size` on. Pages stay.
  void Truncate(size_t size);

  /// The first `tokens` tokens' keys and values in an order of its own, bytes_per_token() each.
  std::string Save(size_t tokens) const;
  /// Makes an empty cache hold what Save gave. Throws ShapeError when it is not of this format.
  void Restore(std::string_view saved, size_t tokens);
  size_t bytes_per_token() const { return format_.RowBytes() * 2 * layers_.size(); }

  PagedRows keys(size_t layer) const { return layers_[layer].keys.View(format_); }
  PagedRows values(size_t layer) const { return layers_[layer].values.View(format_); }

 private:
  /// Pages of one layer's keys or values.
  class Pages {
   public:
    void Add(const KeyValueFormat& format);
    void Write(const KeyValueFormat& format, size_t first, ConstMatrix rows);
    size_t count() const { return owned_.size(); }
    std::byte* Row(const KeyValueFormat& format, size_t token) const {
      return owned_[token / kPageTokens].data() + token % kPageTokens * format.RowBytes();
    }
    PagedRows View(const KeyValueFormat& format) const {
      return {pointers_, kPageTokens, format.RowBytes(), format.type};
    }

   private:
    std::vector<AlignedBytes> owned_;
    std::vector<const std::byte*> pointers_;
  };
  struct Layer {
    Pages keys;
    Pages values;
  };

  KeyValueFormat format_;
  size_t size_ = 0;
  std::vector<Layer> layers_;
};

}  // namespace roentgen
