#include "roentgen/hub/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string_view>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/hub/manifest.h"
#include "roentgen/hub/refusal.h"
#include "roentgen/hub/url.h"

namespace roentgen {
namespace {

constexpr const char* kNoHub = "This is not the answer of a hub; check its address.";

/// Weights in other formats are left where they are.
bool IsWanted(std::string_view path) {
  static constexpr std::array<std::string_view, 5> kEndings = {".json", ".safetensors", ".txt",
                                                               ".jinja", ".md"};
  if (path.find('/') != path.npos) return false;  // of other frameworks
  if (path.starts_with('.') || path == PullManifest::kName) return false;
  return path == "LICENSE" || std::any_of(kEndings.begin(), kEndings.end(),
                                          [&](auto ending) { return path.ends_with(ending); });
}

class Unreachable : public Error {
 public:
  using Error::Error;
};

/// A text of at most max_bytes, asked for again while the hub is busy.
HttpText GetText(HttpClient& client, const std::string& url, size_t max_bytes,
                 const RetryOptions& retry, const std::stop_token& stop) {
  HttpText answer;
  const auto ask = [&] {
    answer = client.GetText(url, max_bytes, "model", stop);
    return Attempt::kDone;
  };
  try {
    TryUntilDone(ask, retry, stop);
  } catch (const ConnectionError& error) {
    throw Unreachable(fmt::format("{}: {}", url, error.what()),
                      "Check the network, try again later, or name a mirror: --from https://…");
  }
  const size_t begin = answer.text.find_first_not_of(" \t\r\n");
  if (begin != std::string::npos && answer.text[begin] == '<') ThrowWebPage(url);
  return answer;
}

std::string LowerHex(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// A file of Hugging Face's listing; nothing for a folder.
std::optional<HubFile> HuggingFaceFile(const JsonObject& entry) {
  if (entry.Get<std::string>("type") != "file") return std::nullopt;
  HubFile file{entry.Get<std::string>("path"), entry.Get<uint64_t>("size"), "",
               entry.GetOr<std::string>("oid", "")};
  if (entry.Has("lfs")) {
    file.sha256 = LowerHex(entry.Object("lfs").Get<std::string>("oid"));
    file.git_blob.clear();  // of the pointer
  }
  return file;
}

std::optional<HubFile> ModelScopeFile(const JsonObject& entry) {
  if (entry.GetOr<std::string>("Type", "blob") == "tree") return std::nullopt;
  return HubFile{entry.Get<std::string>("Path"), entry.Get<uint64_t>("Size"),
                 LowerHex(entry.GetOr<std::string>("Sha256", "")), ""};
}

/// Gathers a listing, page by page.
class Listing {
 public:
  Listing(std::string url, ListingFormat format, const ListingLimits& limits)
      : first_(std::move(url)), format_(format), limits_(limits) {}

  void AddPage(const Json& page, const std::string& url) {
    const Json* list = &page;
    if (format_ == ListingFormat::kModelScope) {
      const JsonObject data = JsonObject(page, url).Object("Data");
      if (!data.Has("Files")) data.Fail("Files", "expected a list");
      list = &page.at("Data").at("Files");
    }
    if (!list->is_array()) throw Error(url + ": expected a list of files");
    entries_ += list->size();
    if (entries_ > limits_.entries) TooMuch(fmt::format("{} entries", limits_.entries));
    for (const Json& entry : *list) {
      const JsonObject object(entry, url);
      std::optional<HubFile> file =
          format_ == ListingFormat::kModelScope ? ModelScopeFile(object) : HuggingFaceFile(object);
      if (file && IsWanted(file->path)) Add(std::move(*file));
    }
  }

  std::vector<HubFile> Take() {
    if (files_.empty()) throw Error(fmt::format("{}: no files of a model are there", first_));
    return std::move(files_);
  }

  [[noreturn]] void TooMuch(const std::string& limit) const {
    throw Error(fmt::format("{}: the listing has more than {}", first_, limit), kNoHub);
  }

 private:
  void Add(HubFile file) {
    if (!paths_.insert(file.path).second) {
      throw Error(fmt::format("{}: {} is listed twice", first_, file.path), kNoHub);
    }
    if (files_.size() >= limits_.files) TooMuch(fmt::format("{} files of a model", limits_.files));
    if (file.size > limits_.total_bytes - total_) {
      TooMuch(fmt::format("{} bytes", limits_.total_bytes));
    }
    total_ += file.size;
    files_.push_back(std::move(file));
  }

  std::string first_;
  ListingFormat format_;
  ListingLimits limits_;
  size_t entries_ = 0;
  uint64_t total_ = 0;
  std::set<std::string> paths_;
  std::vector<HubFile> files_;
};

/// The address of the page behind this one; empty: there is none.
std::string NextPage(const std::string& url, const std::string& link) {
  if (link.empty()) return "";
  const std::optional<std::string> next = FollowLink(url, link);
  if (!next || OriginOf(*next) != OriginOf(url)) {
    throw Error(fmt::format("{}: the next page of the listing is elsewhere: {}", url, link),
                kNoHub);
  }
  return *next;
}

}  // namespace

std::vector<HubFile> FetchListing(HttpClient& client, const std::string& url, ListingFormat format,
                                  const RetryOptions& retry, const std::stop_token& stop,
                                  const ListingLimits& limits) {
  Listing listing(url, format, limits);
  std::set<std::string> seen;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(limits.seconds);
  for (std::string page = url; !page.empty();) {
    if (!seen.insert(page).second) {
      throw Error(fmt::format("{}: the pages of the listing lead in a circle", page), kNoHub);
    }
    if (seen.size() > limits.pages) listing.TooMuch(fmt::format("{} pages", limits.pages));
    if (std::chrono::steady_clock::now() > end) {
      throw Error(
          fmt::format("{}: the listing does not end within {:.0f} seconds", url, limits.seconds),
          kNoHub);
    }
    const HttpText answer = GetText(client, page, limits.page_bytes, retry, stop);
    listing.AddPage(ParseJson(answer.text, page), page);
    page = NextPage(page, answer.head.next_link);
  }
  return listing.Take();
}

std::optional<std::string> FetchCommit(HttpClient& client, const std::string& url,
                                       const RetryOptions& retry, const std::stop_token& stop) {
  constexpr size_t kDigits = 40;
  try {
    const std::string text = GetText(client, url, ListingLimits().page_bytes, retry, stop).text;
    const auto commit = JsonObject(ParseJson(text, url), url).GetOr<std::string>("sha", "");
    const bool is_hash = commit.size() == kDigits &&
                         commit.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_hash ? std::optional(commit) : std::nullopt;
  } catch (const Unreachable&) {
    throw;
  } catch (const Cancelled&) {
    throw;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace roentgen
