#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/training/image_set.h"

namespace roentgen {

/// What a question is asked about: its own image, or something in its place that shows whether the
/// answer rests on it.
enum class ShownImages {
  kTrue,
  kSwapped,  ///< another image of the set, see DerangeImages
  kBlank,    ///< mid grey (every byte 128), of the true image's size after resizing
  kNoise,    ///< independent grey pixels, of that size; for each image its own
};

/// "true", "swapped", "blank", "noise".
std::string_view NameOf(ShownImages images);
/// The other way round. Throws Error for another name.
ShownImages ShownImagesNamed(std::string_view name);

/// The pictures that a run shows, each once, by number. What is blank is one picture for all images
/// of a size.
class ShownPictures {
 public:
  /// images   of the question set; must live as long as this
  /// swapped  for each of them, by number, which other takes its place; empty when none does
  ShownPictures(const ImageSet& images, const PreprocessorConfig& preprocessor,
                std::vector<size_t> swapped);

  struct Picture {
    size_t number = 0;
    size_t image = 0;   ///< of the set: that is shown, or whose size it has
    size_t tokens = 0;  ///< places that it takes in the text
  };
  /// The picture shown for an image.
  Picture For(size_t image, ShownImages shown);

  size_t size() const { return pictures_.size(); }
  Patches Load(size_t number) const;
  /// The hash of a grey picture's pixels; empty for one that a file holds.
  std::string HashOfGrey(size_t number) const;

 private:
  /// What tells pictures apart; of an image that is swapped, it is the other one's true picture.
  struct Key {
    ShownImages shown = ShownImages::kTrue;
    size_t image = 0;
    auto operator<=>(const Key&) const = default;
  };
  Key KeyOf(size_t image, ShownImages shown) const;
  Image Grey(const Key& key) const;

  const ImageSet& images_;
  PreprocessorConfig preprocessor_;
  std::vector<size_t> swapped_;
  std::vector<size_t> same_size_;  // for each image the first one of its size
  std::vector<Key> pictures_;
  std::map<Key, size_t> numbers_;
};

}  // namespace roentgen
