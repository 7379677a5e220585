// Entries of dataset_info.json as LLaMA-Factory 0.9.5 reads them: data/parser.py (attributes),
// data/loader.py (files).

#include "roentgen/data/dataset_entry.h"

#include <fmt/format.h>

#include <optional>
#include <system_error>
#include <utility>

#include "roentgen/base/ascii.h"
#include "roentgen/data/image_places.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void Refuse(const JsonObject& entry, const std::string& key, const std::string& reason,
                         std::string hint = {}) {
  throw NotReadHere(fmt::format("{}: {}: {}", entry.where(), key, reason), reason, std::move(hint));
}

/// Rows that are elsewhere. LLaMA-Factory looks for these keys first, whatever they hold.
void RequireFile(const JsonObject& entry) {
  static constexpr std::pair<const char*, const char*> kElsewhere[] = {
      {"hf_hub_url", "it is on a hub"},
      {"ms_hub_url", "it is on a hub"},
      {"om_hub_url", "it is on a hub"},
      {"script_url", "a script makes it"},
      {"cloud_file_name", "it is in a cloud"}};
  for (const auto& [key, place] : kElsewhere) {
    if (!entry.json().contains(key)) continue;
    if (!entry.Has("file_name")) {
      Refuse(entry, key, fmt::format("{}, not in a file here", place),
             "Download it as JSON and name its file with file_name.");
    }
    Refuse(entry, key, fmt::format("{}, and LLaMA-Factory passes over file_name then", place),
           fmt::format("Remove {} to read the file.", key));
  }
  if (!entry.Has("file_name")) entry.Fail("file_name", "missing");
}

constexpr const char* kPreferences =
    "these are preferences; only supervised tuning (stage: sft) is done here";
constexpr const char* kPreferencesHint =
    "Take a dataset with one right answer a row (columns: prompt, response).";

/// What LLaMA-Factory trains with, but not here.
void RequireSupervised(const JsonObject& entry, const JsonObject* columns) {
  if (entry.GetOr("ranking", false)) Refuse(entry, "ranking", kPreferences, kPreferencesHint);
  if (columns == nullptr) return;
  if (columns->Has("kto_tag")) Refuse(*columns, "kto_tag", kPreferences, kPreferencesHint);
  for (const char* key : {"videos", "audios"}) {
    if (columns->Has(key)) Refuse(*columns, key, "videos and audio are not supported");
  }
  if (columns->Has("tools")) Refuse(*columns, "tools", "calls of tools are not supported");
}

DatasetFormatting ReadFormatting(const JsonObject& entry) {
  const auto name = entry.GetOr<std::string>("formatting", "alpaca");
  if (name == "alpaca") return DatasetFormatting::kAlpaca;
  if (name == "sharegpt") return DatasetFormatting::kShareGpt;
  if (name == "openai") return DatasetFormatting::kOpenAi;
  Refuse(entry, "formatting", fmt::format("\"{}\" is none of alpaca, sharegpt, openai", name));
}

void ReadColumns(const JsonObject& columns, DatasetEntry& read) {
  read.names_columns = true;
  const std::pair<const char*, std::string*> known[] = {
      {"messages", &read.messages}, {"system", &read.system}, {"images", &read.images},
      {"prompt", &read.prompt},     {"query", &read.query},   {"response", &read.response},
      {"history", &read.history}};
  for (const auto& [key, column] : known) *column = columns.GetOr<std::string>(key, "");
  if (read.formatting != DatasetFormatting::kAlpaca) {
    if (read.messages.empty()) columns.Fail("messages", "missing: columns that are given name all");
    return;
  }
  if (!read.response.empty()) return;
  if (columns.Has("chosen")) Refuse(columns, "chosen", kPreferences, kPreferencesHint);
  Refuse(columns, "response", "no column with answers is named",
         "Columns that are given name all that count: add the one with the answers.");
}

void ReadTags(const JsonObject& tags, DatasetEntry& read) {
  read.names_tags = true;
  const std::pair<const char*, std::string*> known[] = {
      {"role_tag", &read.role},          {"content_tag", &read.content},
      {"user_tag", &read.user},          {"assistant_tag", &read.assistant},
      {"system_tag", &read.system_role}, {"observation_tag", &read.observation},
      {"function_tag", &read.function}};
  for (const auto& [key, tag] : known) *tag = tags.GetOr<std::string>(key, "");
  for (const char* needed : {"role_tag", "content_tag", "user_tag", "assistant_tag"}) {
    if (!tags.Has(needed)) tags.Fail(needed, "missing: tags that are given name all");
  }
}

void RequireJson(const JsonObject& entry, const fs::path& file) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) {
    Refuse(entry, "file_name", "a folder, not a JSON file", "Name one of its files.");
  }
  const std::string extension = EndingOf(file);
  if (extension == ".json" || extension == ".jsonl") {
    if (fs::exists(file, ignored)) return;
    Refuse(entry, "file_name", file.string() + ": no such file");
  }
  Refuse(entry, "file_name", fmt::format("{} is neither .json nor .jsonl", file.string()),
         extension == ".csv"
             ? "Where it has columns image, question and answer: roentgen data import csv. Else "
               "save its rows as JSON lines."
             : "Save its rows as JSON lines, one object a line.");
}

/// An entry comes from outside, as rows do, and could name any file of the disk.
void RequireInside(const JsonObject& entry, const fs::path& folder, const fs::path& file) {
  try {
    ImagePlaces({folder}, false).Require(file, entry.where());
  } catch (const OutsideImage&) {
    Refuse(entry, "file_name",
           fmt::format("{} lies outside of the set's folder", file.lexically_normal().string()),
           "To allow it: --allow-outside, or allow_outside: true in the settings of a run.");
  }
}

RowSelection ReadSplit(const JsonObject& entry) {
  if (entry.Has("num_samples")) {
    Refuse(entry, "num_samples", "drawing rows at random is not supported",
           "Name rows instead, for example \"split\": \"train[:1000]\".");
  }
  try {
    return RowSelection(entry.GetOr<std::string>("split", "train"));
  } catch (const Error& error) {
    Refuse(entry, "split", error.what(), error.hint());
  }
}

}  // namespace

void UseOpenAiNames(DatasetEntry& entry) {
  entry.messages = "messages";
  entry.role = "role";
  entry.content = "content";
  entry.user = "user";
  entry.assistant = "assistant";
  entry.observation = "tool";
  entry.function = "function";
}

DatasetEntry ReadDatasetEntry(const fs::path& folder, const JsonObject& entry, bool allow_outside) {
  RequireFile(entry);
  std::optional<JsonObject> columns;
  if (entry.Has("columns")) columns = entry.Object("columns");
  RequireSupervised(entry, columns ? &*columns : nullptr);
  DatasetEntry read;
  read.where = entry.where();
  read.file = folder / entry.Get<std::string>("file_name");
  read.formatting = ReadFormatting(entry);
  if (read.formatting == DatasetFormatting::kOpenAi) UseOpenAiNames(read);
  if (columns) ReadColumns(*columns, read);
  if (entry.Has("tags") && read.formatting != DatasetFormatting::kAlpaca) {
    ReadTags(entry.Object("tags"), read);
  }
  read.rows = ReadSplit(entry);
  if (!allow_outside) RequireInside(entry, folder, read.file);
  RequireJson(entry, read.file);
  return read;
}

}  // namespace roentgen
