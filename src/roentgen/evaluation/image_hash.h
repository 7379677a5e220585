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

/// The hashes of image files as LoadImage decodes them, and of whose they are.
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
  /// The patient that a question's DICOM files name (HashDicomIdentity); empty where none does, or
  /// several are named.
  std::string PatientOf(const std::vector<std::string>& files) const;

 private:
  struct Hashes {
    std::string pixels;
    std::string patient;
  };
  static Hashes HashesOfFile(const std::string& name, const std::filesystem::path& folder);

  std::map<std::string, Hashes> hashes_;  // by the file's name as it was given
};

}  // namespace roentgen
