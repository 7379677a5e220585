// Decodes a few tokens whenever it is told to, so that another program can be timed in between,
// within the same second: decode_in_turns MODEL THREADS PROMPT_TOKENS [ADAPTER]. Prints "ready"
// after the prompt; then reads lines with a number of tokens, decodes as many after the prompt, and
// prints a line of two numbers: the seconds that took, and the bytes per second at which the team
// reads memory just then. bench/peers/decode_in_turns.py drives it.

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/inference/sequence.h"
#include "roentgen/kernels/machine_peak.h"
#include "roentgen/qwen2vl/model.h"

namespace roentgen {
namespace {

/// Token ids spread over the ordinary part of the vocabulary: all rows of the embedding are alike.
std::vector<int32_t> ArbitraryIds(size_t count) {
  std::vector<int32_t> ids(count);
  for (size_t i = 0; i < count; ++i) ids[i] = static_cast<int32_t>(i * 7919 % 100000);
  return ids;
}

void TakeTurns(const std::string& name, int threads, size_t prompt_tokens,
               std::span<const std::filesystem::path> adapters) {
  ThreadPool pool(threads);
  const Model model = LoadModel(ResolveModel(name), adapters, AdapterMode::kBeside, pool);
  Sequence sequence(model, pool);
  sequence.Append(ArbitraryIds(prompt_tokens), {});
  const Sequence::Mark after_prompt = sequence.mark();
  const ReadBandwidthProbe probe;
  std::cout << "ready" << std::endl;

  size_t tokens = 0;
  while (std::cin >> tokens) {
    sequence.Rewind(after_prompt);
    const std::vector<int32_t> ids = ArbitraryIds(tokens);
    double bandwidth = 0;  // the mean of three passes, after one that brings the team back to work
    probe.Measure(pool);
    for (int pass = 0; pass < 3; ++pass) bandwidth += probe.Measure(pool) / 3;
    const auto start = std::chrono::steady_clock::now();
    for (const int32_t& id : ids) sequence.Append({&id, 1}, {});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::cout << fmt::format("{} {}", seconds.count(), bandwidth) << std::endl;
  }
}

}  // namespace
}  // namespace roentgen

int main(int argc, char** argv) {
  try {
    if (argc != 4 && argc != 5) {
      throw roentgen::Error("usage: decode_in_turns MODEL THREADS PROMPT_TOKENS [ADAPTER]");
    }
    const std::vector<std::filesystem::path> adapters(argv + 4, argv + argc);
    roentgen::TakeTurns(argv[1], std::stoi(argv[2]), std::stoul(argv[3]), adapters);
  } catch (const std::exception& error) {
    std::cerr << "decode_in_turns: " << error.what() << "\n";
    return 1;
  }
}
