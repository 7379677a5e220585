#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
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
  size_t patients = 0;       ///< units of which the patient is known
  size_t images = 0;         ///< units of which an image is known and no patient
  size_t without_image = 0;  ///< questions with neither patient nor image
  /// Their units: as many, or fewer where paraphrases join.
  size_t units_without_image = 0;

  /// What is counted, in a column's head: "patients", "images", or "units" where no image is known
  /// or only some questions have their patient.
  std::string_view noun() const;
  /// The same in a sentence: "12 patients", "12 units (5 patients and 7 images)".
  std::string Counted() const;
  /// What is said of the questions that have neither patient nor image; empty where all have one.
  std::string OfUnknown() const;
};

/// For each question what tells its images apart, the same for the same image: the hash of its
/// content, else the one that other questions have for its path, else its path without "." and
/// "..". Empty where no image is known.
std::vector<std::vector<std::string>> ImageKeys(std::span<const Example> examples);

/// Questions are in one unit when they share a patient, an image (ImageKeys) or a twin (images that
/// differ in the one thing asked for). Where a question has neither patient nor image, its
/// paraphrases are in its unit; else they share the image anyway. Throws Error as TwinsAmong does.
SamplingUnits FindSamplingUnits(std::span<const Example> examples);

/// The units of some of the questions, numbered anew.
SamplingUnits Select(const SamplingUnits& units, std::span<const size_t> questions);

}  // namespace roentgen
