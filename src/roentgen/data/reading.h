#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/base/json_rows.h"
#include "roentgen/data/part_names.h"
#include "roentgen/data/patient_names.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {

/// Calls row for every row of a JSON or JSON-lines file as an object under its name ("FILE: row
/// 7"). Rows too large to be held go to take, with their flaw.
///
/// texts  fields that are texts: a number there is the text that it was written as ("2.50")
/// row    is given its source and number_fields in `found`, which has nothing else yet
void ForEachObject(const std::filesystem::path& file, const std::vector<JsonTextField>& texts,
                   const std::function<void(const JsonObject& row, SourceSample found)>& row,
                   const std::function<void(SourceSample)>& take);

/// A question about so many images and its answer, as a sample's turns. The images come first, but
/// where the question has places for images itself.
std::vector<Turn> QuestionAndAnswer(const std::string& question, const std::string& answer,
                                    size_t images = 1);

/// What a text has a place for that is not supported, "<video>" or "<audio>".
std::optional<std::string_view> UnsupportedPlaceIn(std::string_view text);

/// kClosed or kOpen where an answer type names it, in any case and width: "closed", "Closed-ended",
/// "封闭", "開放式"; any other name as it is.
std::string AnswerTypeOrName(std::string_view name);

/// Whether an image's name is an address ("https://…"), not a file's.
bool IsAddress(std::string_view name);
/// Why such an image is missing.
inline constexpr std::string_view kAddressProblem =
    "an address, and pictures are not fetched: download it and name the file";

/// The file of an image that a row names. Throws Error as PathInside does, and for an address.
/// where  of the name, for the message: "FILE: row 7: image"
std::filesystem::path ImageInside(const std::filesystem::path& folder, const std::string& where,
                                  const std::string& name);

/// A row that cannot be read, or not as it is meant.
SourceSample::Flaw FlawOf(const Error& error, std::string reason);

/// What the values of a column of no known name say about parts of the set.
class ColumnValues {
 public:
  void Take(std::string_view value);

  /// Whether all are folds and the name says so: the column is the split.
  bool AreFolds(std::string_view column) const;
  /// A sentence where the column seems to mark parts, but is not read; empty otherwise.
  std::string NoteOf(const std::string& column) const;

 private:
  bool any_ = false;
  bool only_parts_ = true;
  bool only_folds_ = true;
  bool only_flags_ = true;
  std::vector<std::string> parts_;  // the first, each once
};

/// Says that a column is the split because its values are folds.
std::string NoteOfFolds(const std::string& column);

/// Reads the rows of a set in the published form. What `read` throws about a row becomes the row's
/// flaw, so that one bad row does not end the rest. Throws Error, the first row's, when no row can
/// be read: the file is another set's.
class RowReading {
 public:
  explicit RowReading(const std::function<void(SourceSample)>& take) : take_(take) {}

  /// Hands on the row with the sample that `read` gives. A text of it with a place for a video or
  /// sound is a flaw too.
  ///
  /// where  of the row in messages: "FILE: row 7"
  /// found  its source, its split if that is known, and what else is; a flawed row keeps these two
  void Row(const std::string& where, SourceSample found, const std::function<Sample()>& read);
  void RequireAny() const;

 private:
  const std::function<void(SourceSample)>& take_;
  bool any_ = false;
  std::optional<Error> first_;
};

/// The JSON and JSON-lines files of a folder itself, sorted.
std::vector<std::filesystem::path> JsonFilesIn(const std::filesystem::path& folder);

/// The file or folder of that name in a folder, where blanks may have become "_" and case may
/// differ, as downloads make it; the name itself when there is none.
std::filesystem::path FindNamed(const std::filesystem::path& folder, std::string_view name);

/// The regular files of a folder and those below it that have an image's extension, sorted.
std::vector<std::filesystem::path> ImageFilesBelow(const std::filesystem::path& folder);

}  // namespace roentgen
