#pragma once

#include <filesystem>
#include <string>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/data/row_selection.h"

namespace roentgen {

/// How a file's rows are formed, and so how they become conversations.
enum class DatasetFormatting { kAlpaca, kShareGpt, kOpenAi };

/// What an entry of dataset_info.json says: where the rows are, which of them count, what their
/// columns and tags are called. DatasetAttr in LLaMA-Factory 0.9.5, with its defaults.
struct DatasetEntry {
  std::filesystem::path file;
  std::string where;  ///< the entry itself, for errors: "data/dataset_info.json: d"
  DatasetFormatting formatting = DatasetFormatting::kAlpaca;
  RowSelection rows;
  bool names_columns = false;  ///< "columns" was given
  bool names_tags = false;     ///< "tags" was given
  bool bare = false;  ///< there is no entry: a file by itself, whose columns tell what counts

  // Names of columns; empty: there is none. Where "columns" is given, what it does not name is not
  // there.
  std::string messages = "conversations";
  std::string system;
  std::string images;
  std::string prompt = "instruction";
  std::string query = "input";
  std::string response = "output";
  std::string history;

  // What messages are told by; empty: nothing is. Where "tags" is given, what it does not name is
  // not there.
  std::string role = "from";
  std::string content = "value";
  std::string user = "human";
  std::string assistant = "gpt";
  std::string observation = "observation";  ///< a tool's result
  std::string function = "function_call";   ///< a call of a tool
  std::string system_role = "system";
};

/// Why a dataset is not read here, though its entry may be in order.
class NotReadHere : public Error {
 public:
  NotReadHere(const std::string& message, std::string reason, std::string hint)
      : Error(message, std::move(hint)), reason_(std::move(reason)) {}
  const std::string& reason() const { return reason_; }  ///< without the dataset's name

 private:
  std::string reason_;
};

/// Takes the names of OpenAI's messages: "messages", "role", "content", "user", …
void UseOpenAiNames(DatasetEntry& entry);

/// An entry of the dataset_info.json in a folder. Throws NotReadHere for one whose rows are in no
/// JSON file, lie outside of the folder, once links are followed, where that is not allowed, or are
/// not for supervised tuning on texts and images; Error for a malformed one.
DatasetEntry ReadDatasetEntry(const std::filesystem::path& folder, const JsonObject& entry,
                              bool allow_outside);

}  // namespace roentgen
