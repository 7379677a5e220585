#include <fmt/format.h>

#include <memory>

#include "chat_commands.h"
#include "chat_input.h"
#include "chat_turns.h"
#include "commands.h"
#include "preview.h"
#include "roentgen/base/error.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/text/utf8.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

struct ChatOptions {
  ChatTurns::Options turns;
  bool force = false;
};

/// A line that may be read as a question or a command.
void CheckLine(const std::string& line) {
  if (line.size() > kMaxLineBytes) {
    throw Error(fmt::format("a line of {} bytes is more than a question", line.size()));
  }
  if (const auto invalid = FindInvalidUtf8(line)) {
    throw Error(fmt::format("the line is not valid UTF-8 at byte {}", *invalid));
  }
}

/// Before anything is asked: what cannot be kept in the end would be lost.
void CheckSave(const ChatTurns::Options& options, bool force) {
  std::vector<std::filesystem::path> inputs = options.images;
  if (!options.save.empty()) {
    const std::vector<std::filesystem::path> files = FilesOf(options.conversation);
    inputs.insert(inputs.end(), files.begin(), files.end());
  }
  ChatFiles::Check(options.save, options.load, AuditOf(options.conversation), force, inputs);
}

class ChatLoop {
 public:
  explicit ChatLoop(const ChatTurns::Options& options)
      : chat_(options),
        input_(chat_.conversation.interrupts(),
               {ChatCommands::Names(), [this](std::string_view line) { chat_.Foresee(line); }}),
        commands_(chat_, input_) {
    if (!input_.interactive()) return;
    chat_.TellCosts();
    chat_.desk.AskBy([this](const std::string& question) { return input_.AskYesOrNo(question); });
  }

  int Run() {
    if (input_.interactive()) Greet();
    std::string line;
    while (!commands_.done() && input_.ReadTurn(line)) {
      try {
        Handle(line);
      } catch (const Cancelled&) {
        PrintAside("interrupted; the conversation is as before");
      } catch (const Error& error) {
        // In a script, a turn that failed must not be followed as if it had not.
        if (!input_.interactive()) throw;
        PrintError(error.what(), error.hint());
      }
    }
    return kDone;
  }

 private:
  void Greet() {
    PrintAside("For research only, not a diagnosis.");
    PrintAside("Drop a picture here and ask about it. /help lists the commands, Ctrl-D leaves.");
    PrintAside(fmt::format("at most {} of memory; {} are free",
                           SizeText(chat_.conversation.Memory().total()),
                           SizeText(AvailableMemory())));
  }

  void Handle(const std::string& line) {
    if (line.empty()) return;
    CheckLine(line);
    if (!commands_.Run(line)) chat_.Take(line);
  }

  ChatTurns chat_;
  ChatInput input_;
  ChatCommands commands_;
};

}  // namespace

void AddChat(CLI::App& app, Run& run) {
  auto options = std::make_shared<ChatOptions>();
  ChatTurns::Options& turns = options->turns;
  turns.conversation.audited = true;
  CLI::App* command = app.add_subcommand("chat", "Ask many questions in one conversation");
  command->add_option("--image", turns.images, "A picture for the first question; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--save", turns.save,
                      "Keep the conversation in this file after each answer: .jsonl or .md");
  command->add_flag("--force", options->force,
                    "Let --save write over a file that is there and is not loaded");
  command->add_option("--load", turns.load, "Go on with a conversation that was kept as .jsonl");
  command
      ->add_option("--preview", turns.preview, "How pictures are shown: auto, blocks, sixel, off")
      ->check(CLI::IsMember(
          std::vector<std::string>(std::begin(kPreviewNames), std::end(kPreviewNames))));
  turns.choice.AddTo(*command);
  turns.conversation.AddTo(*command);
  command->footer(
      "One question a line; the path of a picture in it attaches the picture. /help lists the\n"
      "commands, Ctrl-C stops an answer, Ctrl-D leaves.");
  command->callback([options, &run] {
    run = [options] {
      const ChatTurns::Options& chosen = options->turns;
      CheckSave(chosen, options->force);
      return ChatLoop(options->turns).Run();
    };
  });
}

}  // namespace roentgen::app
