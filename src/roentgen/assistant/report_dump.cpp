#include "roentgen/assistant/report_dump.h"

#include <utility>

#include "roentgen/text/printable.h"

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

void MakePrintable(OrderedJson& json) {
  if (json.is_string()) {
    json = Printable(json.get_ref<const std::string&>());
  } else if (json.is_structured()) {
    for (OrderedJson& value : json) MakePrintable(value);
  }
}

}  // namespace

std::string DumpPrintable(OrderedJson json) {
  MakePrintable(json);
  return json.dump(2) + "\n";
}

}  // namespace roentgen
