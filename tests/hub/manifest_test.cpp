// What is found out about a folder that something was pulled into.

#include "roentgen/hub/manifest.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::HasSubstr;

class Manifest : public testing::Test {
 protected:
  Manifest() {
    manifest_.model = {"https://huggingface.co", "A", "b", "main"};
    manifest_.commit = std::string(40, 'c');
    manifest_.program = "roentgen 0";
    manifest_.date = "2026-11-30T17:30:00Z";
    Put("config.json", "{}");
    Put("model.safetensors", "weights");
    Put("说明.md", "说明");
    manifest_.Write(folder_.path());
  }

  void Put(const std::string& name, const std::string& content) {
    WriteFile(folder_.path() / name, content);
    manifest_.files.push_back({name, content.size(), Sha256Hex(content)});
  }

  const std::filesystem::path& path() const { return folder_.path(); }

  test::TemporaryFolder folder_;
  PullManifest manifest_;
};

TEST_F(Manifest, IsReadAsItWasWritten) {
  EXPECT_EQ(PullManifest::Read(path()), manifest_);
  const Json json = ReadJsonFile(path() / PullManifest::kName, 1 << 20);
  EXPECT_EQ(json["hub"], "https://huggingface.co");
  EXPECT_EQ(json["revision"], "main");
  EXPECT_EQ(json["files"][1]["sha256"], Sha256Hex("weights"));
  CheckPulledFolder(path());
  EXPECT_EQ(CheckPulledHashes(path()), manifest_);
}

TEST_F(Manifest, AFolderWithoutOneIsNotJudged) {
  std::filesystem::remove(path() / PullManifest::kName);
  std::filesystem::remove(path() / "config.json");
  CheckPulledFolder(path());
  EXPECT_EQ(CheckPulledHashes(path()), std::nullopt);
  CheckPulledFolder(path() / "none");
}

TEST_F(Manifest, MissingOtherAndForeignFilesAreNamed) {
  WriteFile(path() / "config.json", "{ }");
  ROENTGEN_EXPECT_ERROR(CheckPulledFolder(path()), "config.json: 3 bytes; 2 were pulled");
  std::filesystem::remove(path() / "config.json");
  ROENTGEN_EXPECT_ERROR(CheckPulledFolder(path()), "config.json: missing; it was pulled");
  WriteFile(path() / "config.json", "{}");
  for (const char* name :
       {"model-00001-of-00002.safetensors", "adapter_config.json", "notes.txt"}) {
    WriteFile(path() / name, "");
    ROENTGEN_EXPECT_ERROR(CheckPulledFolder(path()),
                          std::string(name) + ": not one of the files that were pulled");
    std::filesystem::remove(path() / name);
  }
  // A folder's own things, and folders, do not count.
  WriteFile(path() / ".DS_Store", "");
  std::filesystem::create_directory(path() / "lora");
  CheckPulledFolder(path());
}

TEST_F(Manifest, OtherContentOfTheSameSizeIsFoundByItsHash) {
  WriteFile(path() / "model.safetensors", "Weights");
  CheckPulledFolder(path());
  ROENTGEN_EXPECT_ERROR(CheckPulledHashes(path()), "model.safetensors: its SHA-256 is");
}

TEST_F(Manifest, AFolderThatIsNotWholeYetSaysSo) {
  manifest_.date.clear();
  manifest_.Write(path());
  std::filesystem::remove(path() / "model.safetensors");
  ROENTGEN_EXPECT_ERROR(CheckPulledFolder(path()), "the pull of this model has not ended");
}

TEST_F(Manifest, ABrokenOneIsNamed) {
  for (const char* text :
       {"", "[]", "{}", "{\"hub\": 1}",
        R"({"hub": "h", "owner": "o", "name": "n", "revision": "r", "files": {}})",
        R"({"hub": "h", "owner": "o", "name": "n", "revision": "r",
            "files": [{"name": "../../etc/passwd", "size": 1, "sha256": ""}]})",
        R"({"hub": "h", "owner": "o", "name": "n", "revision": "r",
            "files": [{"name": "/etc/passwd", "size": 1, "sha256": ""}]})",
        R"({"hub": "h", "owner": "o", "name": "n", "revision": "r",
            "files": [{"name": "a\u0000b", "size": 1, "sha256": ""}]})"}) {
    WriteFile(path() / PullManifest::kName, text);
    ROENTGEN_EXPECT_ERROR(CheckPulledFolder(path()), PullManifest::kName);
  }
  WriteFile(path() / PullManifest::kName, std::string(200'000, '['));
  ROENTGEN_EXPECT_ERROR(CheckPulledFolder(path()), PullManifest::kName);
}

}  // namespace
}  // namespace roentgen
