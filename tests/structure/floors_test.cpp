// The floors of the design, read from the #includes: who may use whom, and that only programs
// print.

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/files.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Optional;

using Floors = std::set<std::string>;

/// Every floor and those it may use besides itself. A new folder needs a line here.
const std::map<std::string, Floors>& AllowedUses() {
  static const std::map<std::string, Floors> kAllowed = [] {
    const Floors base{"base"};
    const Floors below_model{"base", "hub", "tensor", "kernels", "text", "imaging"};
    const auto with = [](Floors floors, std::initializer_list<std::string> more) {
      floors.insert(more);
      return floors;
    };
    const Floors below_inference = with(below_model, {"qwen2vl"});
    const Floors below_data = with(below_inference, {"inference", "language"});
    const Floors below_training = with(below_data, {"data", "phantom"});
    const Floors below_evaluation = with(below_training, {"training"});
    const Floors below_assistant = with(below_evaluation, {"evaluation"});
    return std::map<std::string, Floors>{
        {"base", {}},
        {"hub", base},
        {"tensor", base},
        {"kernels", {"base", "tensor"}},
        {"text", base},
        {"language", {"base", "text"}},
        {"imaging", base},
        {"phantom", {"base", "imaging"}},
        {"qwen2vl", below_model},
        {"inference", below_inference},
        {"data", with(below_data, {"phantom"})},
        {"training", below_training},
        {"evaluation", below_evaluation},
        {"assistant", below_assistant},
    };
  }();
  return kAllowed;
}

struct Include {
  bool quoted;  // "…" rather than <…>
  std::string path;
};

std::optional<Include> ParseInclude(std::string_view line) {
  const auto skip = [&](std::string_view text) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const bool there = line.starts_with(text);
    if (there) line.remove_prefix(text.size());
    return there;
  };
  if (!skip("#") || !skip("include")) return std::nullopt;
  const bool quoted = skip("\"");
  if (!quoted && !skip("<")) return std::nullopt;
  return Include{quoted, std::string(line.substr(0, line.find(quoted ? '"' : '>')))};
}

/// What is wrong with the line of a floor's file, if anything.
std::optional<std::string> WrongInclude(const std::string& floor, const std::string& line) {
  const std::optional<Include> include = ParseInclude(line);
  if (!include) return std::nullopt;
  const fs::path path = include->path;
  const std::vector<fs::path> parts(path.begin(), path.end());
  const auto has = [&](const char* part) {
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  };
  if (has("apps")) return "includes a program's " + path.string();
  if (!include->quoted && !has("roentgen")) return std::nullopt;  // a library's
  if (parts.size() != 3 || parts[0] != "roentgen") {
    return "includes " + path.string() + ", which is not written roentgen/FLOOR/FILE";
  }
  const std::string used = parts[1];
  if (used == floor || AllowedUses().at(floor).contains(used)) return std::nullopt;
  return floor + " must not use " + path.string();
}

/// Whether the word stands in the code on its own, or is called, "word(".
bool Says(const std::string& code, const std::string& word, bool called) {
  const auto in_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (size_t at = code.find(word); at != std::string::npos; at = code.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at > 0 && in_name(code[at - 1])) || (end < code.size() && in_name(code[end]))) continue;
    const size_t next = code.find_first_not_of(" \t", end);
    if (!called || (next != std::string::npos && code[next] == '(')) return true;
  }
  return false;
}

std::optional<std::string> WrongCall(const std::string& line) {
  const std::string code = line.substr(0, line.find("//"));
  for (const char* stream : {"std::cout", "std::cerr", "std::clog"}) {
    if (Says(code, stream, /*called=*/false)) return "prints: " + line;
  }
  for (const char* function : {"printf", "fprintf", "vprintf", "vfprintf", "puts", "fputs",
                               "putchar", "perror", "print", "println"}) {
    if (Says(code, function, /*called=*/true)) return "prints: " + line;
  }
  for (const char* function : {"exit", "_exit", "_Exit", "quick_exit", "abort", "terminate"}) {
    if (Says(code, function, /*called=*/true)) return "ends the program: " + line;
  }
  return std::nullopt;
}

/// Calls check(file, line) for every line of the sources below the folder.
void ForEachLine(const fs::path& folder,
                 const std::function<void(const std::string&, const std::string&)>& check) {
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp") continue;
    ++files;
    std::istringstream text(ReadFile(entry.path(), size_t{8} << 20));
    int number = 0;
    for (std::string line; std::getline(text, line);) {
      check(entry.path().string() + ":" + std::to_string(++number), line);
    }
  }
  EXPECT_GT(files, 0u) << folder;
}

TEST(Floors, UseOnlyFloorsAboveThem) {
  for (const auto& entry : fs::directory_iterator(test::SourceDir() / "src" / "roentgen")) {
    if (!entry.is_directory()) continue;
    const std::string floor = entry.path().filename();
    ASSERT_TRUE(AllowedUses().contains(floor)) << floor << " is not in this test's table";
    ForEachLine(entry.path(), [&](const std::string& place, const std::string& line) {
      if (const auto wrong = WrongInclude(floor, line)) ADD_FAILURE() << place << ": " << *wrong;
    });
  }
}

TEST(Floors, NeitherPrintNorEndTheProgram) {
  ForEachLine(test::SourceDir() / "src", [](const std::string& place, const std::string& line) {
    if (const auto wrong = WrongCall(line)) ADD_FAILURE() << place << ": " << *wrong;
  });
}

TEST(Floors, WrongLinesAreRecognised) {
  EXPECT_THAT(WrongInclude("text", R"(#include "roentgen/tensor/matrix.h")"),
              Optional(HasSubstr("text must not use")));
  EXPECT_THAT(WrongInclude("base", R"(  #  include "roentgen/inference/session.h"  // why)"),
              Optional(HasSubstr("base must not use")));
  EXPECT_THAT(WrongInclude("kernels", R"(#include <roentgen/imaging/patches.h>)"),
              Optional(HasSubstr("kernels must not use")));
  EXPECT_THAT(WrongInclude("qwen2vl", R"(#include "../inference/session.h")"),
              Optional(HasSubstr("is not written")));
  EXPECT_THAT(WrongInclude("qwen2vl", R"(#include "session.h")"),
              Optional(HasSubstr("is not written")));
  EXPECT_THAT(WrongInclude("assistant", R"(#include "../apps/roentgen/command.h")"),
              Optional(HasSubstr("includes a program's")));
  for (const char* line :
       {"std::cout << 1;", "printf(\"\");", "  std::fprintf(stderr, \"\");", "fmt::print(\"\");",
        "std::cerr << 1;", "puts (\"\");", "std::exit(1);", "abort();", "::_exit(0);"}) {
    EXPECT_TRUE(WrongCall(line)) << line;
  }
}

TEST(Floors, RightLinesAreLeftAlone) {
  for (const char* line : {R"(#include "roentgen/base/error.h")", "#include <vector>",
                           R"(#include "roentgen/imaging/patches.h")", "#pragma once", ""}) {
    EXPECT_EQ(WrongInclude("imaging", line), std::nullopt) << line;
  }
  for (const char* line : {"std::snprintf(to, 3, \"\");", "// it never calls printf() or exit()",
                           "#include <csetjmp>", "fmt::format(\"\")", "std::vsnprintf(a, b, c)"}) {
    EXPECT_EQ(WrongCall(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace roentgen
