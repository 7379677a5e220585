#include "roentgen/assistant/missing_names.h"

#include <algorithm>
#include <string>

#include "roentgen/assistant/characters.h"
#include "roentgen/assistant/path_forms.h"
#include "roentgen/assistant/present_paths.h"
#include "roentgen/assistant/written_words.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

// "T1/T2" and "~/kg" are terms, whatever lies in the folder.
constexpr size_t kLongestTerm = 3;

/// Whether any component is a name that only a program gives: "Export/PAT0001".
bool HoldsNumberedName(std::string_view path) {
  while (!path.empty()) {
    const std::string_view component = FirstComponent(path);
    if (IsNumberedName(component)) return true;
    path.remove_prefix(std::min(component.size() + 1, path.size()));
  }
  return false;
}

class MissingNames {
 public:
  explicit MissingNames(PastedLine& line) : line_(line) {}

  std::optional<MissingName> Find() {
    std::string_view word = line_.Word();
    const auto first = std::upper_bound(line_.endings().begin(), line_.endings().end(), line_.at());
    if (first != line_.endings().end() && *first <= line_.at() + kMaxPathBytes) {
      const std::string_view name = line_.text().substr(line_.at(), *first - line_.at());
      const bool one_word = std::none_of(name.begin(), name.end(), IsSpace);
      const bool may_be_name = one_word ? name.size() <= line_.BlankWord().size() : IsRooted(name);
      if (may_be_name) {
        // Of several words, or of Chinese, the name may begin later.
        const bool later = BeginsBehindMark(name) || BeginsLater(*first);
        if (!later) return MissingName{UnreadableName::Reason::kMissing, name.size()};
        if (one_word) return std::nullopt;
      }
    }
    if (IsProgramName(AsciiName(word))) word = AsciiName(word);
    if (!line_.HasMarkOfNames() && !IsNumberedWord(word)) return std::nullopt;
    // Of "打开.dcm文件" the end alone, "开.dcm文件", would be a name.
    const bool asks =
        HoldsFileEnding(word) &&
        !HoldsFileEnding(line_.text().substr(0, line_.at() + word.size()), line_.at());
    const bool host = ReadsAsHost(word);
    if (asks || !(host || ReadsAsPath(word)) || ListedLater(word.size())) return std::nullopt;
    return MissingName{host ? UnreadableName::Reason::kAddress : UnreadableName::Reason::kMissing,
                       word.size()};
  }

  bool ReadsAsPath(std::string_view word) {
    if (HoldsFileEnding(word) || (HasEnding(word) && IsNumberedName(word))) return true;
    if (IsRooted(word)) return RootedReadsAsPath(word);
    if (HasSeparator(word)) {
      const std::string_view first = FirstComponent(word);
      if (HoldsNumberedName(word)) return true;
      if (first.size() <= kLongestTerm) return false;
      // Nothing lies inside a file: "left/right" is none where an image "left" is.
      const PathKind kind = line_.search().Exact(std::string(first) + "/").kind;
      return kind == PathKind::kPicture || kind == PathKind::kImageFolder;
    }
    return IsNumberedWord(word);
  }

 private:
  /// A name without separators and ending.
  bool IsNumberedWord(std::string_view word) const {
    if (IsProgramName(word)) return true;
    return line_.at() == line_.begin() && word.size() == line_.words_end() - line_.begin() &&
           IsNumberedName(word);
  }

  /// A path that exists and ends here, or an address, begins at a later character.
  bool BeginsLater(size_t end) {
    size_t starts = 0;
    for (size_t at = line_.at() + 1; at + 1 < end && starts < kMaxStarts; ++at) {
      if (!line_.StartsWord(at)) continue;
      ++starts;
      if (AddressLength(line_.text().substr(at)) > 0 ||
          line_.search().ExactOrNear(line_.text().substr(at, end - at)) ||
          !PartedImages(line_, at).empty()) {
        return true;
      }
    }
    return false;
  }

  /// Of "（a.png" and "看图：a.png" the name begins behind the mark; "胸片（1）.png" is one.
  static bool BeginsBehindMark(std::string_view name) {
    if (IsRooted(name)) return false;
    for (size_t at = 0; at < name.size();) {
      const size_t copy = CopyNumberLength(name, at);
      const Utf8Step step = ReadUtf8(name, at);
      const bool mark = IsWidePunctuation(step.code_point) && step.code_point != U'．';
      at += std::max<size_t>(copy, step.length);
      if (mark && copy == 0 && HoldsFileEnding(name.substr(at))) return true;
    }
    return false;
  }

  /// What a folder lists begins at a later character of the word: 看"res.png.bak"有什么.
  bool ListedLater(size_t length) {
    const size_t here = line_.at();
    size_t starts = 0;
    bool listed = false;
    for (size_t at = here + 1; at < here + length && starts < kMaxStarts && !listed; ++at) {
      if (!line_.StartsWord(at)) continue;
      ++starts;
      line_.MoveTo(at);
      listed = ListedPath(line_).length > 0;
    }
    line_.MoveTo(here);
    return listed;
  }

  /// "/mnt/scans/001", but not "肝/脾/肾", "5 mg /kg/day" and LaTeX's "\\alpha".
  bool RootedReadsAsPath(std::string_view word) {
    if (HasNoName(word)) return false;
    const auto separators =
        std::count_if(word.begin(), word.end(), [](char c) { return c == '/' || c == '\\'; });
    if (word[0] == '\\') return separators >= 3;
    if (word[0] == '~' && separators == 1) return word.size() > 2 + kLongestTerm;  // "~/kg"
    if (word[0] != '/') return true;
    const std::string_view first = FirstComponent(word.substr(1));
    const std::string_view root = word.substr(0, 1 + first.size());
    if (line_.at() > 0 && !IsAscii(line_.text()[line_.at() - 1]))
      return first.size() > 1 && line_.search().Exact(root);
    if (line_.at() == line_.begin()) return word.size() >= 4;
    if (separators == 1) return IsNumberedName(first);
    return word.size() >= 4 && (separators >= 3 || first.size() >= 4 || line_.search().Exact(root));
  }

  PastedLine& line_;
};

}  // namespace

std::optional<MissingName> FindMissingName(PastedLine& line) {
  return MissingNames(line).Find();
}

bool ReadsAsPath(PastedLine& line, std::string_view word) {
  return MissingNames(line).ReadsAsPath(word);
}

}  // namespace roentgen
