#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/imaging/image.h"

namespace roentgen {

/// SHA-256 of a picture's size and pixels: the same for every file that shows the same, whatever it
/// is called and however it is compressed.
std::string PixelHash(const Image& image);

/// The hashes of image files as LoadImage decodes them.
class ImageHashes {
 public:
  ImageHashes() = default;
  /// Decodes each file once; one that cannot be read has no hash.
  ///
  /// folder  where a relative name is looked for that is not found from the working folder
  ImageHashes(std::vector<std::string> files, const std::filesystem::path& folder,
              ThreadPool& pool);

  /// The hashes of a question's images, in their order; empty unless every one has a hash.
  std::vector<std::string> Of(const std::vector<std::string>& files) const;

 private:
  std::map<std::string, std::string> hashes_;  // by the file's name as it was given
};

}  // namespace roentgen
