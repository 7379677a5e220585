// ShareGPT, OpenAI and Alpaca files as LLaMA-Factory 0.9.5 reads them: data/converter.py (columns
// to messages), data/processor/supervised.py (which rows are dropped).

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json_rows.h"
#include "roentgen/data/blanks.h"
#include "roentgen/data/csv_columns.h"
#include "roentgen/data/dataset_entry.h"
#include "roentgen/data/dataset_manifest.h"
#include "roentgen/data/guess_language.h"
#include "roentgen/data/name_list.h"
#include "roentgen/data/names_in_use.h"
#include "roentgen/data/reading.h"
#include "roentgen/data/sample_json.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using Flaw = SourceSample::Flaw;

constexpr size_t kMaxInfoBytes = size_t{16} << 20;
constexpr const char* kLeaveOut = "Leave such rows out of the file.";

/// The system prompt of a row in LLaMA-Factory's formatting "openai", where there are no tools.
std::string OpenAiSystem(const std::string& system) {
  static const std::string kAdded = "detailed thinking off";
  if (system.empty()) return kAdded;
  const bool said = system.find(kAdded) != std::string::npos ||
                    system.find("detailed thinking on") != std::string::npos;
  return said ? system : system + "\n" + kAdded;
}

/// "\"output\" is a list, not a text", "… is missing".
std::string NotText(const JsonObject& row, const std::string& column) {
  const auto value = row.json().find(column);
  std::string what = "missing";
  if (value != row.json().end()) {
    what = value->is_null()      ? "null"
           : value->is_array()   ? "a list, not a text"
           : value->is_object()  ? "an object, not a text"
           : value->is_boolean() ? "true or false, not a text"
                                 : "no text";
  }
  return fmt::format("\"{}\" is {}", column, what);
}

/// The columns of a file's first row. None for a file that cannot be read: that is said when all of
/// it is.
std::vector<std::string> FirstColumns(const fs::path& file) {
  struct Found {};
  std::vector<std::string> columns;
  try {
    ForEachJsonRow(file, [&](const JsonRow& row) {
      if (row.value.is_object()) {
        for (const auto& [name, ignored] : row.value.items()) columns.push_back(name);
      }
      throw Found();
    });
  } catch (const Found&) {
  } catch (const Error&) {
  }
  return columns;
}

/// What this program cannot train on, though LLaMA-Factory does: it ends the reading.
class NotSupported : public Error {
 public:
  using Error::Error;
};

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// One file of rows.
class RowFile {
 public:
  /// name       of the entry; empty where there is none
  /// folder  of the set
  RowFile(DatasetEntry entry, const std::string& name, const fs::path& folder,
          const ImageOptions& images)
      : entry_(std::move(entry)),
        media_dir_(images.media_dir.empty() ? folder : images.media_dir),
        places_({folder, media_dir_, entry_.file.parent_path()}, images.allow_outside,
                [folder, file = entry_.file] { return ImageFoldersOfImport(folder, file); }),
        part_(PartInName(name)) {
    const std::string file = entry_.file.stem().string();
    named_ = part_.empty() ? entry_.file.filename().string() : name;
    if (part_.empty()) part_ = PartInName(file);
    // "split", or what people call it.
    for (const std::string& column : FirstColumns(entry_.file)) {
      const bool is_split = column == "split" || ColumnNamed(column) == "split";
      if (is_split && split_column_ != "split") split_column_ = column;
    }
    if (split_column_.empty()) FindFolds();
  }

  const fs::path& path() const { return entry_.file; }

  std::vector<std::string> Notes() const {
    std::vector<std::string> notes;
    if (!part_.empty() && part_ != kTrain && split_column_.empty()) {
      notes.push_back(fmt::format(
          "{}: rows that do not say their part are \"{}\", as its name says", named_, part_));
    }
    for (const std::string& note : column_notes_) {
      notes.push_back(fmt::format("{}: {}", named_, note));
    }
    const std::vector<std::string> columns = FirstColumns(entry_.file);
    if (auto note = NoteOfPatients({columns.begin(), columns.end()})) {
      notes.push_back(fmt::format("{}: {}", named_, *note));
    }
    return notes;
  }

  void ForEach(const std::function<void(SourceSample)>& take) const {
    if (entry_.rows.all()) return ForEachIn(0, SIZE_MAX, take);
    for (const auto& [from, to] : Ranges()) ForEachIn(from, to, take);
  }

 private:
  /// Columns without a split among them may be folds, or flags of a part.
  void FindFolds() {
    const std::vector<std::string> columns = FirstColumns(entry_.file);
    std::map<std::string, ColumnValues> values;
    for (const std::string& column : columns) {
      if (!ColumnNamed(column) && (NamesFolds(column) || !PartInName(column).empty())) {
        values[column];
      }
    }
    if (values.empty()) return;
    try {
      ForEachJsonRow(entry_.file, [&](const JsonRow& row) {
        for (auto& [column, said] : values) {
          if (!row.value.is_object() || !row.value.contains(column)) continue;
          said.Take(PlainText(row.value[column]));
        }
      });
    } catch (const Error&) {  // it is said when all of it is read
    }
    for (const auto& [column, said] : values) {
      const bool folds = split_column_.empty() && said.AreFolds(column);
      if (folds) {
        split_column_ = column;
        folds_ = true;
      }
      std::string note = folds ? NoteOfFolds(column) : said.NoteOf(column);
      if (!note.empty()) column_notes_.push_back(std::move(note));
    }
  }

  /// A text, number or truth value as a table would have it.
  static std::string PlainText(const Json& value) {
    if (value.is_null()) return {};
    return value.is_string() ? value.get<std::string>() : value.dump();
  }

  std::vector<std::pair<size_t, size_t>> Ranges() const {
    size_t rows = 0;
    ForEachJsonRow(entry_.file, [&](const JsonRow&) { ++rows; });
    try {
      return entry_.rows.Ranges(rows);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", entry_.where, error.what()), error.hint());
    }
  }

  /// The rows from `from` up to `to`, counted from 0.
  void ForEachIn(size_t from, size_t to, const std::function<void(SourceSample)>& take) const {
    NamesInUse names(entry_);
    bool any = false;  // row could be read
    std::optional<Error> first;
    size_t index = 0;
    const bool alpaca = entry_.formatting == DatasetFormatting::kAlpaca;
    const JsonTextField text = alpaca ? JsonTextField{"", entry_.response}
                                      : JsonTextField{entry_.messages, entry_.content};
    ForEachObject(
        entry_.file, {text},
        [&](const JsonObject& row, SourceSample found) {
          names.SeeRow(row.json());
          const bool taken = index >= from && index < to;
          ++index;
          if (!taken) return;
          const SourceRow source = found.sample.source;
          try {
            found = Read(row, std::move(found), names);
            any = true;
          } catch (const NotSupported&) {
            throw;
          } catch (const Error& error) {
            if (!first) first = error;
            found = Malformed(row, source, error);
          }
          take(std::move(found));
        },
        [&](SourceSample oversized) {
          const bool taken = index >= from && index < to;
          ++index;
          if (taken) take(std::move(oversized));
        });
    names.RequireAll();
    if (!any && first) throw Error(*first);
  }

  /// A row with a value of a wrong type: LLaMA-Factory stops at it, but the others may be sound.
  SourceSample Malformed(const JsonObject& row, const SourceRow& source, const Error& error) const {
    SourceSample read;
    read.sample.source = source;
    read.sample.id = fmt::format("{}-{}", entry_.file.stem().string(), source.row);
    read.sample.split = SplitOf(row.json());
    std::string reason = error.what();
    for (const std::string& where : {row.where() + ": ", row.where() + " "}) {
      if (reason.starts_with(where)) reason.erase(0, where.size());
    }
    read.flaw = FlawOf(error, std::move(reason));
    return read;
  }

  /// The part of a row by its column, or else the name.
  std::string SplitOf(const Json& row) const {
    std::string part;
    const std::string column = split_column_.empty() ? "split" : split_column_;
    if (const auto said = row.find(column); said != row.end()) {
      if (folds_) part = FoldNamed(PlainText(*said)).value_or("");
      if (!folds_ && said->is_string()) part = PartOrName(said->get_ref<const std::string&>());
    }
    if (!part.empty()) return part;
    return part_.empty() ? std::string(kTrain) : part_;
  }

  SourceSample Read(const JsonObject& row, SourceSample read, NamesInUse& names) const {
    Sample& sample = read.sample;
    sample.id = fmt::format("{}-{}", entry_.file.stem().string(), sample.source.row);
    sample.split = SplitOf(row.json());
    if (!entry_.system.empty()) sample.system = row.GetOr<std::string>(entry_.system, "");
    const std::string images = ImagesColumn(row);
    if (!images.empty()) ReadImages(row, images, sample);
    const bool alpaca = entry_.formatting == DatasetFormatting::kAlpaca;
    read.flaw = alpaca ? ReadInstruction(row, sample) : ReadMessages(row, sample, names);
    if (entry_.formatting == DatasetFormatting::kOpenAi) {
      sample.system = OpenAiSystem(sample.system);
    }
    if (!read.flaw || read.flaw->only_answer) RequireOnlyImages(row, sample);
    TakeOtherColumns(row, images, sample);
    return read;
  }

  /// A file without an entry may be LLaVA's, where a row has one "image".
  std::string ImagesColumn(const JsonObject& row) const {
    const bool llava = entry_.bare && !row.Has(entry_.images) && row.Has("image");
    return llava ? "image" : entry_.images;
  }

  void ReadImages(const JsonObject& row, const std::string& column, Sample& sample) const {
    if (!row.Has(column)) return;
    const bool one = row.json()[column].is_string();
    sample.images =
        one ? std::vector{row.Get<std::string>(column)} : row.Get<std::vector<std::string>>(column);
    std::erase_if(sample.images, [](const std::string& image) {  // no image
      return WithoutBlanksAtEdges(image).empty();
    });
    for (std::string& image : sample.images) {
      // The system would open what stands before it.
      if (image.find('\0') != std::string::npos) row.Fail(column, "a path with a zero byte");
      if (IsAddress(image)) continue;  // not there, which is said of it as it is written
      const fs::path beside = media_dir_ / image;
      std::error_code ignored;
      if (fs::is_regular_file(beside, ignored) || !fs::is_regular_file(image, ignored)) {
        image = beside.lexically_normal().string();
      }
      places_.Require(image, fmt::format("{}: {}", row.where(), column));
    }
  }

  /// LLaMA-Factory trains on what else a row may hold, or stops too; without it the row would mean
  /// something else.
  void RequireOnlyImages(const JsonObject& row, const Sample& sample) const {
    for (const Turn& turn : sample.turns) {
      if (const auto place = UnsupportedPlaceIn(turn.text)) {
        throw NotSupported(fmt::format("{}: a text has {}: videos and audio are not supported",
                                       row.where(), *place),
                           kLeaveOut);
      }
    }
    if (!entry_.bare) return;  // an entry says which columns count
    for (const auto& [column, what] : {std::pair("videos", "videos"), std::pair("audios", "audio"),
                                       std::pair("tools", "calls of tools")}) {
      if (!row.Has(column)) continue;
      const Json& value = row.json().at(column);
      const std::string* text = value.get_ptr<const std::string*>();
      if (value.empty() || (text != nullptr && text->empty())) continue;
      throw NotSupported(fmt::format("{}: {}: {} are not supported", row.where(), column, what),
                         kLeaveOut);
    }
  }

  std::optional<Flaw> ReadMessages(const JsonObject& row, Sample& sample, NamesInUse& names) const {
    if (!row.Has(entry_.messages)) {
      return Flaw{Rule::kTurns, NotText(row, entry_.messages)};
    }
    const Json& messages = row.json()[entry_.messages];
    if (!messages.is_array()) row.Fail(entry_.messages, "expected a list of messages");
    const bool openai = entry_.formatting == DatasetFormatting::kOpenAi;
    std::optional<size_t> tool;  // the first message to or from a tool
    for (size_t i = 0; i < messages.size(); ++i) {
      const JsonObject message(messages[i],
                               fmt::format("{}: {}[{}]", row.where(), entry_.messages, i));
      names.SeeMessage(message.json());
      if (i == 0 && IsSystem(message)) {
        sample.system = message.GetOr<std::string>(entry_.content, "");
        continue;
      }
      if (auto flaw = ReadMessage(message, i + 1, sample, tool)) return flaw;
      if (openai && tool) break;  // several results in a row are one there
    }
    if (auto flaw = CheckTurns(sample); flaw && !(openai && tool)) return flaw;
    if (tool) {
      throw NotSupported(
          fmt::format("{}: {}: message {} is to or from a tool: calls of tools are not supported",
                      row.where(), entry_.messages, *tool),
          kLeaveOut);
    }
    return std::nullopt;
  }

  bool IsSystem(const JsonObject& message) const {
    return !entry_.system_role.empty() && message.Has(entry_.role) &&
           message.json()[entry_.role] == entry_.system_role;
  }

  /// Whether a message is a tool's or calls one, at its place in a conversation.
  bool IsOfTool(const JsonObject& message, const std::string& role, bool from_user) const {
    const auto is = [&](const std::string& tag) { return !tag.empty() && role == tag; };
    const bool openai = entry_.formatting == DatasetFormatting::kOpenAi;
    const bool calls = (openai || entry_.bare) && message.Has("tool_calls") &&
                       !message.json()["tool_calls"].empty();
    if (openai) return calls || is(entry_.observation) || is(entry_.function);
    return calls || is(from_user ? entry_.observation : entry_.function);
  }

  /// One message behind the system prompt; number is counted from 1.
  std::optional<Flaw> ReadMessage(const JsonObject& message, size_t number, Sample& sample,
                                  std::optional<size_t>& tool) const {
    const bool from_user = sample.turns.size() % 2 == 0;
    const std::string& expected = from_user ? entry_.user : entry_.assistant;
    const auto role = message.GetOr<std::string>(entry_.role, "");
    const bool of_tool = IsOfTool(message, role, from_user);
    if (of_tool && !tool) tool = number;
    if (!of_tool && role != expected) {
      return Flaw{Rule::kTurns, fmt::format("message {} is from \"{}\", not from \"{}\"", number,
                                            role, expected)};
    }
    if (!of_tool && !message.Has(entry_.content)) {
      return Flaw{Rule::kEmptyText, fmt::format("message {} has no text", number)};
    }
    std::string text = of_tool ? "" : message.Get<std::string>(entry_.content);
    sample.turns.push_back({from_user ? Role::kUser : Role::kAssistant, std::move(text)});
    return std::nullopt;
  }

  std::optional<Flaw> ReadInstruction(const JsonObject& row, Sample& sample) const {
    if (!entry_.history.empty() && row.Has(entry_.history) &&
        row.json()[entry_.history].is_array()) {
      for (const auto& pair : row.Get<std::vector<std::vector<std::string>>>(entry_.history)) {
        if (pair.size() != 2) row.Fail(entry_.history, "expected pairs of question and answer");
        sample.turns.push_back({Role::kUser, pair[0]});
        sample.turns.push_back({Role::kAssistant, pair[1]});
      }
    }
    const auto text = [&](const std::string& column) {
      return column.empty() ? std::string() : row.GetOr<std::string>(column, "");
    };
    const std::string prompt = text(entry_.prompt);
    const std::string query = text(entry_.query);
    const char* between = prompt.empty() || query.empty() ? "" : "\n";
    sample.turns.push_back({Role::kUser, prompt + between + query});
    const auto answer = row.json().find(entry_.response);
    if (answer == row.json().end() || !answer->is_string()) {
      return Flaw{Rule::kEmptyText, "no answer: " + NotText(row, entry_.response),
                  /*only_answer=*/true};
    }
    sample.turns.push_back({Role::kAssistant, answer->get<std::string>()});
    return CheckTurns(sample);
  }

  static std::optional<Flaw> CheckTurns(const Sample& sample) {
    if (sample.turns.empty()) return Flaw{Rule::kTurns, "no messages"};
    if (sample.turns.size() % 2 == 0) return std::nullopt;
    return Flaw{Rule::kTurns, "the last message is not the assistant's"};
  }

  /// What the row says beside its conversation.
  void TakeOtherColumns(const JsonObject& row, const std::string& images, Sample& sample) const {
    Json rest = row.json();
    rest.erase(entry_.system);
    rest.erase(images);
    if (entry_.formatting == DatasetFormatting::kAlpaca) {
      for (const std::string* column :
           {&entry_.prompt, &entry_.query, &entry_.response, &entry_.history}) {
        rest.erase(*column);
      }
    } else {
      rest.erase(entry_.messages);
    }
    if (const auto split = rest.find(split_column_);
        !split_column_.empty() && split != rest.end()) {
      if (folds_ || split->is_string()) rest.erase(split_column_);  // is known
    }
    const bool language_known = rest.contains("language");
    TakeSampleColumns(std::move(rest), sample);
    if (!language_known) sample.language = GuessLanguage(sample.turns);
  }

  DatasetEntry entry_;
  fs::path media_dir_;  // where images are looked for first
  ImagePlaces places_;
  std::string part_;   // of rows that do not say it: a part, what a name says that is none, or ""
  std::string named_;  // what has that name
  std::string split_column_;  // by which they say it; empty: none
  bool folds_ = false;        // its values are folds
  std::vector<std::string> column_notes_;
};

class LlamaFactory : public SampleSource {
 public:
  LlamaFactory(std::vector<RowFile> files, fs::path images, std::vector<std::string> notes)
      : files_(std::move(files)), images_(std::move(images)), notes_(std::move(notes)) {}

  void ForEach(const std::function<void(SourceSample)>& take) const override {
    for (const RowFile& file : files_) file.ForEach(take);
  }

  std::vector<fs::path> Files() const override {
    std::vector<fs::path> files;
    for (const RowFile& file : files_) files.push_back(file.path());
    return files;
  }

  std::vector<fs::path> Images() const override {
    return !images_.empty() && FileExists(images_) ? ImageFilesBelow(images_)
                                                   : std::vector<fs::path>();
  }

  std::vector<std::string> Notes() const override {
    std::vector<std::string> notes = notes_;
    for (const RowFile& file : files_) {
      for (std::string& note : file.Notes()) notes.push_back(std::move(note));
    }
    return notes;
  }

 private:
  std::vector<RowFile> files_;
  fs::path images_;  // the dataset's own image folder
  std::vector<std::string> notes_;
};

/// The entries that are read here, and a line for each reason why others are not.
class EntryReader {
 public:
  EntryReader(const fs::path& folder, const ImageOptions& images)
      : folder_(folder),
        images_(images),
        file_(folder / "dataset_info.json"),
        info_(ReadJsonFile(file_, kMaxInfoBytes), file_.string()) {}

  void Add(const std::string& name) {
    if (!info_.Has(name)) {
      std::vector<std::string> known;
      for (const auto& [each, ignored] : info_.json().items()) known.push_back(each);
      std::sort(known.begin(), known.end());
      info_.Fail(name, "no such dataset", "There are: " + ListOf(known));
    }
    DatasetEntry entry = ReadDatasetEntry(folder_, info_.Object(name), images_.allow_outside);
    if (entry.formatting == DatasetFormatting::kOpenAi) {
      notes_.push_back(
          name +
          ": as LLaMA-Factory does for formatting openai, \"detailed thinking off\" is "
          "added to its system prompts; formatting sharegpt does not add it");
    }
    files_.emplace_back(std::move(entry), name, folder_, images_);
  }

  /// All that can be read. Throws Error when there is none.
  void AddAll() {
    std::map<std::string, std::set<std::string>> passed_over;  // names, by reason
    std::optional<NotReadHere> first;
    for (const auto& [name, ignored] : info_.json().items()) {
      try {
        Add(name);
      } catch (const NotReadHere& problem) {
        passed_over[problem.reason()].insert(name);
        if (!first) first = problem;
      }
    }
    if (files_.empty() && first) throw NotReadHere(*first);
    if (files_.empty()) throw Error(file_.string() + ": no datasets in it");
    for (const auto& [reason, names] : passed_over) {
      const std::string list = ListOf({names.begin(), names.end()});
      notes_.push_back(fmt::format("passed over: {}: {}", list, reason));
    }
  }

  std::unique_ptr<SampleSource> Finish() {
    return std::make_unique<LlamaFactory>(std::move(files_), folder_ / "images", std::move(notes_));
  }

 private:
  fs::path folder_;
  ImageOptions images_;
  fs::path file_;
  JsonObject info_;
  std::vector<RowFile> files_;
  std::vector<std::string> notes_;
};

/// An entry for a file that has none.
DatasetEntry BareEntry(const fs::path& file, DatasetFormatting formatting) {
  DatasetEntry entry;
  entry.file = file;
  entry.where = file.string();
  entry.formatting = formatting;
  entry.bare = true;
  entry.images = "images";
  entry.system = "system";
  return entry;
}

std::unique_ptr<SampleSource> OpenFile(DatasetEntry entry, const ImageOptions& images) {
  const fs::path folder = entry.file.parent_path();
  std::vector<RowFile> files = {RowFile(std::move(entry), "", folder, images)};
  return std::make_unique<LlamaFactory>(std::move(files), fs::path(), std::vector<std::string>());
}

}  // namespace

std::unique_ptr<SampleSource> OpenLlamaFactory(const fs::path& folder,
                                               const std::vector<std::string>& names,
                                               const ImageOptions& images) {
  EntryReader reader(folder, images);
  for (const std::string& name : names) reader.Add(name);
  if (names.empty()) reader.AddAll();
  return reader.Finish();
}

std::unique_ptr<SampleSource> OpenShareGpt(const fs::path& file, const ImageOptions& images) {
  DatasetEntry entry = BareEntry(file, DatasetFormatting::kShareGpt);
  if (Contains(FirstColumns(file), "messages")) UseOpenAiNames(entry);
  return OpenFile(std::move(entry), images);
}

std::unique_ptr<SampleSource> OpenAlpaca(const fs::path& file, const ImageOptions& images) {
  DatasetEntry entry = BareEntry(file, DatasetFormatting::kAlpaca);
  entry.history = "history";
  return OpenFile(std::move(entry), images);
}

}  // namespace roentgen
