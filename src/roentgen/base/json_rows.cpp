#include "roentgen/base/json_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <streambuf>
#include <string_view>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/json_scan.h"
#include "roentgen/base/text_encoding.h"

namespace roentgen {
namespace {

constexpr size_t kBufferBytes = size_t{64} << 10;
constexpr size_t kBeginningBytes = size_t{1} << 20;  // that tell an encoding
constexpr const char* kZeroByte = "a zero byte";     // the parser takes it for the end of the text

/// The parser's own words, without its name and place.
std::string ReasonOf(const nlohmann::detail::exception& error) {
  const std::string_view what = error.what();
  if (what.find("out_of_range") != std::string_view::npos) return "a number is too large";
  const size_t column = what.find("column ");
  const size_t reason = what.find(": ", column == std::string_view::npos ? 0 : column);
  return std::string(reason == std::string_view::npos ? what : what.substr(reason + 2));
}

struct SyntaxError {
  size_t position;  // bytes read, the wrong one included
  std::string reason;
  bool not_utf8;
};

/// The text is over a limit that ends its reading.
struct TooMuch {
  size_t position;  // as above
  JsonScan::Excess excess;
};

JsonScan ScanFor(const JsonRowLimits& limits) {
  // The values are counted for each row by itself.
  return JsonScan({limits.depth, SIZE_MAX, limits.written_bytes()});
}

/// Takes the parser's events and builds one row after the other. With in_list, rows are the
/// elements of the outermost list; else the document is the row.
class RowBuilder : public nlohmann::json_sax<Json> {
 public:
  /// emit  gets rows without their numbers
  RowBuilder(const JsonRowLimits& limits, const std::vector<JsonTextField>& texts, bool in_list,
             std::function<void(JsonRow)> emit)
      : limits_(limits), texts_(texts), row_depth_(in_list ? 1 : 0), emit_(std::move(emit)) {}

  bool null() override { return Value(nullptr, 0); }
  bool boolean(bool value) override { return Value(value, 0); }
  bool number_integer(number_integer_t value) override {
    // The parser calls 0 an integer with a sign only where it is written as -0.
    if (InTextField()) return NumberAsText(value == 0 ? "-0" : std::to_string(value));
    return value == 0 ? Value(-0.0, 0) : Value(value, 0);
  }
  bool number_unsigned(number_unsigned_t value) override {
    return InTextField() ? NumberAsText(std::to_string(value)) : Value(value, 0);
  }
  bool number_float(number_float_t value, const string_t& text) override {
    if (InTextField()) return NumberAsText(text);
    if (text.find_first_of(".eE") == std::string::npos) return Value(text, text.size());
    return Value(value, 0);
  }
  bool string(string_t& value) override {
    const size_t bytes = value.size();
    return Value(std::move(value), bytes);
  }
  bool binary(binary_t& /*value*/) override { return false; }  // never in a text
  bool key(string_t& value) override {
    if (!texts_.empty() && depth_ == row_depth_ + 1) row_key_ = value;
    if (!Grow(0, value.size())) return true;
    if (!repeated_key_ && open_.back()->contains(value)) repeated_key_ = value;
    key_ = std::move(value);
    return true;
  }
  bool start_object(size_t /*elements*/) override { return Begin(Json::object()); }
  bool start_array(size_t /*elements*/) override { return Begin(Json::array()); }
  bool end_object() override { return End(); }
  bool end_array() override { return End(); }
  bool parse_error(size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    throw SyntaxError{position, ReasonOf(error), SaysNotUtf8(error.what())};
  }

 private:
  /// Whether the next value is one of a field that is a text.
  bool InTextField() const {
    if (open_.empty() || !open_.back()->is_object()) return false;
    const size_t depth = depth_ - row_depth_;
    return std::any_of(texts_.begin(), texts_.end(), [&](const JsonTextField& text) {
      if (text.key != key_) return false;
      return text.list.empty() ? depth == 1 : depth == 3 && text.list == row_key_;
    });
  }

  bool NumberAsText(std::string text) {
    number_fields_.push_back(key_);
    const size_t bytes = text.size();
    return Value(std::move(text), bytes);
  }

  /// Counts what the row grows by; false once it is over a limit and is only read over.
  bool Grow(size_t values, size_t bytes) {
    if (oversized_) return false;
    values_ += values;
    bytes_ += bytes;
    if (values_ <= limits_.values && bytes_ <= limits_.text_bytes) return true;
    oversized_ = true;
    row_ = nullptr;
    open_.clear();
    return false;
  }

  Json* Put(Json value) {
    if (open_.empty()) return &(row_ = std::move(value));
    Json& parent = *open_.back();
    if (parent.is_array()) return &parent.emplace_back(std::move(value));
    return &(parent[key_] = std::move(value));
  }

  bool Value(Json value, size_t bytes) {
    if (Grow(1, bytes)) Put(std::move(value));
    if (depth_ == row_depth_) EndRow();
    return true;
  }

  bool Begin(Json empty) {
    if (depth_++ < row_depth_) return true;
    if (Grow(1, 0)) open_.push_back(Put(std::move(empty)));
    return true;
  }

  bool End() {
    if (--depth_ < row_depth_) return true;
    if (!oversized_) open_.pop_back();
    if (depth_ == row_depth_) EndRow();
    return true;
  }

  void EndRow() {
    values_ = 0;
    bytes_ = 0;
    emit_({0, std::exchange(row_, nullptr), std::exchange(oversized_, false),
           std::exchange(number_fields_, {}), std::exchange(repeated_key_, {})});
  }

  const JsonRowLimits& limits_;
  const std::vector<JsonTextField>& texts_;
  const size_t row_depth_;
  std::function<void(JsonRow)> emit_;
  size_t depth_ = 0;
  Json row_;
  std::vector<Json*> open_;  // the lists and objects of the row that are not closed
  std::string key_;
  std::string row_key_;  // the last one of the row itself
  std::vector<std::string> number_fields_;
  std::optional<std::string> repeated_key_;
  size_t values_ = 0;
  size_t bytes_ = 0;
  bool oversized_ = false;
};

/// A stream's bytes, as long as nothing among them is nested too deeply and no text is longer than
/// allowed: the parser would hold it whole, however long, before anyone sees its size.
class ScannedBytes : public std::streambuf {
 public:
  ScannedBytes(std::streambuf& source, const JsonRowLimits& limits)
      : source_(source), scan_(ScanFor(limits)), buffer_(kBufferBytes) {}

  /// Bytes that were taken.
  size_t position() const { return scan_.position() - static_cast<size_t>(egptr() - gptr()); }

 protected:
  int_type underflow() override {
    const std::streamsize size =
        source_.sgetn(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    if (size <= 0) return traits_type::eof();
    const JsonScan::Excess excess = scan_.Follow({buffer_.data(), static_cast<size_t>(size)});
    if (excess != JsonScan::Excess::kNone) throw TooMuch{scan_.position(), excess};
    setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
    return traits_type::to_int_type(buffer_[0]);
  }

 private:
  std::streambuf& source_;
  JsonScan scan_;
  std::vector<char> buffer_;
};

/// Line and column of the last of these bytes, in characters, from 1.
std::string Place(std::istream& stream, size_t bytes) {
  stream.clear();
  stream.seekg(0);
  size_t line = 1;
  size_t column = 0;
  for (size_t i = 0; i < bytes; ++i) {
    const int c = stream.rdbuf()->sbumpc();
    if (c == std::istream::traits_type::eof()) break;
    if (c == '\n') {
      ++line;
      column = 0;
    } else if ((c & 0xc0) != 0x80) {  // not the inside of a character
      ++column;
    }
  }
  return fmt::format("line {}, column {}", line, column);
}

/// The first bytes of the stream, as many as tell its encoding.
std::string Beginning(std::istream& stream) {
  std::string bytes(kBeginningBytes, '\0');
  stream.clear();
  stream.seekg(0);
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(stream.gcount()));
  return bytes;
}

/// bytes  of the text, for its encoding
[[noreturn]] void ThrowSyntax(const std::string& name, const std::string& place,
                              const SyntaxError& error, const char* hint, std::string_view bytes) {
  const std::string where = fmt::format("{}: {}: not valid JSON", name, place);
  if (error.not_utf8) ThrowNotUtf8(where, bytes);
  throw Error(where + ": " + error.reason, hint);
}

[[noreturn]] void ThrowTooMuch(const std::string& name, const std::string& place,
                               JsonScan::Excess excess, const JsonRowLimits& limits) {
  if (excess == JsonScan::Excess::kDepth) {
    throw Error(fmt::format("{}: {}: nested deeper than {}", name, place, limits.depth));
  }
  throw Error(fmt::format("{}: a text of more than {} MB, at {}", name,
                          limits.written_bytes() >> 20, place),
              "A closing quote may be missing.");
}

/// The first character that is no blank; it stays to be read, and so does a byte order mark.
char FirstCharacter(std::istream& stream, const std::string& name) {
  constexpr int kEnd = std::istream::traits_type::eof();
  std::streambuf& buffer = *stream.rdbuf();
  const auto begin = stream.tellg();
  std::string beginning(2, ' ');
  beginning.resize(static_cast<size_t>(buffer.sgetn(beginning.data(), 2)));
  if (BeginsAsUtf16(beginning)) ThrowUtf16(name);
  stream.seekg(begin);
  int c = buffer.sbumpc();
  if (c == 0xef) {  // a byte order mark, or the parser will complain
    buffer.sbumpc();
    buffer.sbumpc();
    c = buffer.sbumpc();
  }
  while (c == ' ' || c == '\t' || c == '\r' || c == '\n') c = buffer.sbumpc();
  if (c == kEnd) throw Error(name + ": empty");
  stream.clear();
  stream.seekg(begin);
  return static_cast<char>(c);
}

void ReadList(std::istream& stream, const std::string& name,
              const std::function<void(JsonRow)>& row, const JsonRowLimits& limits,
              const std::vector<JsonTextField>& texts) {
  size_t number = 0;
  RowBuilder builder(limits, texts, /*in_list=*/true, [&](JsonRow found) {
    found.number = ++number;
    row(std::move(found));
  });
  ScannedBytes bytes(*stream.rdbuf(), limits);
  std::istream scanned(&bytes);
  try {
    Json::sax_parse(scanned, &builder);
    if (!scanned.eof()) throw SyntaxError{bytes.position(), kZeroByte, false};
  } catch (const TooMuch& problem) {
    ThrowTooMuch(name, Place(stream, problem.position), problem.excess, limits);
  } catch (const SyntaxError& error) {
    const std::string place = Place(stream, error.position);
    ThrowSyntax(name, place, error, "", Beginning(stream));
  }
}

/// Reads up to the end of the line. Beyond max_bytes the rest is read over; false then. A zero
/// byte, which is never part of JSON, ends it too: files with gigabytes of them take no room on a
/// disk.
bool ReadLine(std::istream& stream, std::string& line, size_t max_bytes) {
  std::streambuf& buffer = *stream.rdbuf();
  bool fits = true;
  line.clear();
  for (int c = buffer.sbumpc(); c != '\n'; c = buffer.sbumpc()) {
    if (c == std::istream::traits_type::eof()) {
      stream.setstate(std::ios::eofbit);
      break;
    }
    fits = fits && line.size() < max_bytes;
    if (fits || c == 0) line += static_cast<char>(c);
    if (c == 0) return true;
  }
  return fits;
}

void ReadLines(std::istream& stream, const std::string& name,
               const std::function<void(JsonRow)>& row, const JsonRowLimits& limits,
               const std::vector<JsonTextField>& texts) {
  std::string line;
  for (size_t number = 1; !stream.eof(); ++number) {
    if (!ReadLine(stream, line, limits.written_bytes())) {
      row({number, nullptr, true});
      continue;
    }
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    RowBuilder builder(limits, texts, /*in_list=*/false, [&](JsonRow found) {
      found.number = number;
      row(std::move(found));
    });
    try {
      JsonScan scan = ScanFor(limits);
      const JsonScan::Excess excess = scan.Follow(line);
      if (excess != JsonScan::Excess::kNone) throw TooMuch{scan.position(), excess};
      if (line.back() == '\0') throw SyntaxError{line.size(), kZeroByte, false};
      Json::sax_parse(line, &builder);
    } catch (const TooMuch& problem) {
      const std::string place = PlaceInText(line, problem.position);  // in one line
      ThrowTooMuch(name, fmt::format("line {}, {}", number, place.substr(place.find("column"))),
                   problem.excess, limits);
    } catch (const SyntaxError& error) {
      ThrowSyntax(name, fmt::format("line {}, column {}", number, error.position), error,
                  "Expected a list of rows, or one row a line.", line);
    }
  }
}

}  // namespace

void ForEachJsonRow(std::istream& stream, const std::string& name,
                    const std::function<void(JsonRow)>& row, const JsonRowLimits& limits,
                    const std::vector<JsonTextField>& texts) {
  const bool list = FirstCharacter(stream, name) == '[';
  (list ? ReadList : ReadLines)(stream, name, row, limits, texts);
  if (stream.bad()) throw Error(name + ": cannot be read to its end");
}

void ForEachJsonRow(const std::filesystem::path& file, const std::function<void(JsonRow)>& row,
                    const JsonRowLimits& limits, const std::vector<JsonTextField>& texts) {
  if (std::filesystem::is_directory(file)) {
    throw Error(file.string() + ": a folder where a file was expected");
  }
  std::vector<char> buffer(kBufferBytes);
  std::ifstream stream;
  stream.rdbuf()->pubsetbuf(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  stream.open(file, std::ios::binary);
  if (!stream) ThrowSystemError(file.string(), "open");
  ForEachJsonRow(stream, file.string(), row, limits, texts);
}

}  // namespace roentgen
