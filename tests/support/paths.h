#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace roentgen::test {

/// The root of the checkout.
std::filesystem::path SourceDir();

/// Where golden cases are looked for: ROENTGEN_GOLDEN, else ../shared/golden beside the checkout,
/// else the few small cases of tests/golden.
std::filesystem::path GoldenRoot();

/// A folder with real data and models: ROENTGEN_SHARED, else ../shared; may not exist.
std::filesystem::path SharedRoot();

/// The shared folder exists and the path lies below it.
bool ShouldBeThere(const std::filesystem::path& path);

/// Folders below the golden root's `floor` folder that hold `file`, sorted: the cases of that form.
std::vector<std::filesystem::path> GoldenFolders(const std::string& floor, const std::string& file);

/// A fresh folder that is removed with everything in it when the object goes.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace roentgen::test

/// Skips the test when a path that it needs is absent. A path below the shared folder must be there
/// when that folder is, so that nothing that should run is skipped unseen.
#define ROENTGEN_NEED(path)                                                 \
  do {                                                                      \
    if (!std::filesystem::exists(path)) {                                   \
      ASSERT_FALSE(roentgen::test::ShouldBeThere(path))                     \
          << (path) << " is missing from " << roentgen::test::SharedRoot(); \
      GTEST_SKIP() << (path) << " is not there";                            \
    }                                                                       \
  } while (false)

/// Expects the statement to throw Error with a message that contains the text.
#define ROENTGEN_EXPECT_ERROR(statement, text)               \
  do {                                                       \
    try {                                                    \
      statement;                                             \
      ADD_FAILURE() << "expected an Error with: " << (text); \
    } catch (const roentgen::Error& error) {                 \
      EXPECT_THAT(error.what(), testing::HasSubstr(text));   \
    }                                                        \
  } while (false)
