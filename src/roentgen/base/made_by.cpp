#include "roentgen/base/made_by.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProgram = "roentgen ";
constexpr size_t kSearched = 4096;  // bytes, at each end
constexpr size_t kMaxMarkBytes = size_t{64} << 20;

/// Where the files of a format have their mark, and between what. A text that quotes a mark has it
/// elsewhere.
struct MarkPlace {
  std::string_view begin;  // of the file
  size_t lines;            // before the mark's
  std::string_view before, after;
  size_t bytes = 0;  // before the mark's place, beside lines
};
using namespace std::string_view_literals;
constexpr std::array kPlaces = {
    MarkPlace{"<!doctype html>\n", 2, R"(<meta name="generator" content="Made by roentgen )",
              "\">\n"},
    MarkPlace{"<svg ", 1, "<!-- Made by roentgen ", " -->\n"},
    MarkPlace{"%PDF-", 2, "% Made by roentgen ", "\n"},
    MarkPlace{"\x89PNG\r\n", 0, "tEXtSoftware\0Made by roentgen "sv, "", 37},  // behind IHDR
    MarkPlace{"{\n", 1, R"(  "made_by": "roentgen )", "\",\n"},
    MarkPlace{"{\n", 1, R"(  "type": "roentgen )", "\",\n"},  // ReportJson
    MarkPlace{"{\n  \"resourceType\"", 5, R"(        "display": "Made by roentgen )", "\"\n"},
};
constexpr MarkPlace kLastLine = {"", 0, "<!-- Made by roentgen ", " -->\n"};  // Markdown

std::string_view NameOf(FileKind kind) {
  switch (kind) {
    case FileKind::kReport:
      return "report";
    case FileKind::kConversation:
      return "conversation";
    case FileKind::kStatistics:
      return "statistics page";
    case FileKind::kCleaning:
      return "cleaning page";
    case FileKind::kComparison:
      return "comparison";
    case FileKind::kEvaluation:
      return "evaluation";
    case FileKind::kBenchmark:
      return "benchmark chart";
    case FileKind::kContactSheet:
      return "contact sheet";
  }
  throw std::logic_error("no kind of a file");
}

std::string Made(FileKind kind) {
  return fmt::format("roentgen " ROENTGEN_VERSION ": {}", NameOf(kind));
}

/// Whether a text begins with a mark, with or without a version.
bool BeginsWithMark(std::string_view text, const MarkPlace& place, FileKind kind) {
  if (!text.starts_with(place.before)) return false;
  text.remove_prefix(place.before.size());
  const size_t version = text.find(": ");
  if (version < text.find_first_of(" \n")) text.remove_prefix(version + 2);
  return text.starts_with(fmt::format("{}{}", NameOf(kind), place.after));
}

bool HasMark(std::string_view head, std::string_view tail, FileKind kind) {
  for (const MarkPlace& place : kPlaces) {
    if (!head.starts_with(place.begin)) continue;
    size_t at = std::min(place.bytes, head.size());
    for (size_t line = 0; line < place.lines; ++line) {
      at = std::min(head.find('\n', at), head.size() - 1) + 1;
    }
    if (BeginsWithMark(head.substr(at), place, kind)) return true;
  }
  if (!tail.ends_with('\n')) return false;
  const std::string_view lines = tail.substr(0, tail.size() - 1);
  const std::string_view last = tail.substr(lines.rfind('\n') + 1);
  return BeginsWithMark(last, kLastLine, kind) && last.ends_with(kLastLine.after);
}

std::string ReadAt(int descriptor, off_t begin) {
  std::string bytes(kSearched, '\0');
  const ssize_t read = ::pread(descriptor, bytes.data(), bytes.size(), begin);
  bytes.resize(static_cast<size_t>(std::max<ssize_t>(0, read)));
  return bytes;
}

}  // namespace

std::string MadeByMark(FileKind kind) {
  return "Made by " + Made(kind);
}

nlohmann::ordered_json MarkedJson(FileKind kind, const nlohmann::ordered_json& object) {
  nlohmann::ordered_json marked = {{"made_by", Made(kind)}};
  marked.update(object);
  return marked;
}

bool IsMadeByThisProgram(const fs::path& file, std::optional<FileKind> kind) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return false;
  struct stat status {};
  bool made = false;
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    const off_t last = std::max<off_t>(0, status.st_size - static_cast<off_t>(kSearched));
    made = status.st_size == 0 ||
           (kind && HasMark(ReadAt(descriptor, 0), ReadAt(descriptor, last), *kind));
  }
  ::close(descriptor);
  return made;
}

std::string NotMade(std::optional<FileKind> kind) {
  return kind ? fmt::format("is no {} made by this program", NameOf(*kind))
              : "was not made by this program";
}

FolderMark::FolderMark(fs::path folder) : folder_(std::move(folder)) {
  const fs::path path = folder_ / kName;
  exists_ = FileExists(path);
  if (!exists_) return;
  const JsonObject mark(ReadJsonFile(path, kMaxMarkBytes), path.string());
  if (!mark.Get<std::string>("made_by").starts_with(kProgram)) {
    mark.Fail("made_by", "was not made by this program");
  }
  for (std::string& file : mark.Get<std::vector<std::string>>("files")) {
    const fs::path name(file);
    if (file.empty() || name.is_absolute() || *name.lexically_normal().begin() == "..") {
      mark.Fail("files", "names what is not in the folder");
    }
    files_.insert(std::move(file));
  }
  for (std::string& command : mark.Get<std::vector<std::string>>("commands")) {
    commands_.insert(std::move(command));
  }
}

void FolderMark::Add(std::span<const std::string> files, const std::string& command) {
  files_.insert(files.begin(), files.end());
  commands_.insert(command);
  const nlohmann::ordered_json mark = {
      {"made_by", "roentgen " ROENTGEN_VERSION}, {"commands", commands_}, {"files", files_}};
  WriteFile(folder_ / kName, mark.dump(2) + "\n");
  exists_ = true;
}

}  // namespace roentgen
