// Bytes as what a hub answers, and as the manifest that a pull left.
//
// The first byte of the input says what the rest stands for: 0 roentgen-pull.json, 1 lines of an
// answer's head, 2 a link to a next page, 3 a page of Hugging Face's listing, 4 of ModelScope's.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "process_folder.h"
#include "roentgen/base/error.h"
#include "roentgen/hub/http_head.h"
#include "roentgen/hub/listing_pages.h"
#include "roentgen/hub/manifest.h"
#include "roentgen/hub/url.h"

namespace {

const char* const kPage = "https://hub.example/api/models/a/b/tree/main";

void Require(bool holds) {
  if (!holds) std::abort();
}

/// What was read survives being written.
void TryManifest(const std::string& text) {
  static const ProcessFolder folder("hub_fuzz");
  folder.Put(roentgen::PullManifest::kName, text);
  const auto manifest = roentgen::PullManifest::Read(folder.path());
  manifest->Write(folder.path());
  Require(roentgen::PullManifest::Read(folder.path()) == manifest);
  roentgen::CheckPulledFolder(folder.path());
}

/// What is shown of a head is printable.
void TryHead(std::string_view text) {
  roentgen::HttpHead head;
  while (!text.empty()) {
    const size_t line = std::min(text.find('\n'), text.size() - 1) + 1;
    head.TakeLine(text.substr(0, line));
    text.remove_prefix(line);
  }
  for (const char c : head.error_message + head.etag) Require(c >= ' ' && c <= '~');
}

/// The next page is on the same server.
void TryPage(const std::string& text, const std::string& link, roentgen::ListingFormat format) {
  roentgen::ListingPages pages(kPage, format, {});
  const std::string next = pages.Add(text, kPage, link);
  Require(next.empty() || roentgen::OriginOf(next) == roentgen::OriginOf(kPage));
  for (const roentgen::HubFile& file : pages.Take()) {
    Require(file.path.find('/') == std::string::npos && file.path.front() != '.');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 8) {
      case 0:
        TryManifest(text);
        break;
      case 1:
        TryHead(text);
        break;
      case 2:
        TryPage(R"([{"type": "file", "path": "config.json", "size": 2}])", text,
                roentgen::ListingFormat::kHuggingFace);
        break;
      case 3:
        TryPage(text, "", roentgen::ListingFormat::kHuggingFace);
        break;
      default:
        TryPage(text, "", roentgen::ListingFormat::kModelScope);
    }
  } catch (const roentgen::Error&) {
    // Refused, as broken answers should be.
  }
  return 0;
}
