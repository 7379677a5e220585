#include "roentgen/evaluation/shown_images.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/random.h"
#include "roentgen/evaluation/image_hash.h"

namespace roentgen {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"true", "swapped", "blank", "noise"};
constexpr uint8_t kMidGrey = 128;

/// A grey picture of as many patches as the grid has.
Image GreyPicture(const GridThw& grid, int patch_size, const std::function<uint8_t()>& grey) {
  Image image;
  image.width = grid.w * patch_size;
  image.height = grid.h * patch_size;
  image.rgb.resize(static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3);
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    image.rgb[i] = image.rgb[i + 1] = image.rgb[i + 2] = grey();
  }
  return image;
}

}  // namespace

std::string_view NameOf(ShownImages images) {
  return kNames[static_cast<size_t>(images)];
}

ShownImages ShownImagesNamed(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<ShownImages>(i);
  }
  throw Error(fmt::format("there are no images called \"{}\"", name),
              "There are: true, swapped, blank, noise");
}

ShownPictures::ShownPictures(const ImageSet& images, const PreprocessorConfig& preprocessor,
                             std::vector<size_t> swapped)
    : images_(images), preprocessor_(preprocessor), swapped_(std::move(swapped)) {
  std::map<std::array<int, 3>, size_t> first_of_size;
  for (size_t i = 0; i < images_.size(); ++i) {
    const GridThw& grid = images_[i].grid;
    same_size_.push_back(first_of_size.try_emplace({grid.t, grid.h, grid.w}, i).first->second);
  }
}

ShownPictures::Key ShownPictures::KeyOf(size_t image, ShownImages shown) const {
  switch (shown) {
    case ShownImages::kSwapped:
      return {ShownImages::kTrue, swapped_.at(image)};
    case ShownImages::kBlank:
      return {shown, same_size_[image]};
    default:
      return {shown, image};
  }
}

ShownPictures::Picture ShownPictures::For(size_t image, ShownImages shown) {
  const Key key = KeyOf(image, shown);
  const auto [known, added] = numbers_.try_emplace(key, pictures_.size());
  if (added) pictures_.push_back(key);
  return {known->second, key.image, images_[key.image].tokens};
}

Image ShownPictures::Grey(const Key& key) const {
  const ImageSet::Entry& image = images_[key.image];
  Random random(Fnv1a64(image.sha256));
  return GreyPicture(image.grid, preprocessor_.patch_size, [&]() -> uint8_t {
    return key.shown == ShownImages::kBlank ? kMidGrey
                                            : static_cast<uint8_t>(random.NextBits() >> 56);
  });
}

Patches ShownPictures::Load(size_t number) const {
  const Key& key = pictures_[number];
  if (key.shown == ShownImages::kTrue) return images_.Load(key.image);
  return MakePatches(Grey(key), preprocessor_);
}

std::string ShownPictures::HashOfGrey(size_t number) const {
  const Key& key = pictures_[number];
  return key.shown == ShownImages::kTrue ? "" : PixelHash(Grey(key));
}

}  // namespace roentgen
