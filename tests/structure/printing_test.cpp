// The program prints in one place, where everything is made printable.

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <sstream>
#include <string>

#include "roentgen/base/files.h"
#include "support/paths.h"

namespace roentgen {
namespace {

bool Prints(const std::string& line) {
  static const std::regex kPrints(
      R"((fmt::print|\bf?printf|\bf?puts|\bputchar|\bfwrite|\bperror)\s*\(|std::(cout|cerr|clog)\b)");
  return std::regex_search(line.substr(0, line.find("//")), kPrints);
}

TEST(Printing, IsDoneByTheFunctionsOfTheTerminalAlone) {
  size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(test::SourceDir() / "apps/roentgen")) {
    const std::string name = entry.path().filename().string();
    const std::string extension = entry.path().extension().string();
    if ((extension != ".cpp" && extension != ".h") || name == "terminal.cpp") continue;
    ++files;
    std::istringstream text(ReadFile(entry.path(), size_t{1} << 20));
    for (std::string line; std::getline(text, line);) {
      EXPECT_FALSE(Prints(line)) << name << ": " << line << "\nPrint, Tell, … of terminal.h do it.";
    }
  }
  EXPECT_GT(files, 40u);
}

TEST(Printing, IsRecognised) {
  for (const char* line : {"fmt::print(\"\");", "  std::fprintf(stderr, \"\");", "std::cerr << 1;",
                           "puts (\"\");", "std::fwrite(a, 1, 2, stderr);"}) {
    EXPECT_TRUE(Prints(line)) << line;
  }
  for (const char* line : {"Print(\"\");", "PrintText(text);", "// not printf(\"\")",
                           "std::snprintf(to, 3, \"\");", "fmt::format(\"\")"}) {
    EXPECT_FALSE(Prints(line)) << line;
  }
}

}  // namespace
}  // namespace roentgen
