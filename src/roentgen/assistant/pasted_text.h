#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/assistant/path_kind.h"

namespace roentgen {

/// An image that a line names.
struct NamedImage {
  std::filesystem::path path = {};
  std::string bytes = {};  ///< of an image that is written out in the line itself; else empty
  /// kOther and kImageFolder: it is there, and opening it tells why it is no image.
  PathKind kind = PathKind::kPicture;
};

/// A piece of what somebody typed or pasted, in order.
struct PastedPart {
  enum class Kind { kText, kPicture };
  Kind kind = Kind::kText;
  std::string text = {};  // of kText
  NamedImage image = {};  // of kPicture
};

/// Something in a line that names what cannot be opened.
struct UnreadableName {
  enum class Reason {
    kMissing,      ///< written as a path, and nothing is there
    kAddress,      ///< an address in the network: nothing is fetched
    kDataAddress,  ///< a data: address that is not in base 64, or damaged
    kTooMany,      ///< the line names more than can be looked for
  };
  Reason reason = Reason::kMissing;
  std::string text = {};  ///< as it is written; of a data: address what stands before its data
  std::vector<std::filesystem::path> near = {};  ///< of kMissing: what is there under such a name
};

/// A line taken apart into words and images.
struct PastedText {
  std::vector<PastedPart> parts;
  /// Nothing may be answered while there is any: the answer would come from a name.
  std::vector<UnreadableName> unreadable;

  std::vector<NamedImage> Images() const;
  /// The words alone, blanks at their ends removed.
  std::string Words() const;
};

/// What the splitter asks of the disk: LookAtPath and NamesInFolder.
using LookAt = std::function<PathKind(const std::filesystem::path&)>;
using ListNames = std::function<std::vector<std::string>(const std::filesystem::path& folder)>;

/// The images of the conversation that a name (kKnown) may mean, counted from 1; none where there
/// is only one.
using NumbersOf = std::function<std::vector<size_t>(const std::filesystem::path&)>;

/// Finds what a line names. The rule:
///
/// - What exists is an image of the line, whatever its name, or an error when it is opened.
/// - What is written as a path or an address and leads to nothing is an error: a word with the
///   ending of a file, that begins with /, ~/, ./, ../, \\, a drive or file:, that begins with a
///   folder with images (STUDY/missing), or that only a program writes (IM000002, study_02, a UID);
///   SCHEME://, www. and host.name/path. Beside an image that is there, a name that differs from
///   its in the number alone is one, too.
/// - Everything else is words. A plain word (IsPlainWord: "CT", "report", "3.0T") names an image
///   only where it is the whole line, begins the line and is no part of a term ("CT/MRI"), stands
///   in quotes or behind ./; every other name that a folder lists names what is there anywhere,
///   also with Chinese around it, the longest name first.
///
/// Paths are understood in all the forms in which terminals, file managers and people write them:
/// quoted, with backslash escapes, `file://` with percent codes, PowerShell's `& '…'`,
/// `<image>path</image>`, `path</image>`, `<img src="…">`, `![](…)`, Windows' `C:\…` (also looked
/// for under /mnt/c, where WSL has it), `~/…`, with blanks and Chinese inside, with Chinese right
/// behind them, and in other Unicode characters that look the same (NearNames), where exactly one
/// file has such a name. Letters and digits of full width are read as ASCII, too (NarrowText).
/// Images written out as `data:…;base64,…` are decoded.
///
/// Names of images in the conversation (kKnown) become "the image" or 该图像, since they can name
/// patients; where there are several, "image 2" or 第2张图像.
/// Images at the beginning or the end stand before the words, those within a sentence stay in their
/// place, and so do those behind them.
PastedText SplitPastedText(std::string_view line, const LookAt& look,
                           const ListNames& list = NamesInFolder, const NumbersOf& numbers = {});

}  // namespace roentgen
