#include "roentgen/evaluation/patient_hash.h"

#include <optional>
#include <vector>

#include "roentgen/base/hash.h"
#include "roentgen/data/patient_names.h"

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

bool NamesPatient(std::string_view column) {
  return PatientColumn({column}).has_value();
}

}  // namespace roentgen
