#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/hub/http.h"
#include "roentgen/hub/retry.h"

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

/// The files of a listing that a Qwen2-VL needs: configuration, tokenizer, safetensors, licence,
/// all directly in the model's folder. Pages are followed (Link with rel="next") on the same
/// server.
///
/// Throws Error when the hub refuses or cannot be reached, the answer is no listing, has no such
/// files or one of them twice, its pages lead in a circle or elsewhere, or it is over the limits.
std::vector<HubFile> FetchListing(HttpClient& client, const std::string& url, ListingFormat format,
                                  const RetryOptions& retry, const std::stop_token& stop,
                                  const ListingLimits& limits = {});

/// The commit ("sha") of the revision that an address of Hugging Face's API describes; nothing
/// where the answer does not say: mirrors may not know the address, and what is wrong with the
/// model or the hub, its listing tells. Throws Error when the hub cannot be reached, Cancelled.
std::optional<std::string> FetchCommit(HttpClient& client, const std::string& url,
                                       const RetryOptions& retry, const std::stop_token& stop);

}  // namespace roentgen
