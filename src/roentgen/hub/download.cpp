#include "roentgen/hub/download.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/hub/refusal.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

/// SHA-256, or SHA-1 of a git blob, of a file that may be larger than memory.
std::string HashFile(const fs::path& path, const EVP_MD* kind, std::string_view before,
                     const std::stop_token& stop) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
  EVP_DigestInit_ex(hash.get(), kind, nullptr);
  EVP_DigestUpdate(hash.get(), before.data(), before.size());
  std::ifstream stream(path, std::ios::binary);
  std::string block(size_t{1} << 20, '\0');
  while (stream) {
    if (stop.stop_requested()) throw Cancelled();
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    EVP_DigestUpdate(hash.get(), block.data(), static_cast<size_t>(stream.gcount()));
  }
  if (!stream.eof()) ThrowSystemError(path.string(), "read");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(hash.get(), digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

/// What is wrong with a file that has come whole; empty: nothing.
std::string WrongHash(const fs::path& path, const HubFile& file, const std::stop_token& stop) {
  const auto compare = [&](const char* name, const std::string& is, const std::string& should) {
    return is == should ? "" : fmt::format("its {} is {}, announced was {}", name, is, should);
  };
  if (!file.sha256.empty()) {
    return compare("SHA-256", HashFile(path, EVP_sha256(), "", stop), file.sha256);
  }
  if (!file.git_blob.empty()) {
    const std::string head = fmt::format("blob {}", file.size) + std::string(1, '\0');
    return compare("git hash", HashFile(path, EVP_sha1(), head, stop), file.git_blob);
  }
  return "";
}

uint64_t SizeOf(const fs::path& path) {
  std::error_code absent;
  const uint64_t size = fs::file_size(path, absent);
  return absent ? 0 : size;
}

void Remove(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

class Download {
 public:
  Download(HttpClient& client, const std::string& url, const HubFile& file, const fs::path& path,
           const RetryOptions& retry, const Progress& progress, std::stop_token stop)
      : client_(client),
        url_(url),
        file_(file),
        path_(path),
        part_(path.string() + ".part"),
        retry_(retry),
        progress_(progress),
        stop_(std::move(stop)) {}

  void Run() {
    if (SizeOf(path_) == file_.size && WrongHash(path_, file_, stop_).empty() &&
        FileExists(path_)) {
      return;
    }
    CheckRoom();
    if (SizeOf(part_) > file_.size) Remove(part_);
    FetchAll();
    if (const std::string wrong = WrongHash(part_, file_, stop_); !wrong.empty()) {
      Remove(part_);
      throw Error(fmt::format("{}: {}", url_, wrong),
                  "The hub or a mirror gave another file. Try again, or another source (--from).");
    }
    std::error_code problem;
    fs::rename(part_, path_, problem);
    if (problem) throw Error(fmt::format("{}: {}", path_.string(), problem.message()));
  }

 private:
  void CheckRoom() const {
    std::error_code unknown;
    const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
    const fs::space_info space = fs::space(folder, unknown);
    const uint64_t there = SizeOf(part_);
    if (!unknown && there < file_.size && space.available < file_.size - there) {
      throw Error(fmt::format("{}: {} bytes are missing, the disk has room for {}", path_.string(),
                              file_.size - there, space.available),
                  "Make room, or name another folder with --out.");
    }
  }

  void FetchAll() {
    // Not what the last try brought counts as progress, but what none before had reached: a file
    // that begins anew each time and ends early each time would never be given up.
    uint64_t furthest = SizeOf(part_);
    const auto progressed = [&] {
      return SizeOf(part_) > std::exchange(furthest, std::max(furthest, SizeOf(part_)));
    };
    const auto attempt = [&] {
      if (Complete()) return Attempt::kDone;
      try {
        Fetch(SizeOf(part_));
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
      throw Error(fmt::format("{}: {} of {} bytes came, then: {}", url_, SizeOf(part_), file_.size,
                              error.what()),
                  "The same command goes on where it stopped.");
    }
  }

  bool Complete() const { return SizeOf(part_) == file_.size && FileExists(part_); }

  void CheckWholeAnswer(const HttpHead& head) const {
    if (head.content_length.value_or(0) == file_.size) return;
    if (head.is_web_page) ThrowWebPage(url_);
    if (head.content_length && *head.content_length < file_.size) {
      throw Error(fmt::format("{}: it has {} bytes, announced were {}", url_, *head.content_length,
                              file_.size),
                  "The hub or a mirror gave another file, perhaps a pointer to it (Git LFS). Try "
                  "another source (--from).");
    }
  }

  /// One request, from a byte on.
  void Fetch(uint64_t from) {
    std::ofstream out;
    uint64_t size = from;
    const auto write_failed = [&] { ThrowSystemError(part_.string(), "write"); };
    const auto on_head = [&](const HttpHead& head) {
      if (head.status == 206 && from > 0) {
        if (head.part_begin != from || (head.whole_size && head.whole_size != file_.size)) {
          throw Error(
              fmt::format("{}: asked from byte {} of {}, it answers from byte {} of {}", url_, from,
                          file_.size, head.part_begin.value_or(0), head.whole_size.value_or(0)),
              "Try another source (--from).");
        }
        out.open(part_, std::ios::binary | std::ios::app);
      } else if (head.status == 200) {
        CheckWholeAnswer(head);
        size = 0;  // the server does not do parts: from the beginning
        out.open(part_, std::ios::binary | std::ios::trunc);
      } else if (head.status == 416 && from > 0) {
        Remove(part_);  // what is here is of something else
        return false;
      } else {
        ThrowRefusal(url_, head, "file", client_.access());
      }
      if (!out) write_failed();
      return true;
    };
    const auto on_bytes = [&](std::string_view bytes) {
      size += bytes.size();
      if (size > file_.size) {
        out.close();
        Remove(part_);
        throw Error(fmt::format("{}: more than the {} bytes that were announced", url_, file_.size),
                    "Try another source (--from).");
      }
      out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      if (!out) write_failed();
      Report(progress_, file_.path, size, file_.size);
      return true;
    };
    client_.Stream(url_, from, on_head, on_bytes, stop_);
    if (out.is_open()) {
      out.close();
      if (!out) write_failed();
    }
  }

  HttpClient& client_;
  const std::string& url_;
  const HubFile& file_;
  const fs::path& path_;
  const fs::path part_;
  const RetryOptions& retry_;
  const Progress& progress_;
  std::stop_token stop_;
};

}  // namespace

void DownloadFile(HttpClient& client, const std::string& url, const HubFile& file,
                  const fs::path& path, const RetryOptions& retry, const Progress& progress,
                  std::stop_token stop) {
  Download(client, url, file, path, retry, progress, std::move(stop)).Run();
}

}  // namespace roentgen
