#include "roentgen/data/entities.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "roentgen/data/format_signs.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// Names in a row that stand for code points in a row.
struct NameRow {
  char32_t first;
  std::string_view names;  ///< "-": none
};

/// HTML 4.01, section 24.
constexpr NameRow kRows[] = {
    {0xa0,
     "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn "
     "sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave "
     "Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc "
     "Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute "
     "THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml "
     "igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave "
     "uacute ucirc uuml yacute thorn yuml"},
    {0x391,
     "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - "
     "Sigma Tau Upsilon Phi Chi Psi Omega"},
    {0x3b1,
     "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
     "sigmaf sigma tau upsilon phi chi psi omega"},
    {0x3d1, "thetasym upsih - - - piv"},
    {0x22, "quot"},
    {0x26, "amp apos"},
    {0x3c, "lt - gt"},
    {0x22, "QUOT"},
    {0x26, "AMP"},
    {0x3c, "LT - GT"},
    {0x152, "OElig oelig"},
    {0x160, "Scaron scaron"},
    {0x178, "Yuml"},
    {0x192, "fnof"},
    {0x2c6, "circ"},
    {0x2dc, "tilde"},
    {0x2002, "ensp emsp"},
    {0x2009, "thinsp"},
    {0x200c, "zwnj zwj lrm rlm"},
    {0x2013, "ndash mdash"},
    {0x2018, "lsquo rsquo sbquo - ldquo rdquo bdquo - dagger Dagger bull - - - hellip"},
    {0x2030, "permil - prime Prime"},
    {0x2039, "lsaquo rsaquo"},
    {0x203e, "oline"},
    {0x2044, "frasl"},
    {0x20ac, "euro"},
    {0x2111, "image"},
    {0x2118, "weierp"},
    {0x211c, "real"},
    {0x2122, "trade"},
    {0x2135, "alefsym"},
    {0x2190, "larr uarr rarr darr harr"},
    {0x21b5, "crarr"},
    {0x21d0, "lArr uArr rArr dArr hArr"},
    {0x2200, "forall - part exist - empty - nabla isin notin - ni"},
    {0x220f, "prod - sum minus"},
    {0x2217, "lowast"},
    {0x221a, "radic"},
    {0x221d, "prop infin"},
    {0x2220, "ang"},
    {0x2227, "and or cap cup int"},
    {0x2234, "there4"},
    {0x223c, "sim"},
    {0x2245, "cong"},
    {0x2248, "asymp"},
    {0x2260, "ne equiv"},
    {0x2264, "le ge"},
    {0x2282, "sub sup nsub - sube supe"},
    {0x2295, "oplus - otimes"},
    {0x22a5, "perp"},
    {0x22c5, "sdot"},
    {0x2308, "lceil rceil lfloor rfloor"},
    {0x2329, "lang rang"},
    {0x25ca, "loz"},
    {0x2660, "spades - - clubs - hearts diams"},
};

const std::map<std::string_view, char32_t>& Named() {
  static const auto kNamed = [] {
    std::map<std::string_view, char32_t> named;
    for (NameRow row : kRows) {
      while (!row.names.empty()) {
        const size_t end = std::min(row.names.find(' '), row.names.size());
        if (row.names.substr(0, end) != "-") named[row.names.substr(0, end)] = row.first;
        row.names.remove_prefix(std::min(end + 1, row.names.size()));
        ++row.first;
      }
    }
    return named;
  }();
  return kNamed;
}

/// What browsers show for a number: those of the C1 controls are meant in Windows-1252, and other
/// controls and what is no character have none.
std::optional<char32_t> Numbered(std::string_view digits) {
  const bool hexadecimal = digits.starts_with('x') || digits.starts_with('X');
  if (hexadecimal) digits.remove_prefix(1);
  uint32_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number, hexadecimal ? 16 : 10);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  constexpr char32_t kWindows[] = U"€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";
  if (number >= 0x80 && number < 0xa0) {
    const char32_t meant = kWindows[number - 0x80];
    return meant == 0 ? std::nullopt : std::optional(meant);
  }
  const bool blank = number == '\t' || number == '\n' || number == '\r';
  const bool control = (number < 0x20 && !blank) || number == 0x7f;
  const bool surrogate = number >= 0xd800 && number < 0xe000;
  if (control || surrogate || number > 0x10ffff) return std::nullopt;
  return number;
}

std::string DecodedOnce(std::string_view text) {
  constexpr size_t kLongest = 10;  // "#x0010FFFF" and all names
  std::string decoded;
  for (size_t at = 0; at < text.size();) {
    const size_t end =
        text[at] == '&' ? text.substr(0, at + kLongest + 2).find(';', at) : text.npos;
    std::optional<char32_t> character;
    if (end != text.npos) {
      const std::string_view name = text.substr(at + 1, end - at - 1);
      if (name.starts_with('#')) {
        character = Numbered(name.substr(1));
      } else if (const auto known = Named().find(name); known != Named().end()) {
        character = known->second;
      }
    }
    if (character) {
      AppendUtf8(*character, decoded);
      at = end + 1;
    } else {
      decoded += text[at++];
    }
  }
  return decoded;
}

}  // namespace

std::string WithoutEntities(std::string_view text) {
  std::string decoded(text);
  for (std::string before; before != decoded;) {
    before = std::exchange(decoded, {});
    decoded = DecodedOnce(before);
  }
  return CountFormatSigns(decoded) == CountFormatSigns(text) ? decoded : std::string(text);
}

}  // namespace roentgen
