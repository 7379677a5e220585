#include "support/paths.h"

#include <algorithm>
#include <cstdlib>

namespace roentgen::test {
namespace fs = std::filesystem;

fs::path SourceDir() {
  return ROENTGEN_SOURCE_DIR;
}

fs::path SharedRoot() {
  const char* root = std::getenv("ROENTGEN_SHARED");
  return root != nullptr ? fs::path(root) : SourceDir().parent_path() / "shared";
}

fs::path GoldenRoot() {
  if (const char* root = std::getenv("ROENTGEN_GOLDEN")) return root;
  const fs::path beside = SourceDir().parent_path() / "shared" / "golden";
  return fs::exists(beside) ? beside : SourceDir() / "tests" / "golden";
}

bool ShouldBeThere(const fs::path& path) {
  const fs::path root = SharedRoot();
  if (!fs::exists(root)) return false;
  const fs::path relative =
      fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(root));
  return !relative.empty() && *relative.begin() != "..";
}

std::vector<fs::path> GoldenFolders(const std::string& floor, const std::string& file) {
  std::vector<fs::path> folders;
  const fs::path root = GoldenRoot() / floor;
  if (!fs::exists(root)) return folders;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().filename() == file) folders.push_back(entry.path().parent_path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "roentgen-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace roentgen::test
