#pragma once

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "roentgen/data/image_facts.h"
#include "roentgen/data/near_images.h"
#include "roentgen/data/row_facts.h"

namespace roentgen {

/// What rows of a unit share, the strongest first.
enum class UnitTie : char { kPatient, kDicomPatient, kStudy, kImage, kQuestion };

struct SplitUnit {
  UnitTie tie;
  uint64_t hash;
  bool operator==(const SplitUnit&) const = default;
  bool operator<(const SplitUnit& other) const {
    return std::tie(tie, hash) < std::tie(other.tie, other.hash);
  }
};

/// The unit of each row, which is in one part only: rows are of one unit that share a patient or a
/// study (the source's or DICOM's), the pixels of an image or, where it is not known whose an image
/// is, the look of a near duplicate; rows with neither patient nor image, that share a question. A
/// Patient ID that all DICOM files of several studies have tells nobody.
///
/// A unit is named by a hash of what its rows share, of a patient before a study, before an image,
/// before a question; of several patients or images the one with the lowest hash. So it does not
/// depend on other rows, nor on their order. Only a row that joins two units to one can rename one.
///
/// images      what LookAtImage says of each of facts.images
/// near_pairs  of images
std::vector<SplitUnit> SplitUnits(const SetFacts& facts, std::span<const ImageFacts> images,
                                  std::span<const NearPair> near_pairs);

/// The part that a unit falls into, drawn by a hash of it and the seed alone: part i with the
/// probability shares[i] of their sum.
uint32_t PartOfUnit(const SplitUnit& unit, std::span<const double> shares, uint64_t seed);

}  // namespace roentgen
