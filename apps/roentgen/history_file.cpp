#include "history_file.h"

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/utf8.h"

namespace roentgen::app {
namespace {

constexpr size_t kMaxFileBytes = size_t{16} << 20;
constexpr size_t kShortenAbove = size_t{1} << 20;
constexpr size_t kLines = 1000;

}  // namespace

HistoryFile::HistoryFile() : path_(StateFolder() / "history") {
  try {
    MakePrivateFolder(path_.parent_path());
  } catch (const Error& error) {
    problem_ = error.what();
  }
}

std::vector<std::string> HistoryFile::Load() {
  std::vector<std::string> lines;
  if (!problem_.empty() || !FileExists(path_)) return lines;
  try {
    const std::string text = ReadFile(path_, kMaxFileBytes);
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      // Whatever else may have got into the file must not reach the terminal as it is.
      std::string line = OneLine(ToValidUtf8(text.substr(begin, end - begin)));
      if (!line.empty()) lines.push_back(std::move(line));
      begin = end + 1;
    }
    if (lines.size() > kLines) lines.erase(lines.begin(), lines.end() - kLines);
    if (text.size() > kShortenAbove) {
      std::string kept;
      for (const std::string& line : lines) kept += line + "\n";
      WriteFile(path_, kept, Readers::kOwner);
    }
  } catch (const Error& error) {
    problem_ = error.what();
  }
  return lines;
}

void HistoryFile::Add(std::string_view line) {
  if (!problem_.empty() || line.empty()) return;
  try {
    AppendToFile(path_, OneLine(line) + "\n", Readers::kOwner);
  } catch (const Error& error) {
    problem_ = error.what();
  }
}

}  // namespace roentgen::app
