#include "roentgen/data/csv_rows.h"

#include <csv.h>
#include <fmt/format.h>

#include <exception>
#include <fstream>
#include <optional>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/text_encoding.h"
#include "roentgen/data/blanks.h"
#include "roentgen/text/decoder.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// What libcsv's callbacks work on. They are C functions, so an exception is kept until it may fly.
struct Reading {
  const std::string& name;
  const CsvRowTaker& row;
  size_t number = 1;
  size_t bytes = 0;
  std::vector<std::string> fields;
  std::exception_ptr error;

  [[noreturn]] void Fail(const std::string& problem, std::string hint = {}) const {
    throw Error(fmt::format("{}: row {}: {}", name, number, problem), std::move(hint));
  }

  [[noreturn]] void FailTooLong() const {
    Fail("more than 16 MB in one row", "A closing quote may be missing.");
  }

  void TakeField(std::string_view field) {
    bytes += field.size();
    if (bytes > kMaxCsvRowBytes) FailTooLong();
    if (FindInvalidUtf8(field)) {
      ThrowNotUtf8(fmt::format("{}: row {}: field {}", name, number, fields.size() + 1), field);
    }
    fields.emplace_back(field);
  }

  void EndRow() {
    if (fields.size() > 1 || !WithoutBlanksAtEdges(fields[0]).empty())
      row(number, std::move(fields));
    fields.clear();
    bytes = 0;
    ++number;
  }

  template <class Action>
  void Guard(const Action& action) {
    if (error) return;
    try {
      action();
    } catch (...) {
      error = std::current_exception();
    }
  }
};

void OnField(void* text, size_t size, void* reading) {
  auto& self = *static_cast<Reading*>(reading);
  self.Guard([&] {
    self.TakeField(text == nullptr ? std::string_view()
                                   : std::string_view(static_cast<const char*>(text), size));
  });
}

void OnRow(int /*terminator*/, void* reading) {
  auto& self = *static_cast<Reading*>(reading);
  self.Guard([&] { self.EndRow(); });
}

/// Takes blanks away that stand outside the quotes of a quoted field, piece by piece.
class QuotedEdges {
 public:
  explicit QuotedEdges(char separator) : separator_(separator) {}

  std::string Without(std::string_view piece) {
    std::string text;
    text.reserve(piece.size() + blanks_.size());
    for (const char c : piece) Take(c, text);
    return text;
  }
  /// What was held back at the end of the text.
  std::string Rest() { return place_ == Place::kBehindQuotes ? "" : std::move(blanks_); }

 private:
  enum class Place { kBegin, kPlain, kQuoted, kAtQuote, kBehindQuotes };

  bool IsBlank(char c) const { return (c == ' ' || c == '\t') && c != separator_; }
  bool EndsField(char c) const { return c == separator_ || c == '\n' || c == '\r'; }

  void Take(char c, std::string& text) {
    const bool may_hold =
        place_ == Place::kBegin || place_ == Place::kAtQuote || place_ == Place::kBehindQuotes;
    if (may_hold && IsBlank(c)) {
      if (place_ == Place::kAtQuote) place_ = Place::kBehindQuotes;
      blanks_ += c;
      return;
    }
    const bool outside =
        (place_ == Place::kBegin && c == '"') || (place_ == Place::kBehindQuotes && EndsField(c));
    if (!outside) text += blanks_;
    blanks_.clear();
    text += c;
    place_ = Next(c);
  }

  Place Next(char c) const {
    if (place_ == Place::kQuoted) return c == '"' ? Place::kAtQuote : Place::kQuoted;
    if (EndsField(c)) return Place::kBegin;
    if (c == '"' && (place_ == Place::kBegin || place_ == Place::kAtQuote)) return Place::kQuoted;
    return Place::kPlain;
  }

  char separator_;
  Place place_ = Place::kBegin;
  std::string blanks_;
};

/// libcsv's parser with what it works on.
class Parser {
 public:
  Parser(const std::string& name, char separator, const CsvRowTaker& row)
      : reading_{name, row, 1, 0, {}, nullptr}, edges_(separator) {
    if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
    csv_set_delim(&parser_, static_cast<unsigned char>(separator));
    csv_set_space_func(&parser_, [](unsigned char) { return 0; });  // fields keep their blanks
  }
  ~Parser() { csv_free(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  void Take(std::string_view text) {
    // A field without its end would be collected for ever: the parser's buffer tells its size.
    if (csv_get_buffer_size(&parser_) > 2 * kMaxCsvRowBytes) reading_.FailTooLong();
    Parse(edges_.Without(text));
  }
  void Finish() {
    Parse(edges_.Rest());
    Check(csv_fini(&parser_, OnField, OnRow, &reading_) == 0);
  }

  Reading& reading() { return reading_; }

 private:
  void Parse(const std::string& text) {
    Check(csv_parse(&parser_, text.data(), text.size(), OnField, OnRow, &reading_) == text.size());
  }

  void Check(bool parsed) const {
    if (reading_.error) std::rethrow_exception(reading_.error);
    if (parsed) return;
    reading_.Fail("a quote in it is not closed, or has text behind it",
                  "Quotes inside a quoted field are doubled.");
  }

  csv_parser parser_ = {};
  Reading reading_;
  QuotedEdges edges_;
};

/// A file's text, decoded piece by piece.
class TextPieces {
 public:
  TextPieces(const std::filesystem::path& file, const std::string& encoding)
      : name_(file.string()), stream_(file, std::ios::binary), bytes_(size_t{64} << 10, '\0') {
    if (!stream_) ThrowSystemError(name_, "open");
    if (encoding != "UTF-8") decoder_.emplace(encoding);
  }

  bool more() const { return stream_.good(); }

  /// A view that lives until the next call; `valid` is false when what follows is not decoded.
  std::string_view Next(bool& valid) {
    stream_.read(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    if (stream_.bad()) ThrowSystemError(name_, "read");
    std::string_view piece(bytes_.data(), static_cast<size_t>(stream_.gcount()));
    valid = true;
    if (decoder_) {
      text_.clear();
      valid = decoder_->Decode(piece, !stream_.good(), text_);
      piece = text_;
    } else if (at_start_) {
      if (BeginsAsUtf16(piece)) ThrowUtf16(name_);
      if (piece.starts_with("\xef\xbb\xbf")) piece.remove_prefix(3);
    }
    at_start_ = false;
    return piece;
  }

 private:
  std::string name_;
  std::ifstream stream_;
  std::string bytes_;
  std::string text_;
  std::optional<Decoder> decoder_;
  bool at_start_ = true;
};

}  // namespace

void ForEachCsvRow(const std::filesystem::path& file, const CsvForm& form, const CsvRowTaker& row) {
  const std::string name = file.string();
  TextPieces pieces(file, form.encoding);
  Parser parser(name, form.separator, row);
  bool skip_line = form.separator_line;
  if (skip_line) ++parser.reading().number;
  while (pieces.more()) {
    bool valid = true;
    std::string_view piece = pieces.Next(valid);
    if (skip_line) {
      const size_t end = piece.find('\n');
      piece.remove_prefix(end == piece.npos ? piece.size() : end + 1);
      skip_line = false;
    }
    parser.Take(piece);
    if (!valid) {
      parser.reading().Fail("not " + form.encoding,
                            "Say which encoding it is with --encoding, or mend that row.");
    }
  }
  parser.Finish();
}

void ForEachCsvRow(std::string_view text, const std::string& name, char separator,
                   const CsvRowTaker& row) {
  Parser parser(name, separator, row);
  parser.Take(text);
  parser.Finish();
}

}  // namespace roentgen
