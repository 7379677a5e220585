#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "roentgen/assistant/pasted_text.h"
#include "roentgen/assistant/path_forms.h"
#include "roentgen/assistant/path_kind.h"
#include "roentgen/assistant/path_search.h"

namespace roentgen {

/// How many places of a word are tried as the beginning or the end of a name: a name in Chinese has
/// no more characters.
inline constexpr size_t kMaxStarts = kMaxNameBytes / 3 + 1;

/// Dots and separators alone, which stand in prose: ".", "..", "/".
bool HasNoName(std::string_view text);
/// Written as names of files and folders are, wherever it leads.
bool ReadsAsName(std::string_view text);

/// A line in which names of files are looked for, and the place that is looked at.
class PastedLine {
 public:
  /// The line must live as long as this object.
  PastedLine(std::string_view line, const LookAt& look, const ListNames& list);

  std::string_view text() const { return text_; }
  size_t begin() const { return begin_; }          ///< behind the blanks it begins with
  size_t end() const { return end_; }              ///< before the blanks it ends with
  size_t words_end() const { return words_end_; }  ///< and without a question mark
  /// Where names of files may end, in order.
  const std::vector<size_t>& endings() const { return endings_; }
  PathSearch& search() { return search_; }

  size_t at() const { return at_; }
  void MoveTo(size_t at) { at_ = at; }
  void Skip(size_t length) { at_ += length; }

  std::string_view Rest() const { return text_.substr(at_); }
  /// From here to a blank, as far as it can be a path (kMaxNameBytes, kMaxFolders).
  std::string_view BlankWord() const { return Here().blank_word; }
  /// The same up to Chinese punctuation, and without marks at its end.
  std::string_view Word() const { return Here().word; }
  /// Whether there is a separator, a dot or a quote in BlankWord: without one it is no path, and
  /// no name with an ending.
  bool HasMarkOfNames() const { return Here().has_mark; }
  /// A name may begin at a place: behind a blank, a mark or a quote, or within Chinese, which has
  /// no blanks. "It's" has one word.
  bool StartsWord(size_t at) const;
  /// Whether what is there under a name without separators is meant here. A plain word names an
  /// image only where the line begins with it.
  bool IsMeant(std::string_view name, PathKind kind) const;

 private:
  /// What is at one place; it is asked for again and again.
  struct Place {
    size_t at = std::string_view::npos;
    std::string_view blank_word = {};
    std::string_view word = {};
    bool has_mark = false;
  };

  const Place& Here() const;
  bool JoinsWords(size_t at) const;

  std::string_view text_;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t words_end_ = 0;
  PathSearch search_;
  std::vector<size_t> endings_;
  size_t at_ = 0;
  mutable Place here_;
};

}  // namespace roentgen
