#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen::app {

/// The lines that were typed in earlier conversations, for the arrow keys: a file for its owner
/// alone. Names of pictures are not kept, since they can name patients. Several programs may add to
/// it at once.
class HistoryFile {
 public:
  /// In StateFolder. Where it cannot be kept, problem() says why, and nothing else happens.
  HistoryFile();

  /// The last lines, oldest first.
  std::vector<std::string> Load();
  void Add(std::string_view line);
  const std::string& problem() const { return problem_; }

 private:
  std::filesystem::path path_;
  std::string problem_;
};

}  // namespace roentgen::app
