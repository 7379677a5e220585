#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// A text in which what input methods type of names in full width is ASCII: letters, digits and
/// "_-." (ＩＭ０００１). It is compared with names, and its places lead back to the text as
/// written.
class NarrowText {
 public:
  /// written must live as long as AsWritten() is used.
  explicit NarrowText(std::string_view written);

  const std::string& text() const { return text_; }
  /// Whether there was anything in full width.
  bool differs() const { return differs_; }
  /// The place in text() of one in the written text, where a character begins.
  size_t At(size_t written) const;
  /// A piece of text() as it is written.
  std::string_view AsWritten(size_t at, size_t length) const;

 private:
  std::string_view written_;
  std::string text_;
  std::vector<size_t> places_;  // in the written text, of each byte of text_ and its end
  bool differs_ = false;
};

}  // namespace roentgen
