#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"
#include "roentgen/base/json_text.h"
#include "roentgen/data/blanks.h"
#include "roentgen/data/csv_columns.h"
#include "roentgen/data/csv_form.h"
#include "roentgen/data/csv_rows.h"
#include "roentgen/data/guess_language.h"
#include "roentgen/data/name_list.h"
#include "roentgen/data/reading.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

/// The table that a path names, itself or as the only one in a folder. A text file may be one where
/// there is no other.
fs::path FindTable(const fs::path& path) {
  if (!fs::is_directory(path)) return path;
  std::vector<fs::path> tables;
  std::vector<fs::path> texts;
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string extension = EndingOf(entry.path());
    if (extension == ".csv" || extension == ".tsv") tables.push_back(entry.path());
    if (extension == ".txt") texts.push_back(entry.path());
  }
  if (tables.empty() && texts.size() == 1) return texts[0];
  if (tables.size() != 1) {
    std::vector<std::string> found;
    for (const fs::path& table : tables) found.push_back(table.filename().string());
    std::sort(found.begin(), found.end());
    throw Error(fmt::format("{}: expected one .csv or .tsv file there, found {}{}", path.string(),
                            found.size(), found.empty() ? "" : ": " + QuotedListOf(found)),
                "Name the file itself.");
  }
  return tables[0];
}

/// A list of names as JSON has it, or as Python prints it.
std::optional<std::vector<std::string>> ListIn(std::string text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
  std::optional<Json> list = TryParseJson(text);
  if (!list && text.find_first_of("\"\\") == std::string::npos) {
    std::replace(text.begin(), text.end(), '\'', '"');
    list = TryParseJson(text);
  }
  if (!list || !list->is_array() || list->empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const Json& name : *list) {
    if (!name.is_string()) return std::nullopt;
    names.push_back(name.get<std::string>());
  }
  return names;
}

/// Whether a name ends in a dot and a few letters.
bool HasExtension(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == name.npos || dot == 0) return false;
  const std::string_view extension = name.substr(dot + 1);
  return extension.size() >= 2 && extension.size() <= 5 &&
         std::all_of(extension.begin(), extension.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0; });
}

/// The images that a cell names. Several are a list, or names with extensions between semicolons,
/// bars, commas or line ends; a name that has these itself is one where that file is there.
std::vector<std::string> ImageNamesIn(const std::string& cell, const fs::path& folder) {
  std::error_code ignored;
  const std::string plain(WithoutBlanksAtEdges(cell));
  if (cell.find_first_of("[;|,\n") == std::string::npos) {
    const bool as_typed = plain.size() == cell.size() || fs::exists(folder / cell, ignored);
    return {as_typed ? cell : plain};
  }
  if (fs::exists(folder / cell, ignored)) return {cell};
  if (fs::exists(folder / plain, ignored)) return {plain};
  if (auto names = ListIn(std::string(WithoutBlanksAtEdges(cell)))) return *names;
  for (const char separator : {'\n', ';', '|', ','}) {
    std::vector<std::string> names;
    std::string_view rest = cell;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(separator), rest.size());
      names.emplace_back(WithoutBlanksAtEdges(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (names.size() > 1 && std::all_of(names.begin(), names.end(), HasExtension)) return names;
  }
  return {plain};
}

bool IsEmpty(std::string_view field) {
  return WithoutBlanksAtEdges(field).empty();
}

/// Stands for the name of the column that is the split because its values are folds.
constexpr std::string_view kFolds = "\n";

class CsvFolder : public SampleSource {
 public:
  CsvFolder(const fs::path& path, const CsvOptions& options)
      : file_(FindTable(path)),
        folder_(file_.parent_path()),
        form_(FindCsvForm(file_, options)),
        part_(PartInName(file_.stem().string())),
        places_({folder_}, options.allow_outside) {
    if (folder_.empty()) folder_ = ".";
  }

  std::vector<fs::path> Files() const override { return {file_}; }

  void ForEach(const std::function<void(SourceSample)>& take) const override {
    std::optional<std::vector<std::string>> names;
    const std::string folds = FoldColumn();
    RowReading reading(take);
    ForEachCsvRow(file_, form_, [&](size_t number, std::vector<std::string> fields) {
      if (!names) {
        names = ReadNames(fields);
        std::replace(names->begin(), names->end(), folds, std::string(kFolds));
        return;
      }
      const std::string where = fmt::format("{}: row {}", file_.string(), number);
      SourceSample found;
      found.sample.source = {file_.filename().string(), number};
      found.sample.split = SplitOf(*names, fields);
      reading.Row(where, std::move(found),
                  [&] { return Read(*names, std::move(fields), where, number); });
    });
    if (!names) throw Error(file_.string() + ": empty");
    reading.RequireAny();
  }

  std::vector<fs::path> Images() const override { return ImageFilesBelow(folder_); }

  std::vector<std::string> Notes() const override {
    std::vector<std::string> notes;
    if (form_.encoding != "UTF-8") notes.push_back(fmt::format("read as {}", form_.encoding));
    const std::vector<std::string> names = Names();
    for (const std::string& name : names) {
      const std::string folded = FoldText(name);
      if (folded != "system" && folded != "系统") continue;
      notes.push_back(
          fmt::format("the column {} is kept as it is: if it holds system prompts, "
                      "call it \"system_prompt\"",
                      QuotedName(name)));
    }
    if (auto note = NoteOfPatients({names.begin(), names.end()})) notes.push_back(*note);
    if (std::find(names.begin(), names.end(), "split") != names.end()) return notes;
    if (!part_.empty() && part_ != kTrain) {
      notes.push_back(fmt::format("its rows are \"{}\", as the file's name says", part_));
    }
    const std::string folds = FoldColumn();
    if (!folds.empty()) notes.push_back(NoteOfFolds(folds));
    for (const auto& [name, values] : UnknownColumns()) {
      if (const std::string note = values.NoteOf(name); name != folds && !note.empty()) {
        notes.push_back(note);
      }
    }
    return notes;
  }

 private:
  std::vector<std::string> ReadNames(const std::vector<std::string>& written) const {
    std::vector<std::string> names = ReadColumnNames(written, file_.string());
    for (const char* needed : {"image", "question", "answer"}) {
      if (std::find(names.begin(), names.end(), needed) != names.end()) continue;
      throw Error(
          fmt::format("{}: no column \"{}\"", file_.string(), needed),
          fmt::format("The first row names the columns: image, question, answer and others. "
                      "There are: {}. If something else separates them, say so with "
                      "--separator.",
                      ListOf(names, " | ")));
    }
    return names;
  }

  std::vector<std::string> Names() const {
    struct Found {};
    std::vector<std::string> names;
    try {
      ForEachCsvRow(file_, form_, [&](size_t, const std::vector<std::string>& fields) {
        names = ReadNames(fields);
        throw Found();
      });
    } catch (const Found&) {
    }
    return names;
  }

  /// The column that is the split because its name and all its values are about folds; empty where
  /// there is none, or one that says the split.
  std::string FoldColumn() const {
    const std::vector<std::string> names = Names();
    if (std::find(names.begin(), names.end(), "split") != names.end()) return {};
    if (std::none_of(names.begin(), names.end(), NamesFolds)) return {};
    for (const auto& [name, values] : UnknownColumns()) {
      if (values.AreFolds(name)) return name;
    }
    return {};
  }

  /// The part of a row by its column, or else the file's name; empty where the row's fields do not
  /// tell which column is which.
  std::string SplitOf(const std::vector<std::string>& names,
                      const std::vector<std::string>& fields) const {
    const std::string usual = part_.empty() ? std::string(kTrain) : part_;
    for (const std::string_view column : {std::string_view("split"), kFolds}) {
      const auto found = std::find(names.begin(), names.end(), column);
      if (found == names.end()) continue;
      if (!HasFields(names, fields)) return {};
      const std::string& written = fields[static_cast<size_t>(found - names.begin())];
      if (IsEmpty(written)) return usual;
      return column == kFolds ? FoldNamed(written).value_or("") : PartOrName(written);
    }
    return usual;
  }

  /// What columns of no known name say.
  std::map<std::string, ColumnValues> UnknownColumns() const {
    std::vector<std::string> names;
    std::vector<size_t> unknown;
    std::map<std::string, ColumnValues> columns;
    ForEachCsvRow(file_, form_, [&](size_t, const std::vector<std::string>& fields) {
      if (names.empty()) {
        names = ReadNames(fields);
        for (size_t i = 0; i < names.size(); ++i) {
          if (!ColumnNamed(names[i])) unknown.push_back(i);
        }
        return;
      }
      for (const size_t i : unknown) {
        if (i < fields.size()) columns[names[i]].Take(fields[i]);
      }
    });
    return columns;
  }

  /// Whether there is a field for each name. Empty ones behind the last are harmless: spreadsheets
  /// write them.
  static bool HasFields(const std::vector<std::string>& names,
                        const std::vector<std::string>& fields) {
    return fields.size() >= names.size() &&
           std::all_of(fields.begin() + static_cast<std::ptrdiff_t>(names.size()), fields.end(),
                       IsEmpty);
  }

  static void RequireFields(const std::vector<std::string>& names,
                            const std::vector<std::string>& fields) {
    if (HasFields(names, fields)) return;
    throw Error(fmt::format("{} {} under {} names", fields.size(),
                            fields.size() == 1 ? "field" : "fields", names.size()),
                "A field that has the separator in it needs quotes. If something else separates "
                "the fields, say so with --separator.");
  }

  std::string ImageOf(const std::string& name, const std::string& where) const {
    if (IsAddress(name)) {
      throw Error(fmt::format("{}: \"{}\" is {}", where, name, kAddressProblem));
    }
    if (name.empty() || name.find('\0') != std::string::npos) {
      throw Error(where + ": names no file");
    }
    const fs::path image = folder_ / name;
    places_.Require(image, where);
    return image.string();
  }

  Sample Read(const std::vector<std::string>& names, std::vector<std::string> fields,
              const std::string& where, size_t number) const {
    const std::pair<const char*, std::string Sample::*> known[] = {
        {"id", &Sample::id},
        {"language", &Sample::language},
        {"modality", &Sample::modality},
        {"organ", &Sample::organ},
        {"system_prompt", &Sample::system}};
    RequireFields(names, fields);
    Sample sample;
    sample.id = fmt::format("{}-{}", file_.stem().string(), number);
    sample.split = SplitOf(names, fields);
    sample.source = {file_.filename().string(), number};
    std::string question;
    std::string answer;
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string& name = names[i];
      const auto column = std::find_if(std::begin(known), std::end(known),
                                       [&](const auto& each) { return each.first == name; });
      if (name == "image") {
        for (const std::string& image : ImageNamesIn(fields[i], folder_)) {
          sample.images.push_back(ImageOf(image, where + ": image"));
        }
      } else if (name == "question") {
        question = std::move(fields[i]);
      } else if (name == "answer") {
        answer = std::move(fields[i]);
      } else if (name == "split" || name == kFolds) {
        continue;  // is known
      } else if (name == "answer_type") {
        sample.answer_type = AnswerTypeOrName(fields[i]);
      } else if (name == "question_type") {
        if (!IsEmpty(fields[i])) sample.question_types = {std::move(fields[i])};
      } else if (column == std::end(known)) {
        sample.extra[name] = std::move(fields[i]);
      } else if (!IsEmpty(fields[i])) {
        // An id and a language are looked up, so blanks around them are none of theirs.
        const bool looked_up = name == "id" || name == "language";
        sample.*(column->second) =
            looked_up ? std::string(WithoutBlanksAtEdges(fields[i])) : std::move(fields[i]);
      }
    }
    sample.turns = QuestionAndAnswer(question, answer, sample.images.size());
    if (sample.language.empty()) sample.language = GuessLanguage(sample.turns);
    return sample;
  }

  fs::path file_;
  fs::path folder_;
  CsvForm form_;
  std::string part_;  // of rows that do not say it, by the file's name
  ImagePlaces places_;
};

}  // namespace

std::unique_ptr<SampleSource> OpenCsv(const fs::path& path, const CsvOptions& options) {
  return std::make_unique<CsvFolder>(path, options);
}

}  // namespace roentgen
