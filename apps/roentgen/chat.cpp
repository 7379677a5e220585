#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <memory>

#include "commands.h"
#include "conversation.h"
#include "roentgen/base/error.h"
#include "roentgen/base/machine_memory.h"

namespace roentgen::app {
namespace {

struct ChatOptions {
  Conversation::Options conversation;
  std::vector<std::filesystem::path> images;
};

/// "at most 2.3 GB of memory; 14.1 GB are free", so that nobody starts what cannot end well.
std::string DescribeMemory(const MemoryNeed& need) {
  return fmt::format("at most {:.1f} GB of memory; {:.1f} GB are free",
                     static_cast<double>(need.total()) * 1e-9,
                     static_cast<double>(AvailableMemory()) * 1e-9);
}

class ChatLoop {
 public:
  explicit ChatLoop(const ChatOptions& options) : conversation_(options.conversation) {
    for (const std::filesystem::path& path : options.images) Attach(path);
  }

  int Run() {
    if (interactive_) {
      fmt::print(stderr, "{}\n{}\n{}\n", Dim("For research only, not a diagnosis."),
                 Dim("image FILE attaches a picture, clear forgets, exit leaves."),
                 Dim(DescribeMemory(conversation_.Memory())));
    }
    std::string line;
    while (ReadLine(line)) {
      if (line == "exit" || line == "quit") break;
      try {
        Handle(line);
      } catch (const Cancelled&) {
        fmt::print(stderr, "{}\n", Dim("interrupted; the conversation is as before"));
      } catch (const Error& error) {
        // In a script, a turn that failed must not be followed as if it had not.
        if (!interactive_) throw;
        fmt::print(stderr, "roentgen: {}\n", error.what());
        if (!error.hint().empty()) fmt::print(stderr, "  {}\n", error.hint());
      }
    }
    return kDone;
  }

 private:
  bool ReadLine(std::string& line) {
    if (interactive_) {
      fmt::print(stderr, "> ");
      std::fflush(stderr);
    }
    if (!std::getline(std::cin, line)) {
      if (interactive_) fmt::print(stderr, "\n");
      return false;
    }
    const size_t begin = line.find_first_not_of(" \t\r");
    const size_t end = line.find_last_not_of(" \t\r");
    line = begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
    return true;
  }

  void Handle(const std::string& line) {
    constexpr std::string_view kImage = "image ";
    if (line.empty()) return;
    if (line == "clear") {
      conversation_.Clear();
      images_.clear();
      attached_.clear();
      fmt::print(stderr, "{}\n", Dim("forgotten"));
    } else if (line.starts_with(kImage)) {
      Attach(line.substr(kImage.size()));
    } else {
      Ask(line);
    }
  }

  void Attach(const std::filesystem::path& path) {
    images_.push_back(conversation_.Attach(path));
    attached_.push_back(path);
    fmt::print(stderr, "{}\n", Dim(images_.back().Describe()));
  }

  void Ask(const std::string& question) {
    RefuseMentionedImage(question, attached_, "Attach it first: image FILE");
    const Answer answer = conversation_.Ask(question, images_, [](std::string_view text) {
      fmt::print("{}", text);
      std::fflush(stdout);
    });
    images_.clear();
    fmt::print("\n");
    if (interactive_) fmt::print(stderr, "{}\n", Dim(DescribeCost(answer)));
  }

  Conversation conversation_;
  std::vector<AttachedImage> images_;            // for the next question
  std::vector<std::filesystem::path> attached_;  // of the whole conversation
  const bool interactive_ = ::isatty(STDIN_FILENO) == 1;
};

}  // namespace

void AddChat(CLI::App& app, Run& run) {
  auto options = std::make_shared<ChatOptions>();
  CLI::App* command = app.add_subcommand("chat", "Ask many questions in one conversation");
  command
      ->add_option("--image", options->images, "A picture for the first question; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  options->conversation.AddTo(*command);
  command->footer(
      "One question a line. image FILE attaches a picture to the next question, clear forgets the\n"
      "conversation, exit leaves; Ctrl-C stops an answer.");
  command->callback([options, &run] { run = [options] { return ChatLoop(*options).Run(); }; });
}

}  // namespace roentgen::app
