// Single operations of the decoder and the vision tower against torch, on every instruction set.

#include "kernels/support.h"
#include "roentgen/kernels/activation.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/norm.h"
#include "support/unit_groups.h"

namespace roentgen {
namespace {

ThreadPool& Pool() {
  static ThreadPool pool(2);
  return pool;
}

void CheckRmsNorm(const test::UnitGroup& group) {
  const float eps = std::stof(group.name().substr(std::string("rms_norm_eps").size()));
  const OwnedMatrix x = group.Values("x");
  OwnedMatrix y(x.rows(), x.cols());
  RmsNorm(x, group.Floats("weight"), eps, y, Pool());
  group.Expect("y", y);
}

void CheckLayerNorm(const test::UnitGroup& group) {
  const OwnedMatrix x = group.Values("x");
  OwnedMatrix y(x.rows(), x.cols());
  LayerNorm(x, group.Floats("weight"), group.Floats("bias"), 1e-6f, y, Pool());
  group.Expect("y", y);
}

void CheckActivations(const test::UnitGroup& group) {
  OwnedMatrix quick = group.Values("x");
  QuickGelu(quick, quick, Pool());
  group.Expect("quick_gelu", quick);

  OwnedMatrix exact = group.Values("x");
  Gelu(exact, exact, Pool());
  group.Expect("gelu_exact", exact);

  OwnedMatrix silu = group.Values("x");
  OwnedMatrix ones(silu.rows(), silu.cols());
  std::fill_n(ones.data(), ones.size(), 1.0f);
  SiluMul(silu, ones, silu, Pool());
  group.Expect("silu", silu);
}

void CheckSiluGateMlp(const test::UnitGroup& group) {
  const OwnedMatrix x = group.Values("x");
  const auto product = [&](ConstMatrix values, const std::string& name) {
    const WeightMatrix weight = group.Weights(name);
    OwnedMatrix y(values.rows, weight.rows);
    MatMul(values, weight, {}, y, Pool());
    return y;
  };
  OwnedMatrix gate = product(x, "gate_proj_weight");
  SiluMul(gate, product(x, "up_proj_weight"), gate, Pool());
  group.Expect("y", product(gate, "down_proj_weight"));
}

void CheckPatchEmbed(const test::UnitGroup& group) {
  const OwnedMatrix x = group.Values("x");
  const WeightMatrix weight = group.Weights("weight");
  OwnedMatrix y(x.rows(), weight.rows);
  MatMul(x, weight, {}, y, Pool());
  group.Expect("y", y);
}

/// [heads, tokens, head_dim] as the rows [tokens, heads · head_dim] that kernels take.
OwnedMatrix HeadsBesideEachOther(const TensorView& tensor) {
  const size_t heads = tensor.shape[0];
  const size_t tokens = tensor.shape[1];
  const size_t head_dim = tensor.shape[2];
  const std::vector<float> values = ToFloats(tensor);
  OwnedMatrix rows(tokens, heads * head_dim);
  for (size_t head = 0; head < heads; ++head) {
    for (size_t token = 0; token < tokens; ++token) {
      std::copy_n(&values[(head * tokens + token) * head_dim], head_dim,
                  rows.view().Row(token) + head * head_dim);
    }
  }
  return rows;
}

void CheckGroupedAttention(const test::UnitGroup& group) {
  const std::vector<size_t>& q_shape = group.At("q").shape;
  const AttentionShape shape{q_shape[0], group.At("k").shape[0], q_shape[2]};
  const OwnedMatrix q = HeadsBesideEachOther(group.At("q"));
  const OwnedMatrix k = HeadsBesideEachOther(group.At("k"));
  const OwnedMatrix v = HeadsBesideEachOther(group.At("v"));
  const OnePage keys(k);
  const OnePage values(v);
  const Segment whole{0, q.rows(), Segment::kNoParent, /*causal=*/true};
  OwnedMatrix out(q.rows(), q.cols());
  Attention(q, keys.view(), values.view(), {&whole, 1}, /*first_query=*/0, shape, out, Pool());
  group.Expect("out", test::AsRows({out.data(), out.size()}, shape.head_dim));
}

TEST(KernelsGolden, EveryGroupOnEveryInstructionSet) {
  const test::UnitChecks checks = {
      {"rms_norm_", CheckRmsNorm},       {"layer_norm", CheckLayerNorm},
      {"activations", CheckActivations}, {"silu_gate_mlp", CheckSiluGateMlp},
      {"patch_embed", CheckPatchEmbed},  {"gqa_causal_attention", CheckGroupedAttention},
  };
  test::ForEachInstructionSet([&] { test::CheckUnitGroups(test::kKernelGroups, checks); });
}

}  // namespace
}  // namespace roentgen
