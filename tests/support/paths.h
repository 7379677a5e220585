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

/// Skips the test when a path it needs is absent because there is no shared folder beside the
/// checkout. Where that folder exists, the missing path is a failure, so that nothing that should
/// run is skipped unseen.
#define ROENTGEN_NEED(path)                                                                    \
  do {                                                                                         \
    if (!std::filesystem::exists(path)) {                                                      \
      ASSERT_FALSE(std::filesystem::exists(roentgen::test::SharedRoot()))                      \
          << (path) << " is missing although " << roentgen::test::SharedRoot() << " is there"; \
      GTEST_SKIP() << (path) << " is not there";                                               \
    }                                                                                          \
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
