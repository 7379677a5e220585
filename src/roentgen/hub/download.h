#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "roentgen/base/progress.h"
#include "roentgen/hub/http.h"
#include "roentgen/hub/model_hub.h"
#include "roentgen/hub/retry.h"

namespace roentgen {

/// Fetches a file to a path. What comes is gathered in PATH.part, where the next call goes on when
/// this one is interrupted, and renamed when its size and hash are the announced ones. A file that
/// is there already, whole, is left alone.
///
/// Throws Error when the server refuses, sends a web page or a shorter file, says other sizes than
/// announced, answers ranges with other bytes than asked for, or the hash is wrong (nothing is left
/// then); when the connection breaks too often or the disk is full (what came is left in
/// PATH.part). Cancelled as well.
void DownloadFile(HttpClient& client, const std::string& url, const HubFile& file,
                  const std::filesystem::path& path, const RetryOptions& retry = {},
                  const Progress& progress = {}, std::stop_token stop = {});

}  // namespace roentgen
