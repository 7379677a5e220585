#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "roentgen/evaluation/example.h"

namespace roentgen {

/// Which questions were drawn together. Questions about one image are answered right or wrong
/// together, so a set of 40 images with 10 questions each tells less than 400 questions about 400
/// images would: intervals and tests treat such a unit as one draw.
struct SamplingUnits {
  std::vector<uint32_t> of;  ///< for each question its unit, counted from 0 as they first appear
  size_t count = 0;
  bool patients = false;     ///< every question has its patient: the units are patients
  size_t without_image = 0;  ///< questions with neither patient nor image: units of their own

  /// What is counted: "patients", "images", or "units" where no image is known.
  std::string_view noun() const {
    if (patients) return "patients";
    return !of.empty() && without_image == of.size() ? "units" : "images";
  }
};

/// Questions are in one unit when they share a patient, an image (by the hash of its content; where
/// there is none, by its path) or a twin (images that differ in the one thing asked for). Where
/// a question has neither patient nor image, its paraphrases are in its unit; else they share the
/// image anyway. Throws Error as TwinsAmong does.
SamplingUnits FindSamplingUnits(std::span<const Example> examples);

/// The units of some of the questions, numbered anew.
SamplingUnits Select(const SamplingUnits& units, std::span<const size_t> questions);

}  // namespace roentgen
