#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "roentgen/imaging/dicom_identity.h"
#include "roentgen/imaging/image.h"

namespace roentgen {

/// What one look at an image file tells about it.
struct ImageFacts {
  /// Empty when the picture is sound; else why it cannot be used. Nothing below counts then.
  std::string problem;
  bool missing = false;          ///< the problem is that there is no such file
  Size size;                     ///< upright, in pixels
  std::string pixels_sha256;     ///< of the decoded pixels and their size
  DicomIdentity dicom;           ///< whose it is, of a DICOM file
  double blur = 0;               ///< 0 sharp to 1 blurred, see MeasureBlur
  bool has_structure = false;    ///< else perceptual_hash says nothing, see HasStructure
  uint64_t perceptual_hash = 0;  ///< see PerceptualHash
};

/// Reads, decodes, hashes and measures one file. Never throws for what is wrong with the file: that
/// is a fact about it. (Only memory running out throws.)
ImageFacts LookAtImage(const std::filesystem::path& path);

/// How blurred a picture is: the share of its fine variation that a further blur by a box of 11
/// pixels leaves. 0 is sharp, 1 is blurred; contrast does not matter.
///
/// Crété-Roffet et al. 2007, "The blur effect: perception and estimation with a new no-reference
/// perceptual blur metric"; blur_effect in scikit-image. Of the luma, the larger of both axes.
double MeasureBlur(const Image& image);

/// 64 bits that stay nearly the same when a picture is scaled, recompressed or its contrast
/// changed: signs of the 8×8 lowest frequencies of the cosine transform of the picture at 32×32
/// against their median ("pHash", Zauner 2010). Pictures are near duplicates when few bits differ.
uint64_t PerceptualHash(const Image& image);

/// Whether a picture has enough contrast for its perceptual hash to mean anything: a standard
/// deviation of two grey levels or more at 32×32. Of an empty one the hash is noise.
bool HasStructure(const Image& image);

/// The number of bits that differ.
int HammingDistance(uint64_t a, uint64_t b);

}  // namespace roentgen
