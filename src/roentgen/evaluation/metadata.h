#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/json.h"

namespace roentgen {

/// Metadata that measures rest on, by its column's name.
inline constexpr const char* kPremise = "premise";               ///< "false": see hallucination.h
inline constexpr const char* kTwin = "twin";                     ///< see consistency.h
inline constexpr const char* kParaphrase = "paraphrase";         ///< likewise
inline constexpr const char* kLinkedQuestion = "qid_linked_id";  ///< VQA-RAD's paraphrases
bool IsMeasured(std::string_view name);

/// Whether a text stands for no value: nothing but blanks, "-", "nan", "None", "null", "n/a", 未知.
bool SaysNothing(std::string_view text);

/// Whether a table's program wrote the text where there was no value: "nan", "null", "<NA>", "#N/A"
/// in any case. "None", "N/A", "-" and 未知 may be answers.
bool IsMissingValue(std::string_view text);

/// The texts of a value in a column of metadata: a text without the blanks at its edges; "true",
/// "false"; a number, whole ones without a fraction (1.0 is "1"); of a list all of these. Empty for
/// null, an object and blanks.
///
/// Of IsMeasured columns there is one at most, none where the text SaysNothing: of a premise "true"
/// or "false", however that is said (False, 0, "no", 假), of others a name, which may be a number.
/// Throws Error, naming the place, the column and the value, when it is something else.
///
/// where  of the row, for the message: "FILE: row 7"
std::vector<std::string> MetadataOf(const std::string& where, const std::string& name,
                                    const Json& value);

}  // namespace roentgen
