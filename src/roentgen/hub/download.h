#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "roentgen/base/progress.h"
#include "roentgen/hub/http.h"
#include "roentgen/hub/model_hub.h"
#include "roentgen/hub/retry.h"

namespace roentgen {

/// Whether the file is there with the announced size and hash. A file that was announced without a
/// hash is not known to be right.
bool IsAnnounced(const std::filesystem::path& path, const HubFile& file,
                 const std::stop_token& stop = {});

/// Fetches a file to a path. What comes is gathered in PATH.part, where the next call goes on when
/// this one is interrupted, and renamed when its size and hash are the announced ones. A file that
/// IsAnnounced already is left alone.
///
/// What an earlier request brought is gone on with only where the result is known to be of one
/// version: by the ETag, kept in PATH.part.etag, or by the announced hash in the end, and where
/// that is wrong then, all is fetched once more. Otherwise it begins anew.
///
/// Throws Error when the server refuses, sends a web page or a shorter file, says other sizes than
/// announced, answers ranges with other bytes than asked for, or the hash is wrong (nothing is left
/// then); when the connection breaks or is too slow too often or the disk is full (what came is
/// left in PATH.part). It ends in any case: a try counts as progress when it brings a hundredth of
/// the file that none before had brought, and RetryOptions bound those that do not and all of them.
/// Cancelled as well.
void DownloadFile(HttpClient& client, const std::string& url, const HubFile& file,
                  const std::filesystem::path& path, const RetryOptions& retry = {},
                  const Progress& progress = {}, std::stop_token stop = {});

}  // namespace roentgen
