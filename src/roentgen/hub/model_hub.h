#pragma once

#include <cstdint>
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
};

/// Where models come from: Hugging Face, a mirror with the same addresses, or ModelScope.
class ModelHub {
 public:
  /// from: "huggingface" (HF_ENDPOINT where it is set), "modelscope", or the address of a mirror of
  /// Hugging Face. Throws Error for anything else, and for an HF_ENDPOINT without https:// or
  /// http://, as huggingface_hub does.
  explicit ModelHub(const std::string& from);

  /// What this hub may be told: HF_TOKEN when it is huggingface.co or what HF_ENDPOINT names, over
  /// HTTPS; no other hub gets it.
  HubAccess Access() const;

  /// The files of OWNER/NAME that a Qwen2-VL needs: configuration, tokenizer, safetensors, licence.
  /// Throws Error when there is no such model, it is not open to everybody, the hub cannot be
  /// reached or answers with something else, each with what to do about it.
  std::vector<HubFile> ListFiles(HttpClient& client, const std::string& name,
                                 const std::string& revision, const RetryOptions& retry = {},
                                 const std::stop_token& stop = {}) const;
  std::string AddressOf(const std::string& name, const std::string& revision,
                        const std::string& path) const;
  /// "main" or "master".
  std::string DefaultRevision() const { return modelscope_ ? "master" : "main"; }

 private:
  std::string endpoint_;
  bool modelscope_ = false;
};

}  // namespace roentgen
