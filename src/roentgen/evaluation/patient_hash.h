#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "roentgen/base/json.h"

namespace roentgen {

/// SHA-256 of what names the patient among a row's further columns (data/patient_names.h); empty
/// where nothing does. The name itself is kept nowhere: results are passed on, patients are not.
std::string PatientHash(const Json& columns);

/// The patients of a table's rows. A lone 0 may stand for nobody (data/patient_names.h); among
/// other patients that are all numbers it is one of them.
class PatientHashes {
 public:
  /// Every row is counted before the first is asked for.
  void Count(const Json& columns);
  std::string Of(const Json& columns) const;

 private:
  struct Values {
    bool number = false;  ///< of somebody
    bool other = false;   ///< names somebody that is no number
  };
  std::map<std::string, Values, std::less<>> columns_;
};

/// Whether a column of that name tells who the patient is.
bool NamesPatient(std::string_view column);

}  // namespace roentgen
