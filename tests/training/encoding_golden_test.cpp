// Token ids, labels, grids, splits and refusals against LLaMA-Factory 0.9.5: golden/train/lf.

#include <gmock/gmock.h>

#include <map>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/training/batches.h"
#include "support/golden.h"
#include "support/json_lines.h"
#include "training/lf_golden.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Variant {
  std::string dataset;
  EncodingOptions options;
  int64_t image_max_pixels = 262144;
};

EncodingOptions Cutoff(size_t cutoff_len) {
  EncodingOptions options;
  options.cutoff_len = cutoff_len;
  return options;
}

/// By the name of the file in tokenised/: the settings in tools/gen_llamafactory.py.
std::map<std::string, Variant> Variants() {
  std::map<std::string, Variant> variants;
  const auto add = [&](const std::string& name, EncodingOptions options) -> Variant& {
    return variants[name] = {name.substr(0, name.find('_')), std::move(options)};
  };
  add("vqa", Cutoff(1024));
  add("edge", Cutoff(1024));
  add("edge_mask_history", Cutoff(1024)).options.mask_history = true;
  add("edge_train_on_prompt", Cutoff(1024)).options.train_on_prompt = true;
  add("edge_cutoff_512", Cutoff(512));
  add("edge_cutoff_64", Cutoff(64));
  add("edge_mask_history_cutoff_512", Cutoff(512)).options.mask_history = true;
  add("edge_packing", Cutoff(2047));
  add("edge_small_images", Cutoff(1024)).image_max_pixels = 12544;
  add("edge_default_system", Cutoff(1024)).options.default_system = "You answer in one word.";
  return variants;
}

std::vector<int32_t> Expanded(const Json& runs) {
  std::vector<int32_t> values;
  for (const Json& run : runs) {
    if (run.is_array()) {
      values.insert(values.end(), run[1].get<size_t>(), run[0].get<int32_t>());
    } else {
      values.push_back(run.get<int32_t>());
    }
  }
  return values;
}

std::vector<fs::path> PathsOf(const EncodedSample& sample, const ImageSet& images) {
  std::vector<fs::path> paths;
  for (const size_t image : sample.images) paths.push_back(images[image].path.filename());
  return paths;
}

std::vector<fs::path> FileNames(const Json& paths) {
  std::vector<fs::path> names;
  for (const Json& path : paths) names.push_back(fs::path(path.get<std::string>()).filename());
  return names;
}

TEST(EncodingGolden, EveryTokenAndLabel) {
  ROENTGEN_NEED_LLAMAFACTORY();
  const std::map<std::string, Variant> variants = Variants();
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(test::LlamaFactoryGolden() / "tokenised")) {
    if (entry.path().extension() != ".jsonl") continue;
    const std::string name = entry.path().stem();
    SCOPED_TRACE(name);
    ASSERT_TRUE(variants.contains(name)) << "no test knows this file";
    const Variant& variant = variants.at(name);
    const test::GoldenSet set(variant.dataset, variant.image_max_pixels);
    std::vector<EncodedSample> encoded = set.Encode(variant.options);
    if (name == "edge_packing") {
      std::vector<EncodedSample> packed;
      for (TrainingRow& row : PackRows(std::move(encoded), 2048, /*neat=*/false)) {
        packed.push_back(std::move(row.front()));
      }
      encoded = std::move(packed);
    }
    const std::vector<Json> rows = test::JsonLines(entry.path());
    ASSERT_EQ(encoded.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      SCOPED_TRACE(i);
      std::vector<int32_t> ids = Expanded(rows[i]["input_ids"]);
      std::vector<int32_t> labels = Expanded(rows[i]["labels"]);
      if (name == "edge_packing") {  // without its padding
        while (ids.back() == 151643) ids.pop_back();
        labels.resize(ids.size());
      }
      EXPECT_EQ(encoded[i].ids, ids);
      EXPECT_EQ(encoded[i].labels, labels);
      EXPECT_EQ(PathsOf(encoded[i], set.images), FileNames(rows[i]["images"]));
    }
    ++files;
  }
  EXPECT_EQ(files, variants.size());
}

TEST(EncodingGolden, SamplesWhoseImageIsCutAreRefused) {
  ROENTGEN_NEED_LLAMAFACTORY();
  const test::GoldenSet set("edge", 262144);
  const Json cases =
      ReadJsonFile(test::LlamaFactoryGolden() / "truncated_image.json", size_t{1} << 20);
  ASSERT_FALSE(cases.empty());
  for (const Json& cut : cases) {
    const auto row = cut["edge_row"].get<size_t>();
    const EncodedSample sample = set.Encode(Cutoff(cut["cutoff_len"]))[row];
    EXPECT_GT(sample.cut_image_tokens, 0u);
    ROENTGEN_EXPECT_ERROR(RequireTrainable(sample),
                          "edge.json: row " + std::to_string(row + 1) + ": cutoff_len cuts off");
  }
  for (const EncodedSample& sample : set.Encode(Cutoff(8192))) RequireTrainable(sample);
}

TEST(EncodingGolden, GridsOfTheTrainingImages) {
  ROENTGEN_NEED_LLAMAFACTORY();
  const test::GoldenSet set("vqa", 262144);
  const Json pixels =
      ReadJsonFile(test::LlamaFactoryGolden() / "tokenised/vqa_pixels.json", size_t{1} << 20);
  ASSERT_EQ(set.samples.size(), pixels.size());
  for (size_t i = 0; i < pixels.size(); ++i) {
    const size_t image = set.images.Find(set.samples[i].images.at(0));
    const auto& grid = set.images[image].grid;
    EXPECT_EQ(Json({grid.t, grid.h, grid.w}), pixels[i]["grid_thw"]);
    const Patches patches = set.images.Load(image);
    double sum = 0;
    for (const float value : patches.values) sum += value;
    // Their second resize is torchvision's: at most 0.26 % of the values differ, by a grey level
    // of some 0.015 (README), 4e-5 in the mean.
    EXPECT_NEAR(sum / static_cast<double>(patches.values.size()), pixels[i]["mean"], 1e-4);
  }
}

TEST(EncodingGolden, TheCollatorsPositions) {
  ROENTGEN_NEED_LLAMAFACTORY();
  const test::GoldenSet set("edge", 12544);
  const std::vector<EncodedSample> samples = set.Encode(Cutoff(1024));
  const ModelConfig config = ModelConfig::Load(test::LlamaFactoryGolden() / "tiny-lf");
  const Safetensors golden(test::LlamaFactoryGolden() / "tokenised/collator.safetensors");
  const std::map<std::string, std::vector<size_t>> cases = {
      {"one", {0}}, {"text_only", {3}}, {"batch", {2, 3, 4}}};
  for (const auto& [name, rows] : cases) {
    SCOPED_TRACE(name);
    const auto positions = test::Integers<int64_t>(golden.At(name + ".position_ids"));
    const size_t width = golden.At(name + ".input_ids").shape[1];
    for (size_t row = 0; row < rows.size(); ++row) {
      const EncodedSample& sample = samples[rows[row]];
      Pass pass;
      pass.families.push_back({0, {{&sample, sample.ids.size(), 1.0}}});
      const TrainingBatch batch = MakeBatch(pass, config, [&](size_t image) {
        return TrainingImage{set.images[image].grid, nullptr, nullptr};
      });
      ASSERT_EQ(batch.ids, sample.ids);
      for (size_t axis = 0; axis < 3; ++axis) {
        for (size_t i = 0; i < batch.ids.size(); ++i) {
          const size_t at = ((axis + 1) * rows.size() + row) * width + i;
          ASSERT_EQ(batch.positions[i][axis], positions[at]) << axis << " " << i;
        }
      }
    }
  }
}

TEST(EncodingGolden, TheFingerprintTellsDataApart) {
  ROENTGEN_NEED_LLAMAFACTORY();
  const test::GoldenSet set("vqa", 12544);
  const auto rows = SingleRows(set.Encode(Cutoff(1024)));
  const std::string fingerprint = DataFingerprint(rows, set.images);
  EXPECT_EQ(fingerprint.size(), 16u);
  EXPECT_EQ(fingerprint, DataFingerprint(rows, test::GoldenSet("vqa", 12544).images));
  auto other = rows;
  other[3][0].labels.back() = kIgnoredLabel;
  EXPECT_NE(fingerprint, DataFingerprint(other, set.images));
  other = rows;
  std::swap(other[3], other[4]);
  EXPECT_NE(fingerprint, DataFingerprint(other, set.images));
  other = rows;
  other[0][0].images = rows[1][0].images;
  EXPECT_NE(fingerprint, DataFingerprint(other, set.images));
}

TEST(EncodingGolden, ValidationRows) {
  const fs::path file = test::LlamaFactoryGolden() / "tokenised/val_split.json";
  ROENTGEN_NEED(file);
  const JsonObject golden(ReadJsonFile(file, size_t{1} << 20), file.string());
  const ValidationSplit split =
      SplitValidation(24, golden.Get<double>("val_size"), golden.Get<uint64_t>("seed"));
  EXPECT_EQ(split.train, golden.Get<std::vector<size_t>>("train"));
  EXPECT_EQ(split.validation, golden.Get<std::vector<size_t>>("eval"));
}

TEST(EncodingGolden, BadData) {
  ROENTGEN_NEED_LLAMAFACTORY();
  const Json cases = ReadJsonFile(test::LlamaFactoryGolden() / "bad_data.json", size_t{1} << 20);
  // What we say in each case; the sample's file and row are named always.
  const std::map<std::string, std::string> expected = {
      {"two <image>, one image", "has 2 <image>, but 1 image is given"},
      {"no <image>, one image", "has 0 <image>, but 1 image is given"},
      {"one <image>, no image", "has 1 <image>, but 0 images are given"},
      {"image file missing", "file.jpg"},
      {"last message is the user's", "the last message is not the assistant's"},
      {"starts with the assistant", "message 1 is from \"assistant\""},
      {"unknown role", "message 1 is from \"human\""},
      {"empty messages", "no messages"}};
  ASSERT_EQ(cases.size(), expected.size());
  for (const Json& each : cases) {
    const std::string what = each["case"];
    SCOPED_TRACE(what);
    const fs::path file = each["file"].get<std::string>();
    const std::string place = file.filename().string() + ": row 2: ";
    const DatasetSamples read = ReadTrainingSamples(test::LlamaFactoryGolden() / "data", {{}, true},
                                                    {file.stem().string()}, 0);
    const auto encode = [&] {
      ThreadPool pool(1);
      const ImageSet images(read.samples,
                            {{262144}, false, PreprocessorConfig::Load(test::QwenFolder())}, pool);
      return EncodeAll(read.samples, images, SampleEncoder(test::QwenTokenizer(), Cutoff(1024)));
    };
    if (each["result"] == "error") {
      ROENTGEN_EXPECT_ERROR(encode(), place);
      ROENTGEN_EXPECT_ERROR(encode(), expected.at(what));
    } else {
      EXPECT_EQ(encode().size(), each["samples"].get<size_t>());
      ASSERT_EQ(read.dropped.size(), 1u);
      EXPECT_THAT(read.dropped[0], HasSubstr(place));
      EXPECT_THAT(read.dropped[0], HasSubstr(expected.at(what)));
    }
  }
}

}  // namespace
}  // namespace roentgen
