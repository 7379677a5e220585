#include "roentgen/data/patient_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "roentgen/data/blanks.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

/// How certainly a column's name names a patient; 0 not at all.
using Certainty = int;

struct Beginning {
  std::string_view text;
  Certainty numbered;  ///< with a word for a number behind it
  Certainty alone;
};

/// Joined, without blanks and separators. Longer ones before those that they begin with.
constexpr Beginning kBeginnings[] = {
    {"patient", 5, 4},     {"patients", 5, 0}, {"pat", 5, 0},  {"pt", 5, 0},      {"患者", 5, 4},
    {"病人", 5, 4},        {"受试者", 2, 2},   {"被试", 2, 2}, {"subject", 2, 0}, {"subj", 2, 0},
    {"participant", 2, 2}, {"person", 2, 0},   {"个体", 2, 0},
};

/// Numbers that a hospital gives a patient.
constexpr std::string_view kHospitalNumbers[] = {"mrn",
                                                 "medicalrecordnumber",
                                                 "medicalrecordno",
                                                 "medicalrecordid",
                                                 "hospitalnumber",
                                                 "hospitalno",
                                                 "病历号",
                                                 "病案号",
                                                 "住院号",
                                                 "门诊号",
                                                 "就诊卡号",
                                                 "病历编号",
                                                 "病案编号",
                                                 "住院编号"};

constexpr std::string_view kNumberWords[] = {
    "id",   "ids",   "uid",        "no",   "no.",       "num",    "nr",  "number", "code",
    "key",  "index", "identifier", "hash", "pseudonym", "编号",   "号",  "号码",   "代码",
    "编码", "标识",  "标识符",     "序号", "唯一标识",  "唯一id", "id号"};

constexpr std::string_view kNames[] = {"name", "姓名", "名字"};

template <class List>
bool Contains(const List& list, std::string_view text) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

Certainty CertaintyOf(std::string_view name) {
  std::string joined = FoldText(WithoutBlanksAtEdges(name));
  std::erase_if(joined, [](char c) { return c == ' ' || c == '-' || c == '_' || c == '#'; });
  if (Contains(kHospitalNumbers, joined)) return 3;
  for (const char* of : {"的", "'s"}) {  // 患者的编号
    const size_t at = joined.find(of);
    if (at != std::string::npos) joined.erase(at, std::string_view(of).size());
  }
  Certainty most = 0;
  for (const Beginning& each : kBeginnings) {
    if (!joined.starts_with(each.text)) continue;
    const std::string_view rest = std::string_view(joined).substr(each.text.size());
    if (rest.empty()) most = std::max(most, each.alone);
    if (Contains(kNumberWords, rest)) most = std::max(most, each.numbered);
    if (each.alone > 2 && Contains(kHospitalNumbers, rest)) most = std::max(most, 3);
    if (each.alone > 2 && Contains(kNames, rest)) most = std::max(most, 1);
  }
  return most;
}

/// Names of columns are few and met in every row.
Certainty KnownCertaintyOf(const std::string& name) {
  constexpr size_t kMostNames = 1000;
  thread_local std::map<std::string, Certainty, std::less<>> known;
  const auto at = known.find(name);
  if (at != known.end()) return at->second;
  if (known.size() >= kMostNames) known.clear();
  return known.emplace(name, CertaintyOf(name)).first->second;
}

/// A text that stands for none.
bool SaysNothing(std::string_view text) {
  static constexpr std::string_view kNothing[] = {"",     "-",    "--",   "nan",  "null",
                                                  "none", "n/a",  "<na>", "na",   "unknown",
                                                  "?",    "未知", "无",   "不详", "none."};
  return Contains(kNothing, FoldText(text));
}

std::optional<std::string> TextOf(const Json& value) {
  if (value.is_string()) {
    const std::string_view text = WithoutBlanksAtEdges(value.get_ref<const std::string&>());
    if (SaysNothing(text)) return std::nullopt;
    return std::string(text);
  }
  if (!value.is_number()) return std::nullopt;
  if (!value.is_number_float()) return value.dump();
  const auto number = value.get<double>();  // 12.0 is patient 12 in a table with gaps
  const bool whole = std::abs(number) < 0x1p53 && number == std::floor(number);
  return whole ? std::to_string(static_cast<int64_t>(number)) : value.dump();
}

}  // namespace

std::optional<std::string_view> PatientColumn(const std::vector<std::string_view>& names) {
  std::optional<std::string_view> best;
  Certainty most = 0;
  for (const std::string_view name : names) {
    const Certainty certainty = CertaintyOf(name);
    if (certainty > most) best = name;
    most = std::max(most, certainty);
  }
  return best;
}

std::optional<std::string> NoteOfPatients(std::vector<std::string_view> names) {
  const std::optional<std::string_view> first = PatientColumn(names);
  if (!first) return std::nullopt;
  std::erase(names, *first);
  const std::optional<std::string_view> second = PatientColumn(names);
  if (!second) return std::nullopt;
  return fmt::format("patients are told by \"{}\", not by \"{}\"", *first, *second);
}

std::optional<std::string> PatientOf(const Sample& sample) {
  if (!sample.extra.is_object()) return std::nullopt;
  const Json* best = nullptr;
  Certainty most = 0;
  for (const auto& [name, value] : sample.extra.get_ref<const Json::object_t&>()) {
    const Certainty certainty = KnownCertaintyOf(name);
    if (certainty > most) best = &value;
    most = std::max(most, certainty);
  }
  return best == nullptr ? std::nullopt : TextOf(*best);
}

}  // namespace roentgen
