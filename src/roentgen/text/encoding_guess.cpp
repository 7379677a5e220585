#include "roentgen/text/encoding_guess.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

bool In(uint8_t byte, int from, int to) {
  return byte >= from && byte <= to;
}

bool IsAsciiLetter(uint8_t byte) {
  return In(byte | 0x20, 'a', 'z');
}

/// Bytes by their place; zeros around them.
struct Bytes {
  std::string_view text;
  uint8_t operator[](size_t at) const {
    return at < text.size() ? static_cast<uint8_t>(text[at]) : uint8_t{0};
  }
  uint8_t Before(size_t at) const { return at == 0 ? uint8_t{0} : (*this)[at - 1]; }
  size_t size() const { return text.size(); }
};

/// How well a text fits an encoding.
struct Fit {
  const char* encoding;
  bool valid = true;
  double usual = 0;  ///< characters beyond ASCII that are usual there
  double all = 0;

  double Share() const { return valid && all > 0 ? usual / all : 0; }
  void Take(double how_usual) {
    usual += how_usual;
    all += 1;
  }
};

/// Usual are punctuation and the characters of GB 2312's first level; those of its second level are
/// half as good, for another encoding's text has these too. The rest of GBK and GB18030 is rare.
Fit FitGb18030(const Bytes& bytes) {
  Fit fit{"GB18030"};
  for (size_t at = 0; at < bytes.size();) {
    const uint8_t lead = bytes[at];
    const uint8_t trail = bytes[at + 1];
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const bool four = In(trail, '0', '9') && bytes[at + 2] > 0x80 && In(bytes[at + 3], '0', '9');
    fit.valid = fit.valid && lead != 0x80 && lead != 0xff && trail != 0xff &&
                (four || (trail >= 0x40 && trail != 0x7f));
    const bool first = In(lead, 0xb0, 0xd7) || In(lead, 0xa1, 0xa3);
    const bool second = In(lead, 0xd8, 0xf7);
    fit.Take(trail < 0xa1 ? 0 : first ? 1 : second ? 0.5 : 0);
    at += four ? 4 : 2;
  }
  return fit;
}

/// Usual are punctuation and the characters of the first level. One whose second byte is ASCII and
/// that stands alone cannot be told from a Latin letter or sign ("37°C").
Fit FitBig5(const Bytes& bytes) {
  Fit fit{"Big5"};
  for (size_t at = 0; at < bytes.size();) {
    const uint8_t lead = bytes[at];
    const uint8_t trail = bytes[at + 1];
    if (lead < 0x80) {
      ++at;
      continue;
    }
    fit.valid =
        fit.valid && In(lead, 0xa1, 0xf9) && (In(trail, 0x40, 0x7e) || In(trail, 0xa1, 0xfe));
    const bool alone = trail < 0x80 && bytes.Before(at) < 0x80 && bytes[at + 2] < 0x80;
    const bool inside = at >= 2 && bytes[at - 2] >= 0x80;  // after another one of two bytes
    fit.Take((In(lead, 0xa4, 0xc6) || lead == 0xa1) && (!alone || inside) ? 1 : 0);
    at += 2;
  }
  return fit;
}

/// Usual are single letters with accents and signs among ASCII; of two in a row, quotes and dashes
/// beside another and small letters in a word.
Fit FitWindows1252(const Bytes& bytes) {
  Fit fit{"windows-1252"};
  for (size_t at = 0; at < bytes.size(); ++at) {
    const uint8_t byte = bytes[at];
    if (byte < 0x80) continue;
    for (const int none : {0x81, 0x8d, 0x8f, 0x90, 0x9d}) fit.valid = fit.valid && byte != none;
    const uint8_t before = bytes.Before(at);
    const uint8_t after = bytes[at + 1];
    const auto is_mark = [](uint8_t each) { return In(each, 0x80, 0xa0); };
    const bool inside = IsAsciiLetter(before) && IsAsciiLetter(after);
    bool usual = true;
    if (In(byte, 0x80, 0x9f)) {
      usual = byte == 0x92 || byte == 0x9c || byte == 0x96 || byte == 0x97 || !inside;
      if (In(byte, 0x82, 0x84) || In(byte, 0x86, 0x88) || byte == 0x8a || byte == 0x8c ||
          byte == 0x8e || byte == 0x98 || byte == 0x9a || In(byte, 0x9e, 0x9f)) {
        usual = false;  // letters of Central Europe, and marks that texts hardly have
      }
    } else if (byte < 0xc0 && inside) {
      usual = byte == 0xad || byte == 0xb4 || byte == 0xb7;  // a hyphen, an apostrophe, a dot
    } else if (byte == 0xd0 || byte == 0xf0 || In(byte, 0xdd, 0xde) || In(byte, 0xfd, 0xfe)) {
      usual = false;  // Icelandic here, frequent letters in Turkish
    } else if (before >= 0x80 || after >= 0x80) {
      const uint8_t other = before >= 0x80 ? before : after;
      const bool several = before >= 0x80 && after >= 0x80;
      const bool word = byte >= 0xdf && other >= 0xdf &&
                        (IsAsciiLetter(before) || IsAsciiLetter(after)) && !several;
      usual = word || (!several && is_mark(other));
    }
    fit.Take(usual ? 1 : 0);
  }
  return fit;
}

}  // namespace

std::optional<std::string> EncodingByBeginning(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) return "UTF-8";
  if (bytes.starts_with("\xff\xfe")) return "UTF-16LE";
  if (bytes.starts_with("\xfe\xff")) return "UTF-16BE";
  // Separators and line ends in two bytes; read in the wrong order they are no characters.
  size_t zeros = 0;
  size_t little = 0;
  size_t big = 0;
  constexpr std::string_view kSeparators = "\t\n\r,;|";
  for (size_t at = 0; at + 1 < bytes.size(); at += 2) {
    const bool low = bytes[at] == '\0';
    const bool high = bytes[at + 1] == '\0';
    zeros += (low ? 1 : 0) + (high ? 1 : 0);
    if (high && kSeparators.find(bytes[at]) != kSeparators.npos) ++little;
    if (low && kSeparators.find(bytes[at + 1]) != kSeparators.npos) ++big;
  }
  // A text of UTF-8 has zeros by accident, but few.
  if (zeros * 20 < bytes.size() && !FindInvalidUtf8(bytes)) return {};
  if (std::max(little, big) < 2 || std::min(little, big) * 10 > std::max(little, big)) return {};
  return little > big ? "UTF-16LE" : "UTF-16BE";
}

EncodingGuess GuessEncoding(std::string_view lines) {
  constexpr double kProven = 0.75;
  constexpr double kAhead = 0.25;
  constexpr double kPossible = 0.3;
  std::vector<Fit> fits = {FitGb18030({lines}), FitBig5({lines}), FitWindows1252({lines})};
  std::erase_if(fits, [](const Fit& fit) { return !fit.valid; });
  std::stable_sort(fits.begin(), fits.end(),
                   [](const Fit& a, const Fit& b) { return a.Share() > b.Share(); });
  EncodingGuess guess;
  for (const Fit& fit : fits) {
    if (fit.Share() >= std::max(kPossible, fits[0].Share() / 2)) {
      guess.candidates.emplace_back(fit.encoding);
    }
  }
  guess.proven = !fits.empty() && fits[0].Share() >= kProven &&
                 (fits.size() == 1 || fits[0].Share() - fits[1].Share() >= kAhead);
  return guess;
}

}  // namespace roentgen
