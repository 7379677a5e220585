#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "hub/test_server.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"

namespace roentgen::test {

/// One version of a model's files.
using ModelFiles = std::map<std::string, std::string>;

/// A hub on this machine with some models, as Hugging Face answers: listings, commits where they
/// are told, ranges, ETags. Tests change what it has, and put themselves between (intercept).
class FakeHub {
 public:
  explicit FakeHub(Pace pace = {})
      : server_([this](const std::string& request) { return Answer(request); }, pace) {}

  std::string url() const { return server_.url(); }
  size_t requests() { return server_.requests().size(); }

  /// name: "OWNER/NAME"
  void Put(const std::string& name, const ModelFiles& files) {
    const std::lock_guard lock(mutex_);
    models_[name] = files;
  }

  bool tells_hashes = true;
  bool tells_commits = true;
  bool tells_etags = true;
  /// Empty for "answer as always".
  std::function<std::string(const std::string& request)> intercept = {};

  /// A made-up commit, another one for other files.
  static std::string CommitOf(const ModelFiles& files) {
    std::string all;
    for (const auto& [name, content] : files) all += name + '\0' + content + '\0';
    return Sha256Hex(all).substr(0, 40);
  }

 private:
  std::string Answer(const std::string& request) {
    if (intercept) {
      if (std::string answer = intercept(request); !answer.empty()) return answer;
    }
    const std::lock_guard lock(mutex_);
    const std::string path = PathOf(request);
    for (const auto& [name, files] : models_) {
      const std::string commit = CommitOf(files);
      for (const std::string& revision : {std::string("main"), commit}) {
        if (tells_commits && path == fmt::format("/api/models/{}/revision/{}", name, revision)) {
          return Respond(200, Json({{"sha", commit}}).dump());
        }
        if (path == fmt::format("/api/models/{}/tree/{}?recursive=true", name, revision)) {
          return Respond(200, Listing(files));
        }
        const std::string prefix = fmt::format("/{}/resolve/{}/", name, revision);
        if (!path.starts_with(prefix)) continue;
        const auto file = files.find(path.substr(prefix.size()));
        if (file != files.end()) return Content(request, file->second);
      }
    }
    return Respond(404, "no");
  }

  std::string Listing(const ModelFiles& files) const {
    Json list = Json::array();
    for (const auto& [name, content] : files) {
      Json entry = {{"type", "file"}, {"path", name}, {"size", content.size()}};
      if (tells_hashes) entry["lfs"] = {{"oid", Sha256Hex(content)}, {"size", content.size()}};
      list.push_back(entry);
    }
    return list.dump();
  }

  std::string Content(const std::string& request, const std::string& content) const {
    const std::string etag = '"' + Sha256Hex(content) + '"';
    const std::string header = tells_etags ? "ETag: " + etag + "\r\n" : "";
    const std::string if_range = HeaderOf(request, "If-Range");
    const size_t begin = RangeBegin(request);
    if (begin == 0 || (!if_range.empty() && if_range != etag)) {
      return Respond(200, content, header);
    }
    if (begin >= content.size()) {
      return Respond(416, "", fmt::format("Content-Range: bytes */{}\r\n", content.size()));
    }
    return Respond(206, content.substr(begin),
                   header + fmt::format("Content-Range: bytes {}-{}/{}\r\n", begin,
                                        content.size() - 1, content.size()));
  }

  std::mutex mutex_;
  std::map<std::string, ModelFiles> models_;
  TestServer server_;
};

}  // namespace roentgen::test
