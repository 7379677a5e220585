#include "roentgen/data/names_in_use.h"

#include <fmt/format.h>

#include "roentgen/base/error.h"
#include "roentgen/data/name_list.h"

namespace roentgen {

NamesInUse::NamesInUse(const DatasetEntry& entry) : entry_(entry) {
  const auto want = [&](const char* key, const std::string& column) {
    if (!column.empty()) missing_columns_.emplace(column, key);
  };
  if (entry.formatting == DatasetFormatting::kAlpaca) {
    want("prompt", entry.prompt);
    want("response", entry.response);
    if (entry.names_columns) want("query", entry.query);
    if (entry.names_columns) want("history", entry.history);
  } else {
    want("messages", entry.messages);
    missing_keys_ = {{entry.role, "role_tag"}, {entry.content, "content_tag"}};
  }
  if (!entry.names_columns) return;
  want("images", entry.images);
  // LLaMA-Factory does without in this formatting only.
  if (entry.formatting != DatasetFormatting::kOpenAi) want("system", entry.system);
}

void NamesInUse::SeeRow(const Json& row) {
  rows_ = true;
  See(row, missing_columns_, columns_);
}

void NamesInUse::SeeMessage(const Json& message) {
  messages_ = true;
  See(message, missing_keys_, keys_);
}

void NamesInUse::RequireAll() const {
  if (rows_) {
    Require(missing_columns_, columns_, entry_.names_columns ? "columns: " : "", "row", "column");
  }
  if (messages_) {
    Require(missing_keys_, keys_, entry_.names_tags ? "tags: " : "", "message", "key");
  }
}

void NamesInUse::See(const Json& object, Missing& missing, std::set<std::string>& seen) {
  constexpr size_t kMostNames = 100;
  if (missing.empty()) return;
  for (const auto& [name, ignored] : object.items()) {
    if (seen.size() < kMostNames) seen.insert(name);
    missing.erase(name);
  }
}

void NamesInUse::Require(const Missing& missing, const std::set<std::string>& seen,
                         const char* section, const char* whose, const char* what) const {
  if (missing.empty()) return;
  const auto& [name, key] = *missing.begin();
  const std::string place = *section == '\0' ? std::string() : section + key + ": ";
  throw Error(fmt::format("{}: {}no {} of {} has the {} \"{}\"", entry_.where, place, whose,
                          entry_.file.filename().string(), what, name),
              "There are: " + ListOf({seen.begin(), seen.end()}));
}

}  // namespace roentgen
