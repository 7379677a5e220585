#include "chat_input.h"

#include <unistd.h>

#include <utility>

#include "chat_settings.h"
#include "roentgen/assistant/pasted_text.h"
#include "roentgen/base/error.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/normal_form.h"
#include "standard_input.h"
#include "terminal.h"

namespace roentgen::app {

ChatInput::ChatInput(InterruptWatch& interrupts, Hooks hooks) : hooks_(std::move(hooks)) {
  if (::isatty(STDIN_FILENO) != 1) return;
  editor_.emplace(interrupts,
                  LineEditor::Hooks{[this](std::string_view before) { return Complete(before); },
                                    [this](std::string_view line) { Foresee(line); }});
  for (const std::string& line : history_.Load()) editor_->Remember(line);
  interrupts.KeepWhenIdle();
}

bool ChatInput::ReadTurn(std::string& line) {
  if (!ReadLine("> ", line)) return false;
  if (!std::string_view(line).starts_with(kQuotes)) return true;
  std::string text = line.substr(kQuotes.size());
  while (text.find(kQuotes) == std::string::npos) {
    if (!ReadLine(". ", line)) {
      if (interactive()) return false;
      throw Error("standard input ends within a question that \"\"\" began",
                  "End the question with a line of \"\"\". It was not asked.");
    }
    text += "\n" + line;
  }
  line = Strip(std::string_view(text).substr(0, text.find(kQuotes)));
  return true;
}

bool ChatInput::ReadLine(const std::string& prompt, std::string& line) {
  if (interactive()) {
    LineEditor::Outcome outcome = LineEditor::Outcome::kDropped;
    while ((outcome = editor_->Read(prompt, line)) == LineEditor::Outcome::kDropped) {
      PrintAside("Ctrl-D or /exit leaves");
    }
    if (outcome == LineEditor::Outcome::kEnd) return false;
  } else if (!ReadInputLine(line)) {
    return false;
  }
  line = Strip(line);
  if (interactive()) Remember(line);
  return true;
}

bool ChatInput::AskYesOrNo(const std::string& question) {
  std::string line;
  while (editor_->Read(question, line) == LineEditor::Outcome::kLine) {
    const std::string answer = FoldText(Strip(line));
    if (answer == "y" || answer == "yes" || answer == "是") return true;
    if (answer == "n" || answer == "no" || answer == "否") return false;
  }
  throw Cancelled();
}

void ChatInput::Remember(const std::string& line) {
  if (line.empty()) return;
  editor_->Remember(line);
  if (line.size() > kMaxLineBytes) return;
  const PastedText pasted = SplitPastedText(line, LookAtPath);
  if (pasted.unreadable.empty()) history_.Add(pasted.Words());
  if (!history_.problem().empty() && !std::exchange(told_of_history_, true)) {
    PrintAside("history is not kept: " + history_.problem());
  }
}

void ChatInput::Foresee(std::string_view line) {
  if (line.size() > kMaxLineBytes || line == foreseen_) return;
  foreseen_ = line;
  hooks_.foresee(line);
}

std::vector<std::string> ChatInput::Complete(std::string_view before) const {
  constexpr std::string_view kSet = "/set ";
  if (before.starts_with('/') && before.find_first_of(" /", 1) == std::string_view::npos) {
    std::vector<std::string> names;
    for (const std::string_view name : hooks_.commands) {
      if (name.starts_with(before)) names.emplace_back(name);
    }
    if (!names.empty()) return names;
  }
  if (before.starts_with(kSet) && LastWord(before).begin == kSet.size()) {
    std::vector<std::string> names;
    for (const std::string& name : ChatSettings::Names()) {
      if (name.starts_with(before.substr(kSet.size()))) names.push_back(name);
    }
    return names;
  }
  return CompletePath(before);
}

}  // namespace roentgen::app
