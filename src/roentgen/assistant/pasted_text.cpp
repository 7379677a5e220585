#include "roentgen/assistant/pasted_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "roentgen/assistant/arrange_parts.h"
#include "roentgen/assistant/characters.h"
#include "roentgen/assistant/path_forms.h"
#include "roentgen/assistant/path_search.h"
#include "roentgen/assistant/written_words.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOpenTag = "<image>";
constexpr std::string_view kCloseTag = "</image>";
// Systems name no longer files.
constexpr size_t kMaxNameBytes = 255;
// How many endings a path with blanks is tried up to, and from how many places back.
constexpr size_t kMaxEndings = 64;
constexpr size_t kMaxEndingsOfName = 8;
constexpr size_t kMaxStarts = 64;
// "T1/T2" and "~/kg" are terms, whatever lies in the folder.
constexpr size_t kLongestTerm = 3;
// Behind the letters of scripts that part words by blanks.
constexpr char32_t kFirstWideCharacter = 0x2000;
// How many folders before a name are looked into for names that go on behind a word.
constexpr size_t kMaxFoldersOfName = 8;

/// Dots and separators alone, which stand in prose: ".", "..", "/".
bool HasNoName(std::string_view text) {
  return text.find_first_not_of("./\\~") == std::string_view::npos;
}

/// Whether any component is a name that only a program gives: "Export/PAT0001".
bool HoldsNumberedName(std::string_view path) {
  while (!path.empty()) {
    const std::string_view component = FirstComponent(path);
    if (IsNumberedName(component)) return true;
    path.remove_prefix(std::min(component.size() + 1, path.size()));
  }
  return false;
}

/// Goes through a line once. At each place where a name can begin, each way of writing one takes
/// what is its, from the most explicit to the vaguest; what none takes is text.
class Splitter {
 public:
  Splitter(std::string_view line, const LookAt& look, const ListNames& list)
      : line_(line),
        search_(look, list),
        endings_(FileEndings(line)),
        next_close_(line.find(kCloseTag)) {
    const std::string_view stripped = Strip(line);
    begin_ = stripped.empty() ? 0 : static_cast<size_t>(stripped.data() - line.data());
    end_ = begin_ + stripped.size();
    words_end_ = begin_ + WithoutMarksBehind(stripped).size();
  }

  PastedText Split() {
    while (at_ < line_.size() && !search_.exhausted()) {
      if (!Tagged() && !(StartsWord(at_) && (Address() || Quoted() || WidePath() || Path() ||
                                             PartedPaths() || BareName() || MissingPath()))) {
        text_ += line_[at_++];
      }
    }
    FlushText();
    RefuseMissingSiblings();
    if (search_.exhausted())
      result_.unreadable.push_back({UnreadableName::Reason::kTooMany, "", {}});
    return std::move(result_);
  }

 private:
  /// A piece of the line that leads somewhere.
  struct Match {
    FoundPath found;
    size_t length = 0;
  };

  std::string_view Rest() const { return line_.substr(at_); }

  /// A name may begin here: behind a blank, a mark or a quote, or within Chinese, which has no
  /// blanks. "It's" has one word.
  bool StartsWord(size_t at) const {
    if (IsSpace(line_[at])) return false;
    if (at == 0) return true;
    const char before = line_[at - 1];
    if (IsSpace(before)) return true;
    if (!IsAscii(before)) return (line_[at] & 0xc0) != 0x80;
    if (before == '\'' && at > 1 && IsAlnum(line_[at - 2])) return false;
    return IsOneOf(before, "(:,;=<>[{}])'\"+&|!?*`");
  }

  std::string_view BlankWord() const {
    const std::string_view rest = Rest().substr(0, kMaxPathBytes);
    return rest.substr(0, std::find_if(rest.begin(), rest.end(), IsSpace) - rest.begin());
  }

  // What becomes of a name.

  /// Whatever looks like a file's name in words that nothing took must not be asked.
  void FlushText() {
    for (const size_t end : FileEndings(text_)) {
      size_t begin = end;
      while (begin > 0 && !IsSpace(text_[begin - 1])) --begin;
      Refuse(UnreadableName::Reason::kMissing, std::string_view(text_).substr(begin, end - begin));
    }
    if (!text_.empty()) result_.parts.push_back({PastedPart::Kind::kText, text_, {}});
    text_.clear();
  }

  /// Of "IM1001 and IM1002", "影像1和影像2" one may be missing: what is named as an image of the
  /// line but for its number is a name, too.
  void RefuseMissingSiblings() {
    for (const NamedImage& image : result_.Images()) {
      const std::string stem = image.path.stem().string();
      const size_t letters = stem.find_last_not_of("0123456789") + 1;
      const size_t digits = stem.size() - letters;
      if (digits == 0 || letters == 0 || (letters < 3 && digits < 4)) continue;
      for (const PastedPart& part : std::vector<PastedPart>(result_.parts)) {
        RefuseSiblings(part.text, stem, letters);
      }
    }
  }

  void RefuseSiblings(std::string_view text, std::string_view stem, size_t letters) {
    const std::string_view name = stem.substr(0, letters);
    for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
      size_t end = at + letters;
      while (end < text.size() && IsDigit(text[end])) ++end;
      const std::string_view sibling = text.substr(at, end - at);
      const bool begins = at == 0 || !IsAlnum(text[at - 1]) || !IsAscii(name[0]);
      const bool ends = end == text.size() || !(IsAlnum(text[end]) || NameGoesOn(text, end));
      if (sibling.size() > letters && sibling != stem && begins && ends && !search_.Exact(sibling))
        Refuse(UnreadableName::Reason::kMissing, sibling);
    }
  }

  /// The words next to a name are Chinese.
  bool IsAmongChinese(size_t begin, size_t end) const {
    constexpr size_t kNear = 24;
    return HasHan(line_.substr(end, kNear)) ||
           HasHan(line_.substr(begin - std::min(begin, kNear), std::min(begin, kNear)));
  }

  void AddImage(NamedImage image) {
    FlushText();
    result_.parts.push_back({PastedPart::Kind::kPicture, "", std::move(image)});
  }

  void Take(FoundPath found, size_t length) {
    if (found.kind == PathKind::kKnown) {
      text_ += IsAmongChinese(at_, at_ + length) ? "该图像" : "the image";
    } else {
      AddImage({std::move(found.path), "", found.kind});
    }
    at_ += length;
  }

  void Refuse(UnreadableName::Reason reason, std::string_view text) {
    const bool missing = reason == UnreadableName::Reason::kMissing;
    result_.unreadable.push_back({reason, std::string(text),
                                  missing ? search_.Alternatives(text) : std::vector<fs::path>()});
  }

  void TakeMissing(std::string_view text, size_t length) {
    Refuse(UnreadableName::Reason::kMissing, text);
    at_ += length;
  }

  void TakeAddress(std::string_view address, size_t length) {
    if (!IsDataAddress(address)) {
      Refuse(UnreadableName::Reason::kAddress, address);
    } else if (std::optional<std::string> bytes = DecodeDataAddress(address)) {
      AddImage({"data address", std::move(*bytes)});
    } else {
      Refuse(UnreadableName::Reason::kDataAddress, KindOfDataAddress(address));
    }
    at_ += length;
  }

  /// Something that stands where nothing but an image can be named.
  void TakeNamed(std::string_view name, size_t length) {
    if (AddressLength(name) > 0) return TakeAddress(name, length);
    if (FoundPath found = search_.ExactOrNear(name)) return Take(std::move(found), length);
    TakeMissing(name, length);
  }

  // The ways of writing a name.

  bool Tagged() { return ImageTag() || HtmlTag() || MarkdownImage(); }

  /// "<image>path</image>", and "path</image>", which takes the longest end of the words before it
  /// that is a path.
  bool ImageTag() {
    if (next_close_ < at_) next_close_ = line_.find(kCloseTag, at_);
    const size_t close = next_close_;
    if (close == std::string_view::npos) return false;
    const size_t length = close + kCloseTag.size() - at_;
    if (Rest().starts_with(kOpenTag)) {
      const size_t begin = at_ + kOpenTag.size();
      TakeNamed(Unquote(line_.substr(begin, close - begin)), length);
      return true;
    }
    const std::string_view inside = line_.substr(at_, close - at_);
    if (!StartsWord(at_) || inside.size() > kMaxPathBytes ||
        inside.find(kOpenTag) != std::string_view::npos) {
      return false;
    }
    if (FoundPath found = search_.ExactOrNear(Unquote(inside))) {
      Take(std::move(found), length);
      return true;
    }
    // No path begins here; the last word that could is the one to complain about.
    if (std::any_of(inside.begin(), inside.end(), IsSpace)) return false;
    TakeNamed(inside, length);
    return true;
  }

  /// "<img src="…">".
  bool HtmlTag() {
    if (!Rest().starts_with("<img ") && !Rest().starts_with("<IMG ")) return false;
    const size_t close = Rest().find('>');
    const std::string_view tag = Rest().substr(0, close);
    const std::optional<std::string_view> source = SourceOfTag(tag);
    if (!source) return false;
    TakeNamed(*source, close == std::string_view::npos ? tag.size() : close + 1);
    return true;
  }

  /// "![what it shows](path)".
  bool MarkdownImage() {
    if (!Rest().starts_with("![")) return false;
    const size_t open = Rest().find("](");
    if (open == std::string_view::npos) return false;
    const size_t begin = open + 2;
    int brackets = 1;
    size_t close = begin;
    for (; close < Rest().size(); ++close) {
      if (Rest()[close] == '(') ++brackets;
      if (Rest()[close] == ')' && --brackets == 0) break;
    }
    if (brackets > 0) close = Rest().find(')', begin);
    if (close == std::string_view::npos) return false;
    TakeNamed(MarkdownTarget(Strip(Rest().substr(begin, close - begin))), close + 1);
    return true;
  }

  bool Address() {
    const size_t length = AddressLength(Rest());
    if (length == 0) return false;
    TakeAddress(Rest().substr(0, length), length);
    return true;
  }

  /// A path in quotes, with PowerShell's "& " before it or not.
  bool Quoted() {
    const size_t skipped = Rest().starts_with("& ") ? 2 : 0;
    const std::string_view rest = Rest().substr(skipped, kMaxPathBytes);
    for (const QuotePair& quotes : kQuotes) {
      if (!rest.starts_with(quotes.open)) continue;
      const size_t end = rest.find(quotes.close, quotes.open.size());
      if (end == std::string_view::npos) return false;
      const std::string_view inside = rest.substr(quotes.open.size(), end - quotes.open.size());
      if (AddressLength(inside) > 0) return false;  // taken without its quotes
      const size_t length = skipped + end + quotes.close.size();
      const bool named = ReadsAsName(inside) && !HasNoName(inside);
      FoundPath found = named ? search_.ExactOrNear(inside) : search_.Exact(inside);
      if (found && (named || found.kind == PathKind::kPicture)) {
        Take(std::move(found), length);
        return true;
      }
      // 'it'\''s.png' is one word to a shell.
      const ShellWord word = ReadShellWord(rest);
      if (word.quoted && word.length > end + 1) return false;
      if (!QuotedReadsAsName(inside)) return false;
      TakeMissing(inside, length);
      return true;
    }
    return false;
  }

  /// Whether words in quotes that lead nowhere can be nothing but a name.
  bool QuotedReadsAsName(std::string_view inside) {
    const std::vector<size_t> endings = FileEndings(inside);
    if (!endings.empty() && endings.back() == inside.size()) return true;
    if (ReadsAsPath(inside) || IsNumberedName(inside)) return true;
    const bool one_word = std::none_of(inside.begin(), inside.end(), IsSpace);
    return one_word && HasShortEnding(inside) && !IsPlainWord(inside);
  }

  /// Written as names of files and folders are, wherever it leads.
  static bool ReadsAsName(std::string_view text) {
    return IsRooted(text) || HasSeparator(text) || HasEnding(text) || HoldsFileEnding(text);
  }

  /// Whether what is there under a name without separators is meant here. A plain word names an
  /// image only where the line begins with it.
  bool IsMeant(std::string_view name, PathKind kind) const {
    if (!IsPlainWord(name)) return true;
    return at_ == begin_ && kind == PathKind::kPicture && !JoinsWords(at_ + name.size());
  }

  /// "左/右", "CT+MRI": a mark right between two words makes them parts of a term.
  bool JoinsWords(size_t at) const {
    for (const std::string_view mark : {"/", "\\", "+", "／", "＼", "＋"}) {
      const size_t behind = at + mark.size();
      if (line_.substr(at).starts_with(mark) && behind < end_ && !IsSpace(line_[behind]))
        return true;
    }
    return false;
  }

  /// A path that is there: the longest one of a word, of words up to a file's ending, and of what
  /// the folder lists.
  bool Path() {
    Match match = PathInWord();
    for (Match& other : std::array{PathToEnding(&PathSearch::Exact), ListedPath()}) {
      if (other.length > match.length) match = std::move(other);
    }
    if (!match.found) match = PathToEnding(&PathSearch::Near);
    if (!match.found) {
      const std::string_view word = WithoutPunctuation(BlankWord());
      if (ReadsAsName(word) && !HasNoName(word) && !IsPlainWord(word))
        match = {search_.Near(word), word.size()};
    }
    if (!match.found) return false;
    Take(std::move(match.found), match.length);
    return true;
  }

  /// "／data／a.png", typed in full width. A name within it, "a.png", must not be taken for it.
  bool WidePath() {
    const auto end = std::upper_bound(endings_.begin(), endings_.end(), at_);
    if (end == endings_.end() || *end > at_ + kMaxPathBytes || IsRooted(Rest())) return false;
    size_t root = at_;  // behind three characters: "Ｃ：＼"
    for (int i = 0; i < 3 && root < *end; ++i) root += ReadUtf8(line_, root).length;
    if (!IsRooted(FoldLookalikes(line_.substr(at_, root - at_)))) return false;
    const std::string_view name = line_.substr(at_, *end - at_);
    if (std::any_of(name.begin(), name.end(), IsSpace)) return false;
    // "左图／a.png" are alternatives.
    const bool within_word =
        at_ > begin_ && HasHan(line_.substr(at_ - std::min<size_t>(at_, 3), 3));
    if (within_word && !search_.ExactOrNear(FoldLookalikes(name))) return false;
    TakeNamed(FoldLookalikes(name), name.size());
    return true;
  }

  /// "a.png/b.png": images with a slash between, where all of them are there.
  bool PartedPaths() {
    const size_t here = at_;
    for (Match& image : PartedImages(here)) {
      if (at_ > here) text_ += line_[at_++];
      Take(std::move(image.found), image.length);
    }
    return at_ > here;
  }

  /// All of them from a place on, or none. Nothing lies inside a file, so that this is no path.
  std::vector<Match> PartedImages(size_t begin) {
    const size_t here = std::exchange(at_, begin);
    std::vector<Match> images;
    bool last = false;
    while (!last && at_ < line_.size()) {
      const std::string_view component = FirstComponent(BlankWord());
      last = component.size() == BlankWord().size();
      Match image = last ? PathToEnding(&PathSearch::Exact)
                         : Match{search_.Exact(component), component.size()};
      const bool is_image =
          image.found.kind == PathKind::kPicture || image.found.kind == PathKind::kKnown;
      if (!is_image || !HoldsFileEnding(component)) {
        images.clear();
        break;
      }
      at_ += image.length + (last ? 0 : 1);
      images.push_back(std::move(image));
    }
    at_ = here;
    if (!last) images.clear();
    return images;
  }

  /// The longest beginning of the word that is there, if it is written as a name.
  Match PathInWord() {
    const ShellWord shell = ReadShellWord(Rest());
    // Behind an unmatched quote, an apostrophe, there is no shell's word.
    const std::string_view word = shell.length > 0 ? Rest().substr(0, shell.length) : BlankWord();
    if (!ReadsAsName(word) && !shell.quoted && word.find('.') == std::string_view::npos) return {};
    Match best;
    const auto try_text = [&](std::string_view text, size_t length, bool quoted) {
      const bool named = HasNoName(text) ? text.starts_with("./") || text.starts_with("../")
                                         : quoted || ReadsAsName(text);
      if (length <= best.length || !named) return;
      FoundPath found = search_.Exact(text);
      const bool unread = !ReadsAsName(text) && found.kind != PathKind::kPicture;
      if (found && !unread && (quoted || IsMeant(text, found.kind)))
        best = {std::move(found), length};
    };
    try_text(word, word.size(), shell.quoted);
    try_text(shell.text, shell.length, shell.quoted);
    const std::string_view plain = WithoutPunctuation(word);
    try_text(plain, plain.size(), false);
    for (const size_t end : EndsBeforeChinese(plain)) try_text(plain.substr(0, end), end, false);
    return best;
  }

  /// The longest name that begins here and that a folder lists, in the current folder or one that
  /// is written before it. Nothing is guessed about where it ends: "a.png副本", "b.png - Copy".
  Match ListedPath() {
    const std::string_view word = BlankWord();
    Match best;
    size_t folder = 0;
    for (size_t i = 0; i < kMaxFoldersOfName; ++i) {
      if (Match match = ListedIn(word.substr(0, folder)); match.length > best.length) {
        best = std::move(match);
      }
      folder = word.find_first_of("/\\", folder) + 1;
      if (folder == 0) break;
    }
    return best;
  }

  Match ListedIn(std::string_view folder) {
    std::string_view rest = Rest().substr(folder.size(), kMaxNameBytes);
    while (!rest.empty()) {
      const std::string_view name = search_.LongestListed(folder, rest);
      if (name.empty()) break;
      const size_t length = folder.size() + name.size();
      if (EndsName(at_ + length)) {
        FoundPath found = search_.Exact(line_.substr(at_, length));
        const bool meant = !folder.empty() || IsMeant(name, found.kind);
        if (found && meant) return {std::move(found), length};
      }
      rest = rest.substr(0, name.size() - 1);
    }
    return {};
  }

  /// Whether a name that ends here does not go on: marks, blanks and scripts without blanks follow.
  /// A Chinese character alone is a word before others.
  bool EndsName(size_t end) const {
    if (end == line_.size() || IsSpace(line_[end])) return true;
    if (NameGoesOn(line_, end)) return false;
    if (!IsAscii(line_[end])) {
      const bool alone = end - at_ < 4 && !IsAscii(line_[end - 1]);
      const char32_t next = ReadUtf8(line_, end).code_point;
      return next >= kFirstWideCharacter && (!alone || IsWidePunctuation(next));
    }
    if (line_[end] == '\'') return end + 1 == line_.size() || !IsAlnum(line_[end + 1]);
    if (line_[end] == '/' || line_[end] == '\\') return true;
    return IsOneOf(line_[end], ".,;:!?()[]{}<>\"`|+&*");
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
  Match PathToEnding(FoundPath (PathSearch::*find)(std::string_view)) {
    const bool rooted = IsRooted(Rest());
    const size_t most = rooted ? kMaxPathBytes : kMaxNameBytes + FirstComponentBytes();
    const size_t tries = rooted ? kMaxEndings : kMaxEndingsOfName;
    Match best;
    auto end = std::upper_bound(endings_.begin(), endings_.end(), at_);
    for (size_t i = 0; i < tries && end != endings_.end() && *end <= at_ + most; ++i, ++end) {
      const std::string_view text = line_.substr(at_, *end - at_);
      if (FoundPath found = (search_.*find)(text)) {
        best = {std::move(found), text.size()};
      }
    }
    return best;
  }

  /// What may be added to a name's length, since folders stand before it.
  size_t FirstComponentBytes() const {
    const size_t first = FirstComponent(Rest().substr(0, kMaxPathBytes)).size();
    return first <= kMaxNameBytes ? kMaxPathBytes - kMaxNameBytes : 0;
  }

  /// A name without separator and ending: the whole line, or a word of it.
  bool BareName() {
    if (at_ == begin_) {
      const std::string_view whole = line_.substr(begin_, end_ - begin_);
      if (FoundPath found = search_.Exact(whole);
          found && whole.find_first_not_of("/\\~") != std::string_view::npos) {
        Take(std::move(found), whole.size());
        return true;
      }
    }
    const std::string_view word = WithoutPunctuation(BlankWord());
    return BareWord(word) || BareWord(AsciiName(word));
  }

  bool BareWord(std::string_view word) {
    if (word.empty() || word.size() > kMaxNameBytes || HasNoName(word)) return false;
    if (!IsMeant(word, PathKind::kPicture)) return false;
    FoundPath found = search_.Exact(word);
    if (!found || !IsMeant(word, found.kind)) return false;
    Take(std::move(found), word.size());
    return true;
  }

  /// A word that names something, and nothing is there.
  bool MissingPath() {
    std::string_view word = WithoutPunctuation(BlankWord());
    const auto first = std::upper_bound(endings_.begin(), endings_.end(), at_);
    if (first != endings_.end() && *first <= at_ + kMaxPathBytes) {
      const std::string_view name = line_.substr(at_, *first - at_);
      const bool one_word = std::none_of(name.begin(), name.end(), IsSpace);
      if (one_word || IsRooted(name)) {
        // Of several words, or of Chinese, the name may begin later.
        const bool later = BeginsLater(*first) || BeginsBehindMark(name);
        if (!later) {
          TakeMissing(name, name.size());
          return true;
        }
        if (one_word) return false;
      }
    }
    if (IsProgramName(AsciiName(word))) word = AsciiName(word);
    // Of "打开.dcm文件" the end alone, "开.dcm文件", would be a name.
    const bool asks =
        HoldsFileEnding(word) && !HoldsFileEnding(line_.substr(0, at_ + word.size()), at_);
    const bool host = ReadsAsHost(word);
    if (asks || !(host || ReadsAsPath(word)) || ListedLater(word.size())) return false;
    Refuse(host ? UnreadableName::Reason::kAddress : UnreadableName::Reason::kMissing, word);
    at_ += word.size();
    return true;
  }

  /// A path that exists and ends here, or an address, begins at a later character.
  bool BeginsLater(size_t end) {
    size_t starts = 0;
    for (size_t at = at_ + 1; at + 1 < end && starts < kMaxStarts; ++at) {
      if (!StartsWord(at)) continue;
      ++starts;
      if (AddressLength(line_.substr(at)) > 0 || search_.ExactOrNear(line_.substr(at, end - at)) ||
          !PartedImages(at).empty()) {
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
    const size_t here = at_;
    size_t starts = 0;
    bool listed = false;
    for (++at_; at_ < here + length && starts < kMaxStarts && !listed; ++at_) {
      if (!StartsWord(at_)) continue;
      ++starts;
      listed = ListedPath().length > 0;
    }
    at_ = here;
    return listed;
  }

  /// Whether a word that leads nowhere can be nothing but a path or the name of a file.
  bool ReadsAsPath(std::string_view word) {
    if (HoldsFileEnding(word) || (HasEnding(word) && IsNumberedName(word))) return true;
    if (IsRooted(word)) return RootedReadsAsPath(word);
    if (HasSeparator(word)) {
      const std::string_view first = FirstComponent(word);
      if (HoldsNumberedName(word)) return true;
      if (first.size() <= kLongestTerm) return false;
      // Nothing lies inside a file: "left/right" is none where an image "left" is.
      const PathKind kind = search_.Exact(std::string(first) + "/").kind;
      return kind == PathKind::kPicture || kind == PathKind::kImageFolder;
    }
    if (IsProgramName(word)) return true;
    return at_ == begin_ && word.size() == words_end_ - begin_ && IsNumberedName(word);
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
    if (at_ > 0 && !IsAscii(line_[at_ - 1])) return first.size() > 1 && search_.Exact(root);
    if (at_ == begin_) return word.size() >= 4;
    if (separators == 1) return IsNumberedName(first);
    return word.size() >= 4 && (separators >= 3 || first.size() >= 4 || search_.Exact(root));
  }

  std::string_view line_;
  size_t begin_ = 0;  // of the line without blanks around it
  size_t end_ = 0;
  size_t words_end_ = 0;  // without a question mark
  PathSearch search_;
  std::vector<size_t> endings_;  // of files
  size_t next_close_;            // of kCloseTag, from at_ on
  size_t at_ = 0;
  std::string text_;
  PastedText result_;
};

}  // namespace

std::vector<NamedImage> PastedText::Images() const {
  std::vector<NamedImage> images;
  for (const PastedPart& part : parts) {
    if (part.kind == PastedPart::Kind::kPicture) images.push_back(part.image);
  }
  return images;
}

std::string PastedText::Words() const {
  std::string words;
  for (const PastedPart& part : parts) {
    if (part.kind == PastedPart::Kind::kText) words += part.text;
  }
  return std::string(Strip(words));
}

PastedText SplitPastedText(std::string_view line, const LookAt& look, const ListNames& list) {
  PastedText result = Splitter(line, look, list).Split();
  ArrangeParts(result.parts);
  return result;
}

}  // namespace roentgen
