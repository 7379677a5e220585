#include "roentgen/base/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>

#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/json_scan.h"
#include "roentgen/base/text_encoding.h"

namespace roentgen {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 20;
constexpr size_t kMaxDepth = 16;        // of lists and mappings; settings have one or two
constexpr size_t kMaxValues = 100'000;  // each takes some 300 bytes in memory

bool IsUtf8(const std::string& text) {
  try {
    (void)Json(text).dump();
    return true;
  } catch (const Json::type_error&) {
    return false;
  }
}

/// The parser reads UTF-16, but lets other bytes through, to fail where nobody knows the file. A
/// zero byte it takes for a part of a name, or calls an unknown escape character.
void RequireUtf8(const std::string& text, const std::string& where) {
  if (BeginsAsUtf16(text)) return;
  if (const size_t zero = text.find('\0'); zero != std::string::npos) {
    throw Error(fmt::format("{}: {}: a zero byte", where, PlaceInText(text, zero + 1)));
  }
  if (IsUtf8(text)) return;
  std::istringstream lines(text);
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!IsUtf8(line)) ThrowNotUtf8(fmt::format("{}: line {}", where, number), text);
  }
}

/// Takes the parser's events, before anything is built of them, and refuses what is too much: the
/// parser and what it builds recurse as deep as the text is nested.
class Bounds : public YAML::EventHandler {
 public:
  explicit Bounds(const std::string& where) : where_(where) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { Count(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { Count(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {
    Count(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {
    Open(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  [[noreturn]] void Fail(const YAML::Mark& mark, const std::string& problem) const {
    throw Error(fmt::format("{}: line {}: {}", where_, mark.line + 1, problem));
  }
  void Count(const YAML::Mark& mark) {
    if (++values_ > kMaxValues) Fail(mark, fmt::format("more than {} values", kMaxValues));
  }
  void Open(const YAML::Mark& mark) {
    Count(mark);
    if (++depth_ > kMaxDepth) Fail(mark, fmt::format("nested deeper than {}", kMaxDepth));
  }

  const std::string& where_;
  size_t depth_ = 0;
  size_t values_ = 0;
};

void RequireBounds(const std::string& text, const std::string& where) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Bounds bounds(where);
  while (parser.HandleNextDocument(bounds)) {
  }
}

YAML::Node Parse(const std::string& text, const std::string& where) {
  try {
    RequireBounds(text, where);
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      throw Error(where + ": a second document begins in it (after a line \"---\")",
                  "Put each document into a file of its own.");
    }
    return documents.empty() ? YAML::Node() : documents.front();
  } catch (const YAML::Exception& error) {
    throw Error(
        fmt::format("{}: line {}: not valid YAML: {}", where, error.mark.line + 1, error.msg));
  }
}

YamlSetting SettingOf(const std::string& key, const YAML::Node& value, const std::string& where) {
  using Kind = YamlSetting::Kind;
  std::vector<std::string> values;
  if (value.IsScalar()) return {key, Kind::kScalar, {value.Scalar()}, where};
  if (value.IsMap()) {
    for (const auto& entry : value)
      values.push_back(entry.first.IsScalar() ? entry.first.Scalar() : "");
    return {key, Kind::kMap, std::move(values), where};
  }
  if (!value.IsSequence()) return {key, Kind::kNull, {}, where};
  Kind kind = Kind::kList;
  for (const YAML::Node& element : value) {
    if (!element.IsScalar()) kind = Kind::kMap;
    values.push_back(element.IsScalar() ? element.Scalar() : "");
  }
  return {key, kind, std::move(values), where};
}

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

template <class T, class... Format>
std::optional<T> ParseWhole(std::string_view text, Format... format) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value, format...);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// A number in two parts, the digits without "_" between them, as PyYAML reads YAML 1.1.
struct SignedDigits {
  bool negative;
  std::string digits;  // empty: no number
};

SignedDigits ReadSign(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.front() == '-' || text.front() == '_') return {negative, ""};
  std::string digits(text);
  std::erase(digits, '_');
  return {negative, digits};
}

/// 90, 0x5a, 0b1011010, 0132 (in base 8) and 1:30 (in base 60) are one number.
std::optional<uint64_t> ParseDigits(std::string_view digits) {
  if (digits.starts_with("0x")) return ParseWhole<uint64_t>(digits.substr(2), 16);
  if (digits.starts_with("0b")) return ParseWhole<uint64_t>(digits.substr(2), 2);
  if (digits.size() > 1 && digits.front() == '0') return ParseWhole<uint64_t>(digits, 8);
  constexpr uint64_t kBase = 60;
  uint64_t value = 0;
  for (size_t begin = 0; begin <= digits.size();) {
    const size_t end = std::min(digits.find(':', begin), digits.size());
    const auto part = ParseWhole<uint64_t>(digits.substr(begin, end - begin), 10);
    if (!part || (begin > 0 && *part >= kBase) || value > (INT64_MAX - *part) / kBase) {
      return std::nullopt;
    }
    value = value * kBase + *part;
    begin = end + 1;
  }
  return value;
}

std::optional<int64_t> ParseInteger(const std::string& text) {
  const auto [negative, digits] = ReadSign(text);
  const std::optional<uint64_t> value = ParseDigits(digits);
  if (!value || *value > INT64_MAX) return std::nullopt;
  const auto number = static_cast<int64_t>(*value);
  return negative ? -number : number;
}

std::optional<double> ParseNumber(const std::string& text) {
  if (const auto whole = ParseInteger(text)) return static_cast<double>(*whole);
  const auto [negative, digits] = ReadSign(text);
  // 08 is no number of base 8, and no other one.
  const bool octal =
      digits.starts_with('0') && digits.find_first_not_of("0123456789") == digits.npos;
  const auto value = octal ? std::nullopt : ParseWhole<double>(digits);
  return value && negative ? std::optional(-*value) : value;
}

size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

bool YamlSetting::IsEmpty() const {
  return values_.empty() || (kind_ == Kind::kScalar && values_.front().empty());
}

std::string YamlSetting::Text() const {
  if (kind_ == Kind::kMap) Fail("expected a value, found keys or lists");
  if (kind_ != Kind::kScalar) Fail("expected a text, found a list or nothing");
  return values_.front();
}

bool YamlSetting::Bool() const {
  const std::string word = LowerAscii(Text());
  for (const char* yes : {"true", "yes", "on"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "no", "off"}) {
    if (word == no) return false;
  }
  Fail(fmt::format("expected true or false, found \"{}\"", Text()));
}

int64_t YamlSetting::Integer(int64_t least, int64_t most) const {
  const std::string text = Text();
  std::optional<int64_t> value = ParseInteger(text);
  if (!value) {  // 4.0 and 1e3 are whole numbers, too
    const std::optional<double> number = ParseNumber(text);
    if (number && std::abs(*number) <= 0x1p53 && *number == std::floor(*number)) {
      value = static_cast<int64_t>(*number);
    }
  }
  if (!value) Fail(fmt::format("expected a whole number, found \"{}\"", text));
  if (*value < least) Fail(fmt::format("{} is below {}", *value, least));
  if (*value > most) Fail(fmt::format("{} is above {}", *value, most));
  return *value;
}

double YamlSetting::Number(double least, double most) const {
  const std::optional<double> value = ParseNumber(Text());
  if (!value || !std::isfinite(*value)) {
    Fail(fmt::format("expected a number, found \"{}\"", Text()));
  }
  if (*value < least) Fail(fmt::format("{} is below {}", *value, least));
  if (*value > most) Fail(fmt::format("{} is above {}", *value, most));
  return *value;
}

std::vector<std::string> YamlSetting::List() const {
  if (kind_ == Kind::kList) return values_;
  std::vector<std::string> list;
  const std::string text = Text();
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = Trimmed(std::string_view(text).substr(begin, end - begin));
    if (part.empty()) Fail("nothing between two commas");
    list.emplace_back(part);
    begin = end + 1;
  }
  return list;
}

void YamlSetting::Fail(const std::string& problem, std::string hint) const {
  throw Error(fmt::format("{}: {}: {}", where_, key_, problem), std::move(hint));
}

std::vector<YamlSetting> ReadYamlSettings(const std::filesystem::path& path) {
  const std::string text = ReadFile(path, kMaxFileBytes);
  RequireUtf8(text, path.string());
  const YAML::Node root = Parse(text, path.string());
  if (!root.IsMap()) throw Error(path.string() + ": expected lines of \"key: value\"");
  std::vector<YamlSetting> settings;
  std::set<std::string> seen;
  for (const auto& entry : root) {
    const YAML::Node& name = entry.first;
    const std::string where = fmt::format("{}: line {}", path.string(), name.Mark().line + 1);
    if (!name.IsScalar()) throw Error(where + ": expected a name before the colon");
    settings.push_back(SettingOf(name.Scalar(), entry.second, where));
    if (!seen.insert(name.Scalar()).second) settings.back().Fail("given twice");
  }
  return settings;
}

YamlSetting ParseYamlOverride(const std::string& text) {
  const size_t sign = text.find('=');
  if (sign == 0 || sign == std::string::npos) {
    throw Error(fmt::format("\"{}\" is not of the form key=value", text));
  }
  RequireUtf8(text, "command line");
  constexpr size_t kShown = 80;
  const std::string where = text.size() <= kShown ? text : text.substr(0, sign).substr(0, kShown);
  return SettingOf(text.substr(0, sign), Parse(text.substr(sign + 1), where), "command line");
}

std::optional<std::string> NearestName(const std::string& word,
                                       std::span<const std::string> names) {
  std::optional<std::string> nearest;
  size_t least = word.size() / 2;
  for (const std::string& name : names) {
    const size_t longer = std::max(word.size(), name.size());
    if (longer - std::min(word.size(), name.size()) > least) continue;  // so far apart at least
    const size_t distance = EditDistance(word, name);
    if (distance < least || (distance == least && !nearest)) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace roentgen
