#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/hub/http.h"
#include "roentgen/hub/listing_pages.h"
#include "roentgen/hub/retry.h"

namespace roentgen {

/// The files of a listing, all its pages (ListingPages). Throws Error, too, when the hub refuses or
/// cannot be reached, or the listing does not end in time.
std::vector<HubFile> FetchListing(HttpClient& client, const std::string& url, ListingFormat format,
                                  const RetryOptions& retry, const std::stop_token& stop,
                                  const ListingLimits& limits = {});

/// The commit ("sha") of the revision that an address of Hugging Face's API describes; nothing
/// where the answer does not say: mirrors may not know the address, and what is wrong with the
/// model or the hub, its listing tells. Throws Error when the hub cannot be reached, Cancelled.
std::optional<std::string> FetchCommit(HttpClient& client, const std::string& url,
                                       const RetryOptions& retry, const std::stop_token& stop);

}  // namespace roentgen
