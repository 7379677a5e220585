#include "roentgen/assistant/path_forms.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <regex>
#include <unordered_set>
#include <utility>
#include <vector>

#include "roentgen/assistant/characters.h"
#include "roentgen/base/ascii.h"
#include "roentgen/base/base64.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSeparators = "/\\";
constexpr size_t kLongestEnding = 36;  // bytes: twelve characters in full width

// A missing file is recognised by its ending, so these must be no words that could follow a full
// stop without a blank. Files that are there are found whatever their ending is.
constexpr std::string_view kFileEndings =
    // images
    "jpg jpeg jpe jfif jfi jif pjpeg pjp png apng gif webp bmp dib tif tiff heic heif hif avif jxl "
    "jp2 j2k j2c jpc jpf jpx jph jxr wdp svg svgz psd tga pcx ico icns pbm pgm ppm pnm pfm exr dds "
    "dng cr2 cr3 nef arw orf rw2 eps djvu "
    // medical images and slides
    "dcm dicom dic ima acr nii nrrd nhdr mha mhd hdr img mgh mgz mnc raw svs ndpi mrxs czi scn vsi "
    // documents
    "pdf doc docx ppt pptx xls xlsx odt ods odp rtf txt md tex html htm mht xml epub wps "
    // tables and arrays
    "csv tsv json jsonl yaml yml parquet npy npz mat h5 pkl pickle safetensors "
    // archives
    "zip gz tgz tar bz2 xz zst 7z rar iso "
    // videos
    "mp4 m4v avi mov mkv wmv webm mpg mpeg flv";

bool IsFileEnding(std::string_view ending) {
  static const std::unordered_set<std::string_view> known = [] {
    std::unordered_set<std::string_view> endings;
    for (size_t begin = 0; begin < kFileEndings.size();) {
      const size_t end = std::min(kFileEndings.find(' ', begin), kFileEndings.size());
      endings.insert(kFileEndings.substr(begin, end - begin));
      begin = end + 1;
    }
    return endings;
  }();
  return ending.size() <= kLongestEnding && known.contains(FoldText(ending));
}

/// Where the last character of a text begins.
size_t LastCharacter(std::string_view text) {
  size_t at = text.size();
  while (at > 0 && (text[--at] & 0xc0) == 0x80) {
  }
  return at;
}

/// Chinese punctuation behind which a name begins.
bool OpensName(char32_t c) {
  constexpr std::u32string_view kOpening = U"　、，：；（“‘《〈「『【〔";
  return kOpening.find(c) != kOpening.npos;
}

/// "保存为.jpg" and "打开.dcm文件" ask about a format: behind these a name begins, and none of them
/// ends one.
bool EndsNoName(std::string_view before) {
  static constexpr std::string_view kBeforeNames[] = {
      "为",   "是",   "叫",   "把",   "将",   "和",   "或",   "与",   "及",
      "的",   "个",   "种",   "非",   "持",   "用",   "打开", "转成", "换成",
      "存成", "变成", "导出", "导入", "读取", "读入", "查看"};
  if (before.empty()) return false;
  const size_t last = LastCharacter(before);
  if (OpensName(ReadUtf8(before, last).code_point)) return true;
  const std::string_view two = before.substr(LastCharacter(before.substr(0, last)));
  const auto is_before = [](std::string_view words) {
    return std::any_of(std::begin(kBeforeNames), std::end(kBeforeNames),
                       [&](std::string_view each) { return words.ends_with(each); });
  };
  return is_before(two) || is_before(FoldText(two));
}

/// The length of a letter or digit of any width; 0 where there is none.
size_t AlnumLength(std::string_view text, size_t at) {
  if (at >= text.size()) return 0;
  if (IsAlnum(text[at])) return 1;
  constexpr char32_t kFullWidth = U'！' - U'!';
  const Utf8Step step = ReadUtf8(text, at);
  const char32_t c = step.code_point - kFullWidth;
  return step.code_point > kFullWidth && c < 0x80 && IsAlnum(static_cast<char>(c)) ? step.length
                                                                                   : 0;
}

size_t RunOfAlnum(std::string_view text, size_t begin) {
  size_t end = begin;
  while (const size_t length = AlnumLength(text, end)) end += length;
  return end;
}

/// The length of a full stop that may part a name and its ending, "." or "．"; 0: there is none.
size_t DotLength(std::string_view text, size_t at) {
  constexpr std::string_view kFullWidthDot = "．";
  if (text[at] == '.') return 1;
  return text[at] == kFullWidthDot[0] && text.substr(at).starts_with(kFullWidthDot)
             ? kFullWidthDot.size()
             : 0;
}

/// The dot before the ending that this dot ends (".nii" of ".nii.gz"), if it is one.
std::optional<size_t> DotOfEndingBefore(std::string_view text, size_t dot) {
  size_t begin = dot;
  while (begin > 0 && IsAlnum(text[begin - 1])) --begin;
  const bool ending = begin > 0 && begin < dot && text[begin - 1] == '.' &&
                      IsFileEnding(text.substr(begin, dot - begin));
  return ending ? std::optional(begin - 1) : std::nullopt;
}

/// Whether what stands before the dot can be a name's end, an ending before it aside.
bool CanEndName(std::string_view text, size_t dot) {
  if (dot == 0) return false;
  const char before = text[dot - 1];
  if (EndsNoName(text.substr(0, dot))) return false;
  if (!IsOneOf(before, "'\"")) return !IsSpace(before) && !IsOneOf(before, "/\\*([{<,;:|=");
  return dot > 1 && !IsSpace(text[dot - 2]) && text[dot - 2] != '(';
}

/// Whether a name stands before the dot: ".png" alone, "*.png", "(.png" and the second dot of
/// ".nii.gz" have none.
bool NameEndsAt(std::string_view text, size_t dot) {
  constexpr size_t kMostEndings = 16;  // one behind the other; no name has so many
  std::vector<size_t> dots{dot};
  while (const auto before = DotOfEndingBefore(text, dots.back())) {
    if (dots.size() == kMostEndings) return false;
    dots.push_back(*before);
  }
  return std::all_of(dots.begin(), dots.end(), [&](size_t each) { return CanEndName(text, each); });
}

/// The end of the file's ending that begins with a dot here, behind a name; 0 where none does.
size_t EndingEnd(std::string_view text, size_t dot) {
  const size_t length = DotLength(text, dot);
  if (length == 0) return 0;
  const size_t end = RunOfAlnum(text, dot + length);
  const bool ending = IsFileEnding(text.substr(dot + length, end - dot - length));
  return ending && NameEndsAt(text, dot) ? end : 0;
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
  if (LowerAscii(text.substr(0, kScheme.size())) != kScheme) return std::nullopt;
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

std::string WithSlashes(std::string text) {
  std::replace(text.begin(), text.end(), '\\', '/');
  return text;
}

/// "SCHEME://" with a scheme of two letters or more, which is not file.
bool HasScheme(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && (IsAlnum(text[end]) || (end > 0 && IsOneOf(text[end], "+-.")))) ++end;
  return end >= 2 && IsAlpha(text[0]) && text.substr(end).starts_with("://") &&
         end + 3 < text.size() && !IsSpace(text[end + 3]) &&
         LowerAscii(text.substr(0, end)) != "file";
}

/// Blanks, quotes, angle brackets, and the punctuation of Chinese, which has no blanks.
bool EndsAddress(char32_t c) {
  const bool cjk_punctuation =
      (c >= 0x3000 && c < 0x3030) || (c >= 0xff00 && c < 0xff10) || (c >= 0xff1a && c < 0xff21);
  const bool quote = c >= 0x2018 && c <= 0x201f;
  return c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || quote ||
         cjk_punctuation;
}

/// Without the marks of the sentence around an address. "…/x_(1)" has its own bracket.
size_t LengthWithoutMarks(std::string_view address) {
  auto unopened = std::count(address.begin(), address.end(), ')') -
                  std::count(address.begin(), address.end(), '(');
  while (!address.empty()) {
    const bool bracket = address.back() == ')' && unopened > 0;
    if (!bracket && !IsOneOf(address.back(), ".,;:!?]}|")) break;
    if (bracket) --unopened;
    address.remove_suffix(1);
  }
  return address.size();
}

/// Numbers with dots between them, as DICOM's identifiers are, perhaps behind "CT.".
bool IsUid(std::string_view word) {
  size_t begin = 0;
  while (begin < word.size() && IsAlpha(word[begin])) ++begin;
  if (begin > 0 && (begin == word.size() || word[begin++] != '.')) return false;
  size_t components = 0;
  size_t longest = 0;
  while (begin < word.size()) {
    size_t end = begin;
    while (end < word.size() && IsDigit(word[end])) ++end;
    if (end == begin || (end < word.size() && word[end] != '.')) return false;
    ++components;
    longest = std::max(longest, end - begin);
    begin = end + 1;
  }
  const bool ends = !word.empty() && IsDigit(word.back());
  return ends && ((components >= 5 && longest >= 3) || (components >= 3 && longest >= 15));
}

/// "3.0T", "120kVp", "v1.2", "No.3", "Fig.12", "e.g", "U.S.": what has digits or dots in prose.
bool IsNumberOrAbbreviation(std::string_view word) {
  static const std::regex kForms(
      "(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?[A-Za-z%]{1,4}|[A-Za-z]?[0-9]{1,4}\\.[0-9]{1,3}|"
      "[A-Za-z]{1,4}\\.[1-9][0-9]?|([A-Za-z]\\.)+[A-Za-z]");
  constexpr size_t kLongest = 16;
  while (word.ends_with('.')) word.remove_suffix(1);
  return word.size() <= kLongest && std::regex_match(word.begin(), word.end(), kForms);
}

size_t LengthOfData(std::string_view text) {
  const size_t comma = text.find(',');
  size_t end = comma + 1;
  while (end < text.size() && (IsAlnum(text[end]) || IsOneOf(text[end], "+/=%_-"))) ++end;
  return end;
}

}  // namespace

std::vector<fs::path> PathsMeant(std::string_view text) {
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
    const bool known = std::any_of(paths.begin(), paths.end(),
                                   [&](const fs::path& each) { return each.native() == path; });
    if (fits && !known) paths.emplace_back(path);
  };
  for (const std::string& spelling : spellings) {
    add(spelling);
    if (spelling.starts_with("~/")) {
      const char* home = std::getenv("HOME");
      if (home != nullptr) add(home + spelling.substr(1));
    }
    if (IsDrivePath(spelling)) {
      add("/mnt/" + LowerAscii(spelling.substr(0, 1)) + WithSlashes(spelling.substr(2)));
    }
    if (spelling.find('\\') != std::string::npos) add(WithSlashes(spelling));
  }
  return paths;
}

bool IsRooted(std::string_view text) {
  const std::string lower = LowerAscii(text.substr(0, 8));
  return text.starts_with("/") || text.starts_with("~/") || text.starts_with("./") ||
         text.starts_with("../") || text.starts_with(".\\") || text.starts_with("..\\") ||
         text.starts_with("\\\\") || lower.starts_with("file:/") || IsDrivePath(text);
}

bool IsDrivePath(std::string_view text) {
  return text.size() >= 3 && IsAlpha(text[0]) && text[1] == ':' && IsOneOf(text[2], kSeparators);
}

bool HasSeparator(std::string_view text) {
  return text.find_first_of(kSeparators) != std::string_view::npos;
}

std::string_view FirstComponent(std::string_view text) {
  return text.substr(0, text.find_first_of(kSeparators));
}

std::vector<size_t> FileEndings(std::string_view line) {
  std::vector<size_t> ends;
  for (size_t dot = 0; dot < line.size(); ++dot) {
    const size_t end = EndingEnd(line, dot);
    if (end > 0 && !NameGoesOn(line, end)) ends.push_back(end);
  }
  return ends;
}

bool HoldsFileEnding(std::string_view word, size_t begin) {
  for (size_t dot = begin; dot < word.size(); ++dot) {
    if (EndingEnd(word, dot) > 0) return true;
  }
  return false;
}

bool HasEnding(std::string_view word) {
  const size_t dot = word.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == word.size()) return false;
  return NameEndsAt(word, dot) && IsAlpha(word[dot + 1]) &&
         RunOfAlnum(word, dot + 1) == word.size();
}

bool HasShortEnding(std::string_view word) {
  if (!HasEnding(word)) return false;
  const std::string_view ending = word.substr(word.rfind('.') + 1);
  const bool mixed =
      LowerAscii(ending) != ending && std::any_of(ending.begin(), ending.end(), [](char c) {
        return std::islower(static_cast<unsigned char>(c)) != 0;
      });
  return ending.size() <= 5 && !mixed;
}

bool NameGoesOn(std::string_view text, size_t end) {
  if (end == text.size()) return false;
  if (CopyNumberLength(text, end) > 0) return true;
  const char c = text[end];
  if (IsOneOf(c, "%~_")) return true;
  const char next = end + 1 < text.size() ? text[end + 1] : ' ';
  if (c == '-') return IsAlnum(next);
  if (IsOneOf(c, kSeparators)) return !IsSpace(next) && (next & 0x80) == 0 && next != '"';
  if (c != '.') return false;
  // A full stop and the next sentence's capital letter.
  const char second = end + 2 < text.size() ? text[end + 2] : ' ';
  return IsAlnum(next) && !(IsUpper(next) && !IsUpper(second) && !IsDigit(second));
}

size_t CopyNumberLength(std::string_view text, size_t at) {
  for (const auto& [open, close] : kCopyBrackets) {
    if (text[at] != open[0] || !text.substr(at).starts_with(open)) continue;
    size_t end = at + open.size();
    while (end < text.size() && IsDigit(text[end])) ++end;
    if (end > at + open.size() && text.substr(end).starts_with(close)) {
      return end + close.size() - at;
    }
  }
  return 0;
}

bool IsNumberedName(std::string_view word) {
  if (HasEnding(word)) {  // "scan_01.xyz"
    if (!HasShortEnding(word)) return false;
    word = word.substr(0, word.rfind('.'));
  }
  bool letters = false;
  bool digits = false;
  bool long_number = false;
  for (size_t at = 0; at < word.size();) {
    const size_t begin = at;
    while (at < word.size() && IsDigit(word[at])) ++at;
    const size_t length = at - begin;
    digits = digits || length > 0;
    long_number = long_number || length >= 4 || (length >= 3 && word[begin] == '0');
    if (at == word.size()) break;
    if (!IsAlnum(word[at]) && !IsOneOf(word[at], "_-")) return false;
    letters = letters || IsAlpha(word[at]);
    ++at;
  }
  const bool joined = word.find('_') != std::string_view::npos && word.size() >= 5;
  return letters && digits && (long_number || joined);
}

bool IsProgramName(std::string_view word) {
  if (IsUid(word)) return true;
  bool named = false;
  size_t letters = 0;  // right before this place
  for (size_t at = 0; at < word.size();) {
    if (IsDigit(word[at])) {
      const size_t begin = at;
      while (at < word.size() && IsDigit(word[at])) ++at;
      const size_t digits = at - begin;
      const bool joined = begin > 0 && word[begin - 1] == '_';
      const bool led = word[begin] == '0' && digits >= (letters >= 2 ? 3 : 5);
      named = named || (letters > 0 && (joined ? letters >= 2 : led));
      letters = 0;
      continue;
    }
    if (IsAlpha(word[at])) {
      ++letters;
    } else if (word[at] == '-') {
      letters = 0;
    } else if (word[at] != '_') {
      return false;
    }
    ++at;
  }
  return named;
}

bool IsPlainWord(std::string_view word) {
  constexpr size_t kLongestTerm = 3;    // "T1", "CT" and "FDG"
  constexpr size_t kLongestNumber = 4;  // "2024", "1-2"
  if (IsNumberOrAbbreviation(word)) return true;
  if (word.find_first_not_of("0123456789-_ ") == std::string_view::npos) {
    return word.size() <= kLongestNumber;
  }
  if (word.find('.') != std::string_view::npos) return false;
  if (word.size() <= kLongestTerm) return true;
  size_t capitals = 0;
  bool others = false;
  for (const char c : word) {
    if (IsDigit(c) || c == '_') return false;
    if (IsUpper(c)) ++capitals;
    if (!IsUpper(c) && c != '-') others = true;
  }
  return capitals < 4 || others;
}

size_t AddressLength(std::string_view text) {
  if (IsDataAddress(text)) return LengthOfData(text);
  const bool www = LowerAscii(text.substr(0, 4)) == "www." && text.size() > 4 && IsAlnum(text[4]);
  if (!www && !HasScheme(text)) return 0;
  size_t end = 0;
  while (end < text.size()) {
    const Utf8Step step = ReadUtf8(text, end);
    if (EndsAddress(step.code_point)) break;
    end += step.length;
  }
  // A question in Chinese right behind a file's ending.
  for (const size_t ending : FileEndings(text.substr(0, end))) {
    if (ending < end && (text[ending] & 0x80) != 0) end = ending;
  }
  return LengthWithoutMarks(text.substr(0, end));
}

bool IsDataAddress(std::string_view text) {
  constexpr size_t kLongestKind = 128;
  const std::string kind = LowerAscii(text.substr(0, kLongestKind));
  if (!kind.starts_with("data:")) return false;
  const size_t comma = kind.find(',');
  const std::string_view type = std::string_view(kind).substr(5, comma - 5);
  return comma != std::string::npos && !std::any_of(type.begin(), type.end(), IsSpace) &&
         (type.find('/') != std::string_view::npos || type.ends_with(";base64"));
}

bool ReadsAsHost(std::string_view word) {
  const size_t slash = word.find('/');
  if (slash == std::string_view::npos || slash + 1 == word.size()) return false;
  std::string_view host = word.substr(0, slash);
  const std::string_view path = word.substr(slash + 1);
  const size_t colon = host.find(':');
  const bool port =
      colon != std::string_view::npos && host.size() - colon >= 5 &&
      std::all_of(host.begin() + static_cast<ptrdiff_t>(colon) + 1, host.end(), IsDigit);
  if (colon != std::string_view::npos && !port) return false;
  host = host.substr(0, colon);
  size_t labels = 1;
  bool numbers = true;
  for (size_t i = 0; i < host.size(); ++i) {
    if (IsUpper(host[i]) || !(IsAlnum(host[i]) || IsOneOf(host[i], ".-"))) return false;
    numbers = numbers && (IsDigit(host[i]) || host[i] == '.');
    if (host[i] != '.') continue;
    if (i == 0 || host[i - 1] == '.') return false;
    ++labels;
  }
  if (numbers) {
    return labels == 4 && host.back() != '.' && std::any_of(path.begin(), path.end(), IsAlpha);
  }
  if (port) return true;
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return labels >= 2 && last.size() >= 2 && last.size() <= 6 &&
         std::all_of(last.begin(), last.end(), IsAlpha) &&
         std::any_of(path.begin(), path.end(),
                     [](char c) { return IsDigit(c) || IsOneOf(c, "/?"); });
}

std::string_view KindOfDataAddress(std::string_view address) {
  return address.substr(0, address.find(','));
}

std::optional<std::string> DecodeDataAddress(std::string_view address) {
  const std::string_view kind = KindOfDataAddress(address);
  if (kind.size() == address.size() || !LowerAscii(kind).ends_with(";base64")) return std::nullopt;
  std::string data = DecodePercents(address.substr(kind.size() + 1));
  // The alphabet for addresses (RFC 4648, section 5), and padding that was left away.
  std::replace(data.begin(), data.end(), '-', '+');
  std::replace(data.begin(), data.end(), '_', '/');
  while (data.size() % 4 != 0) data += '=';
  return FromBase64(data);
}

}  // namespace roentgen
