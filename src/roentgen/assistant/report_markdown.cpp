#include <fmt/format.h>

#include "roentgen/assistant/report_files.h"

namespace roentgen {
namespace {

/// The sentences of each answer on a line of their own, with its number behind.
std::string Part(const RadiologyReport& report, bool impression) {
  const ReportWords& words = WordsOf(report.language);
  const char* between = report.language == Language::kEnglish ? " " : "";
  std::string text;
  size_t current = report.answers.size();
  for (const ReportSentence& sentence : Sentences(report, impression)) {
    if (sentence.answer != current) {
      if (current < report.answers.size()) text += fmt::format(" [{}]\n\n", current + 1);
      current = sentence.answer;
      if (!impression) {
        text += fmt::format("**{}**{}", report.answers[current].step.TopicIn(report.language),
                            words.colon);
      }
    } else {
      text += impression ? "\n" : between;
    }
    text += sentence.text;
  }
  if (current < report.answers.size()) text += fmt::format(" [{}]\n", current + 1);
  return text.empty() ? "—\n" : text;
}

}  // namespace

std::string ReportBody(const RadiologyReport& report) {
  const ReportWords& words = WordsOf(report.language);
  std::string text =
      fmt::format("# {}\n\n> **{}**\n\n## {}\n\n{}\n## {}\n\n{}", words.title, words.notice,
                  words.findings, Part(report, false), words.impression, Part(report, true));
  const std::string missing = NotAssessed(report);
  if (!missing.empty()) text += fmt::format("\n{}{}{}\n", words.not_assessed, words.colon, missing);
  return text;
}

std::string ReportMarkdown(const RadiologyReport& report) {
  std::string text = ReportBody(report);
  text += fmt::format("\n---\n\n{}\n\n", WordsOf(report.language).questions);
  for (size_t i = 0; i < report.answers.size(); ++i) {
    text += fmt::format("{}. {}\n", i + 1, report.answers[i].step.QuestionIn(report.language));
  }
  text += fmt::format("\n{}\n", report.date);
  for (const ShownPicture& picture : report.study.images) {
    text += fmt::format("\n- picture `{}`: {}", picture.sha256, picture.facts);
  }
  text += fmt::format("\n- {}, model {} `{}`, weights {}", report.facts.program, report.facts.model,
                      report.facts.model_sha256, report.facts.weights);
  for (const RunFacts::Adapter& adapter : report.facts.adapters) {
    text += fmt::format("\n- adapter {} `{}`", adapter.name, adapter.sha256);
  }
  text += fmt::format("\n- settings `{}`\n", ToJson(report.facts).at("sampling").dump());
  return text;
}

}  // namespace roentgen
