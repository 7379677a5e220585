#include "roentgen/hub/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "roentgen/hub/file_hash.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxManifestBytes = size_t{4} << 20;

/// A pull does not replace what may be meant.
constexpr const char* kRemoveFirst = "Remove the file; then ";

/// What to do about a folder that is not as it was pulled.
std::string Advice(const PullManifest& manifest) {
  return fmt::format(
      "`roentgen pull {}@{} --from {}`, with --out where the folder was named so, fetches what is "
      "missing. If the change is meant, delete {} there: then the folder is no longer checked.",
      manifest.model.FullName(), manifest.model.revision, manifest.model.hub, PullManifest::kName);
}

void CheckSizes(const PullManifest& manifest, const fs::path& folder) {
  for (const PullManifest::File& file : manifest.files) {
    std::error_code absent;
    const uint64_t size = fs::file_size(folder / file.name, absent);
    const std::string path = (folder / file.name).string();
    if (absent) {
      throw Error(path + (manifest.date.empty() ? ": missing; the pull of this model has not ended"
                                                : ": missing; it was pulled"),
                  Advice(manifest));
    }
    if (size != file.size) {
      throw Error(fmt::format("{}: {} bytes; {} were pulled", path, size, file.size),
                  kRemoveFirst + Advice(manifest));
    }
  }
}

void CheckNothingElse(const PullManifest& manifest, const fs::path& folder) {
  std::set<std::string> names{PullManifest::kName};
  for (const PullManifest::File& file : manifest.files) names.insert(file.name);
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.') || names.contains(name) || entry.is_directory(ignored)) continue;
    throw Error(
        fmt::format("{}: not one of the files that were pulled into this folder",
                    entry.path().string()),
        fmt::format("Move it away. If it is meant to be there, delete {}: then the folder is "
                    "no longer checked.",
                    PullManifest::kName));
  }
  if (problem) throw Error(fmt::format("{}: {}", folder.string(), problem.message()));
}

PullManifest::File ReadFileEntry(const JsonObject& entry) {
  PullManifest::File file{entry.Get<std::string>("name"), entry.Get<uint64_t>("size"),
                          entry.Get<std::string>("sha256")};
  if (file.name.empty() || file.name == "." || file.name == ".." ||
      file.name.find('/') != std::string::npos || file.name.find('\0') != std::string::npos) {
    entry.Fail("name", "no name of a file in this folder");
  }
  return file;
}

}  // namespace

std::optional<PullManifest> PullManifest::Read(const fs::path& folder) {
  const fs::path path = folder / kName;
  if (!FileExists(path)) return std::nullopt;
  const JsonObject json(ReadJsonFile(path, kMaxManifestBytes), path.string());
  PullManifest manifest;
  manifest.model = {json.Get<std::string>("hub"), json.Get<std::string>("owner"),
                    json.Get<std::string>("name"), json.Get<std::string>("revision")};
  manifest.commit = json.GetOr<std::string>("commit", "");
  manifest.program = json.GetOr<std::string>("program", "");
  manifest.date = json.GetOr<std::string>("date", "");
  if (!json.Has("files") || !json.json().at("files").is_array()) {
    json.Fail("files", "expected a list");
  }
  for (const Json& entry : json.json().at("files")) {
    manifest.files.push_back(ReadFileEntry(JsonObject(entry, path.string())));
  }
  return manifest;
}

void PullManifest::Write(const fs::path& folder) const {
  // Ordered as people read it.
  nlohmann::ordered_json json;
  const auto or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
  };
  json["hub"] = model.hub;
  json["owner"] = model.owner;
  json["name"] = model.name;
  json["revision"] = model.revision;
  json["commit"] = or_null(commit);
  json["program"] = program;
  json["date"] = or_null(date);
  json["files"] = nlohmann::ordered_json::array();
  for (const File& file : files) {
    json["files"].push_back({{"name", file.name}, {"size", file.size}, {"sha256", file.sha256}});
  }
  WriteFile(folder / kName, json.dump(2) + "\n");
}

void CheckPulledFolder(const fs::path& folder) {
  const std::optional<PullManifest> manifest = PullManifest::Read(folder);
  if (!manifest) return;
  CheckSizes(*manifest, folder);
  CheckNothingElse(*manifest, folder);
}

std::optional<PullManifest> CheckPulledHashes(const fs::path& folder, const Progress& progress,
                                              const std::stop_token& stop) {
  CheckPulledFolder(folder);
  std::optional<PullManifest> manifest = PullManifest::Read(folder);
  if (!manifest) return manifest;
  size_t done = 0;
  for (const PullManifest::File& file : manifest->files) {
    Report(progress, file.name, done++, manifest->files.size());
    const std::string hash = Sha256OfFile(folder / file.name, stop);
    if (hash == file.sha256) continue;
    throw Error(fmt::format("{}: its SHA-256 is {}; {} was pulled", (folder / file.name).string(),
                            hash, file.sha256),
                kRemoveFirst + Advice(*manifest));
  }
  return manifest;
}

}  // namespace roentgen
