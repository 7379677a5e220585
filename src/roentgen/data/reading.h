#pragma once

#include <filesystem>
#include <functional>
#include <string>
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

/// The regular files of a folder and those below it that have an image's extension, sorted.
std::vector<std::filesystem::path> ImageFilesBelow(const std::filesystem::path& folder);

}  // namespace roentgen
