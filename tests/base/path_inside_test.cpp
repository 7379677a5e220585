#include "roentgen/base/path_inside.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

TEST(PathInside, StaysInTheFolder) {
  const test::TemporaryFolder folder;
  const auto root = folder.path() / "set";
  std::filesystem::create_directories(root / "a");
  EXPECT_EQ(PathInside(root, "a/b.png"), root / "a/b.png");
  EXPECT_EQ(PathInside(root, "a/../b.png"), root / "a/../b.png");
  EXPECT_EQ(PathInside(root, "..b/c"), root / "..b/c");
  EXPECT_EQ(PathInside(".", "a.png"), std::filesystem::path("./a.png"));
  ROENTGEN_EXPECT_ERROR(PathInside(".", "../a.png"), "leaves the folder");
  ROENTGEN_EXPECT_ERROR(PathInside(root, "../set-2/b.png"), "leaves the folder");
  ROENTGEN_EXPECT_ERROR(PathInside(root, "a/../../x"), "leaves the folder");
  ROENTGEN_EXPECT_ERROR(PathInside(root, "/etc/passwd"), "is absolute");
  ROENTGEN_EXPECT_ERROR(PathInside(root, ""), "names no file");
  ROENTGEN_EXPECT_ERROR(PathInside(root, "a\x1b[31mb.json"), "holds control characters");
  ROENTGEN_EXPECT_ERROR(PathInside(root, "a\nb"), "holds control characters");
  EXPECT_EQ(PathInside(root, "胸片 1.png"), root / "胸片 1.png");
  ROENTGEN_EXPECT_ERROR(PathInside(root, std::string("a\0b", 3)), "names no file");
  std::filesystem::create_directory_symlink("/etc", root / "link");
  ROENTGEN_EXPECT_ERROR(PathInside(root, "link/passwd"), "leaves the folder");
}

TEST(IsSameFile, WhateverItIsCalled) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "a";
  WriteFile(file, "x");
  std::filesystem::create_symlink("a", folder.path() / "link");
  std::filesystem::create_hard_link(file, folder.path() / "hard");
  for (const char* name : {"a", "link", "hard", "./a", "none/../a"}) {
    EXPECT_TRUE(IsSameFile(file, folder.path() / name)) << name;
  }
  EXPECT_FALSE(IsSameFile(file, folder.path() / "b"));
  // Where nothing is yet.
  const auto here = std::filesystem::current_path();
  EXPECT_TRUE(IsSameFile("absent", here / "absent"));
  EXPECT_TRUE(IsSameFile("./absent", "x/../absent"));
  EXPECT_FALSE(IsSameFile("absent", "absent2"));
}

}  // namespace
}  // namespace roentgen
