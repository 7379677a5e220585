#include "roentgen/assistant/present_paths.h"

#include <algorithm>
#include <array>
#include <utility>

#include "roentgen/assistant/characters.h"
#include "roentgen/assistant/path_forms.h"
#include "roentgen/assistant/written_words.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

// How many endings a path with blanks is tried up to.
constexpr size_t kMaxEndings = 64;
constexpr size_t kMaxEndingsOfName = 8;
// Behind the letters of scripts that part words by blanks.
constexpr char32_t kFirstWideCharacter = 0x2000;
// How many folders before a name are looked into for names that go on behind a word.
constexpr size_t kMaxFoldersOfName = 8;

/// Tries the ways in which a path that is there can be written where the line is looked at.
class PresentPaths {
 public:
  explicit PresentPaths(PastedLine& line) : line_(line) {}

  FoundName Longest() {
    FoundName match = PathInWord();
    for (FoundName& other : std::array{PathToEnding(&PathSearch::Exact), Listed()}) {
      if (other.length > match.length) match = std::move(other);
    }
    if (!match.found) match = PathToEnding(&PathSearch::Near);
    if (!match.found) {
      const std::string_view word = line_.Word();
      if (line_.HasMarkOfNames() && ReadsAsName(word) && !HasNoName(word) && !IsPlainWord(word))
        match = {line_.search().Near(word), word.size()};
    }
    return match;
  }

  std::vector<FoundName> Parted(size_t begin) {
    const size_t here = line_.at();
    line_.MoveTo(begin);
    std::vector<FoundName> images;
    bool last = false;
    while (!last && line_.HasMarkOfNames()) {
      const std::string_view component = FirstComponent(line_.BlankWord());
      if (!HoldsFileEnding(component)) {
        images.clear();
        break;
      }
      last = component.size() == line_.BlankWord().size();
      FoundName image = last ? PathToEnding(&PathSearch::Exact)
                             : FoundName{line_.search().Exact(component), component.size()};
      const bool is_image =
          image.found.kind == PathKind::kPicture || image.found.kind == PathKind::kKnown;
      if (!is_image) {
        images.clear();
        break;
      }
      line_.Skip(image.length + (last ? 0 : 1));
      images.push_back(std::move(image));
    }
    line_.MoveTo(here);
    if (!last) images.clear();
    return images;
  }

  FoundName Listed() {
    const std::string_view word = line_.BlankWord();
    FoundName best;
    size_t folder = 0;
    for (size_t i = 0; i < kMaxFoldersOfName; ++i) {
      if (FoundName match = ListedIn(word.substr(0, folder)); match.length > best.length) {
        best = std::move(match);
      }
      folder = line_.HasMarkOfNames() ? word.find_first_of("/\\", folder) + 1 : 0;
      if (folder == 0) break;
    }
    return best;
  }

 private:
  /// The longest beginning of the word that is there, if it is written as a name.
  FoundName PathInWord() {
    if (!line_.HasMarkOfNames()) return {};
    const ShellWord shell = ReadShellWord(line_.Rest());
    // Behind an unmatched quote, an apostrophe, there is no shell's word.
    const std::string_view word =
        shell.length > 0 ? line_.Rest().substr(0, shell.length) : line_.BlankWord();
    if (!ReadsAsName(word) && !shell.quoted && word.find('.') == std::string_view::npos) return {};
    FoundName best;
    const auto try_text = [&](std::string_view text, size_t length, bool quoted) {
      const bool named = HasNoName(text) ? text.starts_with("./") || text.starts_with("../")
                                         : quoted || ReadsAsName(text);
      if (length <= best.length || !named) return;
      FoundPath found = line_.search().Exact(text);
      const bool unread = !ReadsAsName(text) && found.kind != PathKind::kPicture;
      if (found && !unread && (quoted || line_.IsMeant(text, found.kind)))
        best = {std::move(found), length};
    };
    try_text(word, word.size(), shell.quoted);
    if (shell.text != word) try_text(shell.text, shell.length, shell.quoted);
    const std::string_view plain = WithoutPunctuation(word);
    if (plain != word) try_text(plain, plain.size(), false);
    for (const size_t end : EndsBeforeChinese(plain)) try_text(plain.substr(0, end), end, false);
    return best;
  }

  FoundName ListedIn(std::string_view folder) {
    std::string_view rest = line_.Rest().substr(folder.size(), kMaxNameBytes);
    while (!rest.empty()) {
      const std::string_view name = line_.search().LongestListed(folder, rest);
      if (name.empty()) break;
      const size_t length = folder.size() + name.size();
      if (EndsName(line_.at() + length)) {
        FoundPath found = line_.search().ExactOrNear(line_.text().substr(line_.at(), length));
        const bool meant = !folder.empty() || line_.IsMeant(name, found.kind);
        if (found && meant) return {std::move(found), length};
      }
      rest = rest.substr(0, name.size() - 1);
    }
    return {};
  }

  /// Whether a name that ends here does not go on: marks, blanks and scripts without blanks follow.
  /// A Chinese character alone is a word before others.
  bool EndsName(size_t end) const {
    if (end == line_.text().size() || IsSpace(line_.text()[end])) return true;
    if (NameGoesOn(line_.text(), end)) return false;
    if (!IsAscii(line_.text()[end])) {
      const bool alone = end - line_.at() < 4 && !IsAscii(line_.text()[end - 1]);
      const char32_t next = ReadUtf8(line_.text(), end).code_point;
      return next >= kFirstWideCharacter && (!alone || IsWidePunctuation(next));
    }
    if (line_.text()[end] == '\'')
      return end + 1 == line_.text().size() || !IsAlnum(line_.text()[end + 1]);
    if (line_.text()[end] == '/' || line_.text()[end] == '\\') return true;
    return IsOneOf(line_.text()[end], ".,;:!?()[]{}<>\"`|+&*");
  }

  /// Where a path may end and a question in Chinese begin, within one word, the last first. What
  /// stands behind such a place must not go on as a path does.
  static std::vector<size_t> EndsBeforeChinese(std::string_view word) {
    std::vector<size_t> ends;
    for (size_t at = word.size(); at > 0 && ends.size() < kMaxStarts; --at) {
      if (at == word.size() || IsAscii(word[at]) || (word[at] & 0xc0) == 0x80) continue;
      const std::string_view behind = word.substr(at);
      if (HasSeparator(behind) || HoldsFileEnding(behind)) break;
      if (NameGoesOn(word, at)) continue;
      ends.push_back(at);
    }
    return ends;
  }

  /// The longest path that begins here, with blanks and Chinese in it, up to a file's ending.
  FoundName PathToEnding(FoundPath (PathSearch::*find)(std::string_view)) {
    auto end = std::upper_bound(line_.endings().begin(), line_.endings().end(), line_.at());
    if (end == line_.endings().end() || *end > line_.at() + kMaxPathBytes) return {};
    const bool rooted = IsRooted(line_.Rest());
    const size_t most = rooted ? kMaxPathBytes : kMaxNameBytes + FirstComponentBytes();
    const size_t tries = rooted ? kMaxEndings : kMaxEndingsOfName;
    FoundName best;
    for (size_t i = 0; i < tries && end != line_.endings().end() && *end <= line_.at() + most;
         ++i, ++end) {
      const std::string_view text = line_.text().substr(line_.at(), *end - line_.at());
      if (FoundPath found = (line_.search().*find)(text)) {
        best = {std::move(found), text.size()};
      }
    }
    return best;
  }

  /// What may be added to a name's length, since folders stand before it.
  size_t FirstComponentBytes() const {
    const size_t first = FirstComponent(line_.Rest().substr(0, kMaxNameBytes + 1)).size();
    return first <= kMaxNameBytes ? kMaxPathBytes - kMaxNameBytes : 0;
  }

  PastedLine& line_;
};

}  // namespace

FoundName LongestPath(PastedLine& line) {
  return PresentPaths(line).Longest();
}

FoundName ListedPath(PastedLine& line) {
  return PresentPaths(line).Listed();
}

std::vector<FoundName> PartedImages(PastedLine& line, size_t begin) {
  return PresentPaths(line).Parted(begin);
}

}  // namespace roentgen
