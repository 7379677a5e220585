#include "roentgen/data/dataset_writer.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/data/sample_json.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxImageBytes = size_t{1} << 30;

/// Names come from files, and become names of files.
const std::string& CheckName(const std::string& name, const char* what) {
  if (IsDatasetName(name)) return name;
  throw Error(fmt::format("{} \"{}\" cannot be part of a file name", what, name),
              "Use letters, digits, \"-\", \"_\" and \".\".");
}

/// What its owner alone may read stays so where it is copied to.
Readers ReadersOf(const fs::path& file) {
  std::error_code error;
  const fs::perms mode = fs::status(file, error).permissions();
  const bool others = (mode & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none;
  return others || error ? Readers::kUmask : Readers::kOwner;
}

}  // namespace

DatasetWriter::DatasetWriter(OutputOptions options)
    : options_(std::move(options)),
      folder_(options_.folder, CheckName(options_.name, "the dataset's name"),
              {options_.before_change, options_.inputs, options_.source, options_.force}) {
  if (options_.on_replaced && !folder_.replaced().empty()) options_.on_replaced(folder_.replaced());
}

Output& DatasetWriter::File(const std::string& what) {
  const auto known = further_files_.find(what);
  if (known != further_files_.end()) return *known->second;
  Output& file = folder_.NewFile(options_.name + "_" + what);
  further_files_.emplace(what, &file);
  return file;
}

DatasetWriter::Part& DatasetWriter::PartOf(const std::string& split) {
  const auto known = parts_.find(split);
  if (known != parts_.end()) return known->second;
  CheckName(split, "the split");
  const std::string file = options_.name + "_" + split + (options_.json_lines ? ".jsonl" : ".json");
  Part part{file, &folder_.NewFile(file)};
  return parts_.emplace(split, std::move(part)).first->second;
}

void DatasetWriter::Add(Sample sample) {
  Part& part = PartOf(sample.split);
  for (std::string& image : sample.images) image = WrittenPath(image);
  const char* before = options_.json_lines ? "" : part.rows == 0 ? "[\n" : ",\n";
  part.file->Write(before + SampleToJson(sample) + (options_.json_lines ? "\n" : ""));
  ++part.rows;
}

std::string DatasetWriter::PutImage(const std::string& name, std::string_view content) {
  return (options_.folder / folder_.PutImage(name, content)).string();
}

fs::path DatasetWriter::Staged(const std::string& image) const {
  return StagingFolder(options_.folder, options_.name) /
         fs::path(image).lexically_relative(options_.folder);
}

std::string DatasetWriter::WrittenPath(const std::string& image) {
  const auto known = image_paths_.find(image);
  if (known != image_paths_.end()) return known->second;
  std::string path;
  if (options_.copy_images && FileExists(image)) {
    path = folder_.PutImage(fs::path(image).filename().string(), ReadFile(image, kMaxImageBytes),
                            ReadersOf(image));
  } else {
    folder_.UseImage(image);
    const fs::path absolute = fs::absolute(image).lexically_normal();
    const fs::path inside =
        absolute.lexically_relative(fs::absolute(options_.folder).lexically_normal());
    const bool is_inside = !inside.empty() && *inside.begin() != "..";
    path = (is_inside ? inside : absolute).string();
  }
  return image_paths_.emplace(image, std::move(path)).first->second;
}

std::vector<fs::path> DatasetWriter::Finish() {
  if (parts_.empty()) {
    throw Error(fmt::format("{}: no row is kept for the dataset \"{}\"; nothing was written",
                            options_.folder.string(), options_.name),
                "See which rules drop the rows, and set those that should not to \"report\".");
  }
  std::map<std::string, std::string> entries;
  for (auto& [split, part] : parts_) {
    if (!options_.json_lines) part.file->Write("\n]\n");
    entries.emplace(options_.name + "_" + split, part.file_name);
  }
  return folder_.Publish(entries);
}

}  // namespace roentgen
