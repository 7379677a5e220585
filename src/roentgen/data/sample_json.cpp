#include "roentgen/data/sample_json.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "roentgen/base/json_text.h"
#include "roentgen/data/reading.h"

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson BoxesToJson(const std::vector<Box>& boxes) {
  OrderedJson list = OrderedJson::array();
  for (const Box& box : boxes) {
    OrderedJson item;
    item["label"] = box.label;
    item["box"] = {box.x, box.y, box.width, box.height};
    list.push_back(std::move(item));
  }
  return list;
}

bool IsBox(const Json& item) {
  return item.is_object() && item.size() == 2 && item.contains("label") && item.contains("box") &&
         item["label"].is_string() && item["box"].is_array() && item["box"].size() == 4 &&
         std::all_of(item["box"].begin(), item["box"].end(),
                     [](const Json& number) { return number.is_number(); });
}

bool IsListOf(const Json& value, bool (*is)(const Json&)) {
  return value.is_array() && std::all_of(value.begin(), value.end(), is);
}

/// The column's value when it is there and passes the check; it leaves the row then.
std::optional<Json> Take(Json& row, const char* column, bool (*is)(const Json&)) {
  const auto at = row.find(column);
  if (at == row.end() || !is(*at)) return std::nullopt;
  Json value = std::move(*at);
  row.erase(at);
  return value;
}

bool IsString(const Json& value) {
  return value.is_string();
}

void TakeText(Json& row, const char* column, std::string& to) {
  if (auto value = Take(row, column, IsString)) to = std::move(value->get_ref<std::string&>());
}

}  // namespace

std::string SampleToJson(const Sample& sample) {
  OrderedJson row;
  row["messages"] = OrderedJson::array();
  for (const Turn& turn : sample.turns) {
    OrderedJson message;
    message["role"] = turn.role == Role::kUser ? "user" : "assistant";
    message["content"] = turn.text;
    row["messages"].push_back(std::move(message));
  }
  row["images"] = sample.images;
  row["system"] = sample.system;
  row["id"] = sample.id;
  row["language"] = sample.language;
  row["modality"] = sample.modality;
  row["organ"] = sample.organ;
  row["question_type"] = sample.question_types;
  row["answer_type"] = sample.answer_type;
  row["split"] = sample.split;
  row["boxes"] = BoxesToJson(sample.boxes);
  row["source_file"] = sample.source.file;
  row["source_row"] = sample.source.row;
  row["extra"] = sample.extra.dump();
  return row.dump();
}

void TakeSampleColumns(Json row, Sample& sample) {
  TakeText(row, "id", sample.id);
  TakeText(row, "language", sample.language);
  TakeText(row, "modality", sample.modality);
  TakeText(row, "organ", sample.organ);
  std::string answer_type;
  TakeText(row, "answer_type", answer_type);
  if (!answer_type.empty()) sample.answer_type = AnswerTypeOrName(answer_type);
  std::string part;
  TakeText(row, "split", part);
  if (part = PartOrName(part); !part.empty()) sample.split = std::move(part);
  TakeText(row, "source_file", sample.source.file);
  const auto is_labels = [](const Json& value) { return IsListOf(value, IsString); };
  if (auto labels = Take(row, "question_type", is_labels)) {
    sample.question_types = labels->get<std::vector<std::string>>();
  }
  const auto is_boxes = [](const Json& value) { return IsListOf(value, IsBox); };
  if (auto boxes = Take(row, "boxes", is_boxes)) {
    for (const Json& item : *boxes) {
      const auto box = item["box"].get<std::vector<double>>();
      sample.boxes.push_back({item["label"].get<std::string>(), box[0], box[1], box[2], box[3]});
    }
  }
  const auto is_row = [](const Json& value) { return value.is_number_unsigned(); };
  if (auto number = Take(row, "source_row", is_row)) sample.source.row = number->get<size_t>();
  const auto is_extra = [](const Json& value) {
    return value.is_string() &&
           TryParseJson(value.get_ref<const std::string&>()).value_or(nullptr).is_object();
  };
  if (auto extra = Take(row, "extra", is_extra)) {
    sample.extra = *TryParseJson(extra->get_ref<const std::string&>());
  }
  sample.extra.update(row);
}

OrderedJson ShareGptDatasetInfo(const std::string& file_name) {
  OrderedJson info;
  info["file_name"] = file_name;
  info["formatting"] = "sharegpt";
  info["columns"] = {{"messages", "messages"}, {"images", "images"}, {"system", "system"}};
  info["tags"] = {{"role_tag", "role"},
                  {"content_tag", "content"},
                  {"user_tag", "user"},
                  {"assistant_tag", "assistant"}};
  return info;
}

}  // namespace roentgen
