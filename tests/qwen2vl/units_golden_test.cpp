// Rotary tables, vision attention, vision block and merger against Transformers.

#include <gmock/gmock.h>

#include <array>
#include <bit>
#include <cstdlib>

#include "roentgen/base/error.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/kernels/rotary.h"
#include "roentgen/qwen2vl/linear.h"
#include "roentgen/qwen2vl/positions.h"
#include "roentgen/qwen2vl/vision_tower.h"
#include "support/unit_groups.h"

namespace roentgen {
namespace {

// The vision groups' head count stands nowhere in them: 48 = 3 heads of 16.
constexpr size_t kVisionHeads = 3;

ThreadPool& Pool() {
  static ThreadPool pool(2);
  return pool;
}

/// The number that stands behind the words, which must be there.
double NumberAfter(const std::string& text, const std::string& words) {
  const size_t at = text.find(words);
  if (at == std::string::npos) throw Error("no \"" + words + "\" in: " + text);
  return std::stod(text.substr(at + words.size()));
}

/// "[16, 24, 24]" behind the word "sections".
std::array<size_t, 3> SectionsIn(const std::string& text) {
  std::array<size_t, 3> sections{};
  std::string before = "sections [";
  for (size_t& section : sections) {
    section = static_cast<size_t>(NumberAfter(text, before));
    before += std::to_string(section) + ", ";
  }
  return sections;
}

/// Units in the last place between two positive floats.
int UlpsApart(float a, float b) {
  return std::abs(std::bit_cast<int32_t>(a) - std::bit_cast<int32_t>(b));
}

/// The reference's power function is so many units in the last place off (golden/model/README.md).
void ExpectFrequencies(const test::UnitGroup& group, const std::vector<float>& frequencies,
                       int ulps) {
  const std::vector<float> expected = group.Floats("inv_freq");
  ASSERT_EQ(frequencies.size(), expected.size());
  for (size_t j = 0; j < expected.size(); ++j) {
    EXPECT_LE(UlpsApart(frequencies[j], expected[j]), ulps)
        << j << ": " << frequencies[j] << ", expected " << expected[j];
  }
}

void CheckDecoderFrequencies(const test::UnitGroup& group) {
  const auto dim = static_cast<size_t>(NumberAfter(group.name(), "_dim"));
  ExpectFrequencies(group, InverseFrequencies(NumberAfter(group.name(), "_theta"), dim), 1);
}

void CheckVisionFrequencies(const test::UnitGroup& group) {
  const auto head_dim = static_cast<size_t>(NumberAfter(group.name(), "_headdim"));
  ExpectFrequencies(group, InverseFrequencies(10000, head_dim / 2), 3);
}

/// The reference's tables repeat their half for the other half of the head.
RotaryTable StoredTable(const test::UnitGroup& group) {
  const auto left_half = [](const OwnedMatrix& whole) {
    OwnedMatrix half(whole.rows(), whole.cols() / 2);
    for (size_t row = 0; row < whole.rows(); ++row) {
      std::copy_n(whole.view().Row(row), half.cols(), half.view().Row(row));
    }
    return half;
  };
  return {left_half(group.Values("cos")), left_half(group.Values("sin"))};
}

/// An angle is as far off as its frequency: 4e-7 for each step of the position.
void ExpectTable(const RotaryTable& table, const RotaryTable& expected,
                 const std::function<int64_t(size_t row)>& largest_position) {
  ASSERT_EQ(table.cos.rows(), expected.cos.rows());
  ASSERT_EQ(table.cos.cols(), expected.cos.cols());
  for (size_t row = 0; row < table.cos.rows(); ++row) {
    const double tolerance =
        test::kRotationTolerance + 4e-7 * static_cast<double>(largest_position(row));
    for (size_t j = 0; j < table.cos.cols(); ++j) {
      ASSERT_NEAR(table.cos.view().Row(row)[j], expected.cos.view().Row(row)[j], tolerance) << row;
      ASSERT_NEAR(table.sin.view().Row(row)[j], expected.sin.view().Row(row)[j], tolerance) << row;
    }
  }
}

void CheckDecoderRotary(const test::UnitGroup& group) {
  ModelConfig config;
  config.mrope_section = SectionsIn(group.description());
  config.rope_theta = NumberAfter(group.description(), "theta ");
  config.hidden_size = group.At("q").shape[2];
  config.num_attention_heads = 1;

  const auto ids = test::Integers<int64_t>(group.At("position_ids"));
  std::vector<Position> positions(ids.size() / 3);
  for (size_t i = 0; i < ids.size(); ++i)
    positions[i % positions.size()][i / positions.size()] = ids[i];
  const RotaryTable stored = StoredTable(group);
  ExpectTable(DecoderRotary(positions, config), stored, [&](size_t row) {
    return *std::max_element(positions[row].begin(), positions[row].end());
  });

  for (const std::string name : {"q", "k"}) {  // [heads, tokens, head_dim]
    OwnedMatrix heads = group.Values(name);
    for (size_t first = 0; first < heads.rows(); first += positions.size()) {
      ApplyRotary(heads.view().Rows(first, positions.size()), stored, Pool());
    }
    group.Expect(name + "_rotated", heads, test::kRotationTolerance);
  }
}

void CheckVisionRotary(const test::UnitGroup& group) {
  VisionConfig config;
  config.num_heads = group.At("q").shape[1];
  config.embed_dim = config.num_heads * group.At("q").shape[2];
  const auto positions = test::Integers<int64_t>(group.At("position_ids"));
  const RotaryTable stored = StoredTable(group);
  ExpectTable(VisionRotary(test::Grids(group.At("grid_thw")), config), stored,
              [&](size_t row) { return std::max(positions[2 * row], positions[2 * row + 1]); });

  for (const std::string name : {"q", "k"}) {  // [patches, heads, head_dim]
    OwnedMatrix heads = group.Values(name);
    const size_t patches = stored.cos.rows();
    ApplyRotary({heads.data(), patches, config.embed_dim, config.embed_dim}, stored, Pool());
    group.Expect(name + "_rotated", heads, test::kRotationTolerance);
  }
}

Linear LinearOf(const test::UnitGroup& group, const std::string& name) {
  return {group.Weights(name + "_weight"), group.Floats(name + "_bias"), {}};
}

LayerNormWeights NormOf(const test::UnitGroup& group, const std::string& name) {
  return {group.Floats(name + "_weight"), group.Floats(name + "_bias")};
}

/// The tower's attention is part of its block, so its pieces are put together here: fused q, k, v,
/// rotation, attention by segments, output projection.
OwnedMatrix VisionAttention(const test::UnitGroup& group, std::span<const Segment> segments) {
  const OwnedMatrix x = group.Values("x");
  VisionConfig config;
  config.embed_dim = x.cols();
  config.num_heads = kVisionHeads;
  OwnedMatrix fused(x.rows(), 3 * x.cols());
  Apply(LinearOf(group, "qkv"), x, fused, Pool());
  const Matrix qkv = fused;
  const RotaryTable rotary = VisionRotary(test::Grids(group.At("grid_thw")), config);
  ApplyRotary(qkv.Cols(0, 2 * x.cols()), rotary, Pool());
  const OnePage keys(qkv.Cols(x.cols(), x.cols()));
  const OnePage values(qkv.Cols(2 * x.cols(), x.cols()));
  OwnedMatrix attended(x.rows(), x.cols());
  Attention(qkv.Cols(0, x.cols()), keys.view(), values.view(), segments, /*first_query=*/0,
            {kVisionHeads, kVisionHeads, config.head_dim()}, attended, Pool());
  OwnedMatrix out(x.rows(), x.cols());
  Apply(LinearOf(group, "proj"), attended, out, Pool());
  return out;
}

void CheckVisionAttention(const test::UnitGroup& group) {
  const auto bounds = test::Integers<size_t>(group.At("cu_seqlens"));
  std::vector<Segment> segments;
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    segments.push_back({bounds[i], bounds[i + 1], Segment::kNoParent, /*causal=*/false});
  }
  group.Expect("out", VisionAttention(group, segments));
  const Segment whole{0, bounds.back(), Segment::kNoParent, /*causal=*/false};
  group.Expect("out_wrong_no_segments", VisionAttention(group, {&whole, 1}));
}

/// A vision tower that takes x as its patches: the embedding is the identity, which is exact.
struct TowerOver {
  explicit TowerOver(const OwnedMatrix& x) : identity(x.cols(), x.cols()) {
    std::fill_n(identity.data(), identity.size(), 0.0f);
    for (size_t i = 0; i < x.cols(); ++i) identity.view().Row(i)[i] = 1;
    weights.patch_embed.weight = WeightsOf(identity);
    config.embed_dim = x.cols();
    config.num_heads = kVisionHeads;
    config.in_channels = x.cols();
    config.patch_size = 1;
    config.temporal_patch_size = 1;
  }
  static WeightMatrix WeightsOf(const OwnedMatrix& matrix) {
    return {DType::kF32, reinterpret_cast<const std::byte*>(matrix.data()), matrix.rows(),
            matrix.cols()};
  }

  OwnedMatrix identity;
  VisionConfig config;
  VisionWeights weights;
};

void SetMerger(const test::UnitGroup& group, TowerOver& tower) {
  tower.weights.merger_norm = NormOf(group, "ln_q");
  tower.weights.merger_fc1 = LinearOf(group, "mlp_0");
  tower.weights.merger_fc2 = LinearOf(group, "mlp_2");
  tower.config.hidden_size = tower.weights.merger_fc2.weight.rows;
}

void CheckMerger(const test::UnitGroup& group) {
  const OwnedMatrix x = group.Values("x");
  TowerOver tower(x);
  SetMerger(group, tower);
  // Without blocks nothing depends on the grid but the number of groups of four.
  const GridThw grid{1, 2, static_cast<int>(x.rows() / 2)};
  group.Expect("y", EncodeVision(tower.weights, tower.config, x, {&grid, 1}, Pool()));
}

void CheckVisionBlock(const test::UnitGroup& group) {
  const OwnedMatrix x = group.Values("x");
  TowerOver tower(x);
  SetMerger(group.Other("merger"), tower);  // what comes behind the block is not looked at
  VisionBlockWeights block;
  block.norm1 = NormOf(group, "norm1");
  block.qkv = LinearOf(group, "attn_qkv");
  block.proj = LinearOf(group, "attn_proj");
  block.norm2 = NormOf(group, "norm2");
  block.fc1 = LinearOf(group, "mlp_fc1");
  block.fc2 = LinearOf(group, "mlp_fc2");
  tower.config.intermediate_size = block.fc1.weight.rows;
  tower.weights.blocks.push_back(block);

  bool seen = false;
  const Observer observer = [&](const std::string& name, ConstMatrix value) {
    if (name != "vision.block.0") return;
    group.Expect("y", value);
    seen = true;
  };
  const std::vector<GridThw> grids = test::Grids(group.Other("vision_attention").At("grid_thw"));
  EncodeVision(tower.weights, tower.config, x, grids, Pool(), {}, observer);
  EXPECT_TRUE(seen);
}

TEST(Qwen2vlGolden, EveryGroup) {
  test::CheckUnitGroups(test::kModelGroups, {
                                                {"inv_freq_decoder_", CheckDecoderFrequencies},
                                                {"inv_freq_vision_", CheckVisionFrequencies},
                                                {"mrope_", CheckDecoderRotary},
                                                {"vision_rope_", CheckVisionRotary},
                                                {"vision_attention", CheckVisionAttention},
                                                {"vision_block", CheckVisionBlock},
                                                {"merger", CheckMerger},
                                            });
}

}  // namespace
}  // namespace roentgen
