#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/data/blanks.h"
#include "roentgen/data/csv_columns.h"
#include "roentgen/data/csv_rows.h"
#include "roentgen/data/guess_language.h"
#include "roentgen/data/reading.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

/// The CSV file that a path names, itself or as the only one in a folder.
fs::path FindCsv(const fs::path& path) {
  if (!fs::is_directory(path)) return path;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.path().extension() == ".csv") files.push_back(entry.path());
  }
  if (files.size() != 1) {
    throw Error(
        fmt::format("{}: expected one .csv file there, found {}", path.string(), files.size()),
        "Name the file itself.");
  }
  return files[0];
}

/// What the values of a column say about it.
struct ColumnValues {
  std::vector<std::string> parts;  // the first values that name parts of a set, each once
  bool others = false;             // that name none

  void Take(const std::string& value) {
    if (WithoutBlanksAtEdges(value).empty()) return;
    if (!PartNamed(value)) {
      others = true;
    } else if (std::find(parts.begin(), parts.end(), value) == parts.end() && parts.size() < 3) {
      parts.push_back(value);
    }
  }
};

class CsvFolder : public SampleSource {
 public:
  explicit CsvFolder(const fs::path& path) : file_(FindCsv(path)), folder_(file_.parent_path()) {
    if (folder_.empty()) folder_ = ".";
  }

  void ForEach(const std::function<void(SourceSample)>& take) const override {
    std::optional<std::vector<std::string>> names;
    RowReading reading(take);
    ForEachCsvRow(file_, ',', [&](size_t number, std::vector<std::string> fields) {
      if (!names) {
        names = ReadNames(fields);
        return;
      }
      const std::string where = fmt::format("{}: row {}", file_.string(), number);
      if (fields.size() != names->size()) {
        throw Error(
            fmt::format("{}: {} fields under {} names", where, fields.size(), names->size()));
      }
      reading.Row(where, {file_.filename().string(), number},
                  [&] { return Read(*names, std::move(fields), where, number); });
    });
    if (!names) throw Error(file_.string() + ": empty");
    reading.RequireAny();
  }

  std::vector<fs::path> Images() const override { return ImageFilesBelow(folder_); }

  std::vector<std::string> Notes() const override {
    std::vector<std::string> notes;
    for (const auto& [name, values] : ColumnsOfParts()) {
      notes.push_back(fmt::format(
          "not read: the column \"{}\", though it names parts of the set ({}): call it \"split\"",
          name, fmt::join(values.parts, ", ")));
    }
    return notes;
  }

 private:
  std::vector<std::string> ReadNames(const std::vector<std::string>& written) const {
    std::vector<std::string> names = ReadColumnNames(written, file_.string());
    for (const char* needed : {"image", "question", "answer"}) {
      if (std::find(names.begin(), names.end(), needed) != names.end()) continue;
      std::string hint = "The first row names the columns: image, question, answer and others.";
      for (const auto& [separator, called] :
           {std::pair(';', "semicolons"), std::pair('\t', "tabs")}) {
        if (names.size() == 1 && names[0].find(separator) != std::string::npos) {
          hint = fmt::format("The fields seem to be separated by {}; save it with commas.", called);
        }
      }
      throw Error(fmt::format("{}: no column \"{}\"", file_.string(), needed), hint);
    }
    return names;
  }

  /// Columns of no known name whose values name parts of a set, where no column is known to.
  std::map<std::string, ColumnValues> ColumnsOfParts() const {
    std::vector<std::string> names;
    std::map<std::string, ColumnValues> columns;
    ForEachCsvRow(file_, ',', [&](size_t, const std::vector<std::string>& fields) {
      if (names.empty()) {
        names = ReadNames(fields);
        return;
      }
      for (size_t i = 0; i < std::min(names.size(), fields.size()); ++i) {
        if (!ColumnNamed(names[i])) columns[names[i]].Take(fields[i]);
      }
    });
    if (std::find(names.begin(), names.end(), "split") != names.end()) return {};
    std::erase_if(columns, [](const auto& column) {
      return column.second.others || column.second.parts.empty();
    });
    return columns;
  }

  Sample Read(const std::vector<std::string>& names, std::vector<std::string> fields,
              const std::string& where, size_t number) const {
    const std::pair<const char*, std::string Sample::*> known[] = {{"id", &Sample::id},
                                                                   {"language", &Sample::language},
                                                                   {"modality", &Sample::modality},
                                                                   {"organ", &Sample::organ},
                                                                   {"system", &Sample::system}};
    Sample sample;
    sample.id = fmt::format("{}-{}", file_.stem().string(), number);
    sample.split = kTrain;
    sample.source = {file_.filename().string(), number};
    std::string question;
    std::string answer;
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string& name = names[i];
      const auto column = std::find_if(std::begin(known), std::end(known),
                                       [&](const auto& each) { return each.first == name; });
      if (name == "image") {
        sample.images = {ImageInside(folder_, where + ": image", fields[i]).string()};
      } else if (name == "question") {
        question = std::move(fields[i]);
      } else if (name == "answer") {
        answer = std::move(fields[i]);
      } else if (name == "split") {
        if (std::string part = PartOrName(fields[i]); !part.empty()) sample.split = std::move(part);
      } else if (name == "answer_type") {
        sample.answer_type = AnswerTypeOrName(fields[i]);
      } else if (name == "question_type") {
        if (!fields[i].empty()) sample.question_types = {std::move(fields[i])};
      } else if (column == std::end(known)) {
        sample.extra[name] = std::move(fields[i]);
      } else if (!fields[i].empty()) {
        sample.*(column->second) = std::move(fields[i]);
      }
    }
    sample.turns = QuestionAndAnswer(question, answer);
    if (sample.language.empty()) sample.language = GuessLanguage(sample.turns);
    return sample;
  }

  fs::path file_;
  fs::path folder_;
};

}  // namespace

std::unique_ptr<SampleSource> OpenCsv(const fs::path& path) {
  return std::make_unique<CsvFolder>(path);
}

}  // namespace roentgen
