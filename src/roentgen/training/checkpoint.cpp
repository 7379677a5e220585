#include "roentgen/training/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <random>
#include <set>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output.h"
#include "roentgen/base/path_inside.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "checkpoint-";
/// Begins the names of folders that are being written or removed; nobody takes them for a
/// checkpoint, and no other program has such.
constexpr std::string_view kUnfinished = ".roentgen-checkpoint-";
constexpr const char* kManifest = "checkpoint.json";
constexpr size_t kMaxManifestBytes = size_t{64} << 20;
constexpr int kFormat = 1;

/// Makes the entries of a folder, and its own content, outlive a loss of power.
void SyncPath(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) ThrowSystemError(path.string(), "open");
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!synced) ThrowSystemError(path.string(), "flush");
}

std::string HashFile(const fs::path& path) {
  return Sha256Hex(MappedFile(path).bytes());
}

/// The step in a folder's name, if it is a checkpoint's.
std::optional<size_t> StepOf(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (!name.starts_with(kPrefix)) return std::nullopt;
  size_t step = 0;
  const char* end = name.data() + name.size();
  const auto [stop, problem] = std::from_chars(name.data() + kPrefix.size(), end, step);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return step;
}

/// Whatever is named like a checkpoint, by its step, the last one first.
std::vector<std::pair<size_t, fs::path>> NamedLikeCheckpoints(const fs::path& output_dir) {
  std::vector<std::pair<size_t, fs::path>> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(output_dir, absent)) {
    if (const auto step = StepOf(entry.path())) found.emplace_back(*step, entry.path());
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

/// Whether SaveCheckpoint wrote the folder, however damaged its files are: a folder, not a link to
/// one, with our manifest.
bool IsOurs(const fs::path& folder) {
  std::error_code error;
  const fs::path manifest = folder / kManifest;
  if (!fs::is_directory(fs::symlink_status(folder, error)) ||
      !fs::is_regular_file(fs::symlink_status(manifest, error))) {
    return false;
  }
  try {
    const Json json = ReadJsonFile(manifest, kMaxManifestBytes);
    return json.is_object() && json.contains("format") && json.contains("step") &&
           json.contains("state");
  } catch (const Error&) {
    return false;
  }
}

/// What lies in a checkpoint of ours and was not written by us: files, links and folders that its
/// manifest does not name, relative to it, a folder before what is in it.
std::vector<fs::path> ForeignFiles(const fs::path& folder) {
  std::set<fs::path> ours = {kManifest};
  const Json manifest = ReadJsonFile(folder / kManifest, kMaxManifestBytes);
  for (const Json& file : manifest.value("files", Json::array())) {
    if (!file.is_object() || !file.contains("name") || !file["name"].is_string()) continue;
    fs::path name = file["name"].get<std::string>();
    while (!name.empty() && ours.insert(name).second) name = name.parent_path();
  }
  std::vector<fs::path> foreign;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    fs::path name = entry.path().lexically_relative(folder);
    if (!ours.contains(name)) foreign.push_back(std::move(name));
  }
  return foreign;
}

/// Copies them into the folder that takes the place of theirs.
void KeepForeignFiles(const fs::path& from, const fs::path& to) {
  for (const fs::path& name : ForeignFiles(from)) {
    std::error_code failed;
    if (fs::is_directory(fs::symlink_status(from / name))) {
      fs::create_directories(to / name, failed);
    } else {
      fs::copy(from / name, to / name, fs::copy_options::copy_symlinks, failed);
    }
    if (failed) {
      throw Error(fmt::format("{}: cannot keep this file of yours in the new checkpoint: {}",
                              (from / name).string(), failed.message()),
                  "Move it away.");
    }
  }
}

/// What a killed process left, and nothing that others called so.
void RemoveUnfinished(const fs::path& output_dir) {
  std::error_code ignored;
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(output_dir, ignored)) {
    if (entry.path().filename().string().starts_with(kUnfinished)) left.push_back(entry.path());
  }
  for (const fs::path& path : left) {
    if (IsOurs(path)) {
      RemoveOwnFolder(path, kManifest);
    } else if (IsOwnFolder(path)) {
      RemoveOwnFolder(path);
    }
  }
}

fs::path UnfinishedName(const fs::path& output_dir) {
  std::random_device random;
  return output_dir / fmt::format("{}{:08x}", kUnfinished, random());
}

/// Removed with everything in it at the end.
class UnfinishedFolder {
 public:
  explicit UnfinishedFolder(const fs::path& output_dir)
      : path_(MakeUnfinishedFolder(output_dir)), known_by_(FolderMark::kName) {}
  ~UnfinishedFolder() {
    if (!path_.empty()) RemoveOwnFolder(path_, known_by_);
  }
  UnfinishedFolder(const UnfinishedFolder&) = delete;
  UnfinishedFolder& operator=(const UnfinishedFolder&) = delete;

  const fs::path& path() const { return path_; }
  /// From here on it is known by that.
  void WriteManifest(const Json& manifest) {
    WriteFile(path_ / kManifest, manifest.dump(2) + "\n");
    known_by_ = kManifest;
    fs::remove(path_ / FolderMark::kName);
  }
  /// Takes the place of `to`; what was there before is in this folder's place then.
  void ExchangeWith(const fs::path& to) {
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return;
    // Nothing to exchange with, or a file system that cannot.
    if (errno != ENOENT && errno != EINVAL) ThrowSystemError(to.string(), "replace");
    fs::remove_all(to);
    if (::rename(path_.c_str(), to.c_str()) != 0) ThrowSystemError(to.string(), "rename into");
    path_.clear();
  }

 private:
  fs::path path_;
  std::string known_by_;
};

Json DescribeFiles(const fs::path& folder) {
  Json files = Json::array();
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    SyncPath(entry.path());
    if (!entry.is_regular_file() || entry.path() == folder / FolderMark::kName) continue;
    files.push_back({{"name", entry.path().lexically_relative(folder).string()},
                     {"bytes", entry.file_size()},
                     {"sha256", HashFile(entry.path())}});
  }
  return files;
}

void CheckFile(const fs::path& folder, const JsonObject& described) {
  const fs::path path = PathInside(folder, described.Get<std::string>("name"));
  std::error_code absent;
  const auto bytes = fs::file_size(path, absent);
  if (absent) throw Error(path.string() + " is missing");
  const auto expected = described.Get<uint64_t>("bytes");
  if (bytes != expected) {
    throw Error(fmt::format("{} has {} bytes, not {}", path.string(), bytes, expected));
  }
  if (HashFile(path) != described.Get<std::string>("sha256")) {
    throw Error(path.string() + " is damaged");
  }
}

}  // namespace

std::vector<fs::path> ForeignCheckpoints(const fs::path& output_dir, size_t last_step) {
  std::vector<fs::path> foreign;
  for (const auto& [step, path] : NamedLikeCheckpoints(output_dir)) {
    if (step <= last_step && !IsOurs(path)) foreign.push_back(path);
  }
  std::reverse(foreign.begin(), foreign.end());
  return foreign;
}

fs::path MakeUnfinishedFolder(const fs::path& output_dir) {
  RemoveUnfinished(output_dir);
  for (;;) {
    const fs::path path = UnfinishedName(output_dir);
    if (::mkdir(path.c_str(), 0777) != 0) {
      if (errno == EEXIST) continue;
      ThrowSystemError(output_dir.string(), "write into");
    }
    try {
      FolderMark(path).Add({}, "train");
    } catch (const Error&) {
      RemoveOwnFolder(path);
      throw;
    }
    return path;
  }
}

Checkpoint SaveCheckpoint(const fs::path& output_dir, size_t step, const Json& state,
                          const std::function<void(const fs::path& folder)>& write) {
  std::error_code failed;
  fs::create_directories(output_dir, failed);
  if (failed) throw Error(fmt::format("{}: {}", output_dir.string(), failed.message()));
  const fs::path final_name = output_dir / fmt::format("{}{}", kPrefix, step);
  if (fs::exists(fs::symlink_status(final_name)) && !IsOurs(final_name)) {
    throw Error(final_name.string() + ": another program's checkpoint is there",
                "Move it away or name another folder.");
  }
  UnfinishedFolder folder(output_dir);
  write(folder.path());
  folder.WriteManifest({{"format", kFormat},
                        {"step", step},
                        {"state", state},
                        {"files", DescribeFiles(folder.path())}});
  if (fs::exists(final_name)) KeepForeignFiles(final_name, folder.path());
  SyncPath(folder.path());
  folder.ExchangeWith(final_name);
  SyncPath(output_dir);
  return {final_name, step, state};
}

Checkpoint LoadCheckpoint(const fs::path& folder) {
  const fs::path path = folder / kManifest;
  if (!FileExists(path)) {
    throw Error(folder.string() + ": no checkpoint of ours: there is no " + kManifest,
                "What another program trained is gone on with as an adapter (adapter_name_or_path) "
                "or as a model (model_name_or_path).");
  }
  const JsonObject manifest(ReadJsonFile(path, kMaxManifestBytes), path.string());
  if (manifest.Get<int>("format") != kFormat) {
    manifest.Fail("format", "written by another version");
  }
  const Json files = manifest.json().value("files", Json());
  if (!files.is_array()) manifest.Fail("files", "expected a list of files");
  for (const Json& file : files) {
    CheckFile(folder, JsonObject(file, path.string()));
  }
  return {folder, manifest.Get<size_t>("step"), manifest.Object("state").json()};
}

LastCheckpoint FindLastCheckpoint(const fs::path& output_dir) {
  LastCheckpoint last;
  for (const auto& [step, folder] : NamedLikeCheckpoints(output_dir)) {
    if (!fs::is_directory(folder)) continue;
    try {
      last.checkpoint = LoadCheckpoint(folder);
      break;
    } catch (const Error& error) {
      last.skipped.push_back(
          fmt::format("{} is passed over: {}", folder.filename().string(), error.what()));
    }
  }
  return last;
}

void RotateCheckpoints(const fs::path& output_dir, size_t limit, const fs::path& newest,
                       const fs::path& best) {
  if (limit == 0) return;
  std::vector<std::pair<size_t, fs::path>> folders = NamedLikeCheckpoints(output_dir);
  std::erase_if(folders, [](const auto& folder) { return !IsOurs(folder.second); });
  size_t left = folders.size();
  for (size_t i = folders.size(); i-- > 0 && left > limit;) {
    const fs::path name = folders[i].second.filename();
    if (name == newest.filename() || name == best.filename()) continue;
    if (!ForeignFiles(folders[i].second).empty()) continue;
    // First its name, then its files: killed in between, no half of it is taken for a checkpoint.
    const fs::path dying = UnfinishedName(output_dir);
    std::error_code failed;
    fs::rename(folders[i].second, dying, failed);
    if (failed) throw Error(fmt::format("{}: {}", dying.string(), failed.message()));
    RemoveOwnFolder(dying, kManifest);
    --left;
  }
}

}  // namespace roentgen
