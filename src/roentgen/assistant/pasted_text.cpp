#include "roentgen/assistant/pasted_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/imaging/dicom_dataset.h"
#include "roentgen/imaging/load.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using Look = std::function<PathKind(const fs::path&)>;

constexpr std::array<std::string_view, 10> kExtensions = {
    ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".dcm", ".dicom"};
constexpr std::string_view kOpenTag = "<image>";
constexpr std::string_view kCloseTag = "</image>";
// A path is no longer, and a paste of a whole book must not be searched for one from every word.
constexpr size_t kMaxPathBytes = 4096;
constexpr size_t kMaxStarts = 64;
constexpr size_t kMaxLooks = 4096;

struct QuotePair {
  std::string_view open;
  std::string_view close;
};
constexpr std::array<QuotePair, 5> kQuotes = {
    QuotePair{"'", "'"}, {"\"", "\""}, {"“", "”"}, {"‘", "’"}, {"「", "」"}};

bool IsSpace(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool IsAlpha(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool IsAlnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// Whether a picture's extension ends here. Anything but a letter, a digit or a percent code may
/// follow: people write "a.png这张图里有什么？".
bool ExtensionEndsAt(std::string_view lower, size_t end) {
  if (end < lower.size() && (IsAlnum(lower[end]) || lower[end] == '%')) return false;
  return std::any_of(kExtensions.begin(), kExtensions.end(), [&](std::string_view extension) {
    if (end <= extension.size() || !lower.substr(0, end).ends_with(extension)) return false;
    const char before = lower[end - extension.size() - 1];
    return !IsSpace(before) && before != '/' && before != '\\';  // ".png" alone is no file
  });
}

bool HasPictureExtension(std::string_view text) {
  const std::string lower = Lower(text);
  return ExtensionEndsAt(lower, lower.size());
}

bool IsDrivePath(std::string_view text) {
  return text.size() >= 3 && IsAlpha(text[0]) && text[1] == ':' &&
         (text[2] == '\\' || text[2] == '/');
}

/// Written as nothing but a path is written.
bool IsRooted(std::string_view text) {
  const std::string lower = Lower(text.substr(0, 8));
  return text.starts_with("/") || text.starts_with("~/") || text.starts_with("./") ||
         text.starts_with("../") || text.starts_with("\\\\") || lower.starts_with("file:") ||
         IsDrivePath(text);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string DecodePercents(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(HexDigit(text[i + 1]) << 4 | HexDigit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// file:///a%20b, file://localhost/a and file:/a without what comes before the path.
std::optional<std::string> PathOfUrl(std::string_view text) {
  constexpr std::string_view kScheme = "file:";
  if (Lower(text.substr(0, kScheme.size())) != kScheme) return std::nullopt;
  text.remove_prefix(kScheme.size());
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    text.remove_prefix(slash);  // the host, which is this one
  }
  std::string path = DecodePercents(text);
  if (path.size() >= 4 && path[0] == '/' && IsDrivePath(std::string_view(path).substr(1))) {
    path.erase(0, 1);
  }
  return path;
}

std::string WithoutEscapes(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

/// The paths that a piece of text may mean, the likeliest first.
std::vector<fs::path> Meanings(std::string_view text) {
  std::vector<std::string> spellings;
  if (const std::optional<std::string> of_url = PathOfUrl(text)) {
    spellings.push_back(*of_url);
  } else {
    spellings.emplace_back(text);
    if (text.find('\\') != std::string_view::npos) spellings.push_back(WithoutEscapes(text));
  }
  std::vector<fs::path> paths;
  const auto add = [&](const std::string& path) {
    const bool fits =
        !path.empty() && path.size() <= kMaxPathBytes && path.find('\0') == std::string::npos;
    if (fits && std::find(paths.begin(), paths.end(), path) == paths.end())
      paths.emplace_back(path);
  };
  for (const std::string& spelling : spellings) {
    add(spelling);
    if (spelling.starts_with("~/")) {
      const char* home = std::getenv("HOME");
      if (home != nullptr) add(home + spelling.substr(1));
    }
    if (IsDrivePath(spelling)) {
      std::string below(spelling.substr(2));
      std::replace(below.begin(), below.end(), '\\', '/');
      add(std::string("/mnt/") +
          static_cast<char>(std::tolower(static_cast<unsigned char>(spelling[0]))) + below);
    }
    if (spelling.find('\\') != std::string::npos) {
      std::string slashes = spelling;
      std::replace(slashes.begin(), slashes.end(), '\\', '/');
      add(slashes);
    }
  }
  return paths;
}

/// Bytes that a shell reads as one word: pieces in quotes, escapes, and anything up to a blank.
struct ShellWord {
  std::string text;  // without quotes and escapes
  size_t length = 0;
  bool quoted = false;
};

ShellWord ReadShellWord(std::string_view text) {
  text = text.substr(0, kMaxPathBytes);
  ShellWord word;
  char quote = 0;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == 0 && IsSpace(c)) break;
    if (quote == 0 && (c == '\'' || c == '"')) {
      if (text.find(c, at + 1) == std::string_view::npos) return {};  // an apostrophe
      quote = c;
      word.quoted = true;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      word.text += text[++at];
    } else {
      word.text += c;
    }
  }
  word.length = at;
  return word;
}

class Splitter {
 public:
  Splitter(std::string_view line, const Look& look)
      : line_(line), stripped_(Strip(line)), look_(look), next_close_(line.find(kCloseTag)) {
    const std::string lower = Lower(line);
    for (size_t end = 1; end <= lower.size(); ++end) {
      if (ExtensionEndsAt(lower, end)) extension_ends_.push_back(end);
    }
  }

  PastedText Split() {
    while (at_ < line_.size()) {
      if (!Tagged() && !Quoted() && !Word() && !Spaced()) {
        text_ += line_[at_++];
      }
    }
    FlushText();
    return Arrange();
  }

 private:
  std::string_view Rest() const { return line_.substr(at_); }

  /// A path may begin here: behind a blank, a mark or a quote, or within Chinese, which has no
  /// blanks.
  bool StartsWord(size_t at) const {
    if (at == 0) return true;
    const char before = line_[at - 1];
    const bool begins_character = (line_[at] & 0xc0) != 0x80;
    return IsSpace(before) || ((before & 0x80) != 0 && begins_character) ||
           std::string_view("(:,;=<>[{'\"").find(before) != std::string_view::npos;
  }
  bool AtWordStart() const { return StartsWord(at_); }

  /// The first meaning that is of a kind; nothing once the disk was asked too often.
  std::optional<fs::path> Find(std::string_view text, PathKind kind) {
    if (looks_ == kMaxLooks) return std::nullopt;
    for (const fs::path& path : Meanings(text)) {
      if (looks_ == kMaxLooks) return std::nullopt;
      ++looks_;
      if (look_(path) == kind) return path;
    }
    return std::nullopt;
  }
  std::optional<fs::path> FindPicture(std::string_view text) {
    return Find(text, PathKind::kPicture);
  }

  void FlushText() {
    if (!text_.empty()) result_.parts.push_back({PastedPart::Kind::kText, text_, {}});
    text_.clear();
  }

  void AddPicture(fs::path path, size_t length) {
    FlushText();
    result_.parts.push_back({PastedPart::Kind::kPicture, "", std::move(path)});
    at_ += length;
  }

  void AddUnreadable(std::string_view text, size_t length) {
    if (Find(text, PathKind::kKnown)) {
      text_ += "the image";
    } else {
      result_.unreadable.emplace_back(text);
    }
    at_ += length;
  }

  /// "<image>path</image>", and "path</image>", which takes the longest end of the words before it
  /// that is a path.
  bool Tagged() {
    if (next_close_ < at_) next_close_ = line_.find(kCloseTag, at_);
    const size_t close = next_close_;
    if (close == std::string_view::npos) return false;
    if (Rest().starts_with(kOpenTag)) {
      const size_t begin = at_ + kOpenTag.size();
      const size_t length = close + kCloseTag.size() - at_;
      return TakeTagged(line_.substr(begin, close - begin), length);
    }
    const std::string_view inside = line_.substr(at_, close - at_);
    if (!AtWordStart() || IsSpace(line_[at_]) || inside.size() > kMaxPathBytes ||
        inside.find(kOpenTag) != std::string_view::npos) {
      return false;
    }
    const size_t length = close + kCloseTag.size() - at_;
    if (std::optional<fs::path> path = FindPicture(Unquote(inside))) {
      AddPicture(std::move(*path), length);
      return true;
    }
    // No path begins here; the last word that could is the one to complain about.
    if (std::any_of(inside.begin(), inside.end(), IsSpace)) return false;
    AddUnreadable(inside, length);
    return true;
  }

  bool TakeTagged(std::string_view inside, size_t length) {
    const std::string_view name = Unquote(inside);
    if (std::optional<fs::path> path = FindPicture(name)) {
      AddPicture(std::move(*path), length);
    } else {
      AddUnreadable(name, length);
    }
    return true;
  }

  static std::string_view Unquote(std::string_view text) {
    text = Strip(text);
    for (const QuotePair& quotes : kQuotes) {
      if (text.size() >= quotes.open.size() + quotes.close.size() &&
          text.starts_with(quotes.open) && text.ends_with(quotes.close)) {
        return text.substr(quotes.open.size(),
                           text.size() - quotes.open.size() - quotes.close.size());
      }
    }
    return text;
  }

  /// A path in quotes, with PowerShell's "& " before it or not.
  bool Quoted() {
    if (!AtWordStart()) return false;
    size_t skipped = 0;
    if (Rest().starts_with("& ")) skipped = 2;
    const std::string_view rest = Rest().substr(skipped, kMaxPathBytes);
    for (const QuotePair& quotes : kQuotes) {
      if (!rest.starts_with(quotes.open)) continue;
      const size_t end = rest.find(quotes.close, quotes.open.size());
      if (end == std::string_view::npos) return false;
      const std::string_view inside = rest.substr(quotes.open.size(), end - quotes.open.size());
      const size_t length = skipped + end + quotes.close.size();
      if (std::optional<fs::path> path = FindPicture(inside)) {
        AddPicture(std::move(*path), length);
        return true;
      }
      // 'it'\''s.png' is one word to a shell.
      const ShellWord word = ReadShellWord(rest);
      if (word.quoted && word.length > end + 1) return false;
      if (!HasPictureExtension(inside) && !IsRooted(inside)) return false;
      AddUnreadable(inside, length);
      return true;
    }
    return false;
  }

  /// A word as a shell reads it, which may be a path without any extension.
  bool Word() {
    if (!AtWordStart() || IsSpace(line_[at_])) return false;
    const ShellWord word = ReadShellWord(Rest());
    if (word.length == 0) return false;
    const std::string_view raw = Rest().substr(0, word.length);
    const bool whole_line = stripped_ == raw;
    const bool may_be_path = word.quoted || whole_line || IsRooted(raw) ||
                             raw.find('/') != std::string_view::npos ||
                             raw.find('\\') != std::string_view::npos || HasPictureExtension(raw);
    if (!may_be_path) return false;
    std::optional<fs::path> path = FindPicture(raw);
    if (!path) path = FindPicture(word.text);
    if (!path) return false;
    AddPicture(std::move(*path), word.length);
    return true;
  }

  /// A path that blanks or Chinese go through, up to a picture's extension; if it leads nowhere,
  /// its last word is reported. Then a rooted path without extension that leads nowhere.
  bool Spaced() {
    if (!AtWordStart() || IsSpace(line_[at_])) return false;
    const bool rooted = IsRooted(Rest());
    size_t first_end = 0;
    size_t tried = 0;
    std::optional<fs::path> best;
    size_t best_end = 0;
    auto end = std::upper_bound(extension_ends_.begin(), extension_ends_.end(), at_);
    for (; end != extension_ends_.end() && *end <= at_ + kMaxPathBytes && tried < kMaxStarts;
         ++end, ++tried) {
      if (first_end == 0) first_end = *end;
      if (auto path = FindPicture(line_.substr(at_, *end - at_))) {
        best = std::move(path);
        best_end = *end;
      }
    }
    if (best) {
      AddPicture(std::move(*best), best_end - at_);
      return true;
    }
    if (first_end > 0) {
      const std::string_view name = line_.substr(at_, first_end - at_);
      const bool one_word = std::none_of(name.begin(), name.end(), IsSpace);
      // Of several words the picture may begin at a later one.
      if (one_word ? !BeginsLater(first_end) : rooted && !BeginsLater(first_end)) {
        AddUnreadable(name, first_end - at_);
        return true;
      }
      return false;
    }
    return rooted && MissingWithoutExtension();
  }

  /// A picture that exists and ends here begins at a later character.
  bool BeginsLater(size_t end) {
    size_t starts = 0;
    for (size_t at = at_ + 1; at + 1 < end && starts < kMaxStarts; ++at) {
      if (!StartsWord(at)) continue;
      ++starts;
      if (FindPicture(line_.substr(at, end - at))) return true;
    }
    return false;
  }

  /// "/mnt/scans/001 what is this": a word that can be nothing but a path.
  bool MissingWithoutExtension() {
    const ShellWord word = ReadShellWord(Rest());
    const std::string_view raw = Rest().substr(0, std::max<size_t>(word.length, 1));
    const auto slashes =
        std::count_if(raw.begin(), raw.end(), [](char c) { return c == '/' || c == '\\'; });
    if (raw.size() < 4 || slashes < 2) return false;
    AddUnreadable(raw, raw.size());
    return true;
  }

  /// Pictures at either end first, then the words with the pictures among them.
  PastedText Arrange() {
    const auto is_blank = [](const PastedPart& part) {
      return part.kind == PastedPart::Kind::kText &&
             std::all_of(part.text.begin(), part.text.end(), [](char c) {
               return IsSpace(c) || std::string_view(",.;:'\"").find(c) != std::string_view::npos;
             });
    };
    std::vector<PastedPart>& parts = result_.parts;
    std::erase_if(parts, is_blank);
    const auto is_text = [](const PastedPart& part) {
      return part.kind == PastedPart::Kind::kText;
    };
    const auto first = std::find_if(parts.begin(), parts.end(), is_text);
    const auto last = std::find_if(parts.rbegin(), parts.rend(), is_text).base();
    if (first != parts.end()) {
      std::rotate(first, last, parts.end());  // the pictures behind the words
    }
    std::vector<PastedPart*> texts;
    for (PastedPart& part : parts) {
      if (is_text(part)) texts.push_back(&part);
    }
    if (!texts.empty()) {
      texts.front()->text = TrimStart(texts.front()->text);
      texts.back()->text = TrimEnd(texts.back()->text);
    }
    return std::move(result_);
  }

  /// What stood between a path and the words: blanks, and the comma of "a.png, what".
  static std::string TrimStart(std::string_view text) {
    const auto skip = [&](std::string_view prefix) {
      const bool there = text.starts_with(prefix);
      if (there) text.remove_prefix(prefix.size());
      return there;
    };
    while (skip(" ") || skip("\t") || skip("\r") || skip("\n") || skip(",") || skip(":") ||
           skip(";") || skip("，") || skip("：") || skip("、") || skip("。")) {
    }
    return std::string(text);
  }
  static std::string TrimEnd(std::string_view text) {
    while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
    return std::string(text);
  }

  std::string_view line_;
  std::string_view stripped_;
  const Look& look_;
  std::vector<size_t> extension_ends_;  // of pictures' extensions
  size_t next_close_;                   // of kCloseTag, from at_ on
  size_t at_ = 0;
  size_t looks_ = 0;  // at the disk
  std::string text_;
  PastedText result_;
};

}  // namespace

namespace {

/// Whether a regular file begins as `looks` wants it; false, too, when it may not be read.
bool FileBeginsAs(const fs::path& path, bool (*looks)(std::span<const uint8_t>)) {
  std::error_code problem;
  if (!fs::is_regular_file(path, problem)) return false;
  try {
    return looks(MappedFile(path).bytes());
  } catch (const Error&) {
    return false;
  }
}

/// A folder that is worth to be searched for a series: among its first files is a DICOM file.
bool HoldsDicom(const fs::path& folder) {
  constexpr int kLooked = 64;
  std::error_code problem;
  fs::directory_iterator entry(folder, problem);
  for (int i = 0; !problem && i < kLooked && entry != fs::directory_iterator(); ++i) {
    if (FileBeginsAs(entry->path(), LooksLikeDicom)) return true;
    entry.increment(problem);
  }
  return false;
}

}  // namespace

PathKind LookAtPath(const fs::path& path) {
  std::error_code problem;
  const fs::file_status status = fs::status(path, problem);
  if (problem || !fs::exists(status)) return PathKind::kAbsent;
  const bool picture =
      fs::is_directory(status) ? HoldsDicom(path) : FileBeginsAs(path, LooksLikeImage);
  return picture ? PathKind::kPicture : PathKind::kOther;
}

std::vector<fs::path> PastedText::Pictures() const {
  std::vector<fs::path> pictures;
  for (const PastedPart& part : parts) {
    if (part.kind == PastedPart::Kind::kPicture) pictures.push_back(part.path);
  }
  return pictures;
}

std::string PastedText::Words() const {
  std::string words;
  for (const PastedPart& part : parts) {
    if (part.kind == PastedPart::Kind::kText) words += part.text;
  }
  return std::string(Strip(words));
}

PastedText SplitPastedText(std::string_view line, const Look& look) {
  return Splitter(line, look).Split();
}

}  // namespace roentgen
