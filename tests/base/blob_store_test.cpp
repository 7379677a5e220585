#include "roentgen/base/blob_store.h"

#include <gmock/gmock.h>

#include <fstream>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

class BlobStoreTest : public testing::Test {
 protected:
  static void Put(BlobStore& store, const std::string& key, const std::string& value) {
    const std::string_view piece = value;
    store.Put(key, {&piece, 1});
  }
  std::vector<fs::path> Files() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder_.path() / "store")) {
      files.push_back(entry.path());
    }
    return files;
  }
  /// Makes a blob look as if it was asked for a while ago.
  void Age(const std::string& key, int hours) const {
    fs::last_write_time(folder_.path() / "store" / (key + ".blob"),
                        fs::file_time_type::clock::now() - std::chrono::hours(hours));
  }

  test::TemporaryFolder folder_;
  BlobStore store_{folder_.path() / "store", 1000};
};

TEST_F(BlobStoreTest, KeepsPieces) {
  const std::string_view pieces[] = {"one", "", "two"};
  store_.Put("key", pieces);
  EXPECT_EQ(store_.problem(), "");
  EXPECT_EQ(store_.Get("key"), "onetwo");
  EXPECT_EQ(BlobStore(folder_.path() / "store", 1000).Get("key"), "onetwo");
  EXPECT_EQ(store_.Get("other"), std::nullopt);
  Put(store_, "key", "new");
  EXPECT_EQ(store_.Get("key"), "new");
}

TEST_F(BlobStoreTest, OnlyTheOwnerCanLookAtThem) {
  Put(store_, "key", "value");
  const auto others = fs::perms::group_all | fs::perms::others_all;
  EXPECT_EQ(fs::status(folder_.path() / "store").permissions() & others, fs::perms::none);
  ASSERT_EQ(Files().size(), 1u);
  EXPECT_EQ(fs::status(Files()[0]).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(BlobStoreTest, WhatIsDamagedIsNotThere) {
  Put(store_, "key", "some longer value");
  const std::string whole = ReadFile(Files()[0], 1000);
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    std::ofstream(folder_.path() / "store" / "key.blob", std::ios::binary) << damaged;
    ASSERT_EQ(store_.Get("key"), std::nullopt) << at;
    ASSERT_EQ(Files().empty(), at > whole.find('\n')) << at;  // it would be met again and again
  }
  for (size_t length = 0; length < whole.size(); ++length) {
    std::ofstream(folder_.path() / "store" / "key.blob", std::ios::binary)
        << whole.substr(0, length);
    ASSERT_EQ(store_.Get("key"), std::nullopt) << length;
  }
  EXPECT_TRUE(Files().empty());  // it would be met again and again
}

TEST_F(BlobStoreTest, TheLeastRecentlyUsedGoFirst) {
  for (const char* key : {"a", "b", "c"}) Put(store_, key, std::string(250, 'x'));
  Age("a", 1);
  Age("b", 3);
  Age("c", 2);
  EXPECT_TRUE(store_.Get("b"));  // used now
  Put(store_, "d", std::string(250, 'x'));
  EXPECT_EQ(store_.Get("c"), std::nullopt);
  for (const char* key : {"a", "b", "d"}) EXPECT_TRUE(store_.Get(key)) << key;
}

TEST_F(BlobStoreTest, FilesOfOthersStay) {
  const fs::path folder = folder_.path() / "store";
  std::ofstream(folder / "mine.blob") << std::string(5000, 'm');
  std::ofstream(folder / "影像.blob") << "我的";
  std::ofstream(folder_.path() / "outside") << "roentgen blob 1\n" << std::string(5000, 'x');
  fs::create_symlink(folder_.path() / "outside", folder / "link.blob");
  fs::create_directory(folder / "folder.blob");
  for (const char* key : {"a", "b", "c", "d", "e"}) Put(store_, key, std::string(250, 'x'));
  for (const char* key : {"mine", "link", "folder"}) {
    EXPECT_EQ(store_.Get(key), std::nullopt);
    Put(store_, key, "new");
    EXPECT_THAT(store_.problem(), testing::HasSubstr("was not made by this program")) << key;
  }
  EXPECT_EQ(ReadFile(folder / "mine.blob", 6000), std::string(5000, 'm'));
  EXPECT_EQ(ReadFile(folder / "影像.blob", 100), "我的");
  EXPECT_TRUE(fs::is_symlink(folder / "link.blob"));
  EXPECT_TRUE(fs::is_directory(folder / "folder.blob"));
  EXPECT_TRUE(store_.Get("e"));  // what others have there is no part of the limit
  EXPECT_TRUE(store_.Get("d"));
  EXPECT_EQ(Files().size(), 4u + 3u);
}

TEST_F(BlobStoreTest, WhatCannotBeKeptIsTold) {
  Put(store_, "large", std::string(1001, 'x'));
  EXPECT_THAT(store_.problem(), testing::HasSubstr("larger than all"));
  EXPECT_EQ(store_.Get("large"), std::nullopt);
  Put(store_, "small", "x");
  EXPECT_EQ(store_.problem(), "");
  fs::remove_all(folder_.path() / "store");
  Put(store_, "small", "x");
  EXPECT_THAT(store_.problem(), testing::HasSubstr("small.blob"));
}

TEST_F(BlobStoreTest, AFileIsNoFolder) {
  std::ofstream(folder_.path() / "file") << "x";
  EXPECT_THROW(BlobStore(folder_.path() / "file", 1000), Error);
}

}  // namespace
}  // namespace roentgen
