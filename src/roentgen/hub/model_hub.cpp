#include "roentgen/hub/model_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/hub/refusal.h"

namespace roentgen {
namespace {

constexpr size_t kMaxListBytes = size_t{16} << 20;
constexpr std::string_view kHuggingFace = "https://huggingface.co";
constexpr std::string_view kModelScope = "https://modelscope.cn";

/// OWNER/NAME in the characters that hubs allow: it becomes part of an address and a folder.
bool IsModelName(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash == name.npos || slash == 0 || slash + 1 == name.size()) return false;
  if (name.find('/', slash + 1) != name.npos || name.find("..") != name.npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  });
}

/// Weights in other formats are left where they are.
bool IsWanted(std::string_view path) {
  static constexpr std::array<std::string_view, 5> kEndings = {".json", ".safetensors", ".txt",
                                                               ".jinja", ".md"};
  if (path.find('/') != path.npos) return false;  // of other frameworks
  return path == "LICENSE" || std::any_of(kEndings.begin(), kEndings.end(),
                                          [&](auto ending) { return path.ends_with(ending); });
}

std::string EscapePath(std::string_view path) {
  std::string escaped;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.~/").find(c) != std::string_view::npos;
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

std::vector<HubFile> HuggingFaceFiles(const Json& list, const std::string& where) {
  if (!list.is_array()) throw Error(where + ": expected a list of files");
  std::vector<HubFile> files;
  for (const Json& entry : list) {
    const JsonObject object(entry, where);
    if (object.Get<std::string>("type") != "file") continue;
    HubFile file{object.Get<std::string>("path"), object.Get<uint64_t>("size"), "",
                 object.GetOr<std::string>("oid", "")};
    if (object.Has("lfs")) {
      file.sha256 = object.Object("lfs").Get<std::string>("oid");
      file.git_blob.clear();  // of the pointer
    }
    files.push_back(std::move(file));
  }
  return files;
}

std::vector<HubFile> ModelScopeFiles(const Json& answer, const std::string& where) {
  const JsonObject data = JsonObject(answer, where).Object("Data");
  if (!data.Has("Files") || !data.json().at("Files").is_array()) {
    data.Fail("Files", "expected a list");
  }
  std::vector<HubFile> files;
  for (const Json& entry : data.json().at("Files")) {
    const JsonObject object(entry, where);
    if (object.GetOr<std::string>("Type", "blob") == "tree") continue;
    files.push_back({object.Get<std::string>("Path"), object.Get<uint64_t>("Size"),
                     object.GetOr<std::string>("Sha256", ""), ""});
  }
  return files;
}

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

/// The list as JSON, asked for again while the hub is busy.
Json GetList(HttpClient& client, const std::string& url, const RetryOptions& retry,
             const std::stop_token& stop) {
  std::string text;
  try {
    const auto ask = [&] {
      text = client.GetText(url, kMaxListBytes, "model", stop);
      return Attempt::kDone;
    };
    TryUntilDone(ask, retry, stop);
  } catch (const ConnectionError& error) {
    throw Error(fmt::format("{}: {}", url, error.what()),
                "Check the network, try again later, or name a mirror: --from https://…");
  }
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin != text.npos && text[begin] == '<') ThrowWebPage(url);
  return ParseJson(text, url);
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
}

HubAccess ModelHub::Access() const {
  HubAccess access;
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

std::vector<HubFile> ModelHub::ListFiles(HttpClient& client, const std::string& name,
                                         const std::string& revision, const RetryOptions& retry,
                                         const std::stop_token& stop) const {
  if (!IsModelName(name)) {
    throw Error(fmt::format("{}: no name of a model", name),
                "Write OWNER/NAME, for instance Qwen/Qwen2-VL-2B-Instruct.");
  }
  const std::string url =
      modelscope_ ? fmt::format("{}/api/v1/models/{}/repo/files?Revision={}&Recursive=True",
                                endpoint_, name, EscapePath(revision))
                  : fmt::format("{}/api/models/{}/tree/{}?recursive=true", endpoint_, name,
                                EscapePath(revision));
  const Json answer = GetList(client, url, retry, stop);
  std::vector<HubFile> files =
      modelscope_ ? ModelScopeFiles(answer, url) : HuggingFaceFiles(answer, url);
  std::erase_if(files, [](const HubFile& file) { return !IsWanted(file.path); });
  if (files.empty()) throw Error(fmt::format("{}: no files of a model are there", url));
  return files;
}

std::string ModelHub::AddressOf(const std::string& name, const std::string& revision,
                                const std::string& path) const {
  return fmt::format("{}/{}{}/resolve/{}/{}", endpoint_, modelscope_ ? "models/" : "", name,
                     EscapePath(revision), EscapePath(path));
}

}  // namespace roentgen
