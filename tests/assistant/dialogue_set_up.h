#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "inference/generated_model.h"
#include "roentgen/assistant/dialogue.h"
#include "roentgen/assistant/study.h"

namespace roentgen::test {

/// A dialogue with a generated model whose answers are six tokens long, and pictures for it.
class DialogueSetUp : public testing::Test {
 protected:
  DialogueSetUp() { options_.max_new_tokens = 6; }

  PreparedPicture Picture(int number) const {
    OpenedPicture opened;
    opened.image.width = 60;
    opened.image.height = 45;
    for (int i = 0; i < 60 * 45 * 3; ++i) {
      opened.image.rgb.push_back(static_cast<uint8_t>(127 + 120 * std::sin(0.01 * i * number)));
    }
    opened.sha256 = std::string(64, static_cast<char>('a' + number));
    return PreparePicture(opened, preprocessor_, model_.config.vision);
  }

  ImagingStudy StudyOf(const std::vector<int>& numbers) const {
    ImagingStudy study;
    for (const int number : numbers) study.images.push_back(Picture(number).shown);
    return study;
  }

  static ChatPart Text(const std::string& text) { return {ChatPart::Kind::kText, text}; }

  /// The pictures stand before the question.
  Answer Ask(Dialogue& dialogue, const std::string& question,
             std::vector<PreparedPicture> pictures = {}) const {
    std::vector<ChatPart> parts(pictures.size(), {ChatPart::Kind::kImage, ""});
    parts.push_back(Text(question));
    return dialogue.Ask(std::move(parts), std::move(pictures), options_);
  }
  Answer Ask(const std::string& question, std::vector<PreparedPicture> pictures = {}) {
    return Ask(dialogue_, question, std::move(pictures));
  }

  ThreadPool pool_{2};
  Tokenizer tokenizer_ = ByteTokenizer();
  Model model_ = GeneratedModel(tokenizer_);
  ImageFeatureCache images_{model_.config, model_.weights};
  PrefixCache prefixes_;
  PreprocessorConfig preprocessor_;
  Session session_{model_, tokenizer_, images_, prefixes_, pool_};
  Dialogue dialogue_{session_, tokenizer_, preprocessor_};
  GenerationOptions options_;
};

}  // namespace roentgen::test
