#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/hub/http.h"
#include "roentgen/hub/listing.h"
#include "roentgen/hub/retry.h"

namespace roentgen {

/// Where models come from: Hugging Face, a mirror with the same addresses, or ModelScope.
class ModelHub {
 public:
  /// from: "huggingface" (HF_ENDPOINT where it is set), "modelscope", or the address of a mirror of
  /// Hugging Face. Throws Error for anything else, and for an HF_ENDPOINT without https:// or
  /// http://, as huggingface_hub does.
  explicit ModelHub(const std::string& from);

  /// ServerAddress of the hub, by which what is pulled from it is kept apart from others'.
  const std::string& address() const { return address_; }

  /// What this hub may be told: HF_TOKEN when it is huggingface.co or what HF_ENDPOINT names, over
  /// HTTPS; no other hub gets it. name: OWNER/NAME of the model that it is asked for, or none.
  HubAccess Access(const std::string& name = "") const;

  /// The commit that the revision of OWNER/NAME is now; nothing where the hub does not say. Errors
  /// as FetchCommit.
  std::optional<std::string> FindCommit(HttpClient& client, const std::string& name,
                                        const std::string& revision, const RetryOptions& retry = {},
                                        const std::stop_token& stop = {}) const;

  /// The files of OWNER/NAME that a Qwen2-VL needs, as FetchListing finds them. Throws Error when
  /// there is no such model, it is not open to everybody, the hub cannot be reached or answers with
  /// something else, each with what to do about it.
  std::vector<HubFile> ListFiles(HttpClient& client, const std::string& name,
                                 const std::string& revision, const RetryOptions& retry = {},
                                 const std::stop_token& stop = {}) const;
  std::string AddressOf(const std::string& name, const std::string& revision,
                        const std::string& path) const;
  /// "main" or "master".
  std::string DefaultRevision() const { return modelscope_ ? "master" : "main"; }

 private:
  std::string endpoint_;  // as it is asked: may have a user and password
  std::string address_;
  bool modelscope_ = false;
};

}  // namespace roentgen
