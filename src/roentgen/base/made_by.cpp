#include "roentgen/base/made_by.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProgram = "roentgen ";
constexpr size_t kSearched = 4096;  // bytes, at each end
constexpr size_t kMaxMarkBytes = size_t{64} << 20;
constexpr size_t kMaxSealedBytes = size_t{1} << 30;
constexpr std::string_view kBeforeSeal = ", ";
constexpr std::string_view kNoSeal = "0000000000000000";

/// Where the files of a format have their mark, and between what. A text that quotes a mark has it
/// elsewhere.
struct MarkPlace {
  std::string_view begin;  // of the file
  size_t lines;            // before the mark's
  std::string_view before, after;
  bool sealed = true;
  size_t bytes = 0;  // before the mark's place, beside lines
};
using namespace std::string_view_literals;
constexpr std::array kPlaces = {
    MarkPlace{"<!doctype html>\n", 2, R"(<meta name="generator" content="Made by roentgen )",
              "\">\n"},
    MarkPlace{"<svg ", 1, "<!-- Made by roentgen ", " -->\n"},
    MarkPlace{"%PDF-", 2, "% Made by roentgen ", "\n"},
    MarkPlace{"\x89PNG\r\n", 0, "tEXtSoftware\0Made by roentgen "sv, "", false, 37},  // behind IHDR
    MarkPlace{"{\n", 1, R"(  "made_by": "roentgen )", "\",\n"},
    MarkPlace{"{\n", 1, R"(  "type": "roentgen )", "\",\n", false},  // ReportJson
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

/// A mark that was found.
struct Mark {
  std::optional<size_t> seal;  // where its seal stands, where it has one
};

/// The mark at the beginning of a text, with or without a version; its seal from there.
std::optional<Mark> MarkAtBegin(std::string_view text, const MarkPlace& place, FileKind kind) {
  if (!text.starts_with(place.before)) return std::nullopt;
  size_t at = place.before.size();
  const size_t version = text.find(": ", at);
  if (version < text.find_first_of(" \n", at)) at = version + 2;
  const std::string name = fmt::format("{}{}", NameOf(kind), place.sealed ? kBeforeSeal : "");
  if (!text.substr(at).starts_with(name)) return std::nullopt;
  at += name.size();
  const size_t seal = at;
  if (place.sealed) at += kNoSeal.size();
  if (at > text.size() || !text.substr(at).starts_with(place.after)) return std::nullopt;
  return place.sealed ? Mark{seal} : Mark{};
}

std::optional<Mark> MarkAtHead(std::string_view head, FileKind kind) {
  for (const MarkPlace& place : kPlaces) {
    if (!head.starts_with(place.begin)) continue;
    size_t at = std::min(place.bytes, head.size());
    for (size_t line = 0; line < place.lines; ++line) {
      at = std::min(head.find('\n', at), head.size() - 1) + 1;
    }
    std::optional<Mark> mark = MarkAtBegin(head.substr(at), place, kind);
    if (mark && mark->seal) *mark->seal += at;
    if (mark) return mark;
  }
  return std::nullopt;
}

/// tail: a file's last bytes, which begin at this one.
std::optional<Mark> MarkAtEnd(std::string_view tail, size_t begin, FileKind kind) {
  if (!tail.ends_with('\n')) return std::nullopt;
  const size_t at = tail.substr(0, tail.size() - 1).rfind('\n') + 1;
  const std::string_view last = tail.substr(at);
  std::optional<Mark> mark = MarkAtBegin(last, kLastLine, kind);
  if (!mark) return std::nullopt;
  *mark->seal += begin + at;
  return mark;
}

std::optional<Mark> FindMark(std::string_view head, std::string_view tail, size_t tail_begin,
                             FileKind kind) {
  std::optional<Mark> mark = MarkAtHead(head, kind);
  return mark ? mark : MarkAtEnd(tail, tail_begin, kind);
}

/// Puts the seal in its place; returns what was there.
std::string PutSeal(std::string& content, size_t place) {
  std::string before = content.substr(place, kNoSeal.size());
  content.replace(place, kNoSeal.size(), kNoSeal);
  content.replace(place, kNoSeal.size(), Sha256Hex(content), 0, kNoSeal.size());
  return before;
}

bool SealFits(const fs::path& file, size_t place) {
  std::string content = ReadFile(file, kMaxSealedBytes);
  if (content.size() < place + kNoSeal.size()) return false;  // it was cut meanwhile
  const std::string seal = PutSeal(content, place);
  return content.compare(place, seal.size(), seal) == 0;
}

std::string ReadAt(int descriptor, off_t begin) {
  std::string bytes(kSearched, '\0');
  const ssize_t read = ::pread(descriptor, bytes.data(), bytes.size(), begin);
  bytes.resize(static_cast<size_t>(std::max<ssize_t>(0, read)));
  return bytes;
}

}  // namespace

std::string UnsealedMark(FileKind kind) {
  return "Made by " + Made(kind);
}

std::string MadeByMark(FileKind kind) {
  return fmt::format("{}{}{}", UnsealedMark(kind), kBeforeSeal, kNoSeal);
}

nlohmann::ordered_json MarkedJson(FileKind kind, const nlohmann::ordered_json& object) {
  nlohmann::ordered_json marked = {
      {"made_by", fmt::format("{}{}{}", Made(kind), kBeforeSeal, kNoSeal)}};
  marked.update(object);
  return marked;
}

std::string Sealed(FileKind kind, std::string content) {
  const std::optional<Mark> mark = FindMark(content, content, 0, kind);
  if (mark && mark->seal) PutSeal(content, *mark->seal);
  return content;
}

std::optional<std::string> WhyNotMade(const fs::path& file, std::optional<FileKind> kind) {
  const std::string foreign = kind ? fmt::format("is no {} made by this program", NameOf(*kind))
                                   : "was not made by this program";
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return foreign;
  struct stat status {};
  const bool regular = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  std::optional<Mark> mark;
  if (regular && kind) {
    const off_t last = std::max<off_t>(0, status.st_size - static_cast<off_t>(kSearched));
    mark =
        FindMark(ReadAt(descriptor, 0), ReadAt(descriptor, last), static_cast<size_t>(last), *kind);
  }
  ::close(descriptor);
  if (regular && status.st_size == 0) return std::nullopt;
  if (!mark) return foreign;
  if (mark->seal && !SealFits(file, *mark->seal)) return kChangedSince;
  return std::nullopt;
}

bool IsMadeByThisProgram(const fs::path& file, std::optional<FileKind> kind) {
  return !WhyNotMade(file, kind);
}

FolderMark::FolderMark(fs::path folder) : folder_(std::move(folder)) {
  const fs::path path = folder_ / kName;
  exists_ = FileExists(path);
  if (!exists_) return;
  const JsonObject mark(ReadJsonFile(path, kMaxMarkBytes), path.string());
  if (!mark.Get<std::string>("made_by").starts_with(kProgram)) {
    mark.Fail("made_by", "was not made by this program");
  }
  const JsonObject files = mark.Object("files");
  for (const auto& [file, seal] : files.json().items()) {
    const fs::path name(file);
    if (file.empty() || name.is_absolute() || *name.lexically_normal().begin() == "..") {
      mark.Fail("files", "names what is not in the folder");
    }
    std::optional<Content>& content = files_[file];
    if (seal.is_null()) continue;
    const JsonObject sealed = files.Object(file);
    content = {sealed.Get<uint64_t>("bytes"), sealed.Get<std::string>("sha256")};
  }
  for (std::string& command : mark.Get<std::vector<std::string>>("commands")) {
    commands_.insert(std::move(command));
  }
}

FolderMark::Content FolderMark::ContentOf(const fs::path& path) {
  const MappedFile file(path);
  return {file.bytes().size(), Sha256Hex(file.bytes())};
}

bool FolderMark::Owns(const std::string& file) const {
  const auto found = files_.find(file);
  if (found == files_.end()) return false;
  const std::optional<Content>& sealed = found->second;
  if (!sealed) return true;
  const fs::path path = folder_ / file;
  std::error_code error;
  return fs::is_regular_file(path, error) && fs::file_size(path, error) == sealed->bytes &&
         ContentOf(path) == *sealed;
}

std::set<std::string> FolderMark::Owned() const {
  std::set<std::string> owned;
  for (const auto& [file, sealed] : files_) {
    if (Owns(file)) owned.insert(file);
  }
  return owned;
}

void FolderMark::Add(std::span<const std::string> files, const std::string& command) {
  for (const std::string& file : files) files_[file].reset();
  Write(command);
}

void FolderMark::Seal(std::span<const std::string> files, const std::string& command) {
  for (const std::string& file : files) {
    std::error_code error;
    if (fs::is_regular_file(folder_ / file, error)) {
      files_[file] = ContentOf(folder_ / file);
    } else {
      files_.erase(file);
    }
  }
  Write(command);
}

void FolderMark::Write(const std::string& command) {
  commands_.insert(command);
  nlohmann::ordered_json files = nlohmann::ordered_json::object();
  for (const auto& [file, sealed] : files_) {
    files[file] = nullptr;
    if (sealed) files[file] = {{"bytes", sealed->bytes}, {"sha256", sealed->sha256}};
  }
  const nlohmann::ordered_json mark = {
      {"made_by", "roentgen " ROENTGEN_VERSION}, {"commands", commands_}, {"files", files}};
  WriteFile(folder_ / kName, mark.dump(2) + "\n");
  exists_ = true;
}

bool IsOwnFolder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(fs::symlink_status(path, error)) &&
         (FileExists(path / FolderMark::kName) || fs::is_empty(path, error));
}

void RemoveOwnFolder(const fs::path& folder, const std::string& known_by) {
  std::error_code error;
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename() != known_by) others.push_back(entry.path());
  }
  for (const fs::path& path : others) {
    fs::remove_all(path, error);  // links are removed, not followed
    if (error) return;
  }
  fs::remove(folder / known_by, error);
  fs::remove(folder, error);
}

}  // namespace roentgen
