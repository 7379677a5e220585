#include "roentgen/data/patient_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <unordered_set>
#include <utility>

#include "roentgen/base/json_text.h"
#include "roentgen/data/blanks.h"
#include "roentgen/data/column_words.h"
#include "roentgen/data/name_list.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using enum ColumnWord;

/// What a column names, by its name.
struct Column {
  enum class Of { kNothing, kPatient, kStudy, kMaybePatient };
  Of of = Of::kNothing;
  int certainty = 0;         ///< of several the highest counts
  std::string kind;          ///< of the numbers in it
  bool needs_digit = false;  ///< without one the value is something else
};

using Words = std::vector<ColumnNamePart>;

template <class Iterator>
bool Has(Iterator begin, Iterator end, ColumnWord word) {
  return std::any_of(begin, end, [&](const ColumnNamePart& each) { return each.word == word; });
}

bool IsHead(ColumnWord word) {
  return word >= kPatient && word <= kCase && word != kName;
}

/// What is numbered, with what was done to the number: "deid patient".
std::string KindOf(const Words& words, const ColumnNamePart& head) {
  std::string kind;
  for (const ColumnNamePart& each : words) {
    if (each.word == kMark || each.word == kUnknown) kind += each.text + " ";
  }
  if (head.word == kPatient || head.word == kPatients) return kind + "patient";
  if (head.word == kSubject || head.word == kSubjects) return kind + "subject";
  return kind + head.text;
}

/// "patient_group_id", "inpatient_no": a number of something that has to do with patients.
bool MayNumberPatients(const Words& words) {
  constexpr std::string_view kPeople[] = {"patient", "subject", "患者", "病人", "受试者"};
  const auto person = std::find_if(words.begin(), words.end(), [&](const ColumnNamePart& each) {
    return each.word == kCase ||
           std::any_of(std::begin(kPeople), std::end(kPeople), [&](std::string_view people) {
             return each.text.find(people) != std::string::npos;
           });
  });
  return Has(person, words.end(), kNumber) || Has(person, words.end(), kCountOrNo);
}

/// What the last noun of a name that it is about tells, with the words around it.
Column ReadWords(const Words& words) {
  using Of = Column::Of;
  const auto head = std::find_if(words.rbegin(), words.rend(),
                                 [](const ColumnNamePart& each) { return IsHead(each.word); });
  const bool may_be = MayNumberPatients(words);
  Column other{may_be ? Of::kMaybePatient : Of::kNothing, 0, "", false};
  if (head == words.rend() || Has(words.rbegin(), head, kUnknown)) return other;
  const auto before = std::next(head);
  const bool foreign = Has(before, words.rend(), kUnknown);
  const bool of = Has(before, words.rend(), kOf);
  if (Has(before, words.rend(), kCountOrNo) && !of) return {};  // num_patients
  const bool number_behind =
      Has(words.rbegin(), head, kNumber) || Has(words.rbegin(), head, kCountOrNo);
  const bool numbered = number_behind || Has(before, words.rend(), kNumber) || of;
  if (of && foreign) return {};  // age of patient
  const std::string kind = KindOf(words, *head);
  if (Has(words.rbegin(), head, kName)) {
    if ((head->word != kPatient && head->word != kPatients) || foreign) return {};
    return {Of::kPatient, 1, kind + " name", false};
  }
  switch (head->word) {
    case kPatient:
      if (numbered) return {Of::kPatient, 5, kind, false};
      return foreign ? Column{} : Column{Of::kPatient, 4, kind, false};
    case kPatients:
      return number_behind ? Column{Of::kPatient, 5, kind, false} : Column{};
    case kRecord:
      return numbered ? Column{Of::kPatient, 3, kind, false} : Column{};
    case kFullRecord:
      return {Of::kPatient, 3, kind, false};
    case kSubject:
      if (numbered) return {Of::kPatient, 2, kind, false};
      return foreign ? Column{} : Column{Of::kPatient, 2, kind, head->text == "subject"};
    case kSubjects:
      return number_behind ? Column{Of::kPatient, 2, kind, false} : Column{};
    case kMayBeRecord:
      return foreign ? Column{} : Column{Of::kPatient, 2, kind, true};
    case kFullName:
      return foreign ? Column{} : Column{Of::kPatient, 1, kind, false};
    case kFullStudy:
      return {Of::kStudy, 2, kind, false};
    case kStudy:
      return numbered ? Column{Of::kStudy, kind == "studyinstance" ? 3 : 1, kind, false} : Column{};
    default:
      return other;
  }
}

Column ColumnOf(std::string_view name) {
  std::string digits = FoldText(name);
  std::erase_if(digits, [](char c) { return c == ' ' || c == ',' || c == '(' || c == ')'; });
  if (digits == "00100020") return {Column::Of::kPatient, 5, "patient", false};  // as DICOM has it
  if (digits == "0020000d") return {Column::Of::kStudy, 3, "studyinstance", false};
  return ReadWords(WordsOfColumn(name));
}

/// Names of columns are few and met in every row.
const Column& KnownColumn(const std::string& name) {
  constexpr size_t kMostNames = 1000;
  thread_local std::map<std::string, Column, std::less<>> known;
  const auto at = known.find(name);
  if (at != known.end()) return at->second;
  if (known.size() >= kMostNames) known.clear();
  return known.emplace(name, ColumnOf(name)).first->second;
}

/// In the form in which values are compared.
std::string ValueForm(std::string_view text) {
  std::string form;
  for (const char c : FoldText(text)) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank) form += c;
    if (blank && !form.empty() && form.back() != ' ') form += ' ';
  }
  if (form.ends_with(' ')) form.pop_back();
  const size_t whole = form.find_first_not_of("0123456789");
  const bool is_number = whole != form.npos && whole > 0 && form[whole] == '.' &&
                         whole + 1 < form.size() &&
                         form.find_first_not_of('0', whole + 1) == form.npos;
  return is_number ? form.substr(0, whole) : form;
}

/// A text or number that names somebody.
std::optional<std::string> TextOf(const Json& value) {
  std::string text;
  if (value.is_string()) {
    text = WithoutBlanksAtEdges(value.get_ref<const std::string&>());
  } else if (value.is_number_float()) {
    const auto number = value.get<double>();  // 12.0 is patient 12 in a table with gaps
    const bool whole = std::abs(number) < 0x1p53 && number == std::floor(number);
    text = whole ? std::to_string(static_cast<int64_t>(number)) : value.dump();
  } else if (value.is_number()) {
    text = value.dump();
  }
  return NamesNobody(text) ? std::nullopt : std::optional(text);
}

struct Found {
  int certainty;
  std::string kind;
  std::string text;  // as written
};

/// What the columns of a row say of its patients, or of its study.
class Search {
 public:
  explicit Search(Column::Of of) : of_(of) {}

  std::vector<Found> In(const Json& extra) {
    if (extra.is_object()) Members("", extra, 0);
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Found& a, const Found& b) { return a.certainty > b.certainty; });
    return std::move(found_);
  }

 private:
  static constexpr size_t kDeepest = 4;
  static constexpr size_t kLongestText = 1 << 16;  // that is read as JSON

  void Members(const std::string& parent, const Json& object, size_t depth) {
    for (const auto& [name, value] : object.get_ref<const Json::object_t&>()) {
      const Column* column = &KnownColumn(name);
      if (column->of != of_ && !parent.empty()) column = &KnownColumn(parent + "." + name);
      Value(name, *column, value, depth);
    }
  }

  void Value(const std::string& name, const Column& column, const Json& value, size_t depth) {
    if (depth > kDeepest) return;
    if (value.is_object()) return Members(name, value, depth + 1);
    if (value.is_array()) {
      for (const Json& each : value) {
        if (each.is_structured() || column.of == of_) Value(name, column, each, depth + 1);
      }
      return;
    }
    if (value.is_string()) {
      const auto& text = value.get_ref<const std::string&>();
      const bool object = text.starts_with('{');
      const bool list = text.starts_with('[') && column.of == of_;
      if ((object || list) && text.size() <= kLongestText) {
        const std::optional<Json> json = TryParseJson(text);
        if (json && json->is_structured()) return Value(name, column, *json, depth + 1);
      }
    }
    if (column.of != of_) return;
    std::optional<std::string> text = TextOf(value);
    if (!text) return;
    const bool digit = FoldText(*text).find_first_of("0123456789") != std::string::npos;
    if (column.needs_digit && !digit) return;
    found_.push_back({column.certainty, column.kind, *std::move(text)});
  }

  Column::Of of_;
  std::vector<Found> found_;
};

std::string Name(const Found& found) {
  return found.kind + ":" + ValueForm(found.text);
}

/// Letters and digits between other characters, folded.
std::vector<std::string> WordsIn(std::string_view text) {
  const std::string folded = FoldText(text);
  std::vector<std::string> words(1);
  for (size_t at = 0; at < folded.size();) {
    const Utf8Step step = ReadUtf8(folded, at);
    const CharClass kind = ClassOf(step.code_point);
    const bool in_word = kind == CharClass::kLetter || kind == CharClass::kNumber;
    if (in_word) words.back() += folded.substr(at, step.length);
    if (!in_word && !words.back().empty()) words.emplace_back();
    at += step.length;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// Folded.
constexpr std::string_view kNobody[] = {
    "na",        "nan",        "null",          "nil",          "none",
    "unknown",   "unk",        "unnamed",       "anon",         "anonym",
    "anonymous", "anonymized", "anonymised",    "deidentified", "deid",
    "redacted",  "removed",    "masked",        "hidden",       "withheld",
    "missing",   "blank",      "empty",         "undefined",    "notavailable",
    "notknown",  "notgiven",   "notapplicable", "notstated",    "unspecified",
    "noname",    "noid",       "匿名",          "未知",         "不详",
    "不明",      "无",         "脱敏",          "保密",         "空",
    "空白",      "缺失",       "佚名",          "隐藏",         "无名氏",
    "未提供",    "未填写",     "去标识化",      "未命名",       "无名",
    "某某",      "暂无",       "没有",          "nobody",       "private"};

/// Words beside these that name nobody either.
constexpr std::string_view kBeside[] = {"patient", "subject", "name", "id",   "患者",
                                        "病人",    "受试者",  "姓名", "编号", "已",
                                        "化",      "处理",    "值",   "数据", "data"};

template <class List>
bool Contains(const List& list, std::string_view text) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

/// What is left of a Chinese word behind the longest of the list that it begins with.
template <class List>
bool RemoveBeginning(const List& list, std::string_view& text) {
  size_t longest = 0;
  for (const std::string_view each : list) {
    if (text.starts_with(each)) longest = std::max(longest, each.size());
  }
  text.remove_prefix(longest);
  return longest > 0;
}

}  // namespace

bool NamesNobody(std::string_view text) {
  const std::vector<std::string> words = WordsIn(text);
  const std::string joined = fmt::format("{}", fmt::join(words, ""));
  if (joined.find_first_not_of('0') == joined.npos) return true;
  if (joined.find_first_not_of('x') == joined.npos || Contains(kNobody, joined)) return true;
  if (ValueForm(text) == "-1") return true;
  bool nobody = false;
  for (std::string_view word : words) {
    if (!IsIdeograph(ReadUtf8(word, 0).code_point)) {
      nobody = nobody || Contains(kNobody, word);
      if (!Contains(kNobody, word) && !Contains(kBeside, word)) return false;
      continue;
    }
    while (!word.empty()) {
      const bool found = RemoveBeginning(kNobody, word);
      nobody = nobody || found;
      if (!found && !RemoveBeginning(kBeside, word)) return false;
    }
  }
  return nobody;
}

std::optional<std::string_view> PatientColumn(const std::vector<std::string_view>& names) {
  std::optional<std::string_view> best;
  int most = 0;
  for (const std::string_view name : names) {
    const Column column = ColumnOf(name);
    if (column.of != Column::Of::kPatient || column.certainty <= most) continue;
    best = name;
    most = column.certainty;
  }
  return best;
}

std::vector<std::string> PatientsOf(const Sample& sample) {
  std::vector<std::string> patients;
  std::unordered_set<std::string> known;
  for (const Found& found : Search(Column::Of::kPatient).In(sample.extra)) {
    std::string name = Name(found);
    if (known.insert(name).second) patients.push_back(std::move(name));
  }
  return patients;
}

std::optional<std::string> PatientOf(const Sample& sample) {
  const std::vector<Found> found = Search(Column::Of::kPatient).In(sample.extra);
  return found.empty() ? std::nullopt : std::optional(found[0].text);
}

std::optional<std::string> StudyOf(const Sample& sample) {
  constexpr size_t kShort = 3;
  const std::vector<Found> found = Search(Column::Of::kStudy).In(sample.extra);
  if (found.empty()) return std::nullopt;
  const std::string value = ValueForm(found[0].text);
  const bool counts = value.size() <= kShort && value.find_first_not_of("0123456789") == value.npos;
  if (counts && !PatientsOf(sample).empty()) return std::nullopt;
  return Name(found[0]);
}

void PatientZeros::Count(const Sample& sample) {
  for (const Found& found : Search(Column::Of::kPatient).In(sample.extra)) {
    const std::string value = ValueForm(found.text);
    if (value.find_first_not_of("0123456789") != value.npos) continue;
    const std::string number = value.substr(std::min(value.find_first_not_of('0'), value.size()));
    const auto [known, added] = spellings_.emplace(found.kind + ":" + number, value);
    if (added || known->second == value) continue;
    if (doubtful_.empty()) example_ = fmt::format("\"{}\" and \"{}\"", known->second, value);
    doubtful_.insert(known->first);
  }
}

std::optional<std::string> PatientZeros::Note() const {
  if (doubtful_.empty()) return std::nullopt;
  return fmt::format(
      "{} of patients differ only in zeros at the beginning, {}: they are taken for "
      "different patients; write them alike if they are one",
      doubtful_.size() == 1 ? "two numbers" : fmt::format("{} pairs of numbers", doubtful_.size()),
      example_);
}

std::optional<std::string> NoteOfPatients(const std::vector<std::string_view>& names) {
  std::vector<std::string> notes;
  std::map<int, std::vector<std::string>, std::greater<>> by_certainty;
  std::vector<std::string> maybe;
  for (const std::string_view name : names) {
    const Column column = ColumnOf(name);
    if (column.of == Column::Of::kPatient) by_certainty[column.certainty].emplace_back(name);
    if (column.of == Column::Of::kMaybePatient) maybe.emplace_back(name);
  }
  std::vector<std::string> patients;
  for (const auto& [certainty, columns] : by_certainty) {
    patients.insert(patients.end(), columns.begin(), columns.end());
  }
  if (patients.size() > 1) {
    notes.push_back(fmt::format("patients are told by {}: rows that share any of these are one's",
                                QuotedListOf(patients, " and ")));
  }
  if (!maybe.empty()) {
    notes.push_back(
        fmt::format("{} may name patients, and is not read as such: call it patient_id "
                    "where it does",
                    QuotedListOf(maybe, " and ")));
  }
  if (notes.empty()) return std::nullopt;
  return fmt::format("{}", fmt::join(notes, "; "));
}

}  // namespace roentgen
