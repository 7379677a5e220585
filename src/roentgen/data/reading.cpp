#include "roentgen/data/reading.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/path_inside.h"
#include "roentgen/data/blanks.h"
#include "roentgen/data/name_list.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

/// Without all of these endings that follow each other, and blanks before them.
std::string_view WithoutEndings(std::string_view word,
                                std::initializer_list<std::string_view> endings) {
  const auto ends = [&](std::string_view ending) {
    return word.size() > ending.size() && word.ends_with(ending);
  };
  for (auto ending = endings.begin(); ending != endings.end();) {
    if (!ends(*ending)) {
      ++ending;
      continue;
    }
    word = WithoutBlanksAtEdges(word.substr(0, word.size() - ending->size()));
    ending = endings.begin();
  }
  return word;
}

}  // namespace

void ForEachObject(const fs::path& file, const std::vector<JsonTextField>& texts,
                   const std::function<void(const JsonObject& row, SourceSample found)>& row,
                   const std::function<void(SourceSample)>& take) {
  const std::string name = file.filename().string();
  const JsonRowLimits limits;
  const auto take_row = [&](JsonRow json) {
    SourceSample found;
    found.sample.source = {name, json.number};
    found.number_fields = std::move(json.number_fields);
    if (json.oversized) {
      found.sample.id = fmt::format("{}-{}", file.stem().string(), json.number);
      found.flaw = {Rule::kOversized, fmt::format("more than {} values or {} MB of text",
                                                  limits.values, limits.text_bytes >> 20)};
      take(std::move(found));
      return;
    }
    if (json.repeated_key) {
      found.sample.id = fmt::format("{}-{}", file.stem().string(), json.number);
      found.flaw = {Rule::kMalformed,
                    fmt::format("\"{}\" is given twice in one object", *json.repeated_key)};
      take(std::move(found));
      return;
    }
    row(JsonObject(std::move(json.value), fmt::format("{}: row {}", file.string(), json.number)),
        std::move(found));
  };
  ForEachJsonRow(file, take_row, limits, texts);
}

std::vector<Turn> QuestionAndAnswer(const std::string& question, const std::string& answer,
                                    size_t images) {
  std::string text;
  if (question.find(kImagePlaceholder) == std::string::npos) {
    for (size_t i = 0; i < images; ++i) text += kImagePlaceholder;
  }
  return {{Role::kUser, text + question}, {Role::kAssistant, answer}};
}

std::optional<std::string_view> UnsupportedPlaceIn(std::string_view text) {
  for (const std::string_view place : {"<video>", "<audio>"}) {
    if (text.find(place) != std::string_view::npos) return place;
  }
  return std::nullopt;
}

std::string AnswerTypeOrName(std::string_view name) {
  const std::string folded = FoldText(name);
  const std::string_view word =
      WithoutEndings(WithoutBlanksAtEdges(folded),
                     {"ended", "question", "answer", "式", "性", "型", "题", "问", "答", "-", "_"});
  if (word == "closed" || word == "close" || word == "封闭") return std::string(kClosed);
  if (word == "open" || word == "开放") return std::string(kOpen);
  return std::string(name);
}

bool IsAddress(std::string_view name) {
  const size_t end = name.find("://");
  return end != std::string_view::npos && end > 0 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
             end;
}

fs::path ImageInside(const fs::path& folder, const std::string& where, const std::string& name) {
  if (IsAddress(name)) throw Error(fmt::format("{}: \"{}\" is {}", where, name, kAddressProblem));
  try {
    return PathInside(folder, name);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", where, error.what()), error.hint());
  }
}

SourceSample::Flaw FlawOf(const Error& error, std::string reason) {
  SourceSample::Flaw flaw{Rule::kMalformed, std::move(reason)};
  flaw.outside = dynamic_cast<const OutsideImage*>(&error) != nullptr;
  if (flaw.outside) flaw.reason += fmt::format(". {}", error.hint());
  return flaw;
}

void ColumnValues::Take(std::string_view value) {
  if (WithoutBlanksAtEdges(value).empty()) return;
  any_ = true;
  only_folds_ = only_folds_ && FoldNamed(value).has_value();
  only_flags_ = only_flags_ && IsFlag(value);
  if (!only_parts_ || std::find(parts_.begin(), parts_.end(), value) != parts_.end()) return;
  only_parts_ = PartNamed(value).has_value();
  constexpr size_t kShown = 3;
  if (only_parts_ && parts_.size() < kShown) parts_.emplace_back(value);
}

bool ColumnValues::AreFolds(std::string_view column) const {
  return any_ && only_folds_ && NamesFolds(column);
}

std::string ColumnValues::NoteOf(const std::string& column) const {
  if (!any_) return {};
  if (only_parts_) {
    return fmt::format(
        "not read: the column {}, though it names parts of the set ({}): call it \"split\"",
        QuotedName(column), fmt::join(parts_, ", "));
  }
  if (only_flags_ && !PartInName(column).empty()) {
    return fmt::format(
        "not read: the column {}: if it marks a part of the set, write that part's name into "
        "a column \"split\"",
        QuotedName(column));
  }
  if (NamesFolds(column)) {
    return fmt::format(
        "not read: the column {}: not all of its values are folds (\"fold-1\", 1, 第1折)",
        QuotedName(column));
  }
  return {};
}

std::string NoteOfFolds(const std::string& column) {
  return fmt::format("the column {} is the split: its values are folds", QuotedName(column));
}

void RowReading::Row(const std::string& where, SourceSample found,
                     const std::function<Sample()>& read) {
  const SourceRow source = found.sample.source;
  const std::string split = found.sample.split;
  try {
    found.sample = read();
    any_ = true;
    for (const Turn& turn : found.sample.turns) {
      if (const auto place = UnsupportedPlaceIn(turn.text)) {
        throw Error(fmt::format("a text has {}: videos and audio are not supported", *place));
      }
    }
  } catch (const Error& error) {
    std::string reason = error.what();
    if (reason.starts_with(where + ": ")) reason.erase(0, where.size() + 2);
    if (!first_) first_.emplace(where + ": " + reason, error.hint());
    found.sample = {};
    found.sample.id = fmt::format("{}-{}", fs::path(source.file).stem().string(), source.row);
    found.sample.source = source;
    found.sample.split = split;
    found.number_fields.clear();
    found.flaw = FlawOf(error, std::move(reason));
  }
  take_(std::move(found));
}

void RowReading::RequireAny() const {
  if (!any_ && first_) throw Error(*first_);
}

std::vector<fs::path> JsonFilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string extension = EndingOf(entry.path());
    std::error_code ignored;
    const bool json = extension == ".json" || extension == ".jsonl";
    if (json && entry.is_regular_file(ignored)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

fs::path FindNamed(const fs::path& folder, std::string_view name) {
  if (FileExists(folder / name)) return folder / name;
  const auto form = [](std::string_view text) {
    std::string folded = LowerAscii(text);
    std::replace(folded.begin(), folded.end(), ' ', '_');
    return folded;
  };
  std::vector<fs::path> alike;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (form(entry.path().filename().string()) == form(name)) alike.push_back(entry.path());
  }
  return alike.empty() ? folder / name : *std::min_element(alike.begin(), alike.end());
}

std::vector<fs::path> ImageFilesBelow(const fs::path& folder) {
  static constexpr std::array<const char*, 9> kExtensions = {
      ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".dcm"};
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end; at.increment(error)) {
    const std::string extension = EndingOf(at->path());
    const bool image =
        std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
    std::error_code ignored;
    if (image && at->is_regular_file(ignored)) files.push_back(at->path());
    if (error) break;
  }
  if (error) throw Error(fmt::format("{}: cannot list it: {}", folder.string(), error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace roentgen
