#include "roentgen/data/labels.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "roentgen/data/blanks.h"
#include "roentgen/data/label_qualities.h"
#include "roentgen/language/answer.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// A character of a label, folded; of several code points ("(1)") none.
struct Character {
  char32_t folded = 0;
  size_t begin = 0;  // in the label's bytes
  size_t end = 0;
};

std::vector<Character> CharactersOf(std::string_view label) {
  std::vector<Character> characters;
  for (size_t at = 0; at < label.size();) {
    const size_t end = at + ReadUtf8(label, at).length;
    const std::string folded = FoldText(label.substr(at, end - at));
    const bool one = !folded.empty() && ReadUtf8(folded, 0).length == folded.size();
    characters.push_back({one ? ReadUtf8(folded, 0).code_point : 0, at, end});
    at = end;
  }
  return characters;
}

bool IsDigit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool IsLatin(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xdf && c < 0x250 && c != 0xf7);
}

/// Where the bracket at this place is closed; its own place where it is none or never closed.
size_t ClosingBracket(const std::vector<Character>& label, size_t at) {
  constexpr std::u32string_view kOpening = U"([{【〔「『《〈";
  constexpr std::u32string_view kClosing = U")]}】〕」』》〉";
  const size_t kind = kOpening.find(label[at].folded);
  if (kind == kOpening.npos) return at;
  size_t depth = 0;
  for (size_t i = at; i < label.size(); ++i) {
    if (label[i].folded == kOpening[kind]) ++depth;
    if (label[i].folded == kClosing[kind] && --depth == 0) return i;
  }
  return at;
}

/// A comma inside a number: of three digits, 1,000, or before a unit, 2,5 mm.
bool IsInNumber(const std::vector<Character>& label, size_t at) {
  if (at == 0 || !IsDigit(label[at - 1].folded)) return false;
  size_t end = at + 1;
  while (end < label.size() && IsDigit(label[end].folded)) ++end;
  const size_t digits = end - at - 1;
  if (end < label.size() && label[end].folded == ' ') ++end;
  const bool unit =
      end < label.size() && (IsLatin(label[end].folded) || IsIdeograph(label[end].folded) ||
                             label[end].folded == '%' || label[end].folded == U'μ');
  return digits == 3 || (digits > 0 && unit);
}

/// A comma behind letters with points: "i.v., contrast".
bool FollowsInitials(const std::vector<Character>& label, size_t at) {
  return at > 3 && label[at - 1].folded == '.' && IsLatin(label[at - 2].folded) &&
         label[at - 3].folded == '.';
}

/// A semicolon that ends an HTML entity: Head &amp; neck.
bool EndsEntity(const std::vector<Character>& label, size_t at) {
  constexpr size_t kLongest = 10;
  size_t begin = at;
  while (begin > 0 && at - begin < kLongest &&
         (IsLatin(label[begin - 1].folded) || IsDigit(label[begin - 1].folded) ||
          label[begin - 1].folded == '#')) {
    --begin;
  }
  return begin > 0 && begin < at && label[begin - 1].folded == '&';
}

/// A slash right behind a single letter shortens its word: "w/ contrast".
bool Shortens(const std::vector<Character>& label, size_t at) {
  return at > 0 && IsLatin(label[at - 1].folded) && (at == 1 || label[at - 2].folded == ' ');
}

/// A slash right between Latin letters or digits belongs to them: PET/CT, WHO/ISUP, w/o, L4/5.
bool JoinsWords(const std::vector<Character>& label, size_t at) {
  const auto is_word = [&](size_t i) {
    return IsDigit(label[i].folded) || IsLatin(label[i].folded);
  };
  return at > 0 && at + 1 < label.size() && is_word(at - 1) && is_word(at + 1);
}

/// A comma, semicolon or slash of any width, or the Chinese 、, that separates labels.
bool SeparatesLabels(const std::vector<Character>& label, size_t at) {
  const char32_t c = label[at].folded;
  if (c == ',') return !IsInNumber(label, at) && !FollowsInitials(label, at);
  if (c == '/') return !JoinsWords(label, at) && !Shortens(label, at);
  if (c == ';') return !EndsEntity(label, at);
  return c == U'、';
}

/// Words that are each other's opposites, in pairs.
constexpr std::string_view kOpposites[][2] = {{"left", "right"},
                                              {"positive", "negative"},
                                              {"benign", "malignant"},
                                              {"true", "false"},
                                              {"open", "closed"},
                                              {"upper", "lower"},
                                              {"with", "without"},
                                              {"t", "f"},
                                              {"y", "n"},
                                              {"male", "female"},
                                              {"presence", "absence"},
                                              {"high", "low"},
                                              {"before", "after"},
                                              {"pre", "post"},
                                              {"increased", "decreased"},
                                              {"mild", "severe"},
                                              {"mild", "moderate"},
                                              {"moderate", "severe"},
                                              {"single", "multiple"},
                                              {"acute", "chronic"},
                                              {"large", "small"},
                                              {"inner", "outer"},
                                              {"anterior", "posterior"},
                                              {"increase", "decrease"},
                                              {"medial", "lateral"},
                                              {"superior", "inferior"}};
constexpr char32_t kOppositeCharacters[][2] = {
    {U'有', U'无'}, {U'是', U'否'}, {U'对', U'错'}, {U'左', U'右'}, {U'上', U'下'}, {U'前', U'后'},
    {U'内', U'外'}, {U'大', U'小'}, {U'长', U'短'}, {U'高', U'低'}, {U'多', U'少'}, {U'轻', U'重'},
    {U'阴', U'阳'}, {U'良', U'恶'}, {U'正', U'异'}, {U'男', U'女'}, {U'单', U'双'}, {U'单', U'多'},
    {U'真', U'假'}, {U'急', U'慢'}, {U'轻', U'中'}, {U'中', U'重'}, {U'增', U'减'}, {U'粗', U'细'},
    {U'深', U'浅'}, {U'宽', U'窄'}, {U'新', U'旧'}, {U'开', U'闭'}, {U'正', U'侧'}, {U'厚', U'薄'}};

template <class Table, class Item>
bool IsPair(const Table& table, const Item& a, const Item& b) {
  return std::any_of(std::begin(table), std::end(table), [&](const auto& pair) {
    return (pair[0] == a && pair[1] == b) || (pair[0] == b && pair[1] == a);
  });
}

/// One is the other with a word of denial before it: 存在 and 不存在, "normal" and "abnormal".
bool Denies(std::string_view denial, std::string_view other) {
  if (other.empty() || !denial.ends_with(other)) return false;
  const std::string_view before =
      WithoutBlanksAtEdges(denial.substr(0, denial.size() - other.size()));
  constexpr std::string_view kDenials[] = {"不",  "无",  "未",   "非", "没", "没有", "no",
                                           "not", "non", "non-", "un", "ab", "in"};
  return std::find(std::begin(kDenials), std::end(kDenials), before) != std::end(kDenials);
}

/// Equal but for one character, which is the other's opposite: 左侧 and 右侧, 正常 and 异常.
bool DifferInOpposites(std::string_view a, std::string_view b) {
  const std::vector<Character> one = CharactersOf(a);
  const std::vector<Character> other = CharactersOf(b);
  const auto same = [](const Character& x, const Character& y) { return x.folded == y.folded; };
  if (one.size() != other.size()) return false;
  const auto [x, y] = std::mismatch(one.begin(), one.end(), other.begin(), same);
  return x != one.end() && IsPair(kOppositeCharacters, x->folded, y->folded) &&
         std::equal(x + 1, one.end(), y + 1, same);
}

/// "with" and "without contrast": the noun stands once.
bool AreWithAndWithout(std::string_view label, std::string_view next) {
  return (label == "with" && next.starts_with("without ")) ||
         (label == "without" && next.starts_with("with "));
}

/// Two sides of one question, which together are one label: 是/否, "Yes / No", 阳性、阴性.
bool AreOpposites(std::string_view label, std::string_view next) {
  const std::string a = FoldText(WithoutBlanksAtEdges(label));
  const std::string b = FoldText(WithoutBlanksAtEdges(next));
  const std::optional<bool> yes = YesOrNo(a);
  const std::optional<bool> no = YesOrNo(b);
  return (yes && no && *yes != *no) || AreWithAndWithout(a, b) ||
         IsPair(kOpposites, std::string_view(a), std::string_view(b)) || Denies(a, b) ||
         Denies(b, a) || DifferInOpposites(a, b);
}

/// The pieces of a label between what separates labels.
std::vector<std::string_view> Pieces(std::string_view label) {
  std::vector<std::string_view> pieces;
  const std::vector<Character> characters = CharactersOf(label);
  size_t begin = 0;
  for (size_t i = 0; i < characters.size(); ++i) {
    i = ClosingBracket(characters, i);
    if (!SeparatesLabels(characters, i)) continue;
    pieces.push_back(label.substr(begin, characters[i].begin - begin));
    begin = characters[i].end;
  }
  pieces.push_back(label.substr(begin));
  return pieces;
}

/// An enumeration as sentences have it, "chest, abdomen and pelvis", which may be one name.
bool IsProse(std::string_view piece) {
  const std::string folded = FoldText(piece);
  return folded.find(" and ") != std::string::npos || folded.find(" or ") != std::string::npos;
}

/// A single Chinese character is no label where what follows has the rest of its word (良/恶性,
/// 左、右肺), nor beside a slash (头/颈).
bool SharesWord(std::string_view before, std::string_view between, std::string_view piece) {
  const std::string a = FoldText(WithoutBlanksAtEdges(before));
  const std::string b = FoldText(WithoutBlanksAtEdges(piece));
  const auto characters = [](const std::string& text) {
    const std::vector<Character> all = CharactersOf(text);
    const bool chinese = std::all_of(
        all.begin(), all.end(), [](const Character& each) { return IsIdeograph(each.folded); });
    return chinese ? all.size() : 0;
  };
  const size_t first = characters(a);
  const size_t second = characters(b);
  if (between == "/") return first == 1 || second == 1;
  return between == "、" && first == 1 && second > 1;
}

/// Whether the piece goes on with a label instead of being one: behind a comma it only qualifies
/// ("Lung, right", "MRI, T1"), or beside a slash it is the like of what is before (增强／平扫).
bool GoesOn(LabelQualities label, std::string_view between, LabelQualities piece) {
  if (between == ",") return piece != 0 && (piece & label) == 0;
  return between == "/" && (piece & label) != 0;
}

/// The labels in a field: its pieces, opposites with what stands between them, and with further
/// choices behind a slash (是/否/不确定), and what qualifies a label with it.
std::vector<std::string_view> LabelsIn(std::string_view field) {
  std::vector<std::string_view> labels;
  std::string_view last;         // piece
  bool choices = false;          // the last label has opposites
  LabelQualities qualities = 0;  // that the last label has
  const std::vector<std::string_view> pieces = Pieces(field);
  if (IsProse(pieces.back())) return {field};
  for (const std::string_view piece : pieces) {
    const char* end = labels.empty() ? piece.data() : last.data() + last.size();
    const std::string between =
        FoldText(std::string_view(end, static_cast<size_t>(piece.data() - end)));
    const LabelQualities own = QualitiesOf(piece);
    choices = !labels.empty() && ((choices && between == "/") || AreOpposites(last, piece));
    if (choices || (!labels.empty() &&
                    (SharesWord(last, between, piece) || GoesOn(qualities, between, own)))) {
      const char* begin = labels.back().data();
      labels.back() = {begin, static_cast<size_t>(piece.data() + piece.size() - begin)};
      qualities |= own;
    } else {
      labels.push_back(piece);
      qualities = own;
    }
    last = piece;
  }
  return labels;
}

}  // namespace

std::vector<std::string> SplitLabels(const std::vector<std::string>& fields) {
  std::vector<std::string> split;
  for (const std::string& field : fields) {
    for (const std::string_view label : LabelsIn(field)) {
      std::string part = WithoutNeedlessBlanks(label);
      const bool known = std::find(split.begin(), split.end(), part) != split.end();
      if (!part.empty() && !known) split.push_back(std::move(part));
    }
  }
  return split;
}

}  // namespace roentgen
