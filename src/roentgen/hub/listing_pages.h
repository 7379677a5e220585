#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// A file of a model on a hub.
struct HubFile {
  std::string path;  ///< below the model's folder
  uint64_t size = 0;
  std::string sha256;    ///< empty where the hub does not say
  std::string git_blob;  ///< SHA-1 as git has it, of small files on Hugging Face; may be empty

  bool operator==(const HubFile&) const = default;
};

/// What a listing may hold at most; real models have a page of some twenty files.
struct ListingLimits {
  size_t page_bytes = size_t{16} << 20;
  size_t pages = 50;
  double seconds = 300;                      ///< from the first page to the last
  size_t entries = 20'000;                   ///< of all kinds, on all pages
  size_t files = 1'000;                      ///< that are fetched
  uint64_t total_bytes = uint64_t{4} << 40;  ///< of those
};

enum class ListingFormat { kHuggingFace, kModelScope };

/// Gathers the files that a Qwen2-VL needs from a listing, page by page: configuration, tokenizer,
/// safetensors, licence, all directly in the model's folder.
class ListingPages {
 public:
  /// url: of the first page.
  ListingPages(std::string url, ListingFormat format, const ListingLimits& limits);

  /// Takes what came from an address, and returns that of the page behind it, of a link as
  /// HttpHead::next_link tells it; empty: there is none. Throws Error when the text is no listing,
  /// or the link leads to another server or back; when a file is there twice; over the limits.
  std::string Add(const std::string& text, const std::string& url, const std::string& next_link);

  /// Throws Error when no such file was there.
  std::vector<HubFile> Take();

 private:
  void AddFile(HubFile file);
  [[noreturn]] void TooMuch(const std::string& limit) const;

  std::string first_;
  ListingFormat format_;
  ListingLimits limits_;
  std::set<std::string> addresses_;
  size_t entries_ = 0;
  uint64_t total_ = 0;
  std::set<std::string> paths_;
  std::vector<HubFile> files_;
};

/// What to do about an answer that is none of a hub.
inline constexpr const char* kNoHub = "This is not the answer of a hub; check its address.";

}  // namespace roentgen
