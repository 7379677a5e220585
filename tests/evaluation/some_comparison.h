#pragma once

#include <string>
#include <utility>

#include "roentgen/evaluation/comparison_page.h"

namespace roentgen::test {

inline Example Ask(std::string id, std::string reference, std::string prediction) {
  Example example;
  example.id = std::move(id);
  example.question = "Is <b>it</b> there?";
  example.reference = std::move(reference);
  example.prediction = std::move(prediction);
  example.fields["question_type"] = {"PRES"};
  return example;
}

/// Six questions: two are mended, two broken, one stays right and one wrong.
inline RunComparison SomeComparison() {
  RunComparison comparison;
  comparison.before.name = "base";
  comparison.after.name = "lora <1>";
  for (int i = 0; i < 6; ++i) {
    const std::string id = std::to_string(i);
    comparison.before.examples.push_back(Ask(id, i % 2 == 0 ? "Yes" : "No", "Yes"));
    comparison.after.examples.push_back(Ask(id, i % 2 == 0 ? "Yes" : "No", i < 4 ? "No" : "Yes"));
  }
  comparison.before.description = {{"model", {{"fingerprint", "abc"}}}};
  comparison.after.description = {{"model", {{"fingerprint", "def"}}}, {"work", {{"seconds", 3}}}};
  comparison.after.image_use = {"the answers depend on the image: yes"};
  comparison.loss_curve = "<svg id=\"curve\"></svg>";
  ThreadPool pool(2);
  comparison.ablation =
      CompareRuns(comparison.before.examples, comparison.after.examples, {}, pool);
  return comparison;
}

}  // namespace roentgen::test
