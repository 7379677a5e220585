#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// LLaMA-Factory's predict metrics of one example (train/sft/metric.py, 0.9.5), in percent and
/// rounded to four decimals as there.
struct LlamaFactoryScores {
  double rouge1 = 0;
  double rouge2 = 0;
  double rouge_l = 0;
  double bleu4 = 0;
};

/// The scores from the words that jieba cuts both sides into, blanks among them, and from the texts
/// for BLEU, which is over characters.
LlamaFactoryScores ScoreLlamaFactory(std::span<const std::string> prediction_words,
                                     std::span<const std::string> label_words,
                                     std::string_view prediction, std::string_view label);

/// What jieba.cut (0.42.1) makes of a text without Han characters, exactly. Han characters, for
/// which it needs its dictionary of 5 MB, become words of their own.
std::vector<std::string> CutWithoutDictionary(std::string_view text);

}  // namespace roentgen
