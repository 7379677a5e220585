// ShareGPT and Alpaca files as LLaMA-Factory 0.9.5 reads them: data/parser.py (attributes),
// data/converter.py (columns to messages), data/loader.py (files).

#include <fmt/format.h>

#include <array>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json_rows.h"
#include "roentgen/data/reading.h"
#include "roentgen/data/sample_json.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxInfoBytes = size_t{16} << 20;

/// Where a dataset's rows are and what their columns and tags are called: DatasetAttr.
struct DatasetForm {
  fs::path file;
  bool sharegpt = false;
  // Names of columns; empty: there is none.
  std::string messages = "conversations";
  std::string system;
  std::string images;
  std::string prompt = "instruction";
  std::string query = "input";
  std::string response = "output";
  std::string history;
  // Tags of messages.
  std::string role = "from";
  std::string content = "value";
  std::string user = "human";
  std::string assistant = "gpt";
  std::string system_role = "system";
};

void CheckSupported(const JsonObject& entry) {
  for (const char* key : {"ranking", "num_samples", "subset", "folder"}) {
    if (!entry.Has(key) || entry.json()[key] == false) continue;
    entry.Fail(key, "not supported here", "Remove it, or make a file of just these rows.");
  }
  if (!entry.Has("file_name")) {
    entry.Fail("file_name", "missing: only files beside dataset_info.json are read",
               "Download the dataset and name its file.");
  }
}

void ReadColumns(const JsonObject& columns, DatasetForm& form) {
  const std::pair<const char*, std::string*> known[] = {
      {"messages", &form.messages}, {"system", &form.system}, {"images", &form.images},
      {"prompt", &form.prompt},     {"query", &form.query},   {"response", &form.response},
      {"history", &form.history}};
  for (const auto& [key, column] : known) *column = columns.GetOr<std::string>(key, *column);
  for (const char* key : {"videos", "audios", "tools", "chosen", "rejected", "kto_tag"}) {
    if (columns.Has(key)) columns.Fail(key, "such columns are not supported");
  }
}

void ReadTags(const JsonObject& tags, DatasetForm& form) {
  const std::pair<const char*, std::string*> known[] = {{"role_tag", &form.role},
                                                        {"content_tag", &form.content},
                                                        {"user_tag", &form.user},
                                                        {"assistant_tag", &form.assistant},
                                                        {"system_tag", &form.system_role}};
  for (const auto& [key, tag] : known) *tag = tags.GetOr<std::string>(key, *tag);
}

DatasetForm ReadEntry(const fs::path& folder, const JsonObject& entry) {
  CheckSupported(entry);
  DatasetForm form;
  form.file = folder / entry.Get<std::string>("file_name");
  const auto formatting = entry.GetOr<std::string>("formatting", "alpaca");
  if (formatting != "alpaca" && formatting != "sharegpt") {
    entry.Fail("formatting", fmt::format("\"{}\" is neither alpaca nor sharegpt", formatting));
  }
  form.sharegpt = formatting == "sharegpt";
  const std::string extension = form.file.extension().string();
  if (extension != ".json" && extension != ".jsonl") {
    entry.Fail("file_name", fmt::format("{} is neither .json nor .jsonl", form.file.string()));
  }
  if (entry.Has("columns")) ReadColumns(entry.Object("columns"), form);
  if (entry.Has("tags")) ReadTags(entry.Object("tags"), form);
  return form;
}

/// One file of rows.
class RowFile {
 public:
  RowFile(DatasetForm form, fs::path media_dir)
      : form_(std::move(form)), media_dir_(std::move(media_dir)) {}

  void ForEach(const std::function<void(SourceSample)>& take) const {
    ForEachObject(
        form_.file,
        [&](const JsonObject& row, SourceRow source) { take(Read(row, std::move(source))); }, take);
  }

 private:
  SourceSample Read(const JsonObject& row, SourceRow source) const {
    SourceSample read;
    Sample& sample = read.sample;
    sample.id = fmt::format("{}-{}", form_.file.stem().string(), source.row);
    sample.split = kTrain;
    sample.source = std::move(source);
    if (!form_.system.empty()) sample.system = row.GetOr<std::string>(form_.system, "");
    if (!form_.images.empty()) ReadImages(row, sample);
    read.flaw = form_.sharegpt ? ReadMessages(row, sample) : ReadInstruction(row, sample);
    Json rest = row.json();
    for (const std::string* column : {&form_.messages, &form_.system, &form_.images, &form_.prompt,
                                      &form_.query, &form_.response, &form_.history}) {
      if (!column->empty()) rest.erase(*column);
    }
    const bool language_known = rest.contains("language");
    TakeSampleColumns(std::move(rest), sample);
    if (!language_known) sample.language = GuessLanguage(sample.turns);
    return read;
  }

  void ReadImages(const JsonObject& row, Sample& sample) const {
    if (!row.Has(form_.images)) return;
    const bool one = row.json()[form_.images].is_string();
    sample.images = one ? std::vector{row.Get<std::string>(form_.images)}
                        : row.Get<std::vector<std::string>>(form_.images);
    for (std::string& image : sample.images) {
      // The system would open what stands before it.
      if (image.find('\0') != std::string::npos) row.Fail(form_.images, "a path with a zero byte");
      const fs::path beside = media_dir_ / image;
      if (FileExists(beside) || !FileExists(image)) image = beside.lexically_normal().string();
    }
  }

  std::optional<SourceSample::Flaw> ReadMessages(const JsonObject& row, Sample& sample) const {
    const auto found = row.json().find(form_.messages);
    if (found == row.json().end()) row.Fail(form_.messages, "missing");
    if (!found->is_array()) row.Fail(form_.messages, "expected a list of messages");
    for (size_t i = 0; i < found->size(); ++i) {
      const JsonObject message((*found)[i],
                               fmt::format("{}: {}[{}]", row.where(), form_.messages, i));
      const auto role = message.Get<std::string>(form_.role);
      std::string text = TextOf(message, form_.content, sample.extra);
      if (i == 0 && role == form_.system_role) {
        sample.system = std::move(text);
        continue;
      }
      const bool from_user = sample.turns.size() % 2 == 0;
      const std::string& expected = from_user ? form_.user : form_.assistant;
      if (role != expected) {
        return SourceSample::Flaw{
            Rule::kTurns,
            fmt::format("message {} is from \"{}\", not from \"{}\"", i + 1, role, expected)};
      }
      sample.turns.push_back({from_user ? Role::kUser : Role::kAssistant, std::move(text)});
    }
    return CheckTurns(sample);
  }

  std::optional<SourceSample::Flaw> ReadInstruction(const JsonObject& row, Sample& sample) const {
    if (!form_.history.empty() && row.Has(form_.history)) {
      for (const auto& pair : row.Get<std::vector<std::vector<std::string>>>(form_.history)) {
        if (pair.size() != 2) row.Fail(form_.history, "expected pairs of question and answer");
        sample.turns.push_back({Role::kUser, pair[0]});
        sample.turns.push_back({Role::kAssistant, pair[1]});
      }
    }
    const auto text = [&](const std::string& column) {
      return column.empty() || !row.Has(column) ? std::string() : row.Get<std::string>(column);
    };
    const std::string prompt = text(form_.prompt);
    const std::string query = text(form_.query);
    const char* between = prompt.empty() || query.empty() ? "" : "\n";
    sample.turns.push_back({Role::kUser, prompt + between + query});
    sample.turns.push_back({Role::kAssistant, TextOf(row, form_.response, sample.extra)});
    return CheckTurns(sample);
  }

  static std::optional<SourceSample::Flaw> CheckTurns(const Sample& sample) {
    if (sample.turns.empty()) return SourceSample::Flaw{Rule::kTurns, "no messages"};
    if (sample.turns.size() % 2 == 0) return std::nullopt;
    return SourceSample::Flaw{Rule::kTurns, "the last message is not the assistant's"};
  }

  DatasetForm form_;
  fs::path media_dir_;
};

class LlamaFactory : public SampleSource {
 public:
  explicit LlamaFactory(std::vector<RowFile> files, fs::path images = {})
      : files_(std::move(files)), images_(std::move(images)) {}

  void ForEach(const std::function<void(SourceSample)>& take) const override {
    for (const RowFile& file : files_) file.ForEach(take);
  }

  std::vector<fs::path> Images() const override {
    return !images_.empty() && FileExists(images_) ? ImageFilesBelow(images_)
                                                   : std::vector<fs::path>();
  }

 private:
  std::vector<RowFile> files_;
  fs::path images_;  // the dataset's own image folder
};

/// Whether a file's first row has "messages", as the OpenAI style of ShareGPT files does.
bool HasMessages(const fs::path& file) {
  struct Found {
    bool messages;
  };
  try {
    ForEachJsonRow(file, [](const JsonRow& row) {
      throw Found{row.value.is_object() && row.value.contains("messages")};
    });
  } catch (const Found& found) {
    return found.messages;
  }
  return false;
}

std::unique_ptr<SampleSource> OpenFile(DatasetForm form) {
  form.images = "images";
  form.system = "system";
  const fs::path folder = form.file.parent_path();
  return std::make_unique<LlamaFactory>(std::vector{RowFile(std::move(form), folder)});
}

}  // namespace

std::unique_ptr<SampleSource> OpenLlamaFactory(const fs::path& folder,
                                               const std::vector<std::string>& names,
                                               const fs::path& media_dir) {
  const fs::path file = folder / "dataset_info.json";
  const JsonObject info(ReadJsonFile(file, kMaxInfoBytes), file.string());
  std::vector<RowFile> files;
  const auto add = [&](const std::string& name) {
    files.emplace_back(ReadEntry(folder, info.Object(name)),
                       media_dir.empty() ? folder : media_dir);
  };
  for (const std::string& name : names) {
    if (!info.Has(name)) {
      std::string known;
      for (const auto& [each, ignored] : info.json().items()) known += " " + each;
      info.Fail(name, "no such dataset", "There are:" + known);
    }
    add(name);
  }
  if (names.empty()) {
    for (const auto& [name, ignored] : info.json().items()) add(name);
  }
  return std::make_unique<LlamaFactory>(std::move(files), folder / "images");
}

std::unique_ptr<SampleSource> OpenShareGpt(const fs::path& file) {
  DatasetForm form;
  form.file = file;
  form.sharegpt = true;
  if (HasMessages(file)) {
    form.messages = "messages";
    form.role = "role";
    form.content = "content";
    form.user = "user";
    form.assistant = "assistant";
  }
  return OpenFile(std::move(form));
}

std::unique_ptr<SampleSource> OpenAlpaca(const fs::path& file) {
  DatasetForm form;
  form.file = file;
  form.history = "history";
  return OpenFile(std::move(form));
}

}  // namespace roentgen
