#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/data/blanks.h"
#include "roentgen/data/csv_rows.h"
#include "roentgen/data/guess_language.h"
#include "roentgen/data/reading.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

/// A file of questions; its name tells the part ("validate.json" in the published archive,
/// "validation.json" on the hub).
struct Part {
  fs::path file;
  std::string_view split;
};

struct KnowledgeFile {
  const char* file;
  const char* language;
  char delimiter;
};
constexpr std::array<KnowledgeFile, 6> kKnowledgeFiles = {{{"disease.csv", "zh", ','},
                                                           {"organ.csv", "zh", ','},
                                                           {"organ_rel.csv", "zh", ','},
                                                           {"en_disease.csv", "en", '#'},
                                                           {"en_organ.csv", "en", '#'},
                                                           {"en_organ_rel.csv", "en", '#'}}};

constexpr size_t kMaxDetectionBytes = size_t{1} << 20;

/// detection.json: a list of objects with one organ or finding each, {"Liver": [x, y, width,
/// height]}.
std::vector<Box> ReadBoxes(const fs::path& file) {
  std::vector<Box> boxes;
  const Json list = ReadJsonFile(file, kMaxDetectionBytes);
  if (!list.is_array()) throw Error(file.string() + ": expected a list of boxes");
  for (const Json& item : list) {
    const JsonObject box(item, file.string());
    for (const auto& [label, ignored] : item.items()) {
      const auto numbers = box.Get<std::vector<double>>(label);
      if (numbers.size() != 4) box.Fail(label, "expected four numbers");
      boxes.push_back({label, numbers[0], numbers[1], numbers[2], numbers[3]});
    }
  }
  return boxes;
}

class Slake : public SampleSource {
 public:
  explicit Slake(const fs::path& folder) : folder_(folder), images_(FindNamed(folder, "imgs")) {
    for (const fs::path& file : JsonFilesIn(folder)) {
      const auto split = PartNamed(file.stem().string());
      if (!split) {
        notes_.push_back(fmt::format("not read: {}: its name tells no part of the set",
                                     file.filename().string()));
        continue;
      }
      AddPart(file, *split);
    }
    if (parts_.empty() || !FileExists(images_)) {
      throw Error(fmt::format("{}: no SLAKE: expected train.json, validate.json or test.json, and "
                              "imgs there",
                              folder.string()),
                  FileExists(folder / "imgs.zip")
                      ? "Unpack imgs.zip there."
                      : "Download it from med-vqa.com/slake and unpack it.");
    }
    std::sort(parts_.begin(), parts_.end(),
              [](const Part& a, const Part& b) { return Order(a.split) < Order(b.split); });
    for (const std::string_view split : {kTrain, kValidation, kTest}) {
      if (HasPart(split)) continue;
      notes_.push_back(fmt::format("no {} part is there", split));
    }
  }

  void ForEach(const std::function<void(SourceSample)>& take) const override {
    std::map<std::string, std::vector<Box>> boxes;  // by image: each is asked about many times
    for (const Part& part : parts_) {
      const std::function<void(SourceSample)> complete = [&](SourceSample row) {
        row.sample.split = part.split;
        if (!row.flaw) row.sample.boxes = BoxesOf(row.sample.images[0], boxes);
        take(std::move(row));
      };
      RowReading reading(complete);
      ForEachObject(
          part.file, {{"", "answer"}},
          [&](const JsonObject& row, SourceSample found) {
            const SourceRow source = found.sample.source;
            reading.Row(row.where(), std::move(found), [&] { return Read(row, source); });
          },
          take);
      reading.RequireAny();
    }
  }

  std::vector<fs::path> Files() const override {
    std::vector<fs::path> files;
    for (const Part& part : parts_) files.push_back(part.file);
    return files;
  }

  std::vector<fs::path> Images() const override {
    std::vector<fs::path> files = ImageFilesBelow(images_);
    std::erase_if(files, [](const fs::path& file) { return file.stem() != "source"; });  // masks
    return files;
  }

  std::vector<KnowledgeTriple> Knowledge() const override {
    std::vector<KnowledgeTriple> triples;
    for (const KnowledgeFile& part : kKnowledgeFiles) {
      const fs::path file = folder_ / "KG" / part.file;
      if (!FileExists(file)) continue;
      ForEachCsvRow(
          file, {.separator = part.delimiter}, [&](size_t number, std::vector<std::string> fields) {
            if (fields.size() != 3) {
              throw Error(fmt::format("{}: row {}: expected 3 fields, found {}", file.string(),
                                      number, fields.size()));
            }
            if (number == 1) return;  // names
            for (std::string& field : fields) field = WithoutBlanksAtEdges(field);
            triples.push_back(
                {part.language, std::move(fields[0]), std::move(fields[1]), std::move(fields[2])});
          });
    }
    return triples;
  }

  std::vector<std::string> Notes() const override { return notes_; }

 private:
  static const std::vector<Box>& BoxesOf(const std::string& image,
                                         std::map<std::string, std::vector<Box>>& known) {
    const auto [boxes, added] = known.try_emplace(image);
    const fs::path detection = fs::path(image).parent_path() / "detection.json";
    if (added && FileExists(detection)) boxes->second = ReadBoxes(detection);
    return boxes->second;
  }

  static int Order(std::string_view split) {
    return split == kTrain ? 0 : split == kValidation ? 1 : 2;
  }

  bool HasPart(std::string_view split) const {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const Part& part) { return part.split == split; });
  }

  void AddPart(const fs::path& file, std::string_view split) {
    for (const Part& part : parts_) {
      if (part.split != split) continue;
      throw Error(fmt::format("{}: {} and {} are both the {} part", folder_.string(),
                              part.file.filename().string(), file.filename().string(), split),
                  "Move one of them elsewhere.");
    }
    parts_.push_back({file, split});
  }

  Sample Read(const JsonObject& row, SourceRow source) const {
    Sample sample;
    sample.extra = row.json();
    for (const char* key : {"img_name", "question", "answer", "q_lang", "location", "modality",
                            "answer_type", "content_type"}) {
      sample.extra.erase(key);
    }
    sample.id = fmt::format("slake-{}", row.Get<int64_t>("qid"));
    const fs::path image =
        ImageInside(images_, row.where() + ": img_name", row.Get<std::string>("img_name"));
    sample.images = {image.string()};
    if (const fs::path mask = image.parent_path() / "mask.png"; FileExists(mask)) {
      sample.extra["mask"] = mask.string();
    }
    sample.turns =
        QuestionAndAnswer(row.Get<std::string>("question"), row.Get<std::string>("answer"));
    sample.language = row.GetOr<std::string>("q_lang", "");
    if (sample.language.empty()) sample.language = GuessLanguage(sample.turns);
    sample.modality = row.GetOr<std::string>("modality", "");
    sample.organ = row.GetOr<std::string>("location", "");
    if (row.Has("content_type")) sample.question_types = {row.Get<std::string>("content_type")};
    sample.answer_type = AnswerTypeOrName(row.GetOr<std::string>("answer_type", ""));
    sample.source = std::move(source);
    return sample;
  }

  fs::path folder_;
  fs::path images_;
  std::vector<Part> parts_;
  std::vector<std::string> notes_;
};

}  // namespace

std::unique_ptr<SampleSource> OpenSlake(const fs::path& folder) {
  return std::make_unique<Slake>(folder);
}

}  // namespace roentgen
