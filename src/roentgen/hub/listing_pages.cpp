#include "roentgen/hub/listing_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/hub/manifest.h"
#include "roentgen/hub/url.h"

namespace roentgen {
namespace {

/// Weights in other formats are left where they are.
bool IsWanted(std::string_view path) {
  static constexpr std::array<std::string_view, 5> kEndings = {".json", ".safetensors", ".txt",
                                                               ".jinja", ".md"};
  if (path.find('/') != path.npos) return false;  // of other frameworks
  if (path.starts_with('.') || path == PullManifest::kName) return false;
  return path == "LICENSE" || std::any_of(kEndings.begin(), kEndings.end(),
                                          [&](auto ending) { return path.ends_with(ending); });
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
    const JsonObject lfs = entry.Object("lfs");
    file.sha256 = LowerHex(lfs.Get<std::string>("oid"));
    if (file.sha256.empty()) lfs.Fail("oid", "empty: its content could not be checked", kNoHub);
    file.git_blob.clear();  // of the pointer
  }
  return file;
}

std::optional<HubFile> ModelScopeFile(const JsonObject& entry) {
  if (entry.GetOr<std::string>("Type", "blob") == "tree") return std::nullopt;
  return HubFile{entry.Get<std::string>("Path"), entry.Get<uint64_t>("Size"),
                 LowerHex(entry.GetOr<std::string>("Sha256", "")), ""};
}

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

ListingPages::ListingPages(std::string url, ListingFormat format, const ListingLimits& limits)
    : first_(std::move(url)), format_(format), limits_(limits) {}

std::string ListingPages::Add(const std::string& text, const std::string& url,
                              const std::string& next_link) {
  addresses_.insert(url);
  const Json page = ParseJson(text, url);
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
    if (file && IsWanted(file->path)) AddFile(std::move(*file));
  }
  std::string next = NextPage(url, next_link);
  if (addresses_.contains(next)) {
    throw Error(fmt::format("{}: the pages of the listing lead in a circle", next), kNoHub);
  }
  if (!next.empty() && addresses_.size() >= limits_.pages) {
    TooMuch(fmt::format("{} pages", limits_.pages));
  }
  return next;
}

std::vector<HubFile> ListingPages::Take() {
  if (files_.empty()) throw Error(fmt::format("{}: no files of a model are there", first_));
  return std::move(files_);
}

void ListingPages::AddFile(HubFile file) {
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

void ListingPages::TooMuch(const std::string& limit) const {
  throw Error(fmt::format("{}: the listing has more than {}", first_, limit), kNoHub);
}

}  // namespace roentgen
