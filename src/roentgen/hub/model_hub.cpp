#include "roentgen/hub/model_hub.h"

#include <fmt/format.h>

#include <string_view>

#include "roentgen/base/error.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/hub/model_on_hub.h"
#include "roentgen/hub/url.h"

namespace roentgen {
namespace {

constexpr std::string_view kHuggingFace = "https://huggingface.co";
constexpr std::string_view kModelScope = "https://modelscope.cn";

bool HasScheme(std::string_view address) {
  return address.starts_with("https://") || address.starts_with("http://");
}

/// What HF_ENDPOINT names, else Hugging Face itself.
std::string HuggingFaceEndpoint() {
  std::string endpoint = Environment("HF_ENDPOINT").value_or(std::string(kHuggingFace));
  if (!HasScheme(endpoint)) {
    throw Error(fmt::format("HF_ENDPOINT: {} does not begin with https:// or http://", endpoint),
                fmt::format("Write the whole address: HF_ENDPOINT=https://{}", endpoint));
  }
  return endpoint;
}

}  // namespace

ModelHub::ModelHub(const std::string& from) {
  if (from == "modelscope") {
    endpoint_ = kModelScope;
    modelscope_ = true;
  } else if (from == "huggingface") {
    endpoint_ = HuggingFaceEndpoint();
  } else if (HasScheme(from)) {
    endpoint_ = from;
  } else {
    throw Error(fmt::format("{}: no hub", from),
                "Name huggingface, modelscope, or the address of a mirror (https://…).");
  }
  while (endpoint_.ends_with('/')) endpoint_.pop_back();
  address_ = ServerAddress(endpoint_);
}

HubAccess ModelHub::Access(const std::string& name) const {
  HubAccess access;
  if (!name.empty())
    access.page = fmt::format("{}/{}{}", address_, modelscope_ ? "models/" : "", name);
  access.modelscope = modelscope_;
  const std::string token = Environment("HF_TOKEN").value_or("");
  if (token.empty() || modelscope_) return access;
  const std::optional<std::string> origin = OriginOf(endpoint_);
  const std::string own = Environment("HF_ENDPOINT").value_or(std::string(kHuggingFace));
  if (!origin || (*origin != OriginOf(std::string(kHuggingFace)) && *origin != OriginOf(own))) {
    access.withheld =
        "HF_TOKEN was not sent: this is neither huggingface.co nor what HF_ENDPOINT names.";
  } else if (!origin->starts_with("https://")) {
    access.withheld = "HF_TOKEN was not sent: it goes over https:// alone.";
  } else {
    access.token = {token, *origin};
  }
  return access;
}

std::optional<std::string> ModelHub::FindCommit(HttpClient& client, const std::string& name,
                                                const std::string& revision,
                                                const RetryOptions& retry,
                                                const std::stop_token& stop) const {
  if (modelscope_) return std::nullopt;  // it has no such address
  return FetchCommit(
      client, fmt::format("{}/api/models/{}/revision/{}", endpoint_, name, EscapePart(revision)),
      retry, stop);
}

std::vector<HubFile> ModelHub::ListFiles(HttpClient& client, const std::string& name,
                                         const std::string& revision, const RetryOptions& retry,
                                         const std::stop_token& stop) const {
  const std::optional<ModelName> parsed = ModelName::Parse(name);
  if (!parsed || !parsed->revision.empty()) {
    throw Error(fmt::format("{}: no name of a model", name),
                "Write OWNER/NAME, for instance Qwen/Qwen2-VL-2B-Instruct.");
  }
  if (!IsRevision(revision)) throw Error(fmt::format("{}: no name of a revision", revision));
  if (modelscope_) {
    return FetchListing(client,
                        fmt::format("{}/api/v1/models/{}/repo/files?Revision={}&Recursive=True",
                                    endpoint_, name, EscapePart(revision)),
                        ListingFormat::kModelScope, retry, stop);
  }
  return FetchListing(
      client,
      fmt::format("{}/api/models/{}/tree/{}?recursive=true", endpoint_, name, EscapePart(revision)),
      ListingFormat::kHuggingFace, retry, stop);
}

std::string ModelHub::AddressOf(const std::string& name, const std::string& revision,
                                const std::string& path) const {
  return fmt::format("{}/{}{}/resolve/{}/{}", endpoint_, modelscope_ ? "models/" : "", name,
                     EscapePart(revision), EscapePart(path));
}

}  // namespace roentgen
