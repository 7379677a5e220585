#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {

/// Calls row for every row of a JSON or JSON-lines file as an object under its name ("FILE: row
/// 7"). Rows too large to be held go to take, with their flaw.
void ForEachObject(const std::filesystem::path& file,
                   const std::function<void(const JsonObject& row, SourceRow source)>& row,
                   const std::function<void(SourceSample)>& take);

/// "question" about one image and its answer, as a sample's turns.
std::vector<Turn> QuestionAndAnswer(const std::string& question, const std::string& answer);

/// The text of a field. A number is written as text and kept in extra under the field's name: the
/// rule integer-answer finds it there.
std::string TextOf(const JsonObject& row, const std::string& key, Json& extra);

/// "zh" for a text with Chinese characters, "en" for one with Latin letters only, else empty.
std::string GuessLanguage(const std::vector<Turn>& turns);

/// The part of a question set that a word names, in any case: "Training", "valid", "validate",
/// "dev", "TEST". Nothing for other names, "train_old" among them.
std::optional<std::string_view> PartNamed(std::string_view name);

/// The JSON and JSON-lines files of a folder itself, sorted.
std::vector<std::filesystem::path> JsonFilesIn(const std::filesystem::path& folder);

/// The file or folder of that name in a folder, where blanks may have become "_" and case may
/// differ, as downloads make it; the name itself when there is none.
std::filesystem::path FindNamed(const std::filesystem::path& folder, std::string_view name);

/// The regular files of a folder and those below it that have an image's extension, sorted.
std::vector<std::filesystem::path> ImageFilesBelow(const std::filesystem::path& folder);

}  // namespace roentgen
