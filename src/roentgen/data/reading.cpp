#include "roentgen/data/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json_rows.h"
#include "roentgen/base/path_inside.h"
#include "roentgen/data/blanks.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

/// In lower case, as far as ASCII goes.
std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

}  // namespace

void ForEachObject(const fs::path& file,
                   const std::function<void(const JsonObject& row, SourceRow source)>& row,
                   const std::function<void(SourceSample)>& take) {
  ForEachJsonRow(file, [&](JsonRow json) {
    SourceRow source = {file.filename().string(), json.number};
    if (json.oversized) {
      SourceSample oversized;
      oversized.sample.id = fmt::format("{}-{}", file.stem().string(), json.number);
      oversized.sample.source = std::move(source);
      const JsonRowLimits limits;
      oversized.flaw = {Rule::kOversized, fmt::format("more than {} values or {} MB of text",
                                                      limits.values, limits.text_bytes >> 20)};
      take(std::move(oversized));
      return;
    }
    row(JsonObject(std::move(json.value), fmt::format("{}: row {}", file.string(), json.number)),
        std::move(source));
  });
}

std::vector<Turn> QuestionAndAnswer(const std::string& question, const std::string& answer) {
  return {{Role::kUser, std::string(kImagePlaceholder) + question}, {Role::kAssistant, answer}};
}

std::string TextOf(const JsonObject& row, const std::string& key, Json& extra) {
  const auto value = row.json().find(key);
  if (value == row.json().end() || !value->is_number()) return row.Get<std::string>(key);
  extra[key] = *value;
  return value->dump();
}

std::string GuessLanguage(const std::vector<Turn>& turns) {
  bool latin = false;
  for (const Turn& turn : turns) {
    for (size_t at = 0; at < turn.text.size();) {
      const Utf8Step step = ReadUtf8(turn.text, at);
      const char32_t c = step.code_point;
      if (IsIdeograph(c)) return "zh";
      if (c >= 0x80) return "";
      latin = latin || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      at += step.length;
    }
  }
  return latin ? "en" : "";
}

std::optional<std::string_view> PartNamed(std::string_view name) {
  static const std::map<std::string_view, std::string_view> kNames = {{"train", kTrain},
                                                                      {"training", kTrain},
                                                                      {"trn", kTrain},
                                                                      {"训练", kTrain},
                                                                      {"val", kValidation},
                                                                      {"valid", kValidation},
                                                                      {"validate", kValidation},
                                                                      {"validation", kValidation},
                                                                      {"dev", kValidation},
                                                                      {"development", kValidation},
                                                                      {"eval", kValidation},
                                                                      {"evaluation", kValidation},
                                                                      {"验证", kValidation},
                                                                      {"开发", kValidation},
                                                                      {"test", kTest},
                                                                      {"testing", kTest},
                                                                      {"tst", kTest},
                                                                      {"测试", kTest}};
  const auto without = [](std::string_view text, std::string_view ending) {
    return text.ends_with(ending)
               ? WithoutBlanksAtEdges(text.substr(0, text.size() - ending.size()))
               : text;
  };
  const std::string folded = FoldText(name);
  std::string_view word = WithoutBlanksAtEdges(folded);
  for (const std::string_view ending : {"set", "split", "part", "data", "集"}) {
    word = without(word, ending);
  }
  for (const std::string_view between : {"_", "-"}) word = without(word, between);
  const auto known = kNames.find(word);
  return known == kNames.end() ? std::nullopt : std::optional(known->second);
}

std::string PartOrName(std::string_view name) {
  return std::string(PartNamed(name).value_or(WithoutBlanksAtEdges(name)));
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

void RowReading::Row(const std::string& where, const SourceRow& source,
                     const std::function<Sample()>& read) {
  SourceSample row;
  try {
    row.sample = read();
    any_ = true;
  } catch (const Error& error) {
    std::string reason = error.what();
    if (reason.starts_with(where + ": ")) reason.erase(0, where.size() + 2);
    if (!first_) first_.emplace(where + ": " + reason, error.hint());
    row.sample = {};
    row.sample.id = fmt::format("{}-{}", fs::path(source.file).stem().string(), source.row);
    row.sample.source = source;
    row.flaw = {Rule::kMalformed, std::move(reason)};
  }
  take_(std::move(row));
}

void RowReading::RequireAny() const {
  if (!any_ && first_) throw Error(*first_);
}

std::vector<fs::path> JsonFilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string extension = Lower(entry.path().extension().string());
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
    std::string folded = Lower(text);
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
    const std::string extension = Lower(at->path().extension().string());
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
