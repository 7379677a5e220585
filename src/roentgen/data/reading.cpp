#include "roentgen/data/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/json_rows.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace fs = std::filesystem;

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
      if ((c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf)) return "zh";
      if (c >= 0x80) return "";
      latin = latin || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      at += step.length;
    }
  }
  return latin ? "en" : "";
}

std::vector<fs::path> ImageFilesBelow(const fs::path& folder) {
  static constexpr std::array<const char*, 9> kExtensions = {
      ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".dcm"};
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end; at.increment(error)) {
    std::string extension = at->path().extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
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
