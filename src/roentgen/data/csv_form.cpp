#include "roentgen/data/csv_form.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/text_encoding.h"
#include "roentgen/data/csv_columns.h"
#include "roentgen/data/csv_rows.h"
#include "roentgen/imaging/known_formats.h"
#include "roentgen/text/decoder.h"
#include "roentgen/text/encoding_guess.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr size_t kChunkBytes = size_t{64} << 10;

std::string ReadBeginning(const fs::path& file, size_t size) {
  std::ifstream stream(file, std::ios::binary);
  std::string bytes;
  while (stream && bytes.size() < size) {
    const size_t before = bytes.size();
    bytes.resize(std::min(size, before + kChunkBytes));
    stream.read(bytes.data() + before, static_cast<std::streamsize>(bytes.size() - before));
    bytes.resize(before + static_cast<size_t>(stream.gcount()));
  }
  return bytes;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

/// What the lines of a file tell of its encoding.
class LineEvidence {
 public:
  /// number  of the line, from 1
  void Take(std::string_view line, size_t number) {
    if (IsAscii(line)) return;
    constexpr size_t kSampleBytes = size_t{1} << 20;
    if (lines_.size() + line.size() <= kSampleBytes) (lines_ += line) += '\n';
    for (size_t at = 0; at < line.size();) {
      const Utf8Step step = ReadUtf8(line, at);
      at += step.length;
      if (!step.valid) {
        ++broken_;
        if (first_broken_ == 0) first_broken_ = number;
      } else if (step.length > 1) {
        ++characters_;
      }
    }
  }

  /// Throws Error where it is not certain.
  std::string Encoding(const std::string& file) const {
    if (broken_ == 0) return "UTF-8";
    if (characters_ > 4 * broken_) {
      throw Error(
          fmt::format("{}: line {}: not UTF-8, though most of the file is", file, first_broken_),
          "Save the file as UTF-8 again, or mend that line.");
    }
    const EncodingGuess guess = GuessEncoding(lines_);
    if (guess.proven) return guess.candidates[0];
    if (guess.candidates.empty()) {
      throw Error(
          fmt::format("{}: line {}: neither UTF-8 nor UTF-16, GB18030, Big5 or windows-1252", file,
                      first_broken_),
          "Say what it is with --encoding, for example shift_jis or windows-1251.");
    }
    throw Error(fmt::format("{}: line {}: not UTF-8 but perhaps {}", file, first_broken_,
                            fmt::join(guess.candidates, ", or ")),
                fmt::format("Say which one it is, or another one, with --encoding: for example "
                            "--encoding {}.",
                            guess.candidates[0]));
  }

 private:
  std::string lines_;  // with bytes beyond ASCII
  size_t broken_ = 0;
  size_t characters_ = 0;  // of UTF-8 beyond ASCII
  size_t first_broken_ = 0;
};

std::ifstream Open(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) ThrowSystemError(file.string(), "open");
  return stream;
}

std::string FindEncoding(const fs::path& file) {
  std::ifstream stream = Open(file);
  std::string chunk(kChunkBytes, '\0');
  std::string line;  // that the chunk before has begun
  LineEvidence evidence;
  size_t number = 1;
  for (bool at_start = true; stream; at_start = false) {
    stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    if (stream.bad()) ThrowSystemError(file.string(), "read");
    std::string_view bytes(chunk.data(), static_cast<size_t>(stream.gcount()));
    if (at_start) {
      if (const auto said = EncodingByBeginning(bytes); said && *said != "UTF-8") return *said;
    }
    for (size_t end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
      line += bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      evidence.Take(line, number++);
      line.clear();
    }
    line += bytes;
    // A row may not have so much; reading it will say so.
    if (line.size() > kMaxCsvRowBytes) return "UTF-8";
  }
  evidence.Take(line, number);
  return evidence.Encoding(file.string());
}

/// The beginning of the file as text, up to the end of a line where it is long.
std::string Beginning(const fs::path& file, const std::string& encoding) {
  std::ifstream stream = Open(file);
  std::string bytes(kChunkBytes, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(stream.gcount()));
  std::string text;
  Decoder(encoding).Decode(bytes, false, text);
  return text;
}

std::optional<char> SeparatorNamed(std::string_view name) {
  const std::string folded = FoldText(name);
  constexpr std::pair<std::string_view, char> kNames[] = {
      {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"tabs", '\t'},  {"\\t", '\t'},
      {"pipe", '|'},  {"逗号", ','},      {"分号", ';'}, {"制表符", '\t'}};
  for (const auto& [known, separator] : kNames) {
    if (folded == known) return separator;
  }
  if (name.size() != 1 || name == "\"" || name == "\n" || name == "\r") return std::nullopt;
  return name[0];
}

/// The separator that Excel's first line names.
std::optional<char> SeparatorLine(std::string_view text) {
  if (text.starts_with("\"sep=")) text.remove_prefix(1);
  if (text.size() < 6 || FoldText(text.substr(0, 4)) != "sep=") return std::nullopt;
  const std::string_view rest = text.substr(5, text.find_first_of("\r\n") - 5);
  return rest.empty() || rest == "\"" ? std::optional(text[4]) : std::nullopt;
}

/// The fields of the first row of a text.
std::vector<std::string> FirstRow(const std::string& text, char separator) {
  struct Found {};
  std::vector<std::string> names;
  try {
    ForEachCsvRow(text, "", separator, [&](size_t, std::vector<std::string> fields) {
      names = std::move(fields);
      throw Found();
    });
  } catch (const Found&) {
  } catch (const Error&) {  // it is said when all of it is read
  }
  return names;
}

/// How many of image, question and answer are among the columns.
size_t NeededAmong(const std::vector<std::string>& names) {
  size_t found = 0;
  for (const std::string_view needed : {"image", "question", "answer"}) {
    found += std::any_of(names.begin(), names.end(),
                         [&](const std::string& name) { return ColumnNamed(name) == needed; });
  }
  return found;
}

char FindSeparator(const std::string& text, const std::string& file) {
  constexpr std::array<char, 4> kSeparators = {',', ';', '\t', '|'};
  constexpr size_t kAll = 3;
  char best = ',';
  size_t most = 0;
  size_t with_most = 0;
  for (const char separator : kSeparators) {
    const size_t found = NeededAmong(FirstRow(text, separator));
    with_most = found > most ? 1 : with_most + (found == most ? 1 : 0);
    if (found > most) best = separator;
    most = std::max(most, found);
  }
  if (most == kAll && with_most > 1) {
    throw Error(file + ": the names in its first row are separated in several ways",
                "Say what separates its fields: --separator comma, semicolon, tab or pipe.");
  }
  if (most > 1 || with_most == 1) return best;
  // None names the columns: what there is most of in the first row.
  const std::string_view line(text.data(), std::min(text.find('\n'), text.size()));
  return *std::max_element(kSeparators.begin(), kSeparators.end(), [&](char a, char b) {
    return std::count(line.begin(), line.end(), a) < std::count(line.begin(), line.end(), b);
  });
}

/// Throws Error for a file that is no text, as those that Excel saves by itself.
void RequireText(const fs::path& file) {
  constexpr size_t kMostRead = size_t{64} << 20;
  std::string bytes = ReadBeginning(file, kChunkBytes);
  if (BeginsAsUtf16(bytes) || !MayBeNoText(bytes)) return;
  bytes = ReadBeginning(file, kMostRead);
  const auto known =
      NameKnownFormat({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  if (!known) return;
  throw Error(fmt::format("{}: it is {}, no text with a table", file.string(), known->name),
              "Open it in Excel, WPS or LibreOffice, and save it as \"CSV UTF-8\".");
}

}  // namespace

CsvForm FindCsvForm(const fs::path& file, const CsvOptions& options) {
  RequireText(file);
  CsvForm form;
  const std::string said = FoldText(options.encoding);
  if (said.empty()) {
    form.encoding = FindEncoding(file);
  } else if (said != "utf-8" && said != "utf8") {
    form.encoding = options.encoding;
  }
  std::string text = Beginning(file, form.encoding);
  const std::optional<char> line = SeparatorLine(text);
  form.separator_line = line.has_value();
  if (line) text.erase(0, std::min(text.find('\n'), text.size() - 1) + 1);
  if (!options.separator.empty()) {
    const std::optional<char> separator = SeparatorNamed(options.separator);
    if (!separator) {
      throw Error(fmt::format("\"{}\" separates no fields", options.separator),
                  "Name one character, or comma, semicolon, tab or pipe.");
    }
    form.separator = *separator;
  } else {
    form.separator = line ? *line : FindSeparator(text, file.string());
  }
  return form;
}

}  // namespace roentgen
