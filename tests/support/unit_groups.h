#pragma once

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "roentgen/base/json.h"
#include "roentgen/tensor/safetensors.h"
#include "support/golden.h"
#include "support/paths.h"

namespace roentgen::test {

// golden/model/README.md, "units": of each value, relative above 1.
inline constexpr double kUnitTolerance = 1e-5;
// Rotating by the stored cosines and sines.
inline constexpr double kRotationTolerance = 2e-6;

/// One group of golden/model/units: an operation's inputs, weights and outputs.
class UnitGroup {
 public:
  UnitGroup(std::string name, std::string description, const Safetensors& file)
      : name_(std::move(name)), description_(std::move(description)), file_(file) {}

  const std::string& name() const { return name_; }
  /// What the group is, in words; some parameters stand only there.
  const std::string& description() const { return description_; }

  /// Another group of the same file, for what two groups share.
  UnitGroup Other(const std::string& name) const { return {name, "", file_}; }

  const TensorView& At(const std::string& tensor) const { return file_.At(name_ + "." + tensor); }
  OwnedMatrix Values(const std::string& tensor) const { return ToMatrix(At(tensor)); }
  std::vector<float> Floats(const std::string& tensor) const { return ToFloats(At(tensor)); }
  WeightMatrix Weights(const std::string& tensor) const { return AsWeights(At(tensor)); }

  void Expect(const std::string& tensor, ConstMatrix value,
              double tolerance = kUnitTolerance) const {
    ExpectClose(name_ + "." + tensor, value, At(tensor), tolerance, /*relative=*/true);
  }

 private:
  std::string name_;
  std::string description_;
  const Safetensors& file_;
};

using UnitCheck = std::function<void(const UnitGroup&)>;
/// A check by the beginning of the names of the groups that it is for.
using UnitChecks = std::map<std::string, UnitCheck>;

// Who tests which groups, by the beginning of their names. A group that nobody knows is an error,
// so that a new one is not passed over.
inline constexpr std::array<std::string_view, 6> kKernelGroups = {
    "rms_norm_",     "layer_norm",  "activations",
    "silu_gate_mlp", "patch_embed", "gqa_causal_attention"};
inline constexpr std::array<std::string_view, 7> kModelGroups = {
    "inv_freq_decoder_", "inv_freq_vision_", "mrope_", "vision_rope_",
    "vision_attention",  "vision_block",     "merger"};

/// The one of the beginnings that the name has; empty when it has none.
inline std::string_view BeginningOf(std::string_view name,
                                    std::span<const std::string_view> beginnings) {
  for (const std::string_view beginning : beginnings) {
    if (name.starts_with(beginning)) return beginning;
  }
  return {};
}

/// Runs the checks on the groups that begin with `mine`. Each of these names must have a check and
/// a group, each group must be known to somebody.
inline void CheckUnitGroups(std::span<const std::string_view> mine, const UnitChecks& checks) {
  const std::filesystem::path folder = GoldenRoot() / "model";
  ROENTGEN_NEED(folder / "units.json");
  const Json groups = ReadJsonFile(folder / "units.json", size_t{16} << 20).at("groups");
  const Safetensors file(folder / "units.safetensors");
  std::map<std::string_view, size_t> checked;
  for (const auto& [name, group] : groups.items()) {
    SCOPED_TRACE(name);
    const std::string_view beginning = BeginningOf(name, mine);
    if (beginning.empty()) {
      EXPECT_FALSE(BeginningOf(name, kKernelGroups).empty() &&
                   BeginningOf(name, kModelGroups).empty())
          << "no test knows this group";
      continue;
    }
    checks.at(std::string(beginning))({name, group.at("what"), file});
    ++checked[beginning];
  }
  for (const std::string_view beginning : mine) EXPECT_GT(checked[beginning], 0u) << beginning;
}

}  // namespace roentgen::test
