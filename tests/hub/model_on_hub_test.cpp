// Names of models, addresses of hubs, and the folders that follow from them.

#include "roentgen/hub/model_on_hub.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/hub/placement.h"
#include "roentgen/hub/url.h"
#include "support/paths.h"

namespace roentgen {
namespace {

TEST(ModelName, OwnerNameAndRevision) {
  const auto parsed = ModelName::Parse("Qwen/Qwen2-VL-2B-Instruct");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->owner, "Qwen");
  EXPECT_EQ(parsed->name, "Qwen2-VL-2B-Instruct");
  EXPECT_EQ(parsed->revision, "");
  for (const char* revision :
       {"main", "refs/pr/1", "v1.0", "895c3a49bc3fa70a340399125c650a463535e71c", "版本二"}) {
    const auto with = ModelName::Parse(std::string("a/b@") + revision);
    ASSERT_TRUE(with) << revision;
    EXPECT_EQ(with->name, "b");
    EXPECT_EQ(with->revision, revision);
  }
}

TEST(ModelName, WhatIsNone) {
  for (const std::string text :
       {"",       "a",        "/a",     "a/",       "a/b/c",   "../a",    "a/..",       "./a",
        "a/.",    ".a/b",     "a/.b",   "a//b",     "a/b?c",   "a/b c",   "a/b\n",      "a/b%2e",
        "模型/b", "a/b@",     "a/b@..", "a/b@../c", "a/b@/c",  "a/b@c/",  "a/b@c/../d", "a/b@c//d",
        "a/b@.c", "a/b@c/.d", "a/b@-c", "a/b@c d",  "a/b@c\n", "a/b@c?d", "a/b@c@{d",   "-a/b"}) {
    EXPECT_FALSE(ModelName::Parse(text)) << text;
  }
  EXPECT_FALSE(ModelName::Parse(std::string("a/b\0c", 5)));
  EXPECT_FALSE(ModelName::Parse("a/" + std::string(97, 'b')));
  EXPECT_FALSE(ModelName::Parse("a/b@" + std::string(201, 'c')));
}

TEST(HubAddress, IsKeptWithoutWhatGoesWithoutSaying) {
  EXPECT_EQ(ServerAddress("HTTPS://HuggingFace.co:443/"), "https://huggingface.co");
  EXPECT_EQ(ServerAddress("https://me:secret@hub.example.org/hf/"), "https://hub.example.org/hf");
  EXPECT_EQ(ServerAddress("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  ROENTGEN_EXPECT_ERROR(ServerAddress("ftp://a"), "no address of a server");
}

TEST(HubAddress, LinksAreFollowed) {
  EXPECT_EQ(FollowLink("https://a/api/x?b=1", "/api/x?cursor=2"), "https://a/api/x?cursor=2");
  EXPECT_EQ(FollowLink("https://a/api/x?b=1", "https://b/c"), "https://b/c");
  EXPECT_EQ(FollowLink("https://a/api/x", "file:///etc/passwd"), std::nullopt);
}

TEST(Place, NoTwoModelsShareOne) {
  const test::TemporaryFolder folder;
  ::setenv("XDG_DATA_HOME", folder.path().c_str(), 1);
  std::set<std::filesystem::path> places;
  size_t models = 0;
  for (const char* hub : {"https://huggingface.co", "https://huggingface.co:8443",
                          "http://huggingface.co", "https://huggingface.co/hf", "https://a_8443",
                          "https://a:8443", "http://a:8443", "https://modelscope.cn"}) {
    for (const char* owner : {"good", "other", "Good"}) {
      for (const char* name : {"Model", "model", "Model-2"}) {
        for (const char* revision : {"main", "refs/pr/1", "refs-pr-1", "refs%2Fpr%2F1", "v1"}) {
          const auto place = PlaceOf({hub, owner, name, revision});
          EXPECT_EQ(place.lexically_relative(ModelsFolder()).string().find(".."),
                    std::string::npos);
          places.insert(place);
          ++models;
        }
      }
    }
  }
  EXPECT_EQ(places.size(), models);
  EXPECT_EQ(PlaceOf({"https://huggingface.co", "Qwen", "X", "refs/pr/1"}),
            folder.path() / "roentgen/models/huggingface.co/Qwen/X/refs%2Fpr%2F1");
  EXPECT_EQ(UnescapePart("refs%2Fpr%2F1"), "refs/pr/1");
  EXPECT_EQ(UnescapePart("100%"), "100%");
  ::unsetenv("XDG_DATA_HOME");
}

}  // namespace
}  // namespace roentgen
