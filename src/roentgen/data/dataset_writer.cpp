#include "roentgen/data/dataset_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/data/sample_json.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxInfoBytes = size_t{16} << 20;
constexpr size_t kMaxImageBytes = size_t{1} << 30;
constexpr const char* kImageFolder = "images";

/// Names come from files, and become names of files.
void CheckName(const std::string& name, const char* what) {
  const auto fit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (!name.empty() && name.size() <= 100 && name[0] != '.' &&
      std::all_of(name.begin(), name.end(), fit)) {
    return;
  }
  throw Error(fmt::format("{} \"{}\" cannot be part of a file name", what, name),
              "Use letters, digits, \"-\", \"_\" and \".\".");
}

void MakeFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(fmt::format("{}: cannot make it: {}", folder.string(), error.message()));
}

}  // namespace

DatasetWriter::DatasetWriter(OutputOptions options) : options_(std::move(options)) {
  CheckName(options_.name, "the dataset's name");
  MakeFolder(options_.folder);
  if (options_.copy_images) MakeFolder(options_.folder / kImageFolder);
}

fs::path DatasetWriter::Path(const std::string& what) const {
  return options_.folder / (options_.name + "_" + what);
}

AtomicFile& DatasetWriter::File(const std::string& what) {
  const fs::path path = Path(what);
  return files_.try_emplace(path, path).first->second;
}

DatasetWriter::Part& DatasetWriter::PartOf(const std::string& split) {
  const auto known = parts_.find(split);
  if (known != parts_.end()) return known->second;
  CheckName(split, "the split");
  const std::string what = split + (options_.json_lines ? ".jsonl" : ".json");
  Part part{options_.name + "_" + what, &File(what)};
  return parts_.emplace(split, std::move(part)).first->second;
}

void DatasetWriter::Add(Sample sample) {
  Part& part = PartOf(sample.split);
  for (std::string& image : sample.images) image = WrittenPath(image);
  const char* before = options_.json_lines ? "" : part.rows == 0 ? "[\n" : ",\n";
  part.file->Write(before + SampleToJson(sample) + (options_.json_lines ? "\n" : ""));
  ++part.rows;
}

std::string DatasetWriter::WrittenPath(const std::string& image) {
  const auto known = image_paths_.find(image);
  if (known != image_paths_.end()) return known->second;
  std::string path;
  if (options_.copy_images && FileExists(image)) {
    path = Copy(image);
  } else {
    const fs::path absolute = fs::absolute(image).lexically_normal();
    const fs::path inside =
        absolute.lexically_relative(fs::absolute(options_.folder).lexically_normal());
    const bool is_inside = !inside.empty() && *inside.begin() != "..";
    path = (is_inside ? inside : absolute).string();
  }
  return image_paths_.emplace(image, std::move(path)).first->second;
}

/// "scan.png", or, where that is taken (SLAKE calls every picture source.jpg), "xmlab1-scan.png" or
/// "scan-2.png".
std::string DatasetWriter::Copy(const std::string& image) {
  const fs::path from(image);
  const std::string stem = from.stem().string();
  const std::string extension = from.extension().string();
  std::string name = from.filename().string();
  if (image_names_.contains(name)) name = from.parent_path().filename().string() + "-" + name;
  for (int i = 2; image_names_.contains(name); ++i)
    name = fmt::format("{}-{}{}", stem, i, extension);
  image_names_.insert(name);
  const fs::path relative = fs::path(kImageFolder) / name;
  const fs::path to = options_.folder / relative;
  std::error_code ignored;
  if (!fs::equivalent(from, to, ignored)) WriteFileAtomically(to, ReadFile(from, kMaxImageBytes));
  return relative.string();
}

std::vector<fs::path> DatasetWriter::Finish() {
  for (auto& [split, part] : parts_) {
    if (!options_.json_lines) part.file->Write("\n]\n");
  }
  AtomicFile info = NewInfo();
  info.Close();
  for (auto& [path, file] : files_) file.Close();
  // What could fail has been done.
  std::vector<fs::path> paths;
  for (auto& [path, file] : files_) {
    file.Commit();
    paths.push_back(path);
  }
  info.Commit();
  paths.push_back(options_.folder / "dataset_info.json");
  return paths;
}

AtomicFile DatasetWriter::NewInfo() const {
  const fs::path path = options_.folder / "dataset_info.json";
  nlohmann::ordered_json info = nlohmann::ordered_json::object();
  if (FileExists(path)) {
    const std::string text = ReadFile(path, kMaxInfoBytes);
    [[maybe_unused]] const JsonObject complains(ParseJson(text, path.string()), path.string());
    info = nlohmann::ordered_json::parse(text);  // keeps the order of the entries
  }
  for (const auto& [split, part] : parts_) {
    info[options_.name + "_" + split] = ShareGptDatasetInfo(part.file_name);
  }
  AtomicFile file(path);
  file.Write(info.dump(2) + "\n");
  return file;
}

}  // namespace roentgen
