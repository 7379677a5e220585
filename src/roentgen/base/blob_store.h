#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace roentgen {

/// Results that are worth keeping on disk, by a key that tells everything they depend on: a folder
/// of files that only their owner can read, each with a checksum. What is damaged is not there.
/// When they grow beyond a limit, those go first that were not asked for the longest. Files of
/// others in the folder stay as they are.
///
/// Several processes may share a folder.
class BlobStore {
 public:
  /// Makes the folder, for its owner alone, where there is none. Throws Error when it cannot.
  BlobStore(std::filesystem::path folder, size_t limit_bytes);

  /// key: letters and digits.
  std::optional<std::string> Get(const std::string& key);

  /// Keeps the pieces, one after the other. A blob over the limit is not kept. Keeping is no duty:
  /// what prevents it (a full disk) is told by problem() and otherwise without effect.
  void Put(const std::string& key, std::span<const std::string_view> pieces);

  /// Why the last Put was in vain; empty when it was not.
  const std::string& problem() const { return problem_; }

 private:
  std::filesystem::path PathOf(const std::string& key) const;
  void MakeRoom();

  std::filesystem::path folder_;
  size_t limit_bytes_;
  std::string problem_;
};

}  // namespace roentgen
