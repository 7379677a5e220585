#pragma once

#include <string>

#include "roentgen/base/json.h"
#include "roentgen/data/sample.h"

namespace roentgen {

/// The sample as one line of JSON: a ShareGPT row that LLaMA-Factory loads with the columns and
/// tags of ShareGptDatasetInfo, with everything else about the sample in columns that it passes
/// over. Columns have the same type in every row, as its loader wants them; `extra`, whose keys
/// differ from source to source, is JSON in a text.
std::string SampleToJson(const Sample& sample);

/// Takes what SampleToJson writes beside the conversation out of a row's object, where it is of the
/// right type, and puts it into the sample; what is left in the row afterwards goes to `extra`. The
/// conversation's own columns must have been taken out before.
void TakeSampleColumns(Json row, Sample& sample);

/// The entry of dataset_info.json for a file of such rows.
nlohmann::ordered_json ShareGptDatasetInfo(const std::string& file_name);

}  // namespace roentgen
