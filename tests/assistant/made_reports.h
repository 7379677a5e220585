#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "roentgen/assistant/report.h"
#include "roentgen/imaging/encode_png.h"
#include "support/hostile_text.h"

namespace roentgen::test {

/// An image of a study, whose hashes follow from its number.
inline ShownPicture MadeImage(size_t number) {
  ShownPicture image;
  const std::string digits = std::to_string(1000 + number);
  image.sha256 = std::string(60, 'a') + digits;
  image.pixels_sha256 = std::string(60, 'b') + digits;
  image.facts = "DICOM 512×512 → 28×28, 1 tokens, CT, window 350/40";
  image.modality = "CT";
  image.body_part = "CHEST";
  Image pixels;
  pixels.width = pixels.height = 28;
  for (size_t i = 0; i < size_t{28} * 28; ++i) {
    pixels.rgb.insert(pixels.rgb.end(), 3, static_cast<uint8_t>(i * (number + 1)));
  }
  image.png = EncodePng(pixels);
  return image;
}

/// A report on a chest with one image and these answers, those that are missing empty.
inline RadiologyReport MadeReport(Language language, const std::vector<std::string>& answers) {
  RadiologyReport report;
  report.language = language;
  report.date = "2026-11-27T08:00:00Z";
  report.study.examination.subject = ReportSubject::kChest;
  report.study.images = {MadeImage(0)};
  report.facts.program = "roentgen 0.1.0";
  report.facts.model = "tiny";
  report.facts.model_sha256 = std::string(64, 'c');
  report.facts.weights = "as published";
  report.facts.key_values = "f32";
  report.facts.system_prompt = "You are a helpful assistant.";
  const auto steps = ReportProtocol(ReportSubject::kChest);
  for (size_t i = 0; i < steps.size(); ++i) {
    ReportAnswer answer;
    answer.step = steps[i];
    if (i < answers.size()) answer.answer = answers[i];
    report.answers.push_back(std::move(answer));
  }
  return report;
}

/// Reads the answers once all is set; each was given as the report was begun, with all images.
inline RadiologyReport Finished(RadiologyReport report) {
  for (ReportAnswer& answer : report.answers) {
    answer.facts.run = report.facts;
    answer.facts.images = HashesOf(report.study.images);
  }
  ReadAnswers(report);
  return report;
}

inline std::vector<std::string> SomeAnswers(Language language) {
  if (language == Language::kEnglish) {
    return {"PA radiograph of the chest.",
            "The lungs are clear. A nodule of 2.5 cm, <b>sharp</b> & round.",
            "The heart is enlarged. The heart is enlarged, too",
            "It cannot be assessed.",
            "No fracture is seen.",
            "1. Right pneumothorax.\n2. Rib fracture on the left."};
  }
  return {"胸部后前位X线片。", "双肺野清晰。左肺上野见一结节，约2.5 cm。",
          "心影不大。",        "图像质量差，无法评估。",
          "未见骨折。",        "1. 右侧气胸。\n2. 左侧肋骨骨折。"};
}

/// Every text from outside is hostile, and what may be missing is at times.
inline RadiologyReport HostileReport(uint64_t seed, Language language) {
  std::mt19937_64 random(seed);
  const auto text = [&] { return HostileText(random, random() % 12); };
  RadiologyReport report = MadeReport(language, {text(), text(), text(), text(), text(), text()});
  const auto source = static_cast<Examination::Source>(random() % 4);
  report.study.examination = {static_cast<ReportSubject>(random() % 4), source, text()};
  report.study.indication = text();
  report.study.images.clear();
  for (size_t i = 0; i < random() % 4; ++i) {
    ShownPicture image = MadeImage(i);
    image.facts = text();
    if (random() % 2 == 0) image.modality = image.body_part = "";
    if (random() % 2 == 0) image.study_date = "2019-04-07";
    if (random() % 4 == 0) image.pixels_sha256 = "";
    report.study.images.push_back(std::move(image));
  }
  RunFacts& facts = report.facts;
  for (std::string* name : {&facts.program, &facts.model, &facts.weights, &facts.system_prompt}) {
    if (random() % 2 == 0) *name = text();
  }
  if (random() % 2 == 0) facts.model_sha256 = "";
  for (size_t i = 0; i < random() % 3; ++i) {
    facts.adapters.push_back({text(), random() % 2 == 0 ? std::string(64, 'd') : ""});
  }
  facts.generation.sampling.temperature = 0.1 * static_cast<double>(random() % 20);
  facts.generation.seed = random();
  report = Finished(std::move(report));
  for (ReportAnswer& answer : report.answers) {
    if (random() % 4 == 0) answer.finish = Answer::Finish::kLength;
    if (random() % 4 == 0) answer.facts.run.generation.max_new_tokens *= 4;
  }
  ReadAnswers(report);
  return report;
}

/// Answers that are longer than the strings of some forms may be.
inline RadiologyReport LongReport() {
  constexpr size_t kLong = 1'100'000;
  return Finished(MadeReport(Language::kEnglish,
                             {"x", std::string(kLong, 'a'), "", "", "", std::string(kLong, 'b')}));
}

struct NamedReport {
  std::string name;
  RadiologyReport report;
};

/// Reports in which something is special, in both languages, with names for their files.
inline std::vector<NamedReport> MadeReports() {
  std::vector<NamedReport> reports = {{"en-long", LongReport()}};
  for (const Language language : {Language::kEnglish, Language::kChinese}) {
    const std::string code(CodeOf(language));
    const RadiologyReport usual = MadeReport(language, SomeAnswers(language));
    const auto add = [&](const std::string& name, RadiologyReport report) {
      reports.push_back({code + "-" + name, Finished(std::move(report))});
    };
    const auto change = [&](const std::string& name, const auto& how) {
      RadiologyReport report = usual;
      how(report);
      add(name, std::move(report));
    };
    add("usual", usual);
    add("empty-answers", MadeReport(language, {}));
    add("blank-answers", MadeReport(language, {" ", "\n", "\t", "\u3000", "\u00a0", "…"}));
    change("all-cut", [](RadiologyReport& report) {
      for (ReportAnswer& answer : report.answers) answer.finish = Answer::Finish::kLength;
    });
    change("date", [](RadiologyReport& report) {
      for (ShownPicture& image : report.study.images) image.study_date = "2019-04-07";
    });
    change("indication",
           [](RadiologyReport& report) { report.study.indication = "Fall, 跌倒 <3 days ago"; });
    change("three-adapters", [](RadiologyReport& report) {
      report.facts.adapters = {{"one", std::string(64, 'd')},
                               {"two words", std::string(64, 'e')},
                               {"三", std::string(64, 'f')}};
    });
    change("forty-images", [](RadiologyReport& report) {
      for (size_t i = 1; i < 40; ++i) report.study.images.push_back(MadeImage(i));
    });
    const auto source = [&](const char* name, Examination::Source how, const char* evidence) {
      change(name, [&](RadiologyReport& report) {
        report.study.examination = {ReportSubject::kChest, how, evidence};
      });
    };
    source("source-given", Examination::Source::kGiven, "");
    source("source-dicom", Examination::Source::kDicom, "CT CHEST");
    source("source-answer", Examination::Source::kAnswer, "PA radiograph of the chest");
    for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
      reports.push_back({fmt::format("{}-hostile-{}", code, seed), HostileReport(seed, language)});
    }
  }
  return reports;
}

}  // namespace roentgen::test
