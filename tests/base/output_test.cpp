#include "roentgen/base/output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/made_by.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::SizeIs;

mode_t ModeOf(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

std::vector<std::string> NamesIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

class OutputTest : public testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return folder_.path() / name; }

  const test::TemporaryFolder folder_;
};

TEST_F(OutputTest, ANewFileHasTheModeOfTheUmask) {
  const mode_t before = ::umask(077);
  WriteFile(Path("private"), "a");
  ::umask(022);
  WriteFile(Path("usual"), "a");
  WriteFile(Path("owner"), "a", Readers::kOwner);
  ::umask(002);
  WriteFile(Path("group"), "a");
  ::umask(before);
  EXPECT_EQ(ModeOf(Path("private")), 0600);
  EXPECT_EQ(ModeOf(Path("usual")), 0644);
  EXPECT_EQ(ModeOf(Path("owner")), 0600);
  EXPECT_EQ(ModeOf(Path("group")), 0664);
}

TEST_F(OutputTest, WhatIsReplacedGivesItsMode) {
  WriteFile(Path("a"), "old");
  for (const mode_t mode : {0600, 0640, 0755, 0664}) {
    ASSERT_EQ(::chmod(Path("a").c_str(), mode), 0);
    WriteFile(Path("a"), "new", Readers::kOwner);
    EXPECT_EQ(ModeOf(Path("a")), mode);
  }
}

TEST_F(OutputTest, ALinkStaysAndWhatItLeadsToIsReplaced) {
  WriteFile(Path("file"), "old");
  fs::create_symlink("file", Path("link"));
  fs::create_symlink("link", Path("second"));
  WriteFile(Path("second"), "new");
  EXPECT_TRUE(fs::is_symlink(Path("link")));
  EXPECT_TRUE(fs::is_symlink(Path("second")));
  EXPECT_EQ(ReadFile(Path("file"), 10), "new");
  fs::create_symlink("absent", Path("dangling"));
  WriteFile(Path("dangling"), "made");
  EXPECT_TRUE(fs::is_symlink(Path("dangling")));
  EXPECT_EQ(ReadFile(Path("absent"), 10), "made");
  fs::create_symlink("loop", Path("loop"));
  ROENTGEN_EXPECT_ERROR(WriteFile(Path("loop"), "x"), "loop");
}

TEST_F(OutputTest, WhatIsNoRegularFileIsRefusedAndStays) {
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0644), 0);
  fs::create_directory(Path("folder"));
  fs::create_symlink("pipe", Path("link"));
  for (const char* name : {"pipe", "folder", "link"}) {
    ROENTGEN_EXPECT_ERROR(WriteFile(Path(name), "x"), name);
    ROENTGEN_EXPECT_ERROR(CheckOutput(Path(name), Replaces::kAny), name);
  }
  EXPECT_TRUE(fs::is_fifo(Path("pipe")));
  ROENTGEN_EXPECT_ERROR(AppendToFile(Path("folder"), "x"), "folder");
  ROENTGEN_EXPECT_ERROR(AppendToFile("/dev/null", "x"), "/dev/null");
  EXPECT_THAT(NamesIn(folder_.path()), SizeIs(3));
}

TEST_F(OutputTest, StandardOutputIsWrittenThrough) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const std::string name = "/dev/fd/" + std::to_string(ends[1]);
  { const Output abandoned{fs::path(name)}; }
  WriteFile(name, "one");
  WriteFile(name, "two");
  std::array<char, 16> bytes{};
  EXPECT_EQ(::read(ends[0], bytes.data(), bytes.size()), 6);
  EXPECT_EQ(std::string(bytes.data()), "onetwo");
  ::close(ends[0]);
  ::close(ends[1]);
  WriteFile("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  ROENTGEN_EXPECT_ERROR(WriteFile("/dev/fd/987", "x"), "/dev/fd/987");
  ROENTGEN_EXPECT_ERROR(WriteFile("/dev/zero", "x"), "/dev/zero: a device");
}

TEST_F(OutputTest, OnlyWhatThisProgramMadeIsReplacedUnlessForced) {
  WriteFile(Path("empty"), "");
  WriteFile(Path("notes"), "My notes on roentgen images: made by hand.");
  for (const char* name : {"empty", "absent"}) {
    EXPECT_NO_THROW(CheckOutput(Path(name), Replaces::kOwn)) << name;
    EXPECT_NO_THROW(
        WriteFile(Path(name), "new", Readers::kUmask, Replaces::kOwn, FileKind::kReport));
  }
  ROENTGEN_EXPECT_ERROR(CheckOutput(Path("notes"), Replaces::kOwn), "was not made by this program");
  ROENTGEN_EXPECT_ERROR(
      WriteFile(Path("notes"), "new", Readers::kUmask, Replaces::kOwn, FileKind::kReport),
      "notes is there already, and is no report made by this program");
  EXPECT_EQ(ReadFile(Path("notes"), 1 << 20), "My notes on roentgen images: made by hand.");
  WriteFile(Path("notes"), "new");
}

/// A file of each format, with this mark where the format has it.
std::vector<std::string> MarkedFiles(const std::string& mark) {
  const std::string json_mark = mark.substr(std::string("Made by ").size());
  return {
      "# 报告\n\n左肺有结节。\n\n<!-- " + mark + " -->\n",
      std::string(100'000, 'x') + "\n<!-- " + mark + " -->\n",
      "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\n<meta "
      "name=\"generator\" content=\"" +
          mark + "\">\n<title>x</title>\n",
      "<svg width=\"1\">\n<!-- " + mark + " -->\n</svg>\n",
      "%PDF-1.7\n%\xbf\xf7\xa2\xfe\n% " + mark + "\n1 0 obj\n",
      "\x89PNG\r\n" + std::string(31, '\n') + "tEXtSoftware" + '\0' + mark + "1234",
      Json{{"made_by", json_mark}, {"z", 1}}.dump(2) + "\n",
      "{\n  \"resourceType\": \"DiagnosticReport\",\n  \"meta\": {\n    \"tag\": [\n      {\n      "
      "  "
      "\"display\": \"" +
          mark + "\"\n      }\n    ]\n  }\n}\n",
  };
}

TEST_F(OutputTest, OfItsOwnOnlyThoseOfTheSameKindAreReplaced) {
  const std::string mark = MadeByMark(FileKind::kComparison);
  std::vector<std::string> files = MarkedFiles(mark);
  files.push_back(MarkedFiles("Made by roentgen 10.2.3-rc1: comparison, 0123456789abcdef").front());
  for (const std::string& content : files) {
    SCOPED_TRACE(content.substr(0, 300));
    WriteFile(Path("a"), Sealed(FileKind::kComparison, content));
    EXPECT_NO_THROW(CheckOutput(Path("a"), Replaces::kOwn, FileKind::kComparison));
    ROENTGEN_EXPECT_ERROR(CheckOutput(Path("a"), Replaces::kOwn, FileKind::kReport),
                          "is no report made by this program");
    ROENTGEN_EXPECT_ERROR(CheckOutput(Path("a"), Replaces::kOwn), "was not made by this program");
  }
}

TEST_F(OutputTest, AFileThatQuotesAMarkIsNotOfItsKind) {
  std::vector<std::string> files;
  for (const std::string& marked : MarkedFiles(MadeByMark(FileKind::kReport))) {
    const std::string made = Sealed(FileKind::kReport, marked);
    files.push_back("My notes, with a file of the program in them 我的笔记:\n" + made +
                    "And more.\n");
    files.push_back("> " + made.substr(0, made.size() - 1));
  }
  files.push_back("<!-- " + MadeByMark(FileKind::kReport) + " -->\n我的笔记\n");
  files.push_back("Its last line is <!-- " + MadeByMark(FileKind::kReport) + " -->\n");
  files.push_back("<!-- " + MadeByMark(FileKind::kReport) + " --> is its last line\n");
  files.push_back(R"({"notes": "{\n  \"made_by\": \"roentgen 0.1.0: report\",\n"})");
  for (const char* few : {"{\n", "%PDF-", "<svg ", "<!doctype html>\n", "\n", "x", "\x89PNG\r\n"}) {
    files.emplace_back(few);
  }
  for (const std::string& content : files) {
    WriteFile(Path("a"), content);
    EXPECT_EQ(WhyNotMade(Path("a"), FileKind::kReport), "is no report made by this program")
        << content.substr(0, 300);
  }
}

TEST_F(OutputTest, AFileThatWasChangedIsNobodysToReplace) {
  for (const std::string& content : MarkedFiles(MadeByMark(FileKind::kReport))) {
    SCOPED_TRACE(content.substr(0, 300));
    WriteFile(Path("a"), content, Readers::kUmask, Replaces::kAny, FileKind::kReport);
    const std::string made = ReadFile(Path("a"), 1 << 20);
    EXPECT_EQ(made.size(), content.size());  // offsets in it stay
    EXPECT_EQ(Sealed(FileKind::kReport, made), made);
    EXPECT_EQ(WhyNotMade(Path("a"), FileKind::kReport), std::nullopt);
    if (content.starts_with("\x89PNG")) {
      EXPECT_EQ(made, content);  // its chunks have sums of their own
      continue;
    }
    EXPECT_NE(made, content);
    // In the last line but one of Markdown, behind the mark of the others.
    std::string notes = made;
    const size_t mark = made.find("roentgen 0.");
    const bool markdown = made.ends_with("-->\n");
    notes.insert(markdown ? made.rfind("<!--") : made.find('\n', mark) + 1,
                 "医生的备注 added by hand\n");
    std::ofstream(Path("a"), std::ios::binary) << notes;
    ROENTGEN_EXPECT_ERROR(CheckOutput(Path("a"), Replaces::kOwn, FileKind::kReport),
                          "a is there already, and was changed since this program made it");
    for (size_t at = 0; at < made.size(); at += 1 + made.size() / 200) {
      std::string changed = made;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      std::ofstream(Path("a"), std::ios::binary) << changed;
      ASSERT_FALSE(IsMadeByThisProgram(Path("a"), FileKind::kReport)) << at;
    }
  }
}

/// u::rw-, u:1234:r--, g::---, m::r--, o::---: with a mask whose bits are the mode's for the group.
std::string AccessList() {
  struct Entry {
    uint16_t tag, rights;
    uint32_t id;
  };
  const std::array<Entry, 5> entries = {
      {{0x01, 6, ~0u}, {0x02, 4, 1234}, {0x04, 0, ~0u}, {0x10, 4, ~0u}, {0x20, 0, ~0u}}};
  const uint32_t version = 2;
  std::string list(reinterpret_cast<const char*>(&version), sizeof version);
  return list.append(reinterpret_cast<const char*>(entries.data()), sizeof entries);
}

std::string AccessListOf(const fs::path& path) {
  std::string list(1000, '\0');
  const ssize_t size =
      ::getxattr(path.c_str(), "system.posix_acl_access", list.data(), list.size());
  list.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return list;
}

TEST_F(OutputTest, WhatIsReplacedGivesItsAccessList) {
  WriteFile(Path("影像"), "old");
  ASSERT_EQ(::chmod(Path("影像").c_str(), 0600), 0);
  const std::string list = AccessList();
  const auto set = [&](const fs::path& path, const char* name) {
    return ::setxattr(path.c_str(), name, list.data(), list.size(), 0) == 0;
  };
  if (!set(Path("影像"), "system.posix_acl_access")) GTEST_SKIP() << "no access lists here";
  WriteFile(Path("影像"), "new");
  EXPECT_EQ(AccessListOf(Path("影像")), list);
  EXPECT_EQ(ModeOf(Path("影像")), 0640u);
  // A new file has that of its folder; one that takes the place of a file without one has none.
  WriteFile(Path("plain"), "old");
  ASSERT_EQ(::chmod(Path("plain").c_str(), 0640), 0);
  ASSERT_TRUE(set(folder_.path(), "system.posix_acl_default"));
  WriteFile(Path("plain"), "new");
  EXPECT_EQ(AccessListOf(Path("plain")), "");
  EXPECT_EQ(ModeOf(Path("plain")), 0640u);
}

TEST_F(OutputTest, WhatIsAddedIsThereWhollyOrNotAtAll) {
  const fs::path log = Path("审计.jsonl");
  WriteFile(log, "{\"问题\": 1}\n");
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit full = {20, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  ROENTGEN_EXPECT_ERROR(AppendToFile(log, "{\"answer\": \"half of it\"}\n"), "审计.jsonl");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, handler);
  EXPECT_EQ(ReadFile(log, 1000), "{\"问题\": 1}\n");
  AppendToFile(log, "{}\n");
  EXPECT_EQ(ReadFile(log, 1000), "{\"问题\": 1}\n{}\n");
}

TEST_F(OutputTest, WhatIsAddedBeginsALine) {
  const fs::path log = Path("log");
  WriteFile(log, "半行 half a li");
  AppendToFile(log, "");
  EXPECT_EQ(ReadFile(log, 1000), "半行 half a li");
  AppendToFile(log, "one\n");
  AppendToFile(log, "two\n");
  EXPECT_EQ(ReadFile(log, 1000), "半行 half a li\none\ntwo\n");
}

TEST_F(OutputTest, AKilledProgramLeavesNothing) {
  const pid_t child = ::fork();
  if (child == 0) {
    Output output(Path("a"));
    output.Write(std::string(3 << 20, 'x'));
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const int nameless = ::open(folder_.path().c_str(), O_TMPFILE | O_WRONLY, 0600);
  if (nameless < 0) GTEST_SKIP() << "no files without a name here";
  ::close(nameless);
  EXPECT_THAT(NamesIn(folder_.path()), SizeIs(0));
}

TEST_F(OutputTest, ACheckLeavesNothing) {
  CheckOutput(Path("a"), Replaces::kOwn);
  EXPECT_THAT(NamesIn(folder_.path()), SizeIs(0));
  ROENTGEN_EXPECT_ERROR(CheckOutput(Path("none/a"), Replaces::kOwn), "none/a");
}

TEST_F(OutputTest, AnInputIsNoOutputByAnyName) {
  WriteFile(Path("a"), "x");
  fs::create_symlink("a", Path("link"));
  fs::create_hard_link(Path("a"), Path("hard"));
  const std::vector<fs::path> inputs = {Path("b"), Path("a")};
  for (const char* name : {"a", "link", "hard", "./a"}) {
    ROENTGEN_EXPECT_ERROR(CheckIsNoInput(Path(name), inputs), "is read from");
  }
  EXPECT_NO_THROW(CheckIsNoInput(Path("c"), inputs));
  ROENTGEN_EXPECT_ERROR(CheckIsNoInput(Path("./b"), inputs), "is read from");  // not there yet
}

TEST_F(OutputTest, AFileOfAFolderThatIsReadIsNeverReplaced) {
  fs::create_directories(Path("影像/below"));
  fs::create_directory(Path("elsewhere"));
  for (const char* name :
       {"影像/1.json", "影像/below/2", "elsewhere/blob", "elsewhere/2", "other"}) {
    WriteFile(Path(name), "x");
  }
  fs::create_symlink("../elsewhere/blob", Path("影像/weights"));
  fs::create_directory_symlink("../elsewhere", Path("影像/sets"));
  fs::create_symlink("影像", Path("folder"));
  fs::create_symlink("影像/1.json", Path("link"));
  const std::vector<fs::path> inputs = {"", Path("影像")};
  for (const char* name : {"影像/1.json", "影像/below/2", "影像/weights", "elsewhere/blob", "link",
                           "影像/sets/2", "elsewhere/2", "folder/1.json", "影像/below/../1.json"}) {
    ROENTGEN_EXPECT_ERROR(CheckIsNoInput(Path(name), inputs), "is read from");
  }
  ROENTGEN_EXPECT_ERROR(CheckIsNoInput(Path("影像"), inputs), "is read from");
  for (const char* name : {"影像/new.json", "影像/below/new", "other", "影像/below"}) {
    EXPECT_NO_THROW(CheckIsNoInput(Path(name), inputs)) << name;
  }
  EXPECT_NO_THROW(CheckIsNoInput(Path("影像/1.json"), inputs, /*own=*/true));
  EXPECT_NO_THROW(CheckIsNoInput("/dev/stdout", inputs));
}

TEST_F(OutputTest, NamesMayBeAsLongAsTheFileSystemAllows) {
  const std::string name(255, 'n');
  WriteFile(Path(name), "x");
  EXPECT_EQ(ReadFile(Path(name), 10), "x");
}

}  // namespace
}  // namespace roentgen
