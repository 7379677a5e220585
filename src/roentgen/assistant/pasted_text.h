#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// What is at a path.
enum class PathKind {
  kAbsent,
  kOther,    ///< something that is no picture
  kPicture,  ///< a picture file by its first bytes, or a folder with a series
  kKnown,    ///< the name of a picture that is in the conversation
};

/// What is really there.
PathKind LookAtPath(const std::filesystem::path& path);

/// A piece of what somebody typed or pasted, in order.
struct PastedPart {
  enum class Kind { kText, kPicture };
  Kind kind = Kind::kText;
  std::string text;            // of kText
  std::filesystem::path path;  // of kPicture
};

/// A line taken apart into words and pictures.
struct PastedText {
  std::vector<PastedPart> parts;
  /// Words that are written as the path of a picture but lead to none. Nothing may be answered
  /// then: the answer would come from a name.
  std::vector<std::string> unreadable;

  std::vector<std::filesystem::path> Pictures() const;
  /// The words alone, blanks at their ends removed.
  std::string Words() const;
};

/// Finds the paths in a line, in all the forms in which terminals, file managers and people write
/// them: quoted, with backslash escapes, `file://` with percent codes, PowerShell's `& '…'`,
/// `<image>path</image>` and `path</image>`, Windows' `C:\…` (also looked for under /mnt/c, where
/// WSL has it), `~/…`, with blanks and Chinese inside, with Chinese right behind the extension, and
/// without any extension. Names of pictures in the conversation become "the image", since they can
/// name patients. Pictures at the beginning or the end stand before the words, those within
/// a sentence stay in their place.
PastedText SplitPastedText(std::string_view line,
                           const std::function<PathKind(const std::filesystem::path&)>& look);

}  // namespace roentgen
