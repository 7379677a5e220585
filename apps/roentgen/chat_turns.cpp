#include "chat_turns.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "preview.h"
#include "roentgen/assistant/pasted_text.h"
#include "roentgen/assistant/transcript.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/imaging/load.h"
#include "roentgen/text/printable.h"
#include "terminal.h"

namespace roentgen::app {

ChatTurns::ChatTurns(const Options& options)
    : files(options.save, AuditOf(options.conversation)),
      conversation(options.conversation),
      settings{conversation.generation(), conversation.model().generation,
               options.conversation.sampling, options.choice.Resolve(), options.preview},
      desk(conversation, [this](const AttachedImage& image) { Show(image); }),
      read_(FilesOf(options.conversation)) {
  if (!options.load.empty()) Load(options.load.string());
  std::vector<AttachedImage> images;
  for (const std::filesystem::path& path : options.images) images.push_back(Open({path}));
  Attach(std::move(images));
}

AttachedImage ChatTurns::Open(const NamedImage& image) {
  AttachedImage opened = conversation.Attach(image, settings.choice);
  if (image.bytes.empty() && FileExists(image.path)) read_.push_back(image.path);
  return opened;
}

void ChatTurns::Attach(std::vector<AttachedImage> images) {
  if (desk.BeginsStudy(images)) desk.BeginStudy();
  desk.TakeIn(std::move(images));
}

void ChatTurns::Show(const AttachedImage& image) const {
  const std::string& png = image.picture.shown.png;
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(png.data()), png.size());
  PrintStyled(stderr, PreviewFor(DecodeImage(bytes, "preview"), settings.preview));
  PrintAside(image.Describe());
}

void ChatTurns::Take(const std::string& line) {
  PastedText pasted = SplitBeside(desk.attached(), line);
  RefuseUnreadable(pasted);
  // All are opened before one is attached: a line is taken whole or not at all.
  std::vector<AttachedImage> images;
  for (const NamedImage& image : pasted.Images()) images.push_back(Open(image));
  if (desk.BeginsStudy(images)) {
    // Names of what was attached before mean files again.
    pasted = SplitBeside({}, line);
    RefuseUnreadable(pasted);
    images.clear();
    for (const NamedImage& image : pasted.Images()) images.push_back(Open(image));
    desk.BeginStudy();
  }
  const size_t count = images.size();
  desk.TakeIn(std::move(images));
  if (!pasted.Words().empty()) return Ask(pasted, count);
  if (count == 0) PrintAside("there is no question, only marks or blanks");
}

/// images: of those that wait, the last, which have their places in the text. Where the question
/// fails, all wait for the next: they were shown as attached.
void ChatTurns::Ask(const PastedText& pasted, size_t images) {
  std::vector<AttachedImage> all = desk.waiting();
  std::vector<ChatPart> parts = PartsOf(pasted, all.size() - images);
  const Answer answer = conversation.Ask(std::move(parts), std::move(all), ToStream());
  desk.WereAsked();
  Finish(answer);
}

void ChatTurns::Regenerate() {
  Finish(conversation.Regenerate(ToStream()));
}

Conversation::OnText ChatTurns::ToStream() {
  stream_ = {};
  return [this](std::string_view text) { stream_.Add(text); };
}

void ChatTurns::Finish(const Answer& answer) {
  Print("\n");
  std::fflush(stdout);
  if (!conversation.exchanges().back().image_reached) PrintAside(kNoImageNotice);
  if (tell_costs_) {
    const Session& session = conversation.session();
    PrintAside(fmt::format("{}, {}, context {}/{}", DescribeCost(answer),
                           SizeText(ResidentMemory()), session.context_used(),
                           session.options().context_tokens));
  }
  files.Keep(conversation, desk);
}

void ChatTurns::Load(const std::string& path) {
  const FileState state(path);
  Transcript transcript = ReadTranscript(path);
  const std::string system = conversation.session().options().system_prompt;
  conversation.Continue(std::move(transcript.exchanges));
  files.Loaded(path, state);
  if (transcript.studies_assumed) PrintAside(kStudiesAssumedNotice);
  desk.Loaded(transcript);
  const std::vector<Exchange>& exchanges = conversation.exchanges();
  SayHowFar();
  if (!exchanges.empty() && !exchanges.back().image_reached) {
    PrintAside("it holds no image: its answers rest on the questions alone");
  }
  for (const std::string& line : DescribeDifferences(exchanges, conversation.Facts())) {
    PrintAside(line);
  }
  const std::string& own = conversation.session().options().system_prompt;
  if (own != system) PrintAside("the conversation's own system prompt goes on: " + OneLine(own));
}

void ChatTurns::SayHowFar() const {
  std::string text = CountTurns(conversation.exchanges().size());
  if (desk.number() > 1) {
    text += fmt::format(" about {0} studies; study {0} goes on: {1}", desk.number(),
                        CountTurns(conversation.study().size()));
  }
  PrintAside(fmt::format("{}, {} tokens", text, conversation.session().context_used()));
}

void ChatTurns::Foresee(std::string_view line) {
  try {
    for (const NamedImage& image : SplitPastedText(line, LookAtPath).Images()) {
      if (image.kind == PathKind::kPicture) Open(image);
    }
  } catch (const Error&) {  // said when the line is entered
  }
}

std::string CountTurns(size_t turns) {
  return fmt::format("{} turn{}", turns, turns == 1 ? "" : "s");
}

}  // namespace roentgen::app
