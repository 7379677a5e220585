#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/hub/listing.h"
#include "roentgen/hub/model_hub.h"
#include "roentgen/hub/model_on_hub.h"
#include "roentgen/hub/retry.h"

namespace roentgen {

struct PullRequest {
  ModelName name;             ///< without a revision: the hub's main one
  std::filesystem::path out;  ///< empty: PlaceOf
  std::string program;        ///< for the manifest
};

/// Told as a pull goes on; each may be empty.
struct PullWatch {
  std::function<void()> on_wait = {};  ///< another program pulls into the same folder
  std::function<void(const std::vector<HubFile>&, const std::filesystem::path& place)> on_list = {};
  std::function<void(const HubFile&)> on_file = {};  ///< it was fetched, and is as announced
  std::function<void(const HubFile&)> on_kept = {};  ///< it was there already, as announced
  Progress progress = {};                            ///< of a file's bytes
};

/// Pulls a model: its files with a manifest, all of one revision, or nothing at all. They are
/// gathered beside the place and put there together; what is there before stays until then, and its
/// files that are still right are not fetched again. Returns the place.
///
/// Throws Error as ModelHub, DownloadFile and StagedFolder do; when the listing changed meanwhile;
/// and when there is something in the place that no pull of this model has put there, or that was
/// changed since. Cancelled.
std::filesystem::path PullModel(HttpClient& client, const ModelHub& hub, const PullRequest& request,
                                const RetryOptions& retry = {}, const PullWatch& watch = {},
                                const std::stop_token& stop = {});

}  // namespace roentgen
