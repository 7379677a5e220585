#include "roentgen/hub/pull.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/path_inside.h"
#include "roentgen/hub/download.h"
#include "roentgen/hub/file_hash.h"
#include "roentgen/hub/manifest.h"
#include "roentgen/hub/placement.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> EntriesOf(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) entries.push_back(entry.path());
  if (problem) throw Error(fmt::format("{}: {}", folder.string(), problem.message()));
  return entries;
}

/// One pull, step by step.
class Pull {
 public:
  Pull(HttpClient& client, const ModelHub& hub, const PullRequest& request,
       const RetryOptions& retry, const PullWatch& watch, const std::stop_token& stop)
      : client_(client),
        hub_(hub),
        request_(request),
        retry_(retry),
        watch_(watch),
        stop_(stop),
        full_name_(request.name.owner + "/" + request.name.name) {
    manifest_.model = {
        hub.address(), request.name.owner, request.name.name,
        request.name.revision.empty() ? hub.DefaultRevision() : request.name.revision};
    manifest_.program = request.program;
  }

  fs::path Run() {
    List();
    StagedFolder staged(request_.out.empty() ? PlaceOf(manifest_.model) : request_.out,
                        watch_.on_wait, stop_);
    if (staged.waited()) List();
    CheckPlace(staged.place());
    if (watch_.on_list) watch_.on_list(files_, staged.place());
    if (IsCurrent(staged.place())) {
      if (watch_.on_kept) std::for_each(files_.begin(), files_.end(), watch_.on_kept);
      staged.Discard();
      return staged.place();
    }
    Prepare(staged.path());
    for (const HubFile& file : files_) Fetch(file, staged);
    CheckListing();
    Finish(staged.path());
    staged.PutInPlace();
    return staged.place();
  }

 private:
  void List() {
    manifest_.commit =
        hub_.FindCommit(client_, full_name_, manifest_.model.revision, retry_, stop_).value_or("");
    files_ = hub_.ListFiles(client_, full_name_, Revision(), retry_, stop_);
  }

  /// A commit does not change while it is fetched, as a branch may.
  const std::string& Revision() const {
    return manifest_.commit.empty() ? manifest_.model.revision : manifest_.commit;
  }

  /// Throws where putting the model in place would remove what no pull of it has put there.
  void CheckPlace(const fs::path& place) {
    std::error_code ignored;
    if (!fs::exists(fs::symlink_status(place, ignored))) return;
    if (!fs::is_directory(place, ignored)) throw Error(place.string() + ": is no folder");
    const std::optional<PullManifest> before = PullManifest::Read(place);
    if (before &&
        (before->model.hub != manifest_.model.hub || before->model.FullName() != full_name_)) {
      throw Error(fmt::format("{}: another model is there, {} of {}", place.string(),
                              before->model.FullName(), before->model.hub),
                  "Name another folder with --out, or remove that one.");
    }
    for (const fs::path& entry : EntriesOf(place)) {
      if (IsOfPull(entry, before)) continue;
      throw Error(fmt::format("{}: no pull of {} has put it there", entry.string(), full_name_),
                  "Move it away, or name another folder with --out.");
    }
    if (!before) return;
    for (const PullManifest::File& file : before->files) CheckIsAsPulled(place, file);
  }

  /// Who changed a file since would lose that.
  void CheckIsAsPulled(const fs::path& place, const PullManifest::File& file) {
    const fs::path path = place / file.name;
    std::error_code ignored;
    if (file.sha256.empty() || !fs::exists(path, ignored)) return;
    if (fs::is_regular_file(path, ignored) && fs::file_size(path, ignored) == file.size &&
        Sha256OfFile(path, stop_) == file.sha256) {
      as_pulled_[file.name] = file.sha256;
      return;
    }
    throw Error(path.string() + ": it was changed since it was pulled, and would be replaced",
                "Name another folder with --out, or remove the file: then it is fetched again.");
  }

  /// Whether the place has the file as the hub announces it. What CheckIsAsPulled read is not read
  /// again.
  bool HasAnnounced(const fs::path& place, const HubFile& file) const {
    const auto known = as_pulled_.find(file.path);
    const bool same = known != as_pulled_.end() && known->second == file.sha256;
    return same || IsAnnounced(place / file.path, file, stop_);
  }

  bool IsOfPull(const fs::path& path, const std::optional<PullManifest>& before) const {
    const std::string name = path.filename().string();
    if (before) {
      return name == PullManifest::kName ||
             std::any_of(before->files.begin(), before->files.end(),
                         [&](const auto& file) { return file.name == name; });
    }
    // Folders of earlier versions have no manifest: what is the same as the hub's is of a pull.
    return std::any_of(files_.begin(), files_.end(), [&](const HubFile& file) {
      return file.path == name && IsAnnounced(path, file, stop_);
    });
  }

  /// Whether the place has just what would be pulled.
  bool IsCurrent(const fs::path& place) const {
    std::error_code ignored;
    if (!fs::is_directory(place, ignored)) return false;
    const std::optional<PullManifest> before = PullManifest::Read(place);
    if (!before || before->model != manifest_.model || before->commit != manifest_.commit ||
        before->files.size() != files_.size()) {
      return false;
    }
    return std::all_of(files_.begin(), files_.end(),
                       [&](const HubFile& file) { return HasAnnounced(place, file); });
  }

  /// Writes the manifest, before any file: a folder that is not whole is never taken for a model.
  /// Of what an earlier pull left there only that stays which is still to come.
  void Prepare(const fs::path& folder) {
    std::optional<PullManifest> before;
    try {
      before = PullManifest::Read(folder);
    } catch (const Error&) {  // nothing is known of what is there
    }
    if (before && before->model != manifest_.model) before.reset();
    std::vector<std::string> kept{PullManifest::kName};
    manifest_.files.clear();
    for (const HubFile& file : files_) {
      PathInside(folder, file.path);
      manifest_.files.push_back({file.path, file.size, file.sha256});
      if (!before || std::find(before->files.begin(), before->files.end(),
                               manifest_.files.back()) == before->files.end()) {
        continue;
      }
      for (const char* ending : {"", ".part", ".part.etag"}) kept.push_back(file.path + ending);
    }
    for (const fs::path& entry : EntriesOf(folder)) {
      if (std::find(kept.begin(), kept.end(), entry.filename()) != kept.end()) continue;
      std::error_code problem;
      fs::remove_all(entry, problem);
      if (problem) throw Error(fmt::format("{}: {}", entry.string(), problem.message()));
    }
    manifest_.date.clear();
    manifest_.Write(folder);
  }

  void Fetch(const HubFile& file, const StagedFolder& staged) {
    const fs::path path = staged.path() / file.path;
    const fs::path before = staged.place() / file.path;
    std::error_code ignored;
    if (!fs::exists(path, ignored) && HasAnnounced(staged.place(), file)) {
      Take(before, path);
      if (watch_.on_kept) watch_.on_kept(file);
      return;
    }
    DownloadFile(client_, hub_.AddressOf(full_name_, Revision(), file.path), file, path, retry_,
                 watch_.progress, stop_);
    if (watch_.on_file) watch_.on_file(file);
  }

  /// Two names of one file, until the old folder goes; where there are no links, a copy.
  static void Take(const fs::path& from, const fs::path& to) {
    std::error_code problem;
    fs::create_hard_link(from, to, problem);
    if (problem) fs::copy_file(from, to, problem);
    if (problem) throw Error(fmt::format("{}: {}", to.string(), problem.message()));
  }

  /// Files of a branch may be of two commits, where the hub does not tell them apart.
  void CheckListing() const {
    if (!manifest_.commit.empty()) return;
    if (hub_.ListFiles(client_, full_name_, Revision(), retry_, stop_) == files_) return;
    throw Error(fmt::format("{} of {} changed while it was pulled", full_name_, hub_.address()),
                "Pull again; what stayed the same is not fetched again.");
  }

  void Finish(const fs::path& folder) {
    for (PullManifest::File& file : manifest_.files) {
      if (file.sha256.empty()) file.sha256 = Sha256OfFile(folder / file.name, stop_);
    }
    manifest_.date = fmt::format(
        "{:%Y-%m-%dT%H:%M:%SZ}",
        fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
    manifest_.Write(folder);
  }

  HttpClient& client_;
  const ModelHub& hub_;
  const PullRequest& request_;
  const RetryOptions& retry_;
  const PullWatch& watch_;
  const std::stop_token& stop_;
  std::string full_name_;
  PullManifest manifest_;
  std::vector<HubFile> files_;
  std::map<std::string, std::string> as_pulled_;  // names of files in the place, their SHA-256
};

}  // namespace

fs::path PullModel(HttpClient& client, const ModelHub& hub, const PullRequest& request,
                   const RetryOptions& retry, const PullWatch& watch, const std::stop_token& stop) {
  return Pull(client, hub, request, retry, watch, stop).Run();
}

}  // namespace roentgen
