#include "roentgen/base/output_folder.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class OutputFolderTest : public testing::Test {
 protected:
  fs::path Place() const { return folder_.path() / "model"; }

  void Make(const std::map<std::string, std::string>& files,
            Replaces replaces = Replaces::kOwn) const {
    OutputFolder output(Place(), "test", replaces);
    for (const auto& [name, content] : files) {
      fs::create_directories((output.staging() / name).parent_path());
      WriteFile(output.staging() / name, content);
    }
    output.Commit();
  }

  /// Of all files below the place but the mark, by name.
  std::map<std::string, std::string> Contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& entry : fs::recursive_directory_iterator(Place())) {
      const std::string name = entry.path().lexically_relative(Place()).string();
      if (entry.is_regular_file() && name != FolderMark::kName) {
        contents[name] = ReadFile(entry.path(), 1000);
      }
    }
    return contents;
  }

  std::vector<std::string> Beside() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  const test::TemporaryFolder folder_;
};

TEST_F(OutputFolderTest, GetsItsPlaceWhenItIsComplete) {
  {
    const OutputFolder abandoned(Place(), "test", Replaces::kOwn);
    WriteFile(abandoned.staging() / "a", "x");
    EXPECT_FALSE(fs::exists(Place()));
  }
  EXPECT_THAT(Beside(), IsEmpty());
  Make({{"a", "1"}, {"b/c", "2"}});
  EXPECT_THAT(Contents(), ElementsAre(Pair("a", "1"), Pair("b/c", "2")));
  EXPECT_THAT(Beside(), ElementsAre("model"));
  EXPECT_THAT(FolderMark(Place()).files(), UnorderedElementsAre("a", "b/c"));
}

TEST_F(OutputFolderTest, ReplacesAFolderOfItsOwnWhole) {
  Make({{"shard-1", "1"}, {"shard-2", "2"}, {"old/x", "3"}});
  Make({{"shard-1", "new"}});
  EXPECT_THAT(Contents(), ElementsAre(Pair("shard-1", "new")));
  EXPECT_FALSE(fs::exists(Place() / "old"));
  EXPECT_THAT(Beside(), ElementsAre("model"));
}

TEST_F(OutputFolderTest, FilesOfOthersStayInItWithTheirModes) {
  Make({{"a", "1"}});
  WriteFile(Place() / "notes.txt", "mine");
  ::chmod((Place() / "notes.txt").c_str(), 0640);
  fs::create_directories(Place() / "my/deep");
  fs::create_directory(Place() / "empty");
  ::chmod((Place() / "my").c_str(), 0700);
  WriteFile(Place() / "my/deep/x", "mine, too");
  fs::create_symlink("/nowhere", Place() / "link");
  ::chmod(Place().c_str(), 0750);
  Make({{"a", "2"}, {"b", "3"}});
  EXPECT_THAT(Contents(), ElementsAre(Pair("a", "2"), Pair("b", "3"),
                                      Pair("my/deep/x", "mine, too"), Pair("notes.txt", "mine")));
  struct stat status {};
  ASSERT_EQ(::stat((Place() / "notes.txt").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  EXPECT_EQ(status.st_nlink, 1u);
  ASSERT_EQ(::stat((Place() / "my").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  ASSERT_EQ(::stat(Place().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0750u);
  EXPECT_TRUE(fs::is_directory(Place() / "empty"));
  EXPECT_EQ(fs::read_symlink(Place() / "link"), "/nowhere");
}

TEST_F(OutputFolderTest, NeverReplacesAFileOfOthers) {
  Make({{"a", "1"}});
  WriteFile(Place() / "b", "mine");
  ROENTGEN_EXPECT_ERROR(Make({{"a", "2"}, {"b", "2"}}), "was not made by this program");
  EXPECT_THAT(Contents(), ElementsAre(Pair("a", "1"), Pair("b", "mine")));
}

TEST_F(OutputFolderTest, AFolderOfOthersIsWrittenIntoOnlyWhenForced) {
  fs::create_directories(Place());
  Make({{"a", "1"}});  // an empty one is nobody's
  fs::remove(Place() / FolderMark::kName);
  WriteFile(Place() / "mine", "m");
  ROENTGEN_EXPECT_ERROR(Make({{"b", "2"}}), "is not empty, and was not made by this program");
  Make({{"a", "2"}, {"b", "2"}}, Replaces::kAny);
  EXPECT_THAT(Contents(), ElementsAre(Pair("a", "2"), Pair("b", "2"), Pair("mine", "m")));
  Make({{"b", "3"}});
  EXPECT_THAT(Contents(), ElementsAre(Pair("b", "3"), Pair("mine", "m")));
}

TEST_F(OutputFolderTest, IsTheFolderThatALinkLeadsTo) {
  fs::create_directories(folder_.path() / "elsewhere");
  fs::create_directory_symlink("elsewhere", Place());
  Make({{"a", "1"}});
  EXPECT_TRUE(fs::is_symlink(Place()));
  EXPECT_EQ(ReadFile(folder_.path() / "elsewhere/a", 10), "1");
}

TEST_F(OutputFolderTest, AFileInItsPlaceIsAnError) {
  WriteFile(Place(), "x");
  ROENTGEN_EXPECT_ERROR(Make({{"a", "1"}}), "a file where a folder is to be");
}

TEST_F(OutputFolderTest, WhatAKilledRunLeftIsRemovedByTheNext) {
  const pid_t child = ::fork();
  if (child == 0) {
    const OutputFolder output(Place(), "test", Replaces::kOwn);
    WriteFile(output.staging() / "a", "half");
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ASSERT_EQ(Beside().size(), 1u);
  const OutputFolder going_on(folder_.path() / "model2", "test", Replaces::kOwn);
  Make({{"a", "1"}});
  EXPECT_TRUE(fs::exists(going_on.staging()));
  EXPECT_THAT(Beside(), UnorderedElementsAre("model", going_on.staging().filename().string()));
}

TEST_F(OutputFolderTest, FilesToComeAreClaimed) {
  const std::vector<std::string> files = {"README.md", "results.json"};
  ClaimFiles(Place(), "train", files, Replaces::kOwn);
  WriteFile(Place() / "README.md", "ours");
  EXPECT_NO_THROW(ClaimFiles(Place(), "train", files, Replaces::kOwn));
  const fs::path other = folder_.path() / "other";
  fs::create_directory(other);
  WriteFile(other / "README.md", "theirs");
  ROENTGEN_EXPECT_ERROR(ClaimFiles(other, "train", files, Replaces::kOwn), "README.md");
  EXPECT_FALSE(fs::exists(other / FolderMark::kName));
  EXPECT_NO_THROW(ClaimFiles(other, "train", files, Replaces::kAny));
}

}  // namespace
}  // namespace roentgen
