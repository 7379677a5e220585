#include <fmt/format.h>

#include "roentgen/assistant/report_document.h"
#include "roentgen/assistant/transcript.h"
#include "roentgen/text/escape_markdown.h"
#include "roentgen/text/printable.h"

namespace roentgen {
namespace {

std::string OfOneLine(std::string_view text) {
  return EscapeMarkdown(OneLine(text));
}

/// What an answer was made with: all of it before the first, what changed before others.
std::string Settings(const Exchange& exchange, const Exchange* before) {
  const RunFacts& facts = exchange.facts.run;
  std::string text;
  if (before == nullptr) {
    for (const ReportDocument::Fact& fact : DescribeFacts(facts, Language::kEnglish)) {
      text += fmt::format("- {}: {}", fact.name, OfOneLine(fact.value));
      text += fact.hash.empty() ? "\n" : fmt::format(" (`{:.12}`)\n", fact.hash);
    }
  } else {
    for (const FactDifference& fact : DifferencesOf(before->facts.run, facts)) {
      text += fmt::format("- {}: {} before, {} from here on\n", fact.name, OfOneLine(fact.then),
                          OfOneLine(fact.now));
    }
  }
  if (exchange.facts.assumed && (before == nullptr || !before->facts.assumed)) {
    text += "- an earlier version kept the file: this is told of its last answer only\n";
  }
  return text.empty() ? text : text + "\n";
}

std::string Notes(const Exchange& exchange) {
  std::string text;
  if (!exchange.image_reached) text += fmt::format("\n*({})*\n", kNoImageNotice);
  if (exchange.finish == Answer::Finish::kLength) text += "\n*(ended by: length)*\n";
  if (exchange.finish == Answer::Finish::kInterrupted) text += "\n*(ended by: interrupted)*\n";
  if (exchange.edited) text += fmt::format("\n*({})*\n", kEditedNotice);
  return text;
}

std::string Images(std::span<const ShownPicture> pictures) {
  std::string text;
  for (const ShownPicture& picture : pictures) {
    text += fmt::format("**Image:** {}, `{:.12}`\n\n", OfOneLine(picture.facts), picture.sha256);
  }
  return text;
}

std::string Patients(std::optional<bool> different) {
  return different == true ? "**Patients:** the files name different patients\n\n" : "";
}

std::string Indication(const std::string& indication) {
  return indication.empty() ? "" : fmt::format("**Indication:** {}\n\n", OfOneLine(indication));
}

}  // namespace

std::string TranscriptMarkdown(std::span<const Exchange> exchanges,
                               std::span<const std::string> indications,
                               const UnaskedStudy& unasked) {
  std::string text = fmt::format("# Conversation\n\n> **{}**\n\n{}\n", kResearchNotice, UtcNow());
  size_t study = 0;
  const Exchange* before = nullptr;
  for (const Exchange& exchange : exchanges) {
    text += "\n---\n\n";
    if (study == 0 || exchange.begins_study) {
      ++study;
      if (exchange.begins_study) text += fmt::format("## Study {}\n\n", study);
      if (study <= indications.size()) text += Indication(indications[study - 1]);
    }
    text += Settings(exchange, before);
    before = &exchange;
    text += Images(exchange.pictures);
    if (!exchange.pictures.empty()) text += Patients(exchange.different_patients);
    text +=
        fmt::format("**Question:** {}\n\n**Answer:** {}\n{}", EscapeMarkdown(exchange.Question()),
                    EscapeMarkdown(exchange.answer), Notes(exchange));
  }
  if (!unasked.Any()) return text;
  text += "\n---\n\n";
  if (unasked.begins_study) text += fmt::format("## Study {}\n\n", study + 1);
  text += Indication(unasked.indication) + Images(unasked.pictures) +
          Patients(unasked.different_patients);
  return text + "*(nothing was asked about this yet)*\n";
}

}  // namespace roentgen
