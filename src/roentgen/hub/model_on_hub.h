#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// What a user writes for a model of a hub: OWNER/NAME or OWNER/NAME@REVISION.
struct ModelName {
  std::string owner;
  std::string name;
  std::string revision;  ///< a branch, a tag or a commit; empty: not named

  /// Nothing for a text that is no such name. Owner and name have the characters that hubs allow;
  /// a revision has those that git allows. All three can be parts of paths and addresses.
  static std::optional<ModelName> Parse(std::string_view text);
};

/// Which model it is, wherever its files lie: nothing else is ever put in its folder.
struct ModelOnHub {
  std::string hub;  ///< ServerAddress: "https://huggingface.co"
  std::string owner;
  std::string name;
  std::string revision;  ///< as it was asked for

  bool operator==(const ModelOnHub&) const = default;
  /// "OWNER/NAME"
  std::string FullName() const { return owner + "/" + name; }
};

/// Whether git allows the revision, and it can be a part of a path.
bool IsRevision(std::string_view revision);

}  // namespace roentgen
