#include "roentgen/base/files.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

TEST(Files, WrittenFilesReadBack) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "a.txt";
  WriteFile(path, "first");
  WriteFile(path, "second");
  EXPECT_EQ(ReadFile(path, 100), "second");
  EXPECT_TRUE(FileExists(path));
  EXPECT_FALSE(FileExists(path / "below a file"));
  EXPECT_EQ(MappedFile(path).bytes().size(), 6u);
  // Nothing is left beside it.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Files, PiecesAreJoined) {
  const test::TemporaryFolder folder;
  const std::vector<std::string_view> pieces{"one", "", "two"};
  WriteFile(folder.path() / "joined", pieces);
  EXPECT_EQ(ReadFile(folder.path() / "joined", 100), "onetwo");
}

TEST(Files, ErrorsNameThePath) {
  const test::TemporaryFolder folder;
  WriteFile(folder.path() / "six", "123456");
  ROENTGEN_EXPECT_ERROR(ReadFile(folder.path() / "six", 5), "six: 6 bytes, more than the 5");
  ROENTGEN_EXPECT_ERROR(ReadFile(folder.path() / "none", 5), "none: cannot open: No such file");
  ROENTGEN_EXPECT_ERROR(ReadFile(folder.path(), 5), "a folder where a file was expected");
  ROENTGEN_EXPECT_ERROR(MappedFile("/dev/zero"), "/dev/zero: no regular file");
  ROENTGEN_EXPECT_ERROR(WriteFile(folder.path() / "no" / "x", ""), "cannot write");
}

TEST(Files, LogsGrowByLines) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "log";
  AppendToFile(path, "one\n");
  AppendToFile(path, "two\n");
  EXPECT_EQ(ReadFile(path, 100), "one\ntwo\n");
  ROENTGEN_EXPECT_ERROR(AppendToFile(folder.path() / "no" / "log", "x"), "no/log");
}

TEST(Files, EmptyFileMapsToNoBytes) {
  const test::TemporaryFolder folder;
  WriteFile(folder.path() / "empty", "");
  EXPECT_TRUE(MappedFile(folder.path() / "empty").bytes().empty());
}

TEST(Files, AnAtomicFileIsSeenWhenItIsWhole) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "a.txt";
  WriteFile(path, "old");
  {
    Output abandoned(path);
    abandoned.Write("half");
  }
  EXPECT_EQ(ReadFile(path, 100), "old");
  Output file(path);
  file.Write("new ");
  file.Write(std::string(3 << 20, 'x'));
  file.Write("!");
  EXPECT_EQ(ReadFile(path, 100), "old");
  file.Commit();
  const std::string content = ReadFile(path, 4 << 20);
  EXPECT_EQ(content, "new " + std::string(3 << 20, 'x') + "!");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Files, AnAtomicFileNeedsItsFolder) {
  const test::TemporaryFolder folder;
  ROENTGEN_EXPECT_ERROR(Output(folder.path() / "none" / "a.txt"), "none/a.txt");
}

TEST(Files, AClosedAtomicFileIsNotYetInItsPlace) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "file";
  {
    Output file(path);
    file.Write("given up");
    file.Close();
    EXPECT_FALSE(FileExists(path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  Output file(path);
  file.Write("kept");
  file.Close();
  file.Commit();
  EXPECT_EQ(ReadFile(path, 100), "kept");
}

}  // namespace
}  // namespace roentgen
