#include "roentgen/text/escape_markdown.h"

#include <algorithm>
#include <array>

#include "roentgen/text/printable.h"

namespace roentgen {
namespace {

/// What names of hosts end in that are linked without "http", besides those of two letters
/// (linkify-it, as markdown-it and others use it).
constexpr std::array<std::string_view, 15> kEndsOfHosts = {
    "biz", "com",  "edu",  "gov",  "net",  "org",    "pro", "web",
    "xxx", "aero", "asia", "coop", "info", "museum", "name"};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

/// What goes on with a word: no blank, no mark of ASCII. All of UTF-8's other bytes do.
bool GoesOn(char c) {
  return IsDigit(c) || IsLetter(c) || (c & 0x80) != 0;
}

/// Reads through a printable text. What stands before and behind the text is not known, so nothing
/// is left unescaped that it could complete: there, characters are '\0', which is no blank either.
class Escaping {
 public:
  explicit Escaping(std::string_view text) : text_(text) {}

  std::string Run() {
    while (at_ < text_.size()) {
      if (Here() == '\n') {
        // A backslash breaks a line within a paragraph, but not at its end.
        escaped_ += text_.find_first_not_of('\n', at_) == std::string_view::npos ? "&#10;" : "\\\n";
      } else if (IsBlank(Here()) && (AtLineStart() || AtLineEnd())) {
        escaped_ += Here() == ' ' ? "&#32;" : "&#9;";  // would be left out, or begin code
      } else if (Here() == '@') {
        AppendAts();
        continue;
      } else {
        if (IsActive()) escaped_ += '\\';
        escaped_ += Here();
      }
      ++at_;
    }
    return std::move(escaped_);
  }

 private:
  char Here() const { return text_[at_]; }
  char Before(size_t steps = 1) const { return at_ < steps ? '\0' : text_[at_ - steps]; }
  char Behind(size_t steps = 1) const {
    return at_ + steps < text_.size() ? text_[at_ + steps] : '\0';
  }
  bool AtLineStart() const { return at_ == 0 || Before() == '\n'; }
  bool AtLineEnd() const { return at_ + 1 == text_.size() || Behind() == '\n'; }

  bool IsActive() const {
    switch (Here()) {
      case '\\':
      case '`':
      case '*':
      case '[':
      case ']':
      case '~':
      case '|':
      case '$':
        return true;
      case '_':  // within a word it is none
        return !(IsDigit(Before()) || IsLetter(Before())) ||
               !(IsDigit(Behind()) || IsLetter(Behind()));
      case '<':
        return !(IsBlank(Behind()) || IsDigit(Behind()) || Behind() == '=');
      case '&':
        return !IsBlank(Behind());
      case '#':  // also at the end of a heading
        return AtLineStart() || IsBlank(Before());
      case '>':
      case '=':
      case ':':
        return AtLineStart();
      case '-':
      case '+':
        return AtLineStart() && !GoesOn(Behind());
      case ')':
        return EndsItemNumber();
      case '.':
        return EndsItemNumber() || IsInAddress();
      case '/':
        return Behind() == '/' || Behind() == '\0';
      default:
        return false;
    }
  }

  /// "1." and "1)" begin an item of a list, "1.5" does not.
  bool EndsItemNumber() const {
    if (GoesOn(Behind())) return false;
    size_t digits = 0;
    while (IsDigit(Before(digits + 1))) ++digits;
    return digits > 0 && (digits == at_ || Before(digits + 1) == '\n');
  }

  /// "host.org" and "www.": these become links on their own, by some renderers. "rows.jsonl" does
  /// not.
  bool IsInAddress() const {
    const auto w = [&](size_t steps) { return (Before(steps) | 0x20) == 'w'; };
    if (w(1) && w(2) && w(3)) return true;
    if (IsBlank(Before())) return false;
    std::string label;
    while (IsLetter(Behind(label.size() + 1))) {
      label += static_cast<char>(Behind(label.size() + 1) | 0x20);
    }
    return label.size() == 2 ||
           std::find(kEndsOfHosts.begin(), kEndsOfHosts.end(), label) != kEndsOfHosts.end();
  }

  /// Within an address, GitHub makes a link of an escaped @, too; not of one as code.
  void AppendAts() {
    const bool glued = !IsBlank(Before());
    size_t end = at_;
    while (end < text_.size() && text_[end] == '@') ++end;
    const bool code = glued && (end == text_.size() || !IsBlank(text_[end]));
    if (code) escaped_ += '`';
    escaped_ += text_.substr(at_, end - at_);
    if (code) escaped_ += '`';
    at_ = end;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string escaped_;
};

}  // namespace

std::string EscapeMarkdown(std::string_view text) {
  return Escaping(Printable(text)).Run();
}

}  // namespace roentgen
