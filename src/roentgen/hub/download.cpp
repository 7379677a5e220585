#include "roentgen/hub/download.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/hub/file_hash.h"
#include "roentgen/hub/refusal.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOtherSource = "Try again later, or another source (--from).";

/// What is wrong with a file that has come whole; empty: nothing.
std::string WrongHash(const fs::path& path, const HubFile& file, const std::stop_token& stop) {
  const auto compare = [&](const char* name, const std::string& is, const std::string& should) {
    return is == should ? "" : fmt::format("its {} is {}, announced was {}", name, is, should);
  };
  if (!file.sha256.empty()) return compare("SHA-256", Sha256OfFile(path, stop), file.sha256);
  if (!file.git_blob.empty()) {
    return compare("git hash", GitBlobHashOfFile(path, stop), file.git_blob);
  }
  return "";
}

bool HasHash(const HubFile& file) {
  return !file.sha256.empty() || !file.git_blob.empty();
}

/// Of a regular file; 0 where there is none.
uint64_t SizeOf(const fs::path& path) {
  std::error_code absent;
  const uint64_t size = fs::file_size(path, absent);
  return absent ? 0 : size;
}

void Remove(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

/// The file's bytes are on the disk, whatever happens to the machine.
void Sync(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) ThrowSystemError(path.string(), "open");
  const bool done = ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!done) ThrowSystemError(path.string(), "write");
}

/// What has come of a file, PATH.part, and of which version it is, PATH.part.etag.
class PartialFile {
 public:
  explicit PartialFile(const fs::path& whole)
      : path_(whole.string() + ".part"), etag_path_(path_.string() + ".etag") {}

  const fs::path& path() const { return path_; }
  uint64_t size() const { return SizeOf(path_); }
  /// Empty: not known.
  std::string Etag() const {
    constexpr size_t kLongest = 4096;
    return SizeOf(etag_path_) > kLongest || !FileExists(etag_path_)
               ? ""
               : ReadFile(etag_path_, kLongest);
  }

  void Drop() const {
    Remove(path_);
    Remove(etag_path_);
  }

  /// Begins it anew. The bytes go before the ETag changes: those of one version never stand beside
  /// the ETag of another.
  std::ofstream Begin(const std::string& etag) const {
    Drop();
    std::ofstream out(path_, std::ios::binary | std::ios::trunc);
    if (!etag.empty()) WriteFile(etag_path_, etag);
    return out;
  }

  std::ofstream GoOn() const { return std::ofstream(path_, std::ios::binary | std::ios::app); }

  void BecomeWhole(const fs::path& whole) const {
    Sync(path_);
    std::error_code problem;
    fs::rename(path_, whole, problem);
    if (problem) throw Error(fmt::format("{}: {}", whole.string(), problem.message()));
    Remove(etag_path_);
  }

 private:
  fs::path path_;
  fs::path etag_path_;
};

class Download {
 public:
  Download(HttpClient& client, const std::string& url, const HubFile& file, const fs::path& path,
           const RetryOptions& retry, const Progress& progress, std::stop_token stop)
      : client_(client),
        url_(url),
        file_(file),
        path_(path),
        part_(path),
        retry_(retry),
        progress_(progress),
        stop_(std::move(stop)) {}

  void Run() {
    if (IsAnnounced(path_, file_, stop_)) return;
    // One that is whole already would be asked nothing about: without a hash it begins anew, too.
    if (part_.size() > file_.size || (!HasHash(file_) && part_.size() == file_.size)) part_.Drop();
    CheckRoom();
    FetchAll();
    std::string wrong = WrongHash(part_.path(), file_, stop_);
    if (!wrong.empty() && pieced_) {  // of two versions
      part_.Drop();
      FetchAll();
      wrong = WrongHash(part_.path(), file_, stop_);
    }
    if (!wrong.empty()) {
      part_.Drop();
      throw Error(fmt::format("{}: {}", url_, wrong),
                  "The hub or a mirror gave another file. Try again, or another source (--from).");
    }
    part_.BecomeWhole(path_);
  }

 private:
  void CheckRoom() const {
    std::error_code unknown;
    const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
    const fs::space_info space = fs::space(folder, unknown);
    const uint64_t there = part_.size();
    if (!unknown && there < file_.size && space.available < file_.size - there) {
      throw Error(fmt::format("{}: {} bytes are missing, the disk has room for {}", path_.string(),
                              file_.size - there, space.available),
                  "Make room, or name another folder with --out.");
    }
  }

  void FetchAll() {
    // Not what the last try brought counts as progress, but what none before had reached: a file
    // that begins anew each time and ends early each time would never be given up.
    constexpr uint64_t kParts = 100;
    uint64_t furthest = part_.size();
    const auto progressed = [&] {
      const uint64_t now = part_.size();
      if (now < furthest + std::max<uint64_t>(1, file_.size / kParts)) return false;
      furthest = now;
      return true;
    };
    const auto attempt = [&] {
      if (Complete()) return Attempt::kDone;
      try {
        Fetch();
      } catch (const ConnectionError&) {
        if (progressed()) return Attempt::kProgress;
        throw;
      }
      if (Complete()) return Attempt::kDone;
      return progressed() ? Attempt::kProgress : Attempt::kNothing;
    };
    try {
      TryUntilDone(attempt, retry_, stop_);
    } catch (const ConnectionError& error) {
      throw Error(fmt::format("{}: {} of {} bytes came, then: {}", url_, part_.size(), file_.size,
                              error.what()),
                  "The same command goes on where it stopped.");
    }
  }

  bool Complete() const { return part_.size() == file_.size && FileExists(part_.path()); }

  [[noreturn]] void ThrowOtherSize(uint64_t size) const {
    part_.Drop();
    throw Error(
        fmt::format("{}: it has {} bytes, announced were {}", url_, size, file_.size),
        "The hub or a mirror gave another file, perhaps a pointer to it (Git LFS). Try another "
        "source (--from).");
  }

  /// One request for what is missing.
  void Fetch() {
    if (!HasHash(file_) && part_.Etag().empty()) part_.Drop();
    size_ = part_.size();
    const HttpRange range{size_, part_.Etag()};
    const auto on_head = [&](const HttpHead& head) { return Open(head, range); };
    const auto on_bytes = [&](std::string_view bytes) {
      Write(bytes);
      return true;
    };
    try {
      client_.Stream(url_, range, on_head, on_bytes, stop_);
    } catch (...) {
      out_.close();
      throw;
    }
    if (!out_.is_open()) return;
    out_.close();
    if (!out_) ThrowSystemError(part_.path().string(), "write");
  }

  /// Opens the partial file for what the server is about to send; false when it does not send it.
  bool Open(const HttpHead& head, const HttpRange& range) {
    if (head.status == 206 && range.from > 0) {
      CheckPart(head, range);
      out_ = part_.GoOn();
      pieced_ = true;
    } else if (head.status == 200) {
      CheckWholeAnswer(head);
      size_ = 0;  // it does not do parts, or has another version: from the beginning
      out_ = part_.Begin(head.etag);
    } else if (head.status == 416 && range.from > 0) {
      if (head.whole_size && head.whole_size != file_.size) ThrowOtherSize(*head.whole_size);
      part_.Drop();  // what is here is of something else
      return false;
    } else {
      ThrowRefusal(url_, head, "file", client_.access());
    }
    if (!out_) ThrowSystemError(part_.path().string(), "write");
    return true;
  }

  void CheckPart(const HttpHead& head, const HttpRange& range) const {
    if (head.part_begin != range.from || (head.whole_size && head.whole_size != file_.size)) {
      part_.Drop();
      throw Error(fmt::format("{}: asked from byte {} of {}, it answers from byte {} of {}", url_,
                              range.from, file_.size, head.part_begin.value_or(0),
                              head.whole_size.value_or(0)),
                  kOtherSource);
    }
    // An answer without an ETag may be of any version; the hash will tell, where there is one.
    const bool unknown = head.etag.empty() && HasHash(file_);
    if (!range.if_etag.empty() && head.etag != range.if_etag && !unknown) {
      part_.Drop();
      throw ConnectionError("the file was changed there");
    }
  }

  void CheckWholeAnswer(const HttpHead& head) const {
    if (head.content_length.value_or(0) == file_.size) return;
    if (head.is_web_page) ThrowWebPage(url_);
    if (head.content_length && *head.content_length < file_.size) {
      ThrowOtherSize(*head.content_length);
    }
  }

  void Write(std::string_view bytes) {
    size_ += bytes.size();
    if (size_ > file_.size) {
      out_.close();
      part_.Drop();
      throw Error(fmt::format("{}: more than the {} bytes that were announced", url_, file_.size),
                  kOtherSource);
    }
    out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!out_) ThrowSystemError(part_.path().string(), "write");
    Report(progress_, file_.path, size_, file_.size);
  }

  HttpClient& client_;
  const std::string& url_;
  const HubFile& file_;
  const fs::path& path_;
  const PartialFile part_;
  const RetryOptions& retry_;
  const Progress& progress_;
  std::stop_token stop_;
  std::ofstream out_;
  bool pieced_ = false;  // together from several answers
  uint64_t size_ = 0;    // of the partial file, with what waits to be written
};

}  // namespace

bool IsAnnounced(const fs::path& path, const HubFile& file, const std::stop_token& stop) {
  std::error_code ignored;
  return HasHash(file) && fs::is_regular_file(path, ignored) && SizeOf(path) == file.size &&
         WrongHash(path, file, stop).empty();
}

void DownloadFile(HttpClient& client, const std::string& url, const HubFile& file,
                  const fs::path& path, const RetryOptions& retry, const Progress& progress,
                  std::stop_token stop) {
  Download(client, url, file, path, retry, progress, std::move(stop)).Run();
}

}  // namespace roentgen
