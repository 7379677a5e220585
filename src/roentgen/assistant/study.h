#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/data/report_protocol.h"

namespace roentgen {

/// Whether a text has the form of a SHA-256 here: 64 lower-case hexadecimal digits.
bool IsSha256(std::string_view text);

/// A picture as the model was shown it. It carries no file name: those can name patients.
struct ShownPicture {
  std::string sha256;  ///< OpenedPicture's
  /// Of the resized pixels that the model was shown: 3 bytes each (RGB), rows from the top. Frames
  /// of one file, and windows on it, have their own. Empty in a transcript that does not tell.
  std::string pixels_sha256;
  std::string facts;       ///< "DICOM 512×512 → 504×504, 324 tokens, CT, window 350/40"
  std::string png;         ///< its resized pixels, from which the conversation can go on
  std::string modality;    ///< of DICOM, a defined term (dicom_terms.h): "CT"; else empty
  std::string body_part;   ///< of DICOM, a defined term: "CHEST"; else empty
  std::string study_date;  ///< of DICOM: "2019-04-07"; else empty
};

/// An image that was shown, by its hashes alone.
struct ShownImage {
  std::string sha256;
  std::string pixels_sha256;

  bool operator==(const ShownImage&) const = default;
};
std::vector<ShownImage> HashesOf(std::span<const ShownPicture> images);

/// What names a study in reports, audit lines and transcripts: a SHA-256 over its images' hashes in
/// their order. Empty where there is no image.
std::string StudyId(std::span<const ShownImage> images);

/// Which examination a study is, as far as it decides what a report asks, and how that is known.
struct Examination {
  enum class Source {
    kUnknown,  ///< nothing told it: the questions are those for any examination
    kGiven,    ///< by the user
    kDicom,    ///< from the modality and the body part of the files
    kAnswer,   ///< from the model's answer to the first question
  };

  ReportSubject subject = ReportSubject::kOther;
  Source source = Source::kUnknown;
  std::string evidence;  ///< "CR CHEST" of DICOM, the words of an answer; empty otherwise
};

/// Images of one patient that belong together, and all that a report about them is told.
struct ImagingStudy {
  std::vector<ShownPicture> images;  ///< in the order in which the model sees them
  std::string indication;            ///< what the user said the images were made for; may be empty
  Examination examination;           ///< MakeReport finds it where it is not given
  /// Its DICOM files name patients, and not one alone; nothing where that is not known.
  std::optional<bool> different_patients = false;

  std::string Id() const { return StudyId(HashesOf(images)); }

  /// The day of the examination, "2019-04-07", where DICOM files tell one and no other; else empty.
  std::string Date() const;
};

}  // namespace roentgen
