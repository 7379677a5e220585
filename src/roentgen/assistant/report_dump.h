#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace roentgen {

/// JSON as a document: indented, and with every string Printable, whatever it came from.
std::string DumpPrintable(nlohmann::ordered_json json);

}  // namespace roentgen
