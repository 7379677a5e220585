#pragma once

#include <optional>
#include <string_view>

#include "roentgen/assistant/study.h"

namespace roentgen {

/// The examination that somebody names: "chest", "head", "abdomen", "other", 胸部, 头颅, 腹部,
/// 其他, in any case and width. Nothing for anything else.
std::optional<ReportSubject> ParseExamination(std::string_view name);

/// "chest" or 胸部.
std::string_view NameOf(ReportSubject subject, Language language);

/// What the DICOM files of a study say, by modality and body part; kUnknown where they say nothing,
/// or not the same.
Examination ExaminationOf(std::span<const ShownPicture> images);

/// What an answer to "Which examination is this?" says, in English and Chinese, by whole words:
/// "left hip, femoral head" is no head. kUnknown where it names none of those that are told apart.
Examination ReadExamination(std::string_view answer);

}  // namespace roentgen
