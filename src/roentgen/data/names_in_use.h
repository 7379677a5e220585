#pragma once

#include <map>
#include <set>
#include <string>

#include "roentgen/base/json.h"
#include "roentgen/data/dataset_entry.h"

namespace roentgen {

/// Finds the columns and the keys of messages that a dataset is to have and no row has: misspelt
/// ones would be read as empty in every row.
class NamesInUse {
 public:
  /// The entry must live as long as this object.
  explicit NamesInUse(const DatasetEntry& entry);

  void SeeRow(const Json& row);
  void SeeMessage(const Json& message);

  /// To be called after all rows. Throws Error that names what none of them has.
  void RequireAll() const;

 private:
  using Missing = std::map<std::string, std::string>;  // name in the rows, key in dataset_info.json

  static void See(const Json& object, Missing& missing, std::set<std::string>& seen);
  void Require(const Missing& missing, const std::set<std::string>& seen, const char* section,
               const char* whose, const char* what) const;

  const DatasetEntry& entry_;
  Missing missing_columns_;
  Missing missing_keys_;
  std::set<std::string> columns_;
  std::set<std::string> keys_;
  bool rows_ = false;
  bool messages_ = false;
};

}  // namespace roentgen
