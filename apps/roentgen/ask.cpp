#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "conversation.h"
#include "roentgen/base/error.h"
#include "standard_input.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

struct AskOptions {
  Conversation::Options conversation;
  std::vector<std::filesystem::path> images;
  ChoiceOptions choice;
  std::string question;
  bool json = false;
};

std::string ReadQuestion(const std::string& argument) {
  if (!argument.empty()) return WithoutByteOrderMark(argument);
  if (::isatty(STDIN_FILENO) == 1) {
    throw UsageError("no question was given", "Write it behind the options, or pipe it in.");
  }
  std::string text = ReadInput();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty()) throw Error("the question on standard input is empty");
  return text;
}

const char* FinishName(Answer::Finish finish) {
  switch (finish) {
    case Answer::Finish::kLength:
      return "length";
    case Answer::Finish::kInterrupted:
      return "interrupted";
    default:
      return "stop";
  }
}

/// Described in docs/assistant.md.
nlohmann::json ToJson(const Answer& answer, const std::vector<AttachedImage>& images,
                      const Model& model) {
  nlohmann::json json;
  json["answer"] = answer.text;
  json["finish"] = FinishName(answer.finish);
  json["tokens"] = answer.ids;
  json["prompt_tokens"] = answer.prompt_tokens;
  json["image_tokens"] = answer.image_tokens;
  json["seconds"] = {{"image", answer.image_seconds},
                     {"prompt", answer.prompt_seconds},
                     {"answer", answer.answer_seconds}};
  json["model"] = model.location.spec;
  json["image_reached"] = !images.empty();
  json["images"] = nlohmann::json::array();
  for (const AttachedImage& image : images) {
    json["images"].push_back(
        {{"sha256", image.picture.shown.sha256},
         {"pixels_sha256", image.picture.shown.pixels_sha256},
         {"format", image.picture.provenance.format},
         {"frame", image.picture.provenance.frame},
         {"window", image.picture.provenance.window},
         {"notes", image.picture.provenance.notes},
         {"stored",
          {image.picture.provenance.stored.width, image.picture.provenance.stored.height}},
         {"resized", {image.picture.patches.resized.width, image.picture.patches.resized.height}},
         {"tokens", image.picture.tokens}});
  }
  json["notice"] = "For research only. Not a diagnosis.";
  return json;
}

int Ask(const AskOptions& options) {
  const std::string question = ReadQuestion(options.question);
  const PictureChoice choice = options.choice.Resolve();
  const PastedText pasted = SplitBeside(options.images, question);
  RefuseUnreadable(pasted);
  std::vector<NamedImage> named;
  for (const std::filesystem::path& path : options.images) named.push_back({path});
  for (NamedImage& image : pasted.Images()) named.push_back(std::move(image));
  const bool without_question = pasted.Words().empty();
  for (const NamedImage& image : named) {
    // What is no image is told before a model is loaded for it.
    if (without_question || image.kind != PathKind::kPicture) OpenNamed(image, choice);
  }
  if (without_question) {
    throw UsageError(named.empty() ? "there is no question, only marks or blanks"
                                   : "there is a picture, but no question about it");
  }
  Conversation conversation(options.conversation);
  std::vector<AttachedImage> images;
  std::vector<DicomIdentity> identities;
  for (const NamedImage& image : named) {
    images.push_back(conversation.Attach(image, choice));
    PrintAside(images.back().Describe());
    identities.push_back(images.back().picture.identity);
  }
  if (AreOfDifferentPatients(identities)) {
    PrintAside("the files name different patients: this is one question about all");
  }
  if (images.empty()) PrintAside(kNoImageNotice);
  AnswerStream stream;
  const Answer answer =
      conversation.Ask(PartsOf(pasted, options.images.size()), images, [&](std::string_view text) {
        if (options.json) return;
        stream.Add(text);
      });
  if (options.json) {
    PrintJson(ToJson(answer, images, conversation.model()));
  } else {
    Print("\n");
  }
  if (StderrIsTerminal()) PrintAside(DescribeCost(answer));
  return answer.finish == Answer::Finish::kInterrupted ? kInterrupted : kDone;
}

}  // namespace

void AddAsk(CLI::App& app, Run& run) {
  auto options = std::make_shared<AskOptions>();
  options->conversation.attribute = false;
  CLI::App* command = app.add_subcommand("ask", "Answer one question about pictures");
  command->add_option("question", options->question, "The question (default: standard input)");
  command->add_option("--image", options->images, "A picture file; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--json", options->json,
                    "Print the answer with its tokens and timings as JSON");
  options->choice.AddTo(*command);
  options->conversation.AddTo(*command);
  command->footer(
      "Example:\n"
      "  roentgen ask --model Qwen2-VL-2B-Instruct --image chest.png \\\n"
      "      \"Is there evidence of pneumothorax?\"");
  command->callback([options, &run] { run = [options] { return Ask(*options); }; });
}

}  // namespace roentgen::app
