// The whole model against Transformers: every intermediate value of a forward pass, greedy decoding
// with the cache, a second turn. Cases are whatever the golden folder holds.

#include <gmock/gmock.h>

#include <filesystem>

#include "roentgen/base/json.h"
#include "roentgen/inference/sampler.h"
#include "roentgen/inference/sequence.h"
#include "roentgen/kernels/embedding.h"
#include "roentgen/qwen2vl/checkpoint.h"
#include "roentgen/qwen2vl/decoder.h"
#include "roentgen/qwen2vl/procedural.h"
#include "roentgen/qwen2vl/vision_tower.h"
#include "support/golden.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

// golden/model/README.md: 6 to 15 times what float32 differs from float64 in the reference.
constexpr double kHiddenTolerance = 1e-4;
constexpr double kMergerTolerance = 3e-5;
constexpr double kLogitTolerance = 1e-4;
constexpr double kFullLayerTolerance = 3e-4;
constexpr double kFullVisionTolerance = 2e-4;
constexpr size_t kJsonLimit = size_t{64} << 20;

Model LoadFolder(const fs::path& folder) {
  Model model;
  model.config = ModelConfig::Load(folder);
  model.weights = ModelWeights::Load(model.config, OpenCheckpoint(folder));
  return model;
}

/// Everything that enters a forward pass.
struct Inputs {
  Inputs(const Safetensors& file, const std::string& prefix = "")
      : ids(test::Integers<int32_t>(file.At(prefix + "input_ids"))) {
    const auto read = [&](const std::string& grids, const std::string& pixels,
                          std::vector<GridThw>& to_grids, OwnedMatrix& to_pixels) {
      if (const TensorView* tensor = file.Find(prefix + grids)) to_grids = test::Grids(*tensor);
      if (const TensorView* tensor = file.Find(prefix + pixels))
        to_pixels = test::ToMatrix(*tensor);
    };
    read("image_grid_thw", "pixel_values", image_grids, image_pixels);
    read("video_grid_thw", "pixel_values_videos", video_grids, video_pixels);
  }

  std::vector<int32_t> ids;
  OwnedMatrix image_pixels;
  std::vector<GridThw> image_grids;
  OwnedMatrix video_pixels;
  std::vector<GridThw> video_grids;
};

/// Compares each value the pass shows with the tensor of its name, and counts them.
class Comparer {
 public:
  explicit Comparer(const Safetensors& file) : file_(file) {}

  void Compare(const std::string& name, ConstMatrix value) {
    const double tolerance = name.ends_with("merger") ? kMergerTolerance : kHiddenTolerance;
    test::ExpectClose(name, value, file_.At(name), tolerance);
    ++compared_;
  }
  Observer For(const std::string& vision_prefix = "vision.") {
    return [this, vision_prefix](const std::string& name, ConstMatrix value) {
      const bool vision = name.starts_with("vision.");
      Compare(vision ? vision_prefix + name.substr(7) : name, value);
    };
  }
  size_t compared() const { return compared_; }

 private:
  const Safetensors& file_;
  size_t compared_ = 0;
};

void PlaceFeatures(ConstMatrix features, int32_t placeholder, std::span<const int32_t> ids,
                   Matrix x) {
  size_t used = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == placeholder) std::copy_n(features.Row(used++), features.cols, x.Row(i));
  }
  ASSERT_EQ(used, features.rows);
}

void CompareRotary(const std::string& name, const RotaryTable& table, const Safetensors& file,
                   int64_t largest_position) {
  const double tolerance = 1e-6 + 4e-7 * static_cast<double>(largest_position);
  const size_t half = table.cos.cols();
  for (const auto& [part, values] : {std::pair{"cos", &table.cos}, std::pair{"sin", &table.sin}}) {
    // The reference repeats the half for the other half of the head.
    OwnedMatrix whole(values->rows(), 2 * half);
    for (size_t row = 0; row < whole.rows(); ++row) {
      std::copy_n(values->view().Row(row), half, whole.view().Row(row));
      std::copy_n(values->view().Row(row), half, whole.view().Row(row) + half);
    }
    test::ExpectClose(name + part, whole, file.At(name + part), tolerance);
  }
}

void ComparePositions(const TokenPositions& positions, const Safetensors& file,
                      const std::string& prefix = "") {
  const auto expected = test::Integers<int64_t>(file.At(prefix + "position_ids"));
  const size_t n = positions.tokens.size();
  ASSERT_EQ(expected.size(), 3 * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t axis = 0; axis < 3; ++axis) {
      ASSERT_EQ(positions.tokens[i][axis], expected[axis * n + i]) << "token " << i;
    }
  }
  if (const TensorView* delta = file.Find(prefix + "rope_delta")) {
    EXPECT_EQ(positions.next - static_cast<int64_t>(n), test::Integers<int64_t>(*delta)[0]);
  }
}

/// Feeds the embeddings of a prompt and decodes greedily, comparing each step's logits.
class GreedyRun {
 public:
  GreedyRun(const Model& model, ThreadPool& pool)
      : model_(model),
        pool_(pool),
        cache_(model.config.num_hidden_layers, model.KeyValues()),
        logits_(1, model.config.vocab_size) {}

  void Feed(Matrix x, std::span<const int32_t> ids, const TokenPositions& positions) {
    cache_.Reserve(cache_.size() + x.rows);
    RunDecoder(model_.config, model_.weights, x, positions.tokens, Wanted::kLastRow, cache_, pool_);
    ComputeLogits(model_.config, model_.weights, x.Rows(x.rows - 1, 1), logits_, pool_);
    context_.insert(context_.end(), ids.begin(), ids.end());
    next_ = positions.next;
  }

  /// Decodes as the stored run did and expects its tokens; logits [steps, vocabulary] may be null.
  void Expect(const Json& run, const TensorView* logits) {
    SamplingOptions options;
    options.repetition_penalty = run.value("repetition_penalty", 1.0);
    Sampler sampler(options, 0);
    const auto expected = run.at("tokens").get<std::vector<int32_t>>();
    for (size_t step = 0; step < expected.size(); ++step) {
      if (step > 0) FeedToken(context_.back());
      if (logits != nullptr) {
        const size_t width = model_.config.vocab_size;
        TensorView row{
            logits->dtype, {1, width}, logits->data.subspan(step * width * 4, width * 4)};
        test::ExpectClose("step " + std::to_string(step), logits_, row, kLogitTolerance);
      }
      const int32_t token = sampler.Next({logits_.data(), logits_.size()}, context_);
      ASSERT_EQ(token, expected[step]) << "step " << step;
      context_.push_back(token);
    }
    if (!run.at("eos_token_ids").empty()) {
      const auto ends = run.at("eos_token_ids").get<std::vector<int32_t>>();
      for (size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(std::count(ends.begin(), ends.end(), expected[i]), i + 1 == expected.size());
      }
    }
  }

  void FeedToken(int32_t token) {
    OwnedMatrix x(1, model_.config.hidden_size);
    LookUpRows(model_.weights.embed_tokens, {&token, 1}, x);
    const TokenPositions positions{{{next_, next_, next_}}, next_ + 1};
    Feed(x, {}, positions);
  }

 private:
  const Model& model_;
  ThreadPool& pool_;
  KeyValueCache cache_;
  OwnedMatrix logits_;
  std::vector<int32_t> context_;
  int64_t next_ = 0;
};

void CheckForward(const Model& model, const Safetensors& file, const Json& json, ThreadPool& pool) {
  const Inputs inputs(file);
  Comparer comparer(file);
  OwnedMatrix x(inputs.ids.size(), model.config.hidden_size);
  LookUpRows(model.weights.embed_tokens, inputs.ids, x);
  const auto encode = [&](const OwnedMatrix& pixels, const std::vector<GridThw>& grids,
                          int32_t placeholder, const std::string& prefix) {
    if (grids.empty()) return;
    const OwnedMatrix features = EncodeVision(model.weights.vision, model.config.vision, pixels,
                                              grids, pool, {}, comparer.For(prefix));
    PlaceFeatures(features, placeholder, inputs.ids, x);
    int64_t largest = 0;
    for (const GridThw& grid : grids) largest = std::max<int64_t>({largest, grid.h, grid.w});
    CompareRotary(prefix + "rope_", VisionRotary(grids, model.config.vision), file, largest);
  };
  encode(inputs.image_pixels, inputs.image_grids, model.config.image_token_id, "vision.");
  encode(inputs.video_pixels, inputs.video_grids, model.config.video_token_id, "vision_video.");
  comparer.Compare("embeds", x);

  const TokenPositions positions =
      ComputePositions(inputs.ids, inputs.image_grids, inputs.video_grids, model.config, 0);
  ComparePositions(positions, file);
  CompareRotary("rope_", DecoderRotary(positions.tokens, model.config), file, positions.next);

  OwnedMatrix residual(x.rows(), x.cols());
  std::copy_n(x.data(), x.size(), residual.data());
  KeyValueCache cache(model.config.num_hidden_layers, model.KeyValues());
  cache.Reserve(inputs.ids.size());
  RunDecoder(model.config, model.weights, residual, positions.tokens, Wanted::kAllRows, cache, pool,
             comparer.For());
  OwnedMatrix logits(inputs.ids.size(), model.config.vocab_size);
  ComputeLogits(model.config, model.weights, residual, logits, pool, comparer.For());
  test::ExpectClose("logits", logits, file.At("logits"), kLogitTolerance);
  EXPECT_GE(comparer.compared(), model.config.num_hidden_layers + 2);

  for (const auto& [key, run] : json.items()) {
    if (!key.starts_with("greedy")) continue;
    SCOPED_TRACE(key);
    GreedyRun greedy(model, pool);
    OwnedMatrix prompt(x.rows(), x.cols());
    std::copy_n(x.data(), x.size(), prompt.data());
    greedy.Feed(prompt, inputs.ids, positions);
    greedy.Expect(run, key == "greedy" ? file.Find("greedy.logits") : nullptr);
  }
}

/// Two turns through a Sequence: the second continues from the cache of the first.
void CheckTwoTurns(const Model& model, const Safetensors& file, const Json& json,
                   ThreadPool& pool) {
  Sequence sequence(model, pool);
  const auto features = [&](const Inputs& inputs) {
    std::vector<VisualFeatures> images;
    size_t row = 0;
    for (const GridThw& grid : inputs.image_grids) {
      const size_t patches = static_cast<size_t>(grid.t) * static_cast<size_t>(grid.h * grid.w);
      images.push_back(
          {grid, std::make_shared<const OwnedMatrix>(EncodeVision(
                     model.weights.vision, model.config.vision,
                     inputs.image_pixels.view().Rows(row, patches), {&grid, 1}, pool))});
      row += patches;
    }
    return images;
  };
  Sampler greedy({}, 0);
  const auto decode = [&](const Json& run, const TensorView* logits) {
    const auto expected = run.at("tokens").get<std::vector<int32_t>>();
    for (size_t step = 0; step < expected.size(); ++step) {
      if (step > 0) sequence.Append({&expected[step - 1], 1}, {});
      if (logits != nullptr) {
        const size_t bytes = model.config.vocab_size * sizeof(float);
        test::ExpectClose("turn 2 step " + std::to_string(step),
                          test::AsRows(sequence.logits(), model.config.vocab_size),
                          {DType::kF32, {bytes / 4}, logits->data.subspan(step * bytes, bytes)},
                          kLogitTolerance);
      }
      ASSERT_EQ(greedy.Next(sequence.logits(), {}), expected[step]) << "step " << step;
    }
  };
  const Inputs first(file, "turn1.");
  sequence.Append(first.ids, features(first));
  decode(json.at("turn1"), nullptr);
  EXPECT_EQ(sequence.size(), json.at("kv_length_after_turn1").get<size_t>());

  const Inputs second(file, "turn2_added.");
  sequence.Append(json.at("turn2_fed_ids").get<std::vector<int32_t>>(), features(second));
  EXPECT_EQ(sequence.ids(), json.at("full_ids").get<std::vector<int32_t>>());
  decode(json.at("turn2"), &file.At("turn2.logits"));

  const Inputs whole(file, "full.");
  ComparePositions(ComputePositions(whole.ids, whole.image_grids, {}, model.config, 0), file,
                   "full.");
}

TEST(ForwardGolden, EveryCaseOfEverySmallModel) {
  size_t cases = 0;
  for (const fs::path& folder : test::GoldenFolders("model", "model.safetensors")) {
    const Model model = LoadFolder(folder);
    ThreadPool pool(2);
    for (const auto& entry : fs::directory_iterator(folder)) {
      fs::path json_path = entry.path();
      json_path.replace_extension(".json");
      if (entry.path().extension() != ".safetensors" || !fs::exists(json_path)) continue;
      SCOPED_TRACE(entry.path().string());
      const Safetensors file(entry.path());
      const Json json = ReadJsonFile(json_path, kJsonLimit);
      if (file.Find("turn1.input_ids") != nullptr) {
        CheckTwoTurns(model, file, json, pool);
      } else {
        CheckForward(model, file, json, pool);
      }
      ++cases;
    }
  }
  EXPECT_GT(cases, 0u) << "no cases under " << test::GoldenRoot();
}

/// The full-size model with generated weights: 4.4 GB and a minute, in a process of its own.
TEST(ForwardGolden, FullSizeModel) {
  const fs::path config_folder = test::SharedRoot() / "models" / "qwen2-vl-2b-instruct";
  ROENTGEN_NEED(config_folder);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(test::GoldenRoot() / "model")) {
    const fs::path json = fs::path(entry.path()).replace_extension(".json");
    if (entry.path().extension() != ".safetensors" || !fs::exists(json)) continue;
    if (ReadJsonFile(json, kJsonLimit).contains("weights_seed")) files.push_back(entry.path());
  }
  if (files.empty()) GTEST_SKIP() << "no full-size cases under " << test::GoldenRoot();
  ThreadPool pool(PhysicalCores());
  Model model;
  model.config = ModelConfig::Load(config_folder);
  std::string seed;
  for (const fs::path& path : files) {
    SCOPED_TRACE(path.string());
    const Safetensors file(path);
    const Json json = ReadJsonFile(fs::path(path).replace_extension(".json"), kJsonLimit);
    if (seed != json.at("weights_seed")) {
      seed = json.at("weights_seed");
      model.weights = {};
      model.weights = ModelWeights::Load(model.config, GenerateWeights(model.config, seed, pool));
    }
    const Inputs inputs(file);
    OwnedMatrix x(inputs.ids.size(), model.config.hidden_size);
    LookUpRows(model.weights.embed_tokens, inputs.ids, x);
    if (!inputs.image_grids.empty()) {
      const TensorView& blocks = file.At("vision.blocks_first_last_patch");
      const size_t width = model.config.vision.embed_dim;
      const OwnedMatrix features = EncodeVision(
          model.weights.vision, model.config.vision, inputs.image_pixels, inputs.image_grids, pool,
          {}, [&](const std::string& name, ConstMatrix value) {
            if (!name.starts_with("vision.block.")) return;
            const size_t block = std::stoul(name.substr(13));
            const TensorView expected{
                DType::kF32, {2, width}, blocks.data.subspan(block * 2 * width * 4, 2 * width * 4)};
            const ConstMatrix ends{value.data, 2, width, (value.rows - 1) * value.stride};
            test::ExpectClose(name, ends, expected, kFullVisionTolerance);
          });
      test::ExpectClose("merger", features, file.At("vision.merger"), kMergerTolerance);
      PlaceFeatures(features, model.config.image_token_id, inputs.ids, x);
    }
    const TokenPositions positions =
        ComputePositions(inputs.ids, inputs.image_grids, {}, model.config, 0);
    ComparePositions(positions, file);
    OwnedMatrix residual(x.rows(), x.cols());
    std::copy_n(x.data(), x.size(), residual.data());
    KeyValueCache cache(model.config.num_hidden_layers, model.KeyValues());
    cache.Reserve(inputs.ids.size());
    const TensorView& layers = file.At("last.layers");
    RunDecoder(model.config, model.weights, residual, positions.tokens, Wanted::kLastRow, cache,
               pool, [&](const std::string& name, ConstMatrix value) {
                 const size_t bytes = value.cols * 4;
                 const size_t layer = std::stoul(name.substr(6));
                 test::ExpectClose(
                     name, value.Rows(value.rows - 1, 1),
                     {DType::kF32, {value.cols}, layers.data.subspan(layer * bytes, bytes)},
                     kFullLayerTolerance);
               });
    OwnedMatrix logits(1, model.config.vocab_size);
    const Matrix last = residual.view().Rows(residual.rows() - 1, 1);
    ComputeLogits(model.config, model.weights, last, logits, pool);
    test::ExpectClose("final_norm", last, file.At("last.final_norm"), kFullLayerTolerance);
    test::ExpectClose("logits", logits, file.At("last.logits"), kLogitTolerance);
    // The stored top 20, in their order unless two are closer than the tolerance.
    const auto top = json.at("top20").get<std::vector<std::pair<int32_t, double>>>();
    for (const auto& [id, score] : top) {
      EXPECT_NEAR(logits.data()[id], score, kLogitTolerance);
    }
    EXPECT_EQ(std::max_element(logits.data(), logits.data() + logits.size()) - logits.data(),
              top[0].first);
    GreedyRun greedy(model, pool);
    greedy.Feed(x, inputs.ids, positions);
    greedy.Expect(json.at("greedy"), nullptr);
  }
}

}  // namespace
}  // namespace roentgen
