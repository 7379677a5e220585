#include "data_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "commands.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/qwen2vl/model_lookup.h"

namespace roentgen::app {
namespace {

using Opener = std::unique_ptr<SampleSource> (*)(const SourceOptions&);

struct Format {
  const char* name;
  const char* what;
  Opener open;
};

constexpr std::array<Format, 6> kFormats = {{
    {"vqa-rad", "the folder of VQA-RAD as published at osf.io/89kps",
     [](const SourceOptions& options) { return OpenVqaRad(options.path); }},
    {"slake", "the folder of SLAKE as published at med-vqa.com/slake",
     [](const SourceOptions& options) { return OpenSlake(options.path); }},
    {"llamafactory", "a folder with LLaMA-Factory's dataset_info.json",
     [](const SourceOptions& options) {
       return OpenLlamaFactory(options.path, options.datasets, options.Images());
     }},
    {"sharegpt", "a ShareGPT file of JSON or JSON lines",
     [](const SourceOptions& options) { return OpenShareGpt(options.path, options.Images()); }},
    {"alpaca", "an Alpaca file of JSON or JSON lines",
     [](const SourceOptions& options) { return OpenAlpaca(options.path, options.Images()); }},
    {"csv", "a table beside its images, with columns image, question, answer",
     [](const SourceOptions& options) { return OpenCsv(options.path, options.csv); }},
}};

}  // namespace

void SourceOptions::AddTo(CLI::App& command) {
  std::string help = "What it is:";
  std::vector<std::string> names;
  for (const Format& each : kFormats) {
    help += std::string("\n") + each.name + ": " + each.what;
    names.emplace_back(each.name);
  }
  command.add_option("format", format, help)
      ->required()
      ->type_name("FORMAT")
      ->check(CLI::IsMember(names).description(""));
  command.add_option("path", path, "The set's folder or file")->required()->type_name("PATH");
  command
      .add_option("--dataset", datasets,
                  "Which entries of dataset_info.json (llamafactory); by default all that can be "
                  "read")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--media-dir", media_dir,
                     "Where images are looked for (llamafactory, sharegpt, alpaca); by default in "
                     "the folder of dataset_info.json or of the file");
  command.add_flag("--allow-outside", csv.allow_outside,
                   "Rows may name images anywhere on the disk, not only in the set's folder or in "
                   "--media-dir (llamafactory, sharegpt, alpaca, csv)");
  command.add_option(
      "--encoding", csv.encoding,
      "The table's encoding (csv), such as gb18030, big5 or windows-1252; by default "
      "found out");
  command.add_option("--separator", csv.separator,
                     "What separates the table's fields (csv): comma, semicolon, tab, pipe or a "
                     "character; by default found out");
}

std::unique_ptr<SampleSource> SourceOptions::Open() const {
  for (const Format& each : kFormats) {
    if (each.name == format) return each.open(*this);
  }
  throw UsageError("there is no format " + format);
}

std::string SourceOptions::Describe() const {
  const std::string text =
      fmt::format("{} {}", format, std::filesystem::absolute(path).lexically_normal().string());
  return datasets.empty() ? text : fmt::format("{} ({})", text, fmt::join(datasets, ", "));
}

std::vector<std::pair<std::string, std::string>> SourceOptions::Flags() const {
  std::vector<std::pair<std::string, std::string>> flags;
  for (const std::string& dataset : datasets) flags.emplace_back("--dataset", dataset);
  if (!media_dir.empty()) flags.emplace_back("--media-dir", media_dir.string());
  if (csv.allow_outside) flags.emplace_back("--allow-outside", "");
  if (!csv.encoding.empty()) flags.emplace_back("--encoding", csv.encoding);
  if (!csv.separator.empty()) flags.emplace_back("--separator", csv.separator);
  return flags;
}

void StatisticsFlags::AddTo(CLI::App& command) {
  command.add_option("--model", model_,
                     "Model whose tokenizer counts the texts; without one only images count");
  command.add_option("--cutoff-len", options_.cutoff_len, "Tokens that a sample may have")
      ->check(CLI::Range(1, 1 << 30))
      ->capture_default_str();
  command
      .add_option("--image-max-pixels", options_.image_limits.image_max_pixels,
                  "Pixels that training keeps of an image")
      ->check(CLI::Range(1, 1 << 30))
      ->capture_default_str();
}

StatisticsOptions StatisticsFlags::Resolve() {
  StatisticsOptions options = options_;
  if (model_) {
    folder_ = ResolveModel(model_).folder;
    options.tokenizer = &tokenizer_.emplace(Tokenizer::Load(folder_));
    options.preprocessor = PreprocessorConfig::Load(folder_);
  }
  return options;
}

}  // namespace roentgen::app
