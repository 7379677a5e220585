#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace roentgen {

/// Turns the bytes of a text in some encoding into UTF-8, piece by piece. A byte order mark at its
/// beginning is left out.
class Decoder {
 public:
  /// encoding  a name that ICU knows, in any case: "UTF-16LE", "gbk", "Big5", "windows-1252".
  /// Throws Error for others.
  explicit Decoder(const std::string& encoding);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Appends the text of the next bytes; a character that they cut waits for its end.
  ///
  /// last  whether nothing follows
  /// Returns false when the bytes are no text of that encoding: up to there it is appended.
  bool Decode(std::string_view bytes, bool last, std::string& utf8);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace roentgen
