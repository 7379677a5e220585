#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/path_inside.h"
#include "roentgen/data/csv_rows.h"
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

class CsvFolder : public SampleSource {
 public:
  explicit CsvFolder(const fs::path& path) : file_(FindCsv(path)), folder_(file_.parent_path()) {}

  void ForEach(const std::function<void(SourceSample)>& take) const override {
    std::optional<std::vector<std::string>> names;
    ForEachCsvRow(file_, ',', [&](size_t number, std::vector<std::string> fields) {
      if (!names) {
        names = std::move(fields);
        CheckNames(*names);
        return;
      }
      if (fields.size() != names->size()) {
        throw Error(fmt::format("{}: row {}: {} fields under {} names", file_.string(), number,
                                fields.size(), names->size()));
      }
      take({Read(*names, std::move(fields), number), {}});
    });
    if (!names) throw Error(file_.string() + ": empty");
  }

  std::vector<fs::path> Images() const override {
    return ImageFilesBelow(folder_.empty() ? "." : folder_);
  }

 private:
  void CheckNames(const std::vector<std::string>& names) const {
    for (const char* needed : {"image", "question", "answer"}) {
      if (std::find(names.begin(), names.end(), needed) != names.end()) continue;
      throw Error(fmt::format("{}: no column \"{}\"", file_.string(), needed),
                  "The first row names the columns: image, question, answer and others.");
    }
  }

  Sample Read(const std::vector<std::string>& names, std::vector<std::string> fields,
              size_t number) const {
    const std::pair<const char*, std::string Sample::*> known[] = {
        {"id", &Sample::id},
        {"language", &Sample::language},
        {"modality", &Sample::modality},
        {"organ", &Sample::organ},
        {"answer_type", &Sample::answer_type},
        {"split", &Sample::split},
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
        sample.images = {PathInside(folder_.empty() ? "." : folder_, fields[i]).string()};
      } else if (name == "question") {
        question = std::move(fields[i]);
      } else if (name == "answer") {
        answer = std::move(fields[i]);
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
