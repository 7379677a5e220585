#include "roentgen/evaluation/patient_hash.h"

#include <optional>
#include <vector>

#include "roentgen/base/hash.h"
#include "roentgen/data/patient_names.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {

std::string PatientHash(const Json& columns) {
  if (!columns.is_object()) return "";
  Sample sample;
  sample.extra = columns;
  if (const std::optional<std::string> patient = PatientOf(sample)) return Sha256Hex(*patient);
  // A patient may be described by several values, as phantoms are.
  std::vector<std::string_view> names;
  for (const auto& [name, value] : columns.get_ref<const Json::object_t&>()) {
    if (value.is_object() && !value.empty()) names.emplace_back(name);
  }
  const std::optional<std::string_view> name = PatientColumn(names);
  return name ? Sha256Hex(columns.at(std::string(*name)).dump()) : "";
}

namespace {

/// The column that names the patient most surely; nothing where none does.
std::optional<std::string> BestColumn(const Json& columns) {
  if (!columns.is_object()) return std::nullopt;
  std::vector<std::string_view> names;
  for (const auto& [name, value] : columns.get_ref<const Json::object_t&>()) {
    if (!value.is_null()) names.emplace_back(name);
  }
  const std::optional<std::string_view> best = PatientColumn(names);
  return best ? std::optional(std::string(*best)) : std::nullopt;
}

std::string TextOf(const Json& value) {
  if (value.is_number_float() && value.get<double>() == 0) return "0";
  if (value.is_string()) return std::string(Strip(value.get_ref<const std::string&>()));
  return value.is_number() ? value.dump() : "";
}

/// "12", "007", "3.0" of a table with gaps.
bool IsNumber(std::string_view text) {
  const std::string_view whole = text.substr(0, text.find('.'));
  const std::string_view rest = text.substr(whole.size());
  return !whole.empty() && whole.find_first_not_of("0123456789") == whole.npos &&
         (rest.empty() || (rest.size() > 1 && rest.find_first_not_of('0', 1) == rest.npos));
}

bool IsZero(std::string_view text) {
  return IsNumber(text) && text.find_first_not_of("0.") == text.npos;
}

}  // namespace

void PatientHashes::Count(const Json& columns) {
  const std::optional<std::string> name = BestColumn(columns);
  if (!name) return;
  const Json& value = columns.at(*name);
  const std::string text = TextOf(value);
  if (text.empty() ? !value.is_structured() : NamesNobody(text)) return;
  Values& values = columns_[*name];
  (IsNumber(text) ? values.number : values.other) = true;
}

std::string PatientHashes::Of(const Json& columns) const {
  const std::optional<std::string> name = BestColumn(columns);
  const auto values = name ? columns_.find(*name) : columns_.end();
  if (values != columns_.end() && values->second.number && !values->second.other) {
    const std::string text = TextOf(columns.at(*name));
    if (IsZero(text)) return Sha256Hex(text);
  }
  return PatientHash(columns);
}

bool NamesPatient(std::string_view column) {
  return PatientColumn({column}).has_value();
}

}  // namespace roentgen
