#include "roentgen/base/output_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/folder_lock.h"
#include "roentgen/base/json.h"
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
            const std::string& command = "test") const {
    OutputFolder output(Place(), command);
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
    const OutputFolder abandoned(Place(), "test");
    WriteFile(abandoned.staging() / "a", "x");
    EXPECT_FALSE(fs::exists(Place()));
  }
  EXPECT_THAT(Beside(), IsEmpty());
  Make({{"a", "1"}, {"b/c", "2"}});
  EXPECT_THAT(Contents(), ElementsAre(Pair("a", "1"), Pair("b/c", "2")));
  EXPECT_THAT(Beside(), ElementsAre("model"));
  EXPECT_THAT(FolderMark(Place()).Owned(), UnorderedElementsAre("a", "b/c"));
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

TEST_F(OutputFolderTest, NeverReplacesAFileThatWasChanged) {
  Make({{"config.json", "{}"}, {"报告/a.md", "1"}, {"old", "1"}, {"stale", "1"}});
  WriteFile(Place() / "报告/a.md", "2");  // of the same size
  WriteFile(Place() / "stale", "mine now");
  ROENTGEN_EXPECT_ERROR(Make({{"config.json", "{}"}, {"报告/a.md", "3"}}),
                        "报告/a.md is there already, and was changed since this program made it");
  EXPECT_EQ(Contents().size(), 4u);
  Make({{"config.json", "new"}});
  EXPECT_THAT(Contents(), ElementsAre(Pair("config.json", "new"), Pair("stale", "mine now"),
                                      Pair("报告/a.md", "2")));
  ROENTGEN_EXPECT_ERROR(Make({{"stale", "3"}}), "was not made by this program");
}

TEST_F(OutputFolderTest, NewFilesHaveTheModesOfThoseThatTheyReplace) {
  const auto mode = [&](const char* name) {
    struct stat status {};
    EXPECT_EQ(::stat((Place() / name).c_str(), &status), 0);
    return status.st_mode & 07777;
  };
  const fs::path before = fs::current_path();
  for (const bool within : {false, true}) {  // exchanged, and moved one by one
    Make({{"config", "1"}, {"影像/a", "1"}});
    ::chmod((Place() / "config").c_str(), 0600);
    ::chmod((Place() / "影像/a").c_str(), 0640);
    if (within) fs::current_path(Place());
    Make({{"config", "2"}, {"影像/a", "2"}});
    fs::current_path(before);
    EXPECT_EQ(mode("config"), 0600u);
    EXPECT_EQ(mode("影像/a"), 0640u);
  }
}

TEST_F(OutputFolderTest, MayHaveANameAsLongAsTheFileSystemAllows) {
  std::string chinese;
  while (chinese.size() < 255) chinese += "影";
  for (const std::string& name : {std::string(240, 'n'), std::string(255, 'n'), chinese}) {
    const pid_t child = ::fork();
    if (child == 0) {
      const OutputFolder output(folder_.path() / name, "test");
      WriteFile(output.staging() / "f", "half");
      ::raise(SIGKILL);
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ASSERT_EQ(Beside().size(), 1u);
    {
      OutputFolder output(folder_.path() / name, "test");
      WriteFile(output.staging() / "f", "x");
      output.Commit();
    }
    EXPECT_THAT(Beside(), ElementsAre(name));
    fs::remove_all(folder_.path() / name);
  }
}

TEST_F(OutputFolderTest, AFolderThatIsBeingRemovedIsKnownToTheEnd) {
  for (int trial = 0; trial < 20; ++trial) {
    fs::create_directories(Place());
    FolderMark(Place()).Add({}, "test");
    for (int i = 0; i < 300; ++i) AppendToFile(Place() / fmt::format("f{}", i), "x");
    const pid_t child = ::fork();
    if (child == 0) {
      RemoveOwnFolder(Place());
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(trial * 200));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ASSERT_TRUE(!fs::exists(Place()) || IsOwnFolder(Place()));
  }
  RemoveOwnFolder(Place());
  EXPECT_THAT(Beside(), IsEmpty());
  WriteFile(Place(), "x");
  EXPECT_FALSE(IsOwnFolder(Place()));
}

TEST_F(OutputFolderTest, AFolderOfOthersIsNotWrittenInto) {
  fs::create_directories(Place());
  Make({{"a", "1"}});  // an empty one is nobody's
  ROENTGEN_EXPECT_ERROR(Make({{"a", "2"}}, "other"), "was made by this program's test");
  fs::remove(Place() / FolderMark::kName);
  ROENTGEN_EXPECT_ERROR(Make({{"b", "2"}}), "is not empty, and was not made by this program");
  WriteFile(Place() / FolderMark::kName, R"({"made_by": "somebody", "files": {}, "commands": []})");
  ROENTGEN_EXPECT_ERROR(Make({{"b", "2"}}), "was not made by this program");
  EXPECT_THAT(Contents(), ElementsAre(Pair("a", "1")));
}

TEST_F(OutputFolderTest, AMarkThatLeadsElsewhereIsRefused) {
  for (const char* name : {"../x", "/x", "", "a/../../x"}) {
    fs::create_directories(Place());
    WriteFile(Place() / FolderMark::kName,
              R"({"made_by": "roentgen 1", "commands": ["test"], "files": {")" + std::string(name) +
                  "\": null}}");
    ROENTGEN_EXPECT_ERROR(Make({{"a", "2"}}), "names what is not in the folder");
  }
}

TEST_F(OutputFolderTest, TheWorkingFolderStaysTheSame) {
  fs::create_directories(Place());
  const fs::path before = fs::current_path();
  fs::current_path(Place());
  for (const char* content : {"1", "2"}) {
    Make({{"config", content}, {"z", content}});
    EXPECT_TRUE(fs::exists("config"));  // it was not exchanged under the user's feet
    EXPECT_THAT(Contents(), ElementsAre(Pair("config", content), Pair("z", content)));
  }
  Make({{"z", "3"}});
  fs::current_path(before);
  EXPECT_THAT(Contents(), ElementsAre(Pair("z", "3")));
  EXPECT_THAT(Beside(), ElementsAre("model"));
}

TEST_F(OutputFolderTest, FoldersOfOthersWithSuchNamesStay) {
  for (const char* name : {"model.unfinished-notes", "model.unfinished-01234567"}) {
    fs::create_directories(folder_.path() / name);
    WriteFile(folder_.path() / name / "mine", "m");
  }
  fs::create_symlink("nowhere", folder_.path() / "model.unfinished-89abcdef");
  Make({{"a", "1"}});
  EXPECT_THAT(Beside(),
              UnorderedElementsAre("model", "model.unfinished-notes", "model.unfinished-01234567",
                                   "model.unfinished-89abcdef"));
}

TEST_F(OutputFolderTest, AnInputIsNeitherInItNorAroundIt) {
  fs::create_directories(folder_.path() / "base/sub");
  fs::create_directory_symlink("base", folder_.path() / "link");
  const std::vector<fs::path> inputs = {fs::path(), folder_.path() / "base"};
  for (const char* output : {"base", "link", "base/", "base/sub", "base/new/deep", "link/x", ""}) {
    ROENTGEN_EXPECT_ERROR(CheckFolderIsNoInput(folder_.path() / output, inputs), "is read from");
  }
  EXPECT_NO_THROW(CheckFolderIsNoInput(folder_.path() / "base2", inputs));
}

TEST_F(OutputFolderTest, MovedFilesAreWholeWhenTheirKeyIsThere) {
  const fs::path from = folder_.path() / "from";
  fs::create_directories(from / "sub");
  for (const char* name : {"config", "sub/x", "z"}) WriteFile(from / name, "new");
  fs::create_directories(Place());
  WriteFile(Place() / "config", "old");
  WriteFile(Place() / "z", "old");
  ::chmod((Place() / "config").c_str(), 0600);
  ::chmod((Place() / "z").c_str(), 0640);
  fs::create_directory_symlink("../from", Place() / "sub");  // leads out: it is not followed
  ROENTGEN_EXPECT_ERROR(MoveFiles(from, Place(), "config"), "leads out");
  EXPECT_FALSE(fs::exists(Place() / "config"));
  fs::remove(Place() / "sub");
  WriteFile(Place() / "config", "old");
  ::chmod((Place() / "config").c_str(), 0600);
  MoveFiles(from, Place(), "config");
  EXPECT_THAT(Contents(),
              ElementsAre(Pair("config", "new"), Pair("sub/x", "new"), Pair("z", "new")));
  struct stat status {};
  ASSERT_EQ(::stat((Place() / "z").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  ASSERT_EQ(::stat((Place() / "config").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
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
    const OutputFolder output(Place(), "test");
    WriteFile(output.staging() / "a", "half");
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ASSERT_EQ(Beside().size(), 1u);
  const OutputFolder going_on(folder_.path() / "model2", "test");
  Make({{"a", "1"}});
  EXPECT_TRUE(fs::exists(going_on.staging()));
  EXPECT_THAT(Beside(), UnorderedElementsAre("model", going_on.staging().filename().string()));
}

/// Goes into a folder, and back at the end.
class InFolder {
 public:
  explicit InFolder(const fs::path& folder) { fs::current_path(folder); }
  ~InFolder() { fs::current_path(before_); }
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;

 private:
  const fs::path before_ = fs::current_path();
};

TEST_F(OutputFolderTest, MayHaveAnyRelativeName) {
  const InFolder in(folder_.path());
  for (const char* name : {"n", "./n", "n/", "./n/", "n/.", "a/b", "a/../n", "影像 1", "影像 2/"}) {
    SCOPED_TRACE(name);
    fs::remove_all(folder_.path() / "n");
    for (int time = 0; time < 2; ++time) {  // absent, and its own
      OutputFolder output(name, "test");
      WriteFile(output.staging() / "f", "x");
      output.Commit();
      EXPECT_EQ(ReadFile(folder_.path() / name / "f", 10), "x");
    }
  }
}

TEST_F(OutputFolderTest, FilesToComeAreClaimedUnderAnyRelativeName) {
  const InFolder in(folder_.path());
  for (const char* name : {"n", "./m", "o/", "a/b", "影像/"}) {
    EXPECT_NO_THROW(ClaimFiles({name, "eval", {"f"}})) << name;
    EXPECT_TRUE(FolderMark(folder_.path() / name).Has("f")) << name;
  }
  ROENTGEN_EXPECT_ERROR(CheckFolderIsNoInput("absent", {{folder_.path()}}), "is read from");
  ROENTGEN_EXPECT_ERROR(CheckFolderIsNoInput("absent/", {{"."}}), "is read from");
}

TEST_F(OutputFolderTest, FilesToComeAreClaimed) {
  Claim claim{Place(), "train", {"README.md", "results.json"}};
  ClaimFiles(claim);
  WriteFile(Place() / "README.md", "ours");
  EXPECT_NO_THROW(ClaimFiles(claim));
  claim.folder = folder_.path() / "other";
  fs::create_directory(claim.folder);
  WriteFile(claim.folder / "results.json", MarkedJson(FileKind::kEvaluation, {{"x", 1}}).dump(2),
            Readers::kUmask, Replaces::kAny, FileKind::kEvaluation);
  Claim results{claim.folder, "eval", {"results.json"}};
  ROENTGEN_EXPECT_ERROR(ClaimFiles(results), "was not made by this program");
  results.kind = FileKind::kComparison;
  ROENTGEN_EXPECT_ERROR(ClaimFiles(results), "is no comparison made by this program");
  results.kind = FileKind::kEvaluation;
  EXPECT_NO_THROW(ClaimFiles(results));
  WriteFile(claim.folder / "README.md", "theirs");
  ROENTGEN_EXPECT_ERROR(ClaimFiles(claim), "README.md");
  EXPECT_FALSE(FolderMark(claim.folder).Has("README.md"));
  claim.replaces = Replaces::kAny;
  EXPECT_NO_THROW(ClaimFiles(claim));
  EXPECT_TRUE(FolderMark(claim.folder).Has("README.md"));
  claim.files = {"pipe"};
  ASSERT_EQ(::mkfifo((claim.folder / "pipe").c_str(), 0600), 0);
  ROENTGEN_EXPECT_ERROR(ClaimFiles(claim), "a pipe");
}

TEST_F(OutputFolderTest, AFileThatWasChangedAfterTheRunIsNotClaimed) {
  const Claim claim{Place(), "train", {"README.md", "结果.json", "absent"}};
  ClaimFiles(claim);
  WriteFile(Place() / "README.md", "ours");
  WriteFile(Place() / "结果.json", "{}");
  EXPECT_NO_THROW(ClaimFiles(claim));  // after a kill
  SealFiles(claim);
  EXPECT_THAT(FolderMark(Place()).Owned(), UnorderedElementsAre("README.md", "结果.json"));
  EXPECT_FALSE(FolderMark(Place()).Has("absent"));
  EXPECT_NO_THROW(ClaimFiles(claim));
  SealFiles(claim);
  WriteFile(Place() / "结果.json", "[]");
  ROENTGEN_EXPECT_ERROR(ClaimFiles(claim),
                        "结果.json is there already, and was changed since this program made it");
  WriteFile(Place() / "结果.json", "{}");
  EXPECT_NO_THROW(ClaimFiles(claim));
  SealFiles(claim);
  WriteFile(Place() / "absent", "mine");  // nothing of that name was written
  ROENTGEN_EXPECT_ERROR(ClaimFiles(claim), "absent is there already, and was not made by");
}

TEST_F(OutputFolderTest, OneRunAtATimeHoldsAFolder) {
  const fs::path deep = Place() / "影像/deep";
  {
    const RunLock lock(deep);
    ROENTGEN_EXPECT_ERROR(RunLock{deep}, "another run writes to this folder");
    fs::create_directory_symlink(deep, folder_.path() / "link");
    ROENTGEN_EXPECT_ERROR(RunLock{folder_.path() / "link"}, "another run writes to this folder");
  }
  EXPECT_FALSE(fs::exists(Place()));  // nothing was put there
  fs::create_directories(deep);
  { const RunLock lock(folder_.path() / "link"); }
  EXPECT_TRUE(fs::exists(deep));
  { const RunLock lock(deep / "more"); }
  WriteFile(deep / "file", "x");
  ROENTGEN_EXPECT_ERROR(RunLock{deep / "file"}, "file");
  ROENTGEN_EXPECT_ERROR(RunLock{deep / "file/below"}, "below");
  EXPECT_EQ(std::distance(fs::directory_iterator(deep), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace roentgen
